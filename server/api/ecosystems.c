#include "api/ecosystems.h"

#include "api/app.h"
#include "api/job_json.h"
#include "control/registry.h"

enum { PAGE = 50, PAGE_MAX = 200 };

static void set_tag(struct http_request *req, struct http_response *res, const struct ecosystem_row *row)
{
    http_set_etag(req, res, arena_printf(req->arena, "%lld-%d", (long long)row->revision, row->version));
}

int ecosystems_list(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const known[] = {"limit", "cursor", NULL};
    size_t limit, count = 0;
    const char *after = "";
    bool present;
    int rc = http_check_query(req, known, err);
    if (!rc)
        rc = http_page_limit(req, PAGE, PAGE_MAX, &limit, err);
    if (!rc)
        rc = http_cursor_read(req, &after, 1, &present, err);
    struct pg *pg;
    if (!rc)
        rc = pg_pool_take(app_of(req)->pool, &pg, err);
    if (rc)
        return rc;
    struct ecosystem_row *rows, one;
    if (req->who.ecosystem) { /* the token sees this one only */
        rc = present ? 0 : ecosystem_get(pg, req->arena, req->who.ecosystem, &one, err);
        count = present || rc ? 0 : 1;
        rows = &one;
        if (rc && err->code == ERR_NOT_FOUND)
            rc = 0;
    } else {
        rc = ecosystem_list(pg, req->arena, present ? after : "", limit + 1, &rows, &count, err);
    }
    pg_pool_give(app_of(req)->pool, pg);
    if (rc)
        return rc;
    json_t *items = json_array();
    for (size_t i = 0; i < count && i < limit; i++)
        json_array_append_new(items, registry_json(&rows[i]));
    if (count > limit)
        http_link_next(req, res, http_cursor_make(req->arena, &rows[limit - 1].name, 1));
    http_reply_json(res, 200, json_own(req->arena, json_pack("{s:o}", "items", items)));
    http_set_body_etag(req, res);
    return 0;
}

int ecosystems_get(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const known[] = {NULL};
    struct ecosystem_row row;
    struct pg *pg;
    int rc = http_check_query(req, known, err);
    if (!rc)
        rc = pg_pool_take(app_of(req)->pool, &pg, err);
    if (rc)
        return rc;
    rc = ecosystem_get(pg, req->arena, http_param(req, "eco"), &row, err);
    pg_pool_give(app_of(req)->pool, pg);
    if (rc)
        return rc;
    http_reply_json(res, 200, json_own(req->arena, registry_json(&row)));
    set_tag(req, res, &row);
    return 0;
}

struct put {
    struct http_request *req;
    struct http_response *res;
    struct ecosystem_row row, out;
    enum registry_change change;
};

static void problem(void *ctx, const char *pointer, const char *text)
{
    struct put *put = ctx;
    http_add_problem(put->req, put->res, pointer, "%s", text);
}

/* The text under key, or what stands for it; another type is a problem. */
static const char *member(struct put *put, json_t *object, const char *key, const char *fallback)
{
    json_t *value = json_object_get(object, key);
    if (json_is_string(value))
        return json_string_value(value);
    if (value || !fallback)
        http_add_problem(put->req, put->res, arena_printf(put->req->arena, "/repository/%s", key), "%s",
                         value ? "not a text" : "needed");
    return fallback ? fallback : "";
}

static int read_body(struct put *put, struct err *err)
{
    static const char *const top[] = {"repository", "webhook_secrets", NULL};
    static const char *const repository[] = {"url", "branch", "path", NULL};
    json_t *body;
    int rc = http_body_json(put->req, &body, err);
    if (rc)
        return rc;
    json_t *where = json_object_get(body, "repository");
    (void)body_members(put->req, put->res, body, "", top);
    if (!json_is_object(where))
        http_add_problem(put->req, put->res, "/repository", "needed: {\"url\", \"branch\", \"path\"}");
    else
        (void)body_members(put->req, put->res, where, "/repository", repository);
    put->row.name = http_param(put->req, "eco");
    if (json_is_object(where)) {
        put->row.url = member(put, where, "url", NULL);
        put->row.branch = member(put, where, "branch", "main");
        put->row.path = member(put, where, "path", "");
    }
    put->row.secrets = json_object_get(body, "webhook_secrets");
    if (put->res->problem_count)
        return err_set(err, ERR_INVALID, "ecosystem %s cannot be registered like this", put->row.name);
    return registry_check(put->req->arena, &put->row, problem, put, err);
}

/* An ETag of the same revision is good whatever version came in force meanwhile: the configuration is what is changed.
 */
static int allow(void *ctx, const struct ecosystem_row *now, struct err *err)
{
    const struct put *put = ctx;
    const char *match = http_header(put->req, "If-Match");
    if (!now)
        return match ? http_check_if_match(put->req, NULL, err) : 0;
    struct arena *arena = put->req->arena;
    if (match &&
        str_starts(str_trim(str_from(match)), str_from(arena_printf(arena, "\"%lld-", (long long)now->revision))))
        return 0;
    return http_check_if_match(put->req, arena_printf(arena, "%lld-%d", (long long)now->revision, now->version), err);
}

static int put_tx(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct put *put = ctx;
    return registry_put(pg, arena, &put->row, allow, put, put->req->who.name, put->req->id, &put->out, &put->change,
                        err);
}

int ecosystems_put(struct http_request *req, struct http_response *res, struct err *err)
{
    struct put put = {.req = req, .res = res};
    int rc = read_body(&put, err);
    if (!rc)
        rc = pg_pool_transaction(app_of(req)->pool, req->arena, put_tx, &put, err);
    if (rc)
        return rc;
    http_reply_json(res, put.change == REGISTRY_CREATED ? 201 : 200, json_own(req->arena, registry_json(&put.out)));
    if (put.change == REGISTRY_CREATED)
        http_add_header(req, res, "Location", req->path);
    set_tag(req, res, &put.out);
    return 0;
}
