#include "api/holds.h"

#include "api/app.h"
#include "api/idempotent.h"
#include "api/job_json.h"
#include "api/page.h"
#include "api/reading.h"
#include "control/hold.h"

json_t *hold_json(const struct hold_row *hold)
{
    json_t *json = json_pack("{s:I, s:s, s:s, s:s, s:s}", "id", (json_int_t)hold->id, "scope", hold->scope, "reason",
                             hold->reason, "held_by", hold->by, "held_at", hold->at);
    json_object_set_new(json, "commit", json_text_or_null(hold->commit_oid));
    json_object_set_new(json, "version", hold->version ? json_integer(hold->version) : json_null());
    json_object_set_new(json, "rolled_back_to", hold->to ? json_integer(hold->to) : json_null());
    json_object_set_new(json, "released_by", json_text_or_null(hold->released_by));
    json_object_set_new(json, "released_at", json_text_or_null(hold->released_at));
    return json;
}

static json_t *item(const void *row, const void *ctx)
{
    (void)ctx;
    return hold_json(row);
}

int holds_list(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const query[] = {"state", "limit", "cursor", NULL}, *const states[] = {"held", "released", NULL};
    static const struct page_list list = {
        query, 50, 200, 1, sizeof(struct hold_row), item, .number = offsetof(struct hold_row, id)};
    const char *state;
    struct hold_row *rows;
    struct reading reading;
    struct page page;
    size_t count;
    int64_t before;
    if (page_read(req, &list, &page, err) != 0 || page_before(&page, INT64_MAX, &before, err) != 0 ||
        reading_choice(req, "state", states, &state, err) != 0 || reading_begin(req, &reading, err) != 0)
        return -err->code;
    int rc = hold_store_list(reading.pg, req->arena, reading.ecosystem.name, state, before ? before : INT64_MAX,
                             page.rows, &rows, &count, err);
    reading_end(req, &reading);
    if (!rc)
        page_reply(req, res, &page, rows, count, NULL);
    return rc;
}

int holds_get(struct http_request *req, struct http_response *res, struct err *err)
{
    struct hold_row row;
    struct reading reading;
    if (reading_no_query(req, err) != 0 || reading_begin(req, &reading, err) != 0)
        return -err->code;
    int rc = hold_store_get(reading.pg, req->arena, reading.ecosystem.name, http_param_int(req, "id"), &row, err);
    reading_end(req, &reading);
    if (rc)
        return rc;
    http_reply_json(res, 200, json_own(req->arena, hold_json(&row)));
    http_set_body_etag(req, res);
    return 0;
}

static struct hold_request request_of(struct http_request *req)
{
    return (struct hold_request){
        .ecosystem = http_param(req, "eco"), .reason = "", .actor = req->who.name, .request_id = req->id};
}

static int add(struct pg *pg, struct http_request *req, void *ctx, struct idempotent_answer *answer, struct err *err)
{
    struct hold_row row;
    bool fresh;
    int rc = hold_place(pg, req->arena, ctx, &row, &fresh, err);
    if (rc)
        return rc;
    idempotent_answer_with(req->arena, answer, fresh ? 201 : 200, hold_json(&row));
    if (fresh)
        answer->location =
            arena_printf(req->arena, "/v1/ecosystems/%s/holds/%lld", http_param(req, "eco"), (long long)row.id);
    return 0;
}

/* A dry run is the transaction itself, taken back. */
struct trying {
    struct http_request *req;
    idempotent_fn *fn;
    void *ctx;
    struct idempotent_answer answer;
    bool done;
};

static int try_tx(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct trying *trying = ctx;
    (void)arena;
    int rc = trying->fn(pg, trying->req, trying->ctx, &trying->answer, err);
    trying->done = !rc;
    return rc ? rc : err_set(err, ERR_CONFLICT, "a dry run changes nothing");
}

static int post(struct http_request *req, struct http_response *res, bool dry_run, idempotent_fn *fn, void *ctx,
                struct err *err)
{
    struct trying trying = {.req = req, .fn = fn, .ctx = ctx};
    struct err undone = {0};
    if (!dry_run) {
        int rc = idempotent_post(req, res, fn, ctx, err);
        if (!rc)
            statuses_invalidate(app_of(req)->statuses, http_param(req, "eco"));
        return rc;
    }
    int rc = pg_pool_transaction(app_of(req)->pool, req->arena, try_tx, &trying, &undone);
    if (!trying.done) {
        *err = undone;
        return rc;
    }
    json_t *body;
    if (json_read(req->arena, trying.answer.body, &body, err) != 0)
        return -err->code;
    json_object_set_new(body, "dry_run", json_true());
    http_reply_json(res, 200, body);
    return 0;
}

int holds_post(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const members[] = {"commit", "reason", NULL};
    struct hold_request request = request_of(req);
    json_t *body;
    bool dry_run = false;
    if (reading_dry_run(req, &dry_run, err) != 0 || http_body_json(req, &body, err) != 0)
        return -err->code;
    (void)body_members(req, res, body, "", members);
    const json_t *commit = json_object_get(body, "commit");
    request.reason = body_reason(req, res, body);
    request.commit = json_string_value(commit);
    if (commit && !request.commit)
        http_add_problem(req, res, "/commit", "the full id of a commit; without it the branch is held");
    if (res->problem_count)
        return err_set(err, ERR_INVALID, "this holds nothing");
    return post(req, res, dry_run, add, &request, err);
}

static int release(struct pg *pg, struct http_request *req, void *ctx, struct idempotent_answer *answer,
                   struct err *err)
{
    struct hold_row row;
    int64_t delivery;
    int rc = hold_release(pg, req->arena, ctx, http_param_int(req, "id"), &row, &delivery, err);
    if (rc)
        return rc;
    json_t *json = hold_json(&row);
    json_object_set_new(json, "delivery", delivery ? json_integer((json_int_t)delivery) : json_null());
    idempotent_answer_with(req->arena, answer, 200, json);
    if (delivery)
        answer->location =
            arena_printf(req->arena, "/v1/ecosystems/%s/deliveries/%lld", http_param(req, "eco"), (long long)delivery);
    return 0;
}

int holds_release(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const members[] = {"reason", NULL};
    struct hold_request request = request_of(req);
    json_t *body = NULL;
    bool dry_run = false;
    if (reading_dry_run(req, &dry_run, err) != 0 || (req->body.len && http_body_json(req, &body, err) != 0))
        return -err->code;
    if (body) {
        (void)body_members(req, res, body, "", members);
        request.reason = body_reason(req, res, body);
    }
    if (res->problem_count)
        return err_set(err, ERR_INVALID, "the release does not read");
    return post(req, res, dry_run, release, &request, err);
}
