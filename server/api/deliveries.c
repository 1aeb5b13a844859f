#include "api/deliveries.h"

#include "api/app.h"
#include "api/idempotent.h"
#include "store/audit.h"
#include "store/delivery.h"
#include "store/ecosystem.h"

enum { PAGE = 50, PAGE_MAX = 200 };

static void set_text(json_t *json, const char *key, const char *text)
{
    json_object_set_new(json, key, text ? json_string(text) : json_null());
}

static json_t *delivery_json(const struct delivery_row *row)
{
    json_t *json = json_pack("{s:I, s:s, s:s, s:s, s:s, s:i, s:i}", "id", (json_int_t)row->id, "forge", row->forge,
                             "event", row->event, "forge_id", row->forge_id, "state", row->state, "attempts",
                             row->attempts, "crashes", row->crashes);
    set_text(json, "reason", row->reason);
    set_text(json, "ref", row->ref);
    set_text(json, "commit", row->commit_oid);
    json_object_set_new(json, "version", row->version ? json_integer(row->version) : json_null());
    json_object_set_new(json, "redelivery_of", row->redelivery_of ? json_integer(row->redelivery_of) : json_null());
    json_object_set_new(json, "in_work", json_boolean(row->claimed));
    set_text(json, "received_at", row->received_at);
    set_text(json, "due_at", row->due_at);
    set_text(json, "finished_at", row->finished_at);
    return json;
}

/* NULL filter or one of the states. */
static int read_state(const struct http_request *req, struct delivery_filter *filter, struct err *err)
{
    static const char *const states[] = {"received", "merged", "rejected", "ignored", "superseded", "quarantined"};
    filter->event = http_query(req, "event");
    filter->state = http_query(req, "state");
    if (!filter->state)
        return 0;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(states[i], filter->state) == 0)
            return 0;
    err_set(err, ERR_SYNTAX, "state \"%.64s\" is not one of a delivery", filter->state);
    return err_hint(err, "one of received, merged, rejected, ignored, superseded, quarantined");
}

static int read_place(struct http_request *req, struct delivery_filter *filter, struct err *err)
{
    const char *before;
    bool present;
    int rc = http_cursor_read(req, &before, 1, &present, err);
    if (!rc && present && !str_int64(str_from(before), 1, INT64_MAX, &filter->before))
        rc = err_set(err, ERR_SYNTAX, "the cursor is not one of this list");
    return rc;
}

int deliveries_list(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const known[] = {"limit", "cursor", "state", "event", NULL};
    struct delivery_filter filter = {0};
    struct delivery_row *rows;
    struct ecosystem_row ecosystem;
    size_t limit, count;
    struct pg *pg;
    int rc;
    if ((rc = http_check_query(req, known, err)) != 0 ||
        (rc = http_page_limit(req, PAGE, PAGE_MAX, &limit, err)) != 0 || (rc = read_state(req, &filter, err)) != 0 ||
        (rc = read_place(req, &filter, err)) != 0 || (rc = pg_pool_take(app_of(req)->pool, &pg, err)) != 0)
        return rc;
    rc = ecosystem_get(pg, req->arena, http_param(req, "eco"), &ecosystem, err);
    if (!rc)
        rc = delivery_list(pg, req->arena, ecosystem.name, &filter, limit + 1, &rows, &count, err);
    pg_pool_give(app_of(req)->pool, pg);
    if (rc)
        return rc;
    json_t *items = json_array();
    for (size_t i = 0; i < count && i < limit; i++)
        json_array_append_new(items, delivery_json(&rows[i]));
    if (count > limit) {
        const char *last = arena_printf(req->arena, "%lld", (long long)rows[limit - 1].id);
        http_link_next(req, res, http_cursor_make(req->arena, &last, 1));
    }
    http_reply_json(res, 200, json_own(req->arena, json_pack("{s:o}", "items", items)));
    http_set_body_etag(req, res);
    return 0;
}

int deliveries_get(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const known[] = {NULL};
    struct delivery_row row;
    struct ecosystem_row ecosystem;
    struct pg *pg;
    int rc = http_check_query(req, known, err);
    if (!rc)
        rc = pg_pool_take(app_of(req)->pool, &pg, err);
    if (rc)
        return rc;
    rc = ecosystem_get(pg, req->arena, http_param(req, "eco"), &ecosystem, err);
    if (!rc)
        rc = delivery_get(pg, req->arena, ecosystem.name, http_param_int(req, "id"), &row, err);
    pg_pool_give(app_of(req)->pool, pg);
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
