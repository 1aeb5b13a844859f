#include "api/audit_log.h"

#include "api/job_json.h"
#include "api/page.h"
#include "api/reading.h"
#include "store/audit_list.h"

static json_t *item(const void *of, const void *ctx)
{
    const struct audit_row *row = of;
    (void)ctx;
    json_t *out = json_pack("{s:I, s:s, s:s, s:s, s:s}", "id", (json_int_t)row->id, "at", row->at, "actor", row->actor,
                            "action", row->action, "object", row->object);
    json_object_set_new(out, "before", stored_json(row->before));
    json_object_set_new(out, "after", stored_json(row->after));
    json_object_set_new(out, "request_id", json_text_or_null(row->request_id));
    return out;
}

int audit_log_list(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const query[] = {"object", "actor", "action", "limit", "cursor", NULL};
    static const struct page_list list = {
        query, 50, 500, 1, sizeof(struct audit_row), item, .number = offsetof(struct audit_row, id)};
    struct audit_filter filter = {.ecosystem = http_param(req, "eco"),
                                  .object = http_query(req, "object"),
                                  .actor = http_query(req, "actor"),
                                  .action = http_query(req, "action")};
    struct audit_row *rows;
    struct reading reading;
    struct page page;
    size_t count;
    if (page_read(req, &list, &page, err) != 0 || page_before(&page, INT64_MAX, &filter.before, err) != 0 ||
        reading_begin(req, &reading, err) != 0)
        return -err->code;
    filter.limit = page.rows;
    int rc = audit_list(reading.pg, req->arena, &filter, &rows, &count, err);
    reading_end(req, &reading);
    if (!rc)
        page_reply(req, res, &page, rows, count, NULL);
    return rc;
}
