#include "api/runs.h"

#include "api/app.h"
#include "api/job_json.h"
#include "api/run_report.h"
#include "api/work_order.h"
#include "base/crypto.h"
#include "control/run.h"

static struct run_caller caller_of(const struct http_request *req)
{
    const struct app *app = app_of(req);
    return (struct run_caller){
        .pool = app->pool, .actor = req->who.name, .request_id = req->id, .lease_ms = app->run_lease_ms};
}

/* Whatever became of the request, a run that was met on the way may have become lost. */
static void tell(struct http_request *req, struct http_response *res, const struct run_result *result, int rc)
{
    statuses_invalidate(app_of(req)->statuses, http_param(req, "eco"));
    if (!rc || !result->code)
        return;
    res->code = result->code;
    if (result->run.id)
        res->members = json_own(req->arena, json_pack("{s:o}", "run", run_json(&result->run)));
}

static void reply_run(struct http_request *req, struct http_response *res, int status, json_t *body)
{
    http_reply_json(res, status, json_own(req->arena, body));
    if (status == 200)
        http_set_body_etag(req, res);
}

int runs_start(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const none[] = {NULL};
    char hash[SHA256_HEX_SIZE];
    struct job_key key = job_key_of(req);
    struct run_caller caller = caller_of(req);
    struct run_result result = {0};
    struct work_order order;
    json_t *body = NULL;
    if (req->body.len && http_body_json(req, &body, err) != 0)
        return -err->code;
    if (body && !body_members(req, res, body, "", none))
        return err_set(err, ERR_INVALID, "the request does not read");
    /* Read first: a run that nobody can be told the work of would only hold the lease. */
    if (work_order_begin(req, &order, err) != 0)
        return -err->code;
    if ((caller.key = http_idempotency_key(req))) {
        crypto_sha256_hex(str_from(req->path), hash);
        caller.request_hash = hash;
        caller.token_id = req->who.token_id;
    }
    int rc = run_start(&caller, req->arena, &key, &result, err);
    tell(req, res, &result, rc);
    if (!rc)
        rc = work_order_retired(req, &order, &result.job, err);
    if (rc)
        return rc;
    json_t *out = run_json(&result.run);
    json_object_set_new(out, "work", work_order_json(req->arena, &order, &result.job));
    http_add_header(req, res, "Location",
                    arena_printf(req->arena, "/v1/ecosystems/%s/runs/%lld", key.ecosystem, (long long)result.run.id));
    reply_run(req, res, 201, out);
    return 0;
}

int runs_get(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const none[] = {NULL};
    struct run_row run;
    struct pg *pg;
    if (http_check_query(req, none, err) != 0 || pg_pool_take(app_of(req)->pool, &pg, err) != 0)
        return -err->code;
    int rc = run_store_get(pg, req->arena, http_param(req, "eco"), http_param_int(req, "run"), &run, err);
    pg_pool_give(app_of(req)->pool, pg);
    if (!rc)
        reply_run(req, res, 200, run_json(&run));
    return rc;
}

int runs_heartbeat(struct http_request *req, struct http_response *res, struct err *err)
{
    struct run_heartbeat heartbeat;
    struct run_result result = {0};
    struct run_caller caller = caller_of(req);
    if (run_heartbeat_read(req, res, &heartbeat, err) != 0)
        return -err->code;
    int rc = run_heartbeat(&caller, req->arena, http_param(req, "eco"), http_param_int(req, "run"), &heartbeat, &result,
                           err);
    if (rc || heartbeat.ingested)
        tell(req, res, &result, rc);
    if (!rc)
        reply_run(req, res, 200, run_json(&result.run));
    return rc;
}

int runs_finish(struct http_request *req, struct http_response *res, struct err *err)
{
    struct run_report report;
    struct run_result result = {0};
    struct run_caller caller = caller_of(req);
    if (run_report_read(req, res, &report, err) != 0)
        return -err->code;
    int rc = run_finish(&caller, req->arena, http_param(req, "eco"), http_param_int(req, "run"), &report, &result, err);
    tell(req, res, &result, rc);
    if (!rc)
        reply_run(req, res, 200, run_json(&result.run));
    return rc;
}
