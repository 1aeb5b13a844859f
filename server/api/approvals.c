#include "api/approvals.h"

#include "api/app.h"
#include "api/idempotent.h"
#include "api/job_json.h"
#include "api/page.h"
#include "api/reading.h"
#include "control/law.h"

static json_t *approval_json(const struct approval_row *row)
{
    json_t *json = json_pack("{s:I, s:s, s:s, s:s, s:s}", "id", (json_int_t)row->id, "plan", row->plan, "reason",
                             row->reason, "approved_by", row->by, "approved_at", row->at);
    json_object_set_new(json, "version", row->version ? json_integer(row->version) : json_null());
    json_object_set_new(json, "withdrawn_at", json_text_or_null(row->withdrawn_at));
    json_object_set_new(json, "withdrawn_by", json_text_or_null(row->withdrawn_by));
    return json;
}

static json_t *item(const void *row, const void *ctx)
{
    (void)ctx;
    return approval_json(row);
}

int approvals_list(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const query[] = {"limit", "cursor", NULL};
    static const struct page_list list = {
        query, 50, 200, 1, sizeof(struct approval_row), item, .number = offsetof(struct approval_row, id)};
    struct approval_row *rows;
    struct reading reading;
    struct page page;
    size_t count;
    int64_t before;
    if (page_read(req, &list, &page, err) != 0 || page_before(&page, INT64_MAX, &before, err) != 0 ||
        reading_begin(req, &reading, err) != 0)
        return -err->code;
    int rc = approval_list(reading.pg, req->arena, reading.ecosystem.name, before ? before : INT64_MAX, page.rows,
                           &rows, &count, err);
    reading_end(req, &reading);
    if (!rc)
        page_reply(req, res, &page, rows, count, NULL);
    return rc;
}

struct asked {
    const char *plan, *reason;
};

static int approve(struct pg *pg, struct http_request *req, void *ctx, struct idempotent_answer *answer,
                   struct err *err)
{
    const struct asked *asked = ctx;
    struct ecosystem_row ecosystem;
    struct approval_row row;
    int64_t delivery;
    int rc = ecosystem_get(pg, req->arena, http_param(req, "eco"), &ecosystem, err);
    if (!rc)
        rc = law_approve(pg, req->arena, ecosystem.name, asked->plan, asked->reason, req->who.name, req->id, &row,
                         &delivery, err);
    if (rc)
        return rc;
    json_t *body = approval_json(&row);
    json_object_set_new(body, "delivery", delivery ? json_integer((json_int_t)delivery) : json_null());
    idempotent_answer_with(req->arena, answer, delivery ? 201 : 200, body);
    if (delivery)
        answer->location =
            arena_printf(req->arena, "/v1/ecosystems/%s/deliveries/%lld", ecosystem.name, (long long)delivery);
    return 0;
}

static int read_body(struct http_request *req, struct http_response *res, struct asked *out, struct err *err)
{
    static const char *const members[] = {"plan", "reason", NULL};
    json_t *body;
    int rc = http_body_json(req, &body, err);
    if (rc)
        return rc;
    (void)body_members(req, res, body, "", members);
    out->plan = json_text(body, "plan");
    if (!out->plan)
        http_add_problem(req, res, "/plan", "needed: the id of the plan that is approved");
    out->reason = body_reason(req, res, body);
    return res->problem_count ? err_set(err, ERR_INVALID, "this approves nothing") : 0;
}

int approvals_post(struct http_request *req, struct http_response *res, struct err *err)
{
    struct asked asked;
    int rc = read_body(req, res, &asked, err);
    return rc ? rc : idempotent_post(req, res, approve, &asked, err);
}

static int withdraw(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct http_request *req = ctx;
    struct ecosystem_row ecosystem;
    struct approval_row row;
    int rc = ecosystem_get(pg, arena, http_param(req, "eco"), &ecosystem, err);
    if (!rc)
        rc = law_withdraw_one(pg, arena, ecosystem.name, http_param_int(req, "id"), req->who.name, req->id, &row, err);
    return rc;
}

int approvals_delete(struct http_request *req, struct http_response *res, struct err *err)
{
    int rc = reading_no_query(req, err);
    if (!rc)
        rc = pg_pool_transaction(app_of(req)->pool, req->arena, withdraw, req, err);
    if (!rc)
        http_reply_empty(res, 204);
    return rc;
}
