#include "api/stacks.h"

#include "api/app.h"
#include "api/objects.h"

/* Renders the PSP of the request's path and version. Findings become errors[] of the problem. */
static int render(struct http_request *req, struct http_response *res, struct stack *out, struct err *err)
{
    static const char *const query[] = {"version", NULL};
    const struct snapshot *snapshot;
    if (http_check_query(req, query, err) != 0 || objects_snapshot(req, &snapshot, err) != 0)
        return -err->code;
    struct findings findings = {.arena = req->arena};
    int rc =
        stack_render(req->arena, app_of(req)->library, snapshot->model, http_param(req, "psp"), &findings, out, err);
    vec_each(finding, &findings.list)
    {
        if (rc < 0)
            http_add_problem(req, res, finding->place.path ? finding->place.path : "", "%s", finding->text);
    }
    return rc;
}

static json_t *artifact_json(const struct artifact *artifact, bool with_text)
{
    json_t *json =
        json_pack("{s:s,s:s,s:s,s:I,s:s}", "name", artifact->name, "component", artifact->component, "media_type",
                  artifact->media_type, "bytes", (json_int_t)artifact->text.len, "sha256", artifact->sha256);
    if (with_text)
        json_object_set_new(json, "text", json_stringn(artifact->text.data, artifact->text.len));
    return json;
}

static void reply_list(struct http_request *req, struct http_response *res, const struct stack *stack, bool with_text)
{
    json_t *items = json_array();
    for (size_t i = 0; i < stack->count; i++)
        json_array_append_new(items, artifact_json(&stack->artifacts[i], with_text));
    json_t *body =
        json_pack("{s:s,s:s,s:o}", "psp", http_param(req, "psp"), "sha256", stack->sha256, "artifacts", items);
    http_reply_json(res, 200, json_own(req->arena, body));
    http_set_body_etag(req, res);
}

int stacks_get(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const types[] = {"application/yaml", "application/json"};
    const char *type = http_negotiate(req, types, sizeof types / sizeof *types);
    if (!type)
        return err_set(err, ERR_NOT_ACCEPTABLE, "a stack comes as application/yaml or application/json");
    struct stack stack = {0};
    int rc = render(req, res, &stack, err);
    if (rc != 0)
        return rc;
    http_add_header(req, res, "Vary", "Accept");
    if (type == types[1]) {
        reply_list(req, res, &stack, true);
        return 0;
    }
    struct buf *text = buf_new(req->arena);
    stack_write_yaml(&stack, text);
    http_reply_text(res, 200, "application/yaml", buf_str(text));
    http_set_body_etag(req, res);
    return 0;
}

int stacks_artifacts(struct http_request *req, struct http_response *res, struct err *err)
{
    struct stack stack = {0};
    int rc = render(req, res, &stack, err);
    if (rc == 0)
        reply_list(req, res, &stack, false);
    return rc;
}

int stacks_artifact(struct http_request *req, struct http_response *res, struct err *err)
{
    struct stack stack = {0};
    int rc = render(req, res, &stack, err);
    if (rc != 0)
        return rc;
    for (size_t i = 0; i < stack.count; i++) {
        const struct artifact *artifact = &stack.artifacts[i];
        if (strcmp(artifact->name, http_param(req, "artifact")) != 0)
            continue;
        http_reply_text(res, 200, artifact->media_type, artifact->text);
        http_set_body_etag(req, res);
        return 0;
    }
    err_set(err, ERR_NOT_FOUND, "the stack of %s has no artifact %s", http_param(req, "psp"),
            http_param(req, "artifact"));
    return err_hint(err, "GET .../psps/%s/artifacts lists them", http_param(req, "psp"));
}
