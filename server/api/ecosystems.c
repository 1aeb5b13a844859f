#include "api/ecosystems.h"

#include "api/app.h"
#include "api/job_json.h"
#include "api/page.h"
#include "api/reading.h"
#include "control/registry.h"
#include "git/git.h"

void ecosystems_set_tag(struct http_request *req, struct http_response *res, const struct ecosystem_row *row)
{
    http_set_etag(req, res, arena_printf(req->arena, "%lld-%d", (long long)row->revision, row->version));
}

static json_t *item(const void *row, const void *ctx)
{
    (void)ctx;
    return registry_json(row);
}

static void place(struct arena *arena, const void *row, const char **parts)
{
    (void)arena;
    parts[0] = ((const struct ecosystem_row *)row)->name;
}

/* The only one that the token sees. */
static int list_own(struct pg *pg, struct http_request *req, struct ecosystem_row **out, size_t *count, struct err *err)
{
    *out = arena_calloc(req->arena, 1, sizeof **out);
    int rc = ecosystem_get(pg, req->arena, req->who.ecosystem, *out, err);
    *count = rc ? 0 : 1;
    return rc == -ERR_NOT_FOUND ? 0 : rc;
}

int ecosystems_list(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const query[] = {"limit", "cursor", NULL};
    static const struct page_list list = {query, 50, 200, 1, sizeof(struct ecosystem_row), item, .place = place};
    struct ecosystem_row *rows = NULL;
    struct page page;
    struct pg *pg;
    size_t count = 0;
    if (page_read(req, &list, &page, err) != 0 || pg_pool_take(app_of(req)->pool, &pg, err) != 0)
        return -err->code;
    int rc = 0;
    if (!req->who.ecosystem)
        rc = ecosystem_list(pg, req->arena, page.after[0] ? page.after[0] : "", page.rows, &rows, &count, err);
    else if (!page.after[0])
        rc = list_own(pg, req, &rows, &count, err);
    pg_pool_give(app_of(req)->pool, pg);
    if (!rc)
        page_reply(req, res, &page, rows, count, NULL);
    return rc;
}

int ecosystems_get(struct http_request *req, struct http_response *res, struct err *err)
{
    struct reading reading;
    if (reading_no_query(req, err) != 0 || reading_begin(req, &reading, err) != 0)
        return -err->code;
    reading_end(req, &reading);
    http_reply_json(res, 200, json_own(req->arena, registry_json(&reading.ecosystem)));
    ecosystems_set_tag(req, res, &reading.ecosystem);
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

/* What the URL says anyway is not kept: it is to follow the URL. */
static const char *read_name(struct put *put, json_t *where)
{
    if (json_is_null(json_object_get(where, "name")))
        return "";
    const char *name = member(put, where, "name", ""), *said = git_url_name(put->req->arena, put->row.url);
    return said && strcmp(said, name) == 0 ? "" : name;
}

static int read_body(struct put *put, struct err *err)
{
    static const char *const top[] = {"repository", "webhook_secrets", "forge", NULL};
    static const char *const forge[] = {"kind", "api", "repository", "token", NULL};
    static const char *const repository[] = {"url", "branch", "path", "name", NULL};
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
    put->row.repo = http_param(put->req, "repository"); /* NULL: the ecosystem's own */
    if (json_is_object(where)) {
        put->row.url = member(put, where, "url", NULL);
        put->row.branch = member(put, where, "branch", "main");
        put->row.path = member(put, where, "path", "");
        put->row.repository = read_name(put, where);
    }
    put->row.secrets = json_object_get(body, "webhook_secrets");
    json_t *told = json_object_get(body, "forge");
    if (json_is_object(told) && body_members(put->req, put->res, told, "/forge", forge))
        put->row.forge = told;
    else if (told && !json_is_object(told) && !json_is_null(told))
        http_add_problem(put->req, put->res, "/forge", "not {\"kind\", \"api\", \"repository\", \"token\"}");
    if (put->res->problem_count)
        return err_set(err, ERR_INVALID, "%s %s cannot be registered like this",
                       put->row.repo ? "repository" : "ecosystem", put->row.repo ? put->row.repo : put->row.name);
    return registry_check(put->req->arena, &put->row, problem, put, err);
}

/* An ETag of the same revision is good whatever version came in force meanwhile: the configuration is what is changed.
 */
int ecosystems_allow(void *ctx, const struct ecosystem_row *now, struct err *err)
{
    struct http_request *req = ctx;
    const char *match = http_header(req, "If-Match");
    if (!now)
        return match ? http_check_if_match(req, NULL, err) : 0;
    struct arena *arena = req->arena;
    if (match &&
        str_starts(str_trim(str_from(match)), str_from(arena_printf(arena, "\"%lld-", (long long)now->revision))))
        return 0;
    return http_check_if_match(req, arena_printf(arena, "%lld-%d", (long long)now->revision, now->version), err);
}

static int put_tx(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct put *put = ctx;
    return registry_put(pg, arena, &put->row, ecosystems_allow, put->req, put->req->who.name, put->req->id, &put->out,
                        &put->change, err);
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
    ecosystems_set_tag(req, res, &put.out);
    return 0;
}
