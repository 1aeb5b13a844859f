#include "api/declarations.h"

#include "api/app.h"
#include "api/objects.h"
#include "stack/describe.h"

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

int declarations_components(struct http_request *req, struct http_response *res, struct err *err)
{
    int rc = http_check_query(req, no_query, err);
    return rc < 0 ? rc : reply(req, res, json_pack("{s:o}", "items", components_json(app_of(req)->library)));
}

int declarations_component(struct http_request *req, struct http_response *res, struct err *err)
{
    int rc = http_check_query(req, no_query, err);
    return rc < 0 ? rc : reply_component(req, res, app_of(req)->library, "/v1/components", err);
}

int declarations_assemblies(struct http_request *req, struct http_response *res, struct err *err)
{
    int rc = http_check_query(req, no_query, err);
    return rc < 0 ? rc : reply(req, res, json_pack("{s:o}", "items", assemblies_json(app_of(req)->library)));
}

int declarations_assembly(struct http_request *req, struct http_response *res, struct err *err)
{
    int rc = http_check_query(req, no_query, err);
    return rc < 0 ? rc : reply_assembly(req, res, app_of(req)->library, "/v1/assemblies", err);
}

/* The library of a model version: its own declarations on the built-in ones. What is wrong with them was found when the
 * version was made. */
static int take_library(struct http_request *req, const struct snapshot **snapshot, const struct stack_library **out,
                        struct err *err)
{
    static const char *const query[] = {"version", NULL};
    if (http_check_query(req, query, err) != 0 || objects_snapshot(req, snapshot, err) != 0)
        return -err->code;
    struct findings findings = {.arena = req->arena};
    *out = library_with_model(req->arena, app_of(req)->library, (*snapshot)->model, &findings);
    return 0;
}

/* Own ones first, then those that every model has. */
static int reply_all(struct http_request *req, struct http_response *res, json_t *(*list)(const struct stack_library *),
                     struct err *err)
{
    const struct snapshot *snapshot;
    const struct stack_library *library = NULL, *built_in = app_of(req)->library;
    int rc = take_library(req, &snapshot, &library, err);
    if (rc != 0)
        return rc;
    json_t *items = library == built_in ? json_array() : list(library), *rest = list(built_in);
    json_array_extend(items, rest);
    json_decref(rest);
    return reply(req, res, json_pack("{s:i,s:o}", "version", snapshot->version, "items", items));
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
    const struct snapshot *snapshot;
    const struct stack_library *library = NULL;
    int rc = take_library(req, &snapshot, &library, err);
    return rc != 0 ? rc : reply_component(req, res, library, ".../components", err);
}

int declarations_model_assembly(struct http_request *req, struct http_response *res, struct err *err)
{
    const struct snapshot *snapshot;
    const struct stack_library *library = NULL;
    int rc = take_library(req, &snapshot, &library, err);
    return rc != 0 ? rc : reply_assembly(req, res, library, ".../assemblies", err);
}
