#include "api/declarations.h"

#include "api/app.h"
#include "stack/describe.h"

static const char *const no_query[] = {NULL};

static int reply(struct http_request *req, struct http_response *res, json_t *body)
{
    http_reply_json(res, 200, json_own(req->arena, body));
    http_set_body_etag(req, res);
    return 0;
}

static json_t *summary(const char *name, const char *doc)
{
    return json_pack("{s:s,s:s}", "name", name, "doc", doc);
}

int declarations_components(struct http_request *req, struct http_response *res, struct err *err)
{
    int rc = http_check_query(req, no_query, err);
    if (rc < 0)
        return rc;
    json_t *list = json_array();
    map_each(entry, library_components(app_of(req)->library))
    {
        const struct component *component = entry->value;
        json_array_append_new(list, summary(component->name, component->doc));
    }
    return reply(req, res, json_pack("{s:o}", "items", list));
}

int declarations_component(struct http_request *req, struct http_response *res, struct err *err)
{
    int rc = http_check_query(req, no_query, err);
    if (rc < 0)
        return rc;
    const struct component *component = library_component(app_of(req)->library, http_param(req, "component"));
    if (component)
        return reply(req, res, describe_component(req->arena, component));
    err_set(err, ERR_NOT_FOUND, "there is no component %s", http_param(req, "component"));
    return err_hint(err, "GET /v1/components lists them");
}

int declarations_assemblies(struct http_request *req, struct http_response *res, struct err *err)
{
    int rc = http_check_query(req, no_query, err);
    if (rc < 0)
        return rc;
    json_t *list = json_array();
    map_each(entry, library_assemblies(app_of(req)->library))
    {
        const struct assembly *assembly = entry->value;
        json_array_append_new(list, summary(assembly->name, assembly->doc));
    }
    return reply(req, res, json_pack("{s:o}", "items", list));
}

int declarations_assembly(struct http_request *req, struct http_response *res, struct err *err)
{
    int rc = http_check_query(req, no_query, err);
    if (rc < 0)
        return rc;
    const struct assembly *assembly = library_assembly(app_of(req)->library, http_param(req, "assembly"));
    if (assembly)
        return reply(req, res, describe_assembly(req->arena, assembly));
    err_set(err, ERR_NOT_FOUND, "there is no assembly %s", http_param(req, "assembly"));
    return err_hint(err, "GET /v1/assemblies lists them");
}
