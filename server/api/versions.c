#include "api/versions.h"

#include "api/app.h"
#include "store/ecosystem.h"
#include "store/version.h"

enum { PAGE = 50, PAGE_MAX = 200 };

static json_t *version_json(const struct version_row *row, bool in_force)
{
    json_t *json =
        json_pack("{s:i, s:s, s:b, s:s?, s:s?, s:s}", "version", row->version, "commit", row->commit_oid, "in_force",
                  in_force, "author", row->author, "message", row->message, "created_at", row->created_at);
    json_object_set_new(json, "summary", row->summary ? json_incref(row->summary) : json_object());
    json_object_set(json, "findings", row->findings);
    return json;
}

/* {n} of the path; a number that is none of a version names one that is not there. */
static int version_param(const struct http_request *req)
{
    int64_t n = http_param_int(req, "n");
    return n > INT32_MAX ? INT32_MAX : (int)n;
}

int versions_list(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const known[] = {"limit", "cursor", NULL};
    struct ecosystem_row ecosystem;
    struct version_row *rows;
    size_t limit, count;
    const char *place;
    bool present;
    int64_t before = 0;
    struct pg *pg;
    int rc;
    if ((rc = http_check_query(req, known, err)) != 0 ||
        (rc = http_page_limit(req, PAGE, PAGE_MAX, &limit, err)) != 0 ||
        (rc = http_cursor_read(req, &place, 1, &present, err)) != 0)
        return rc;
    if (present && !str_int64(str_from(place), 1, INT32_MAX, &before))
        return err_set(err, ERR_SYNTAX, "the cursor is not one of this list");
    if ((rc = pg_pool_take(app_of(req)->pool, &pg, err)) != 0)
        return rc;
    rc = ecosystem_get(pg, req->arena, http_param(req, "eco"), &ecosystem, err);
    if (!rc)
        rc = version_list(pg, req->arena, ecosystem.name, (int)before, limit + 1, &rows, &count, err);
    pg_pool_give(app_of(req)->pool, pg);
    if (rc)
        return rc;
    json_t *items = json_array();
    for (size_t i = 0; i < count && i < limit; i++)
        json_array_append_new(items, version_json(&rows[i], rows[i].version == ecosystem.version));
    if (count > limit) {
        const char *last = arena_printf(req->arena, "%d", rows[limit - 1].version);
        http_link_next(req, res, http_cursor_make(req->arena, &last, 1));
    }
    http_reply_json(res, 200, json_own(req->arena, json_pack("{s:o}", "items", items)));
    http_set_body_etag(req, res);
    return 0;
}

int versions_get(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const known[] = {NULL};
    struct ecosystem_row ecosystem;
    struct version_row row;
    struct pg *pg;
    int rc = http_check_query(req, known, err);
    if (!rc)
        rc = pg_pool_take(app_of(req)->pool, &pg, err);
    if (rc)
        return rc;
    rc = ecosystem_get(pg, req->arena, http_param(req, "eco"), &ecosystem, err);
    if (!rc)
        rc = version_get(pg, req->arena, ecosystem.name, version_param(req), &row, err);
    pg_pool_give(app_of(req)->pool, pg);
    if (rc)
        return rc;
    http_reply_json(res, 200, json_own(req->arena, version_json(&row, row.version == ecosystem.version)));
    http_set_body_etag(req, res);
    return 0;
}

int versions_plan(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const known[] = {NULL};
    struct ecosystem_row ecosystem;
    struct str plan;
    struct pg *pg;
    int rc = http_check_query(req, known, err);
    if (!rc)
        rc = pg_pool_take(app_of(req)->pool, &pg, err);
    if (rc)
        return rc;
    rc = ecosystem_get(pg, req->arena, http_param(req, "eco"), &ecosystem, err);
    if (!rc)
        rc = version_plan(pg, req->arena, ecosystem.name, version_param(req), &plan, err);
    pg_pool_give(app_of(req)->pool, pg);
    if (rc)
        return rc;
    http_reply_text(res, 200, "application/json", plan);
    http_set_body_etag(req, res);
    return 0;
}
