#include "api/audit_log.h"

#include "api/app.h"
#include "api/job_json.h"
#include "store/audit_list.h"
#include "store/ecosystem.h"

enum { LIST_DEFAULT = 50, LIST_MAX = 500 };

static json_t *row_json(const struct audit_row *row)
{
    json_t *out = json_pack("{s:I, s:s, s:s, s:s, s:s}", "id", (json_int_t)row->id, "at", row->at, "actor", row->actor,
                            "action", row->action, "object", row->object);
    json_object_set_new(out, "before", stored_json(row->before));
    json_object_set_new(out, "after", stored_json(row->after));
    json_object_set_new(out, "request_id", text_json(row->request_id));
    return out;
}

int audit_log_list(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const query[] = {"object", "actor", "action", "limit", "cursor", NULL};
    struct audit_filter filter = {.ecosystem = http_param(req, "eco"),
                                  .object = http_query(req, "object"),
                                  .actor = http_query(req, "actor"),
                                  .action = http_query(req, "action")};
    struct audit_row *rows = NULL;
    size_t limit = 0, count = 0;
    const char *after = NULL;
    bool present;
    struct pg *pg;
    if (http_check_query(req, query, err) != 0 || http_page_limit(req, LIST_DEFAULT, LIST_MAX, &limit, err) != 0 ||
        http_cursor_read(req, &after, 1, &present, err) != 0)
        return -err->code;
    if (present && !str_int64(str_from(after), 1, INT64_MAX, &filter.before))
        return err_set(err, ERR_SYNTAX, "cursor: not one of this list");
    filter.limit = limit + 1;
    if (pg_pool_take(app_of(req)->pool, &pg, err) != 0)
        return -err->code;
    int rc = audit_list(pg, req->arena, &filter, &rows, &count, err);
    struct ecosystem_row ecosystem;
    if (!rc && !count)
        rc = ecosystem_get(pg, req->arena, filter.ecosystem, &ecosystem, err);
    pg_pool_give(app_of(req)->pool, pg);
    if (rc)
        return rc;
    json_t *items = json_array();
    for (size_t i = 0; i < count && i < limit; i++)
        json_array_append_new(items, row_json(&rows[i]));
    if (count > limit) {
        const char *const parts[] = {arena_printf(req->arena, "%lld", (long long)rows[limit - 1].id)};
        http_link_next(req, res, http_cursor_make(req->arena, parts, 1));
    }
    http_reply_json(res, 200, json_own(req->arena, json_pack("{s:o}", "audit", items)));
    http_set_body_etag(req, res);
    return 0;
}
