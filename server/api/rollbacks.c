#include "api/rollbacks.h"

#include "api/app.h"
#include "api/holds.h"
#include "api/idempotent.h"
#include "api/job_json.h"
#include "api/reading.h"
#include "control/rollback.h"

/* The version in force may move between planning and writing: planned again so often. */
enum { PLAN_ATTEMPTS = 5 };

/* Planned before the transaction, since it reads models; whether that failed matters only to a request that is not
 * answered as it was before. */
struct rolling {
    struct rollback rollback;
    int rc;
    struct err err;
};

static json_t *answer_json(const struct rollback *rollback, const struct rollback_result *result, bool dry_run)
{
    json_t *does = json_array();
    vec_each(line, &rollback->does) json_array_append_new(does, json_string(*line));
    json_t *json =
        json_pack("{s:b, s:i, s:i, s:i, s:o, s:O}", "dry_run", dry_run, "version", rollback->base->version + 1, "to",
                  rollback->target->version, "base", rollback->base->version, "does", does, "plan", rollback->document);
    json_object_set_new(json, "hold", result ? hold_json(&result->hold) : json_null());
    json_object_set_new(json, "delivery", result ? json_integer((json_int_t)result->delivery) : json_null());
    return json;
}

static int write(struct pg *pg, struct http_request *req, void *ctx, struct idempotent_answer *answer, struct err *err)
{
    const struct rolling *rolling = ctx;
    struct rollback_result result;
    if (rolling->rc) {
        *err = rolling->err;
        return rolling->rc;
    }
    int rc = rollback_write(pg, req->arena, &rolling->rollback, &result, err);
    if (rc)
        return rc;
    idempotent_answer_with(req->arena, answer, 201, answer_json(&rolling->rollback, &result, false));
    answer->location =
        arena_printf(req->arena, "/v1/ecosystems/%s/versions/%d", rolling->rollback.ecosystem.name, result.version);
    return 0;
}

static int read_request(struct http_request *req, struct http_response *res, struct rollback_request *out,
                        struct err *err)
{
    static const char *const members[] = {"to", "reason", NULL};
    json_t *body;
    int rc = http_body_json(req, &body, err);
    if (rc)
        return rc;
    (void)body_members(req, res, body, "", members);
    const json_t *to = json_object_get(body, "to");
    json_int_t version = json_integer_value(to);
    if (!json_is_integer(to) || version < 1 || version > INT32_MAX)
        http_add_problem(req, res, "/to", "needed: the number of an older version");
    out->to = (int)version;
    out->reason = body_reason(req, res, body);
    return res->problem_count ? err_set(err, ERR_INVALID, "the rollback does not read") : 0;
}

/* One attempt. */
static int roll(struct http_request *req, struct http_response *res, const struct rollback_request *request,
                bool dry_run, struct err *err)
{
    struct rolling rolling = {0};
    rolling.rc = rollback_plan(request, req->arena, &rolling.rollback, &rolling.err);
    int rc = rolling.rc;
    if (!dry_run) {
        rc = idempotent_post(req, res, write, &rolling, err);
    } else if (rc) {
        *err = rolling.err;
    } else {
        http_reply_json(res, 200, json_own(req->arena, answer_json(&rolling.rollback, NULL, true)));
    }
    rollback_dispose(&rolling.rollback);
    return rc;
}

int rollbacks_post(struct http_request *req, struct http_response *res, struct err *err)
{
    struct app *app = app_of(req);
    struct rollback_request request = {.pool = app->pool,
                                       .snapshots = app->snapshots,
                                       .library = app->library,
                                       .ecosystem = http_param(req, "eco"),
                                       .actor = req->who.name,
                                       .request_id = req->id};
    bool dry_run;
    if (reading_dry_run(req, &dry_run, err) != 0 || read_request(req, res, &request, err) != 0)
        return -err->code;
    int rc = -ERR_STALE;
    for (int attempt = 0; rc == -ERR_STALE && attempt < PLAN_ATTEMPTS; attempt++) {
        *err = (struct err){0};
        rc = roll(req, res, &request, dry_run, err);
    }
    if (rc == -ERR_STALE)
        return err_set(err, ERR_BUSY, "ecosystem %s moves faster than its rollback", request.ecosystem);
    if (rc || dry_run)
        return rc;
    snapshots_invalidate(app->snapshots, request.ecosystem);
    statuses_invalidate(app->statuses, request.ecosystem);
    return 0;
}
