#include "api/declarations.h"

#include "api/app.h"
#include "api/page.h"
#include "api/reading.h"
#include "stack/describe.h"

enum { PAGE = 100, PAGE_MAX = 500 };

static const char *const no_query[] = {NULL};

static int reply(struct http_request *req, struct http_response *res, json_t *body)
{
    http_reply_json(res, 200, json_own(req->arena, body));
    http_set_body_etag(req, res);
    return 0;
}

/* "own": of the model; the built-in ones are the same for everybody. */
static json_t *summary(const char *name, const char *doc, bool own)
{
    return json_pack("{s:s,s:s,s:b}", "name", name, "doc", doc, "own", (int)own);
}

static json_t *components_json(const struct stack_library *library)
{
    json_t *list = json_array();
    map_each(entry, library_components(library))
    {
        const struct component *component = entry->value;
        json_array_append_new(list, summary(component->name, component->doc, component->own));
    }
    return list;
}

static json_t *assemblies_json(const struct stack_library *library)
{
    json_t *list = json_array();
    map_each(entry, library_assemblies(library))
    {
        const struct assembly *assembly = entry->value;
        json_array_append_new(list, summary(assembly->name, assembly->doc, assembly->own));
    }
    return list;
}

static int reply_component(struct http_request *req, struct http_response *res, const struct stack_library *library,
                           const char *where, struct err *err)
{
    const struct component *component = library_component(library, http_param(req, "component"));
    if (component)
        return reply(req, res, describe_component(req->arena, component));
    err_set(err, ERR_NOT_FOUND, "there is no component %s", http_param(req, "component"));
    return err_hint(err, "GET %s lists them", where);
}

static int reply_assembly(struct http_request *req, struct http_response *res, const struct stack_library *library,
                          const char *where, struct err *err)
{
    const struct assembly *assembly = library_assembly(library, http_param(req, "assembly"));
    if (assembly)
        return reply(req, res, describe_assembly(req->arena, assembly));
    err_set(err, ERR_NOT_FOUND, "there is no assembly %s", http_param(req, "assembly"));
    return err_hint(err, "GET %s lists them", where);
}

/* The items of the list from begin on, and where the next page is: of that version, 0 for the built-in ones, which are
 * the same for as long as the program is. */
static int reply_page(struct http_request *req, struct http_response *res, json_t *list, size_t begin, int version,
                      struct err *err)
{
    json_t *all = json_own(req->arena, list), *items = json_array();
    size_t limit, at;
    int rc = http_page_limit(req, PAGE, PAGE_MAX, &limit, err);
    json_t *body = json_own(req->arena, version ? json_pack("{s:i,s:o}", "version", version, "items", items)
                                                : json_pack("{s:o}", "items", items));
    if (rc < 0)
        return rc;
    for (at = begin; at < json_array_size(all) && at < begin + limit; at++)
        json_array_append(items, json_array_get(all, at));
    if (at < json_array_size(all)) {
        const char *parts[] = {arena_printf(req->arena, "%d", version), arena_printf(req->arena, "%zu", at)};
        http_link_next(req, res, http_cursor_make(req->arena, parts, 2));
    }
    return reply(req, res, json_incref(body));
}

static int reply_built_in(struct http_request *req, struct http_response *res, json_t *list, struct err *err)
{
    static const char *const query[] = {"limit", "cursor", NULL};
    const char *parts[2];
    json_t *own = json_own(req->arena, list);
    int64_t begin = 0;
    bool present;
    if (http_check_query(req, query, err) != 0 || http_cursor_read(req, parts, 2, &present, err) != 0)
        return -err->code;
    if (present && (strcmp(parts[0], "0") != 0 || !str_int64(str_from(parts[1]), 1, INT32_MAX, &begin)))
        return http_cursor_refuse(err);
    return reply_page(req, res, json_incref(own), (size_t)begin, 0, err);
}

int declarations_components(struct http_request *req, struct http_response *res, struct err *err)
{
    return reply_built_in(req, res, components_json(app_of(req)->library), err);
}

int declarations_component(struct http_request *req, struct http_response *res, struct err *err)
{
    int rc = http_check_query(req, no_query, err);
    return rc < 0 ? rc : reply_component(req, res, app_of(req)->library, "/v1/components", err);
}

int declarations_assemblies(struct http_request *req, struct http_response *res, struct err *err)
{
    return reply_built_in(req, res, assemblies_json(app_of(req)->library), err);
}

int declarations_assembly(struct http_request *req, struct http_response *res, struct err *err)
{
    int rc = http_check_query(req, no_query, err);
    return rc < 0 ? rc : reply_assembly(req, res, app_of(req)->library, "/v1/assemblies", err);
}

/* The library of a model version: its own declarations on the built-in ones. What is wrong with them was found when the
 * version was made. */
static const struct stack_library *library_of(struct http_request *req, const struct snapshot *snapshot)
{
    struct findings findings = {.arena = req->arena};
    return library_with_model(req->arena, app_of(req)->library, snapshot->model, &findings);
}

static int take_library(struct http_request *req, const struct stack_library **out, struct err *err)
{
    static const char *const none[] = {NULL};
    const struct snapshot *snapshot;
    if (reading_check_query(req, none, err) != 0 || reading_snapshot(req, &snapshot, err) != 0)
        return -err->code;
    *out = library_of(req, snapshot);
    return 0;
}

/* Own ones first, then those that every model has. */
static int reply_all(struct http_request *req, struct http_response *res, json_t *(*list)(const struct stack_library *),
                     struct err *err)
{
    static const char *const query[] = {"limit", "cursor", NULL};
    const struct snapshot *snapshot;
    size_t begin;
    if (reading_check_query(req, query, err) != 0 || reading_cursor(req, &snapshot, &begin, err) != 0)
        return -err->code;
    const struct stack_library *built_in = app_of(req)->library, *library = library_of(req, snapshot);
    json_t *items = library == built_in ? json_array() : list(library), *rest = list(built_in);
    json_array_extend(items, rest);
    json_decref(rest);
    return reply_page(req, res, items, begin, snapshot->version, err);
}

int declarations_model_components(struct http_request *req, struct http_response *res, struct err *err)
{
    return reply_all(req, res, components_json, err);
}

int declarations_model_assemblies(struct http_request *req, struct http_response *res, struct err *err)
{
    return reply_all(req, res, assemblies_json, err);
}

int declarations_model_component(struct http_request *req, struct http_response *res, struct err *err)
{
    const struct stack_library *library = NULL;
    int rc = take_library(req, &library, err);
    return rc != 0 ? rc : reply_component(req, res, library, ".../components", err);
}

int declarations_model_assembly(struct http_request *req, struct http_response *res, struct err *err)
{
    const struct stack_library *library = NULL;
    int rc = take_library(req, &library, err);
    return rc != 0 ? rc : reply_assembly(req, res, library, ".../assemblies", err);
}
