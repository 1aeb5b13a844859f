#include "api/versions.h"

#include "api/page.h"
#include "api/reading.h"
#include "store/version.h"

static json_t *version_json(const struct version_row *row, bool in_force)
{
    json_t *json =
        json_pack("{s:i, s:s, s:b, s:s?, s:s?, s:s}", "version", row->version, "commit", row->commit_oid, "in_force",
                  in_force, "author", row->author, "message", row->message, "created_at", row->created_at);
    json_object_set_new(json, "summary", row->summary ? json_incref(row->summary) : json_object());
    json_object_set_new(json, "repository", row->repo && row->repo[0] ? json_string(row->repo) : json_null());
    json_object_set_new(json, "commits", row->commits ? json_incref(row->commits) : json_array());
    json_object_set(json, "findings", row->findings);
    json_object_set_new(json, "planned", row->planned ? json_incref(row->planned) : json_null());
    json_object_set_new(json, "rolled_back_to", row->rolled_back_to ? json_integer(row->rolled_back_to) : json_null());
    return json;
}

/* {n} of the path; a number that is none of a version names one that is not there. */
static int version_param(const struct http_request *req)
{
    int64_t n = http_param_int(req, "n");
    return n > INT32_MAX ? INT32_MAX : (int)n;
}

static json_t *item(const void *row, const void *ecosystem)
{
    const struct version_row *version = row;
    return version_json(version, version->version == ((const struct ecosystem_row *)ecosystem)->version);
}

static void place(struct arena *arena, const void *row, const char **parts)
{
    parts[0] = arena_printf(arena, "%d", ((const struct version_row *)row)->version);
}

int versions_list(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const query[] = {"limit", "cursor", NULL};
    static const struct page_list list = {query, 50, 200, 1, sizeof(struct version_row), item, .place = place};
    struct version_row *rows;
    struct reading reading;
    struct page page;
    size_t count;
    int64_t before;
    if (page_read(req, &list, &page, err) != 0 || page_before(&page, INT32_MAX, &before, err) != 0 ||
        reading_begin(req, &reading, err) != 0)
        return -err->code;
    int rc = version_list(reading.pg, req->arena, reading.ecosystem.name, (int)before, page.rows, &rows, &count, err);
    reading_end(req, &reading);
    if (!rc)
        page_reply(req, res, &page, rows, count, &reading.ecosystem);
    return rc;
}

int versions_get(struct http_request *req, struct http_response *res, struct err *err)
{
    struct reading reading;
    struct version_row row;
    if (reading_no_query(req, err) != 0 || reading_begin(req, &reading, err) != 0)
        return -err->code;
    int rc = version_get(reading.pg, req->arena, reading.ecosystem.name, version_param(req), &row, err);
    reading_end(req, &reading);
    if (rc)
        return rc;
    http_reply_json(res, 200, json_own(req->arena, item(&row, &reading.ecosystem)));
    http_set_body_etag(req, res);
    return 0;
}

int versions_plan(struct http_request *req, struct http_response *res, struct err *err)
{
    struct reading reading;
    struct str plan;
    if (reading_no_query(req, err) != 0 || reading_begin(req, &reading, err) != 0)
        return -err->code;
    int rc = version_plan(reading.pg, req->arena, reading.ecosystem.name, version_param(req), &plan, err);
    reading_end(req, &reading);
    if (rc)
        return rc;
    http_reply_text(res, 200, "application/json", plan);
    http_set_body_etag(req, res);
    http_add_header(req, res, "Cache-Control", "private, max-age=31536000, immutable");
    return 0;
}
