#include "api/repositories.h"

#include "api/app.h"
#include "api/ecosystems.h"
#include "api/page.h"
#include "api/reading.h"
#include "control/registry.h"
#include "store/repository.h"

static json_t *item(const void *row, const void *ctx)
{
    (void)ctx;
    return registry_json(row);
}

static void place(struct arena *arena, const void *row, const char **parts)
{
    (void)arena;
    parts[0] = ((const struct ecosystem_row *)row)->repo;
}

int repositories_list(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const query[] = {"limit", "cursor", NULL};
    static const struct page_list list = {query, 50, 200, 1, sizeof(struct ecosystem_row), item, .place = place};
    struct ecosystem_row *rows;
    struct reading reading;
    struct page page;
    size_t count;
    if (page_read(req, &list, &page, err) != 0 || reading_begin(req, &reading, err) != 0)
        return -err->code;
    int rc = repository_list(reading.pg, req->arena, reading.ecosystem.name, page.after[0] ? page.after[0] : "",
                             page.rows, &rows, &count, err);
    reading_end(req, &reading);
    if (!rc)
        page_reply(req, res, &page, rows, count, NULL);
    return rc;
}

int repositories_get(struct http_request *req, struct http_response *res, struct err *err)
{
    struct ecosystem_row row;
    struct reading reading;
    if (reading_no_query(req, err) != 0 || reading_begin(req, &reading, err) != 0)
        return -err->code;
    int rc = repository_get(reading.pg, req->arena, reading.ecosystem.name, http_param(req, "repository"), &row, err);
    reading_end(req, &reading);
    if (rc)
        return rc;
    http_reply_json(res, 200, json_own(req->arena, registry_json(&row)));
    ecosystems_set_tag(req, res, &row);
    return 0;
}

static int delete_tx(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct http_request *req = ctx;
    return registry_delete(pg, arena, http_param(req, "eco"), http_param(req, "repository"), ecosystems_allow, req,
                           req->who.name, req->id, err);
}

int repositories_delete(struct http_request *req, struct http_response *res, struct err *err)
{
    int rc = pg_pool_transaction(app_of(req)->pool, req->arena, delete_tx, req, err);
    if (!rc)
        http_reply_empty(res, 204);
    return rc;
}

int repositories_member(struct http_request *req, struct http_response *res, const json_t *body, const char **out)
{
    json_t *value = json_object_get(body, "repository");
    *out = json_is_string(value) ? json_string_value(value) : "";
    if (!value || json_is_null(value) || json_is_string(value))
        return 0;
    http_add_problem(req, res, "/repository", "not the name of a registered repository");
    return -1;
}
