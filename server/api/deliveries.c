#include "api/deliveries.h"

#include "api/idempotent.h"
#include "api/page.h"
#include "api/reading.h"
#include "store/audit.h"
#include "store/delivery.h"

static json_t *delivery_json(const struct delivery_row *row)
{
    json_t *json = json_pack("{s:I, s:s, s:s, s:s, s:s, s:i, s:i}", "id", (json_int_t)row->id, "forge", row->forge,
                             "event", row->event, "forge_id", row->forge_id, "state", row->state, "attempts",
                             row->attempts, "crashes", row->crashes);
    json_object_set_new(json, "repository", row->repo && row->repo[0] ? json_string(row->repo) : json_null());
    json_object_set_new(json, "reason", json_text_or_null(row->reason));
    json_object_set_new(json, "ref", json_text_or_null(row->ref));
    json_object_set_new(json, "commit", json_text_or_null(row->commit_oid));
    json_object_set_new(json, "version", row->version ? json_integer(row->version) : json_null());
    json_object_set_new(json, "redelivery_of", row->redelivery_of ? json_integer(row->redelivery_of) : json_null());
    json_object_set_new(json, "in_work", json_boolean(row->claimed));
    json_object_set_new(json, "received_at", json_text_or_null(row->received_at));
    json_object_set_new(json, "due_at", json_text_or_null(row->due_at));
    json_object_set_new(json, "finished_at", json_text_or_null(row->finished_at));
    return json;
}

static json_t *item(const void *row, const void *ctx)
{
    (void)ctx;
    return delivery_json(row);
}

int deliveries_list(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const query[] = {"limit", "cursor", "state", "event", NULL};
    static const char *const states[] = {"received", "merged",     "planned",     "held", "rejected",
                                         "ignored",  "superseded", "quarantined", NULL};
    static const struct page_list list = {
        query, 50, 200, 1, sizeof(struct delivery_row), item, .number = offsetof(struct delivery_row, id)};
    struct delivery_filter filter = {.event = http_query(req, "event")};
    struct delivery_row *rows;
    struct reading reading;
    struct page page;
    size_t count;
    if (page_read(req, &list, &page, err) != 0 || reading_choice(req, "state", states, &filter.state, err) != 0 ||
        page_before(&page, INT64_MAX, &filter.before, err) != 0 || reading_begin(req, &reading, err) != 0)
        return -err->code;
    int rc = delivery_list(reading.pg, req->arena, reading.ecosystem.name, &filter, page.rows, &rows, &count, err);
    reading_end(req, &reading);
    if (!rc)
        page_reply(req, res, &page, rows, count, NULL);
    return rc;
}

int deliveries_get(struct http_request *req, struct http_response *res, struct err *err)
{
    struct delivery_row row;
    struct reading reading;
    if (reading_no_query(req, err) != 0 || reading_begin(req, &reading, err) != 0)
        return -err->code;
    int rc = delivery_get(reading.pg, req->arena, reading.ecosystem.name, http_param_int(req, "id"), &row, err);
    reading_end(req, &reading);
    if (rc)
        return rc;
    json_t *json = json_own(req->arena, delivery_json(&row));
    json_object_set_new(json, "findings", row.findings ? json_incref(row.findings) : json_array());
    http_reply_json(res, 200, json);
    http_set_body_etag(req, res);
    return 0;
}

void deliveries_answer(struct arena *arena, const char *ecosystem, int64_t id, struct idempotent_answer *answer)
{
    answer->status = 202;
    answer->location = arena_printf(arena, "/v1/ecosystems/%s/deliveries/%lld", ecosystem, (long long)id);
    answer->body = str_from(arena_printf(arena, "{\"id\":%lld}", (long long)id));
}

static int redeliver(struct pg *pg, struct http_request *req, void *ctx, struct idempotent_answer *answer,
                     struct err *err)
{
    (void)ctx;
    const char *ecosystem = http_param(req, "eco");
    int64_t id = http_param_int(req, "id"), made;
    struct ecosystem_row row;
    int rc = ecosystem_get(pg, req->arena, ecosystem, &row, err);
    if (!rc)
        rc = delivery_redeliver(pg, req->arena, ecosystem, id, &made, err);
    if (rc)
        return rc;
    struct audit_entry entry = {.ecosystem = ecosystem,
                                .actor = req->who.name,
                                .action = "delivery.redeliver",
                                .object = arena_printf(req->arena, "delivery %lld", (long long)id),
                                .after = json_own(req->arena, json_pack("{s:I}", "delivery", (json_int_t)made)),
                                .request_id = req->id};
    deliveries_answer(req->arena, ecosystem, made, answer);
    return audit_add(pg, req->arena, &entry, err);
}

int deliveries_redeliver(struct http_request *req, struct http_response *res, struct err *err)
{
    return idempotent_post(req, res, redeliver, NULL, err);
}
