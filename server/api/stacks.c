#include "api/stacks.h"

#include "api/app.h"
#include "api/reading.h"
#include "stack/diff.h"
#include "stack/stack_json.h"

/* Renders the request's PSP of a version. Findings become errors[] of the problem. */
static int render_version(struct http_request *req, struct http_response *res, const struct snapshot *snapshot,
                          struct stack *out, struct err *err)
{
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

static int render(struct http_request *req, struct http_response *res, struct stack *out, struct err *err)
{
    static const char *const none[] = {NULL};
    const struct snapshot *snapshot;
    if (reading_check_query(req, none, err) != 0 || reading_snapshot(req, &snapshot, err) != 0)
        return -err->code;
    return render_version(req, res, snapshot, out, err);
}

static void reply_list(struct http_request *req, struct http_response *res, const struct stack *stack, bool with_text)
{
    http_reply_json(res, 200, json_own(req->arena, stack_json(stack, http_param(req, "psp"), with_text)));
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

/* One side of a difference: a version and the PSP's stack in it, which may be none. */
struct side {
    int version; /* 0: there is no such version */
    bool has_psp;
    struct stack stack;
};

static int render_side(struct http_request *req, struct http_response *res, const struct snapshot *snapshot,
                       struct side *out, struct err *err)
{
    out->version = snapshot->version;
    out->has_psp = model_find(snapshot->model, OBJECT_PSP, http_param(req, "psp"));
    if (!out->has_psp)
        return 0;
    int rc = render_version(req, res, snapshot, &out->stack, err);
    return rc < 0 ? err_prefix(err, "version %d", snapshot->version) : rc;
}

/* ?to= (or ?version=, ?at=), the version in force without it, and ?from=, without it the version before that. */
static int read_sides(struct http_request *req, struct http_response *res, struct side *from, struct side *to,
                      struct err *err)
{
    static const char *const query[] = {"from", "to", NULL};
    const struct snapshot *older = NULL, *newer;
    int from_version, to_version;
    if (reading_check_query(req, query, err) != 0 || reading_version_query(req, "from", &from_version, err) != 0 ||
        reading_version(req, &to_version, err) != 0)
        return -err->code;
    if (http_query(req, "to") && (http_query(req, "version") || http_query(req, "at")))
        return err_set(err, ERR_SYNTAX, "to, version and at are ways to say the same: one of them");
    if (http_query(req, "to") && reading_version_query(req, "to", &to_version, err) != 0)
        return -err->code;
    int rc = reading_snapshot_of(req, to_version, &newer, err);
    if (rc == 0 && (from_version || newer->version > 1))
        rc = reading_snapshot_of(req, from_version ? from_version : newer->version - 1, &older, err);
    if (rc == 0 && older)
        rc = render_side(req, res, older, from, err);
    if (rc == 0)
        rc = render_side(req, res, newer, to, err);
    if (rc == 0 && !from->has_psp && !to->has_psp)
        rc = err_set(err, ERR_NOT_FOUND, "there is no PlatformServiceProvider %s", http_param(req, "psp"));
    return rc;
}

static json_t *diff_json(struct http_request *req, const struct stack_diff *diff, const struct side *from,
                         const struct side *to)
{
    json_t *json = json_pack("{s:s}", "psp", http_param(req, "psp")), *parts = stack_diff_json(diff);
    json_object_set_new(json_object_get(parts, "from"), "version",
                        from->version ? json_integer(from->version) : json_null());
    json_object_set_new(json_object_get(parts, "to"), "version", json_integer(to->version));
    json_object_update(json, parts);
    json_decref(parts);
    return json_own(req->arena, json);
}

int stacks_diff(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const types[] = {"application/json", "text/plain"};
    const char *type = http_negotiate(req, types, sizeof types / sizeof *types);
    struct side from = {0}, to = {0};
    struct stack_diff diff;
    if (!type)
        return err_set(err, ERR_NOT_ACCEPTABLE, "the difference of two stacks comes as application/json or text/plain");
    int rc = read_sides(req, res, &from, &to, err);
    if (rc != 0)
        return rc;
    stack_diff_make(req->arena, &from.stack, &to.stack, &diff);
    http_add_header(req, res, "Vary", "Accept");
    if (type == types[0]) {
        http_reply_json(res, 200, diff_json(req, &diff, &from, &to));
    } else {
        struct buf *text = buf_new(req->arena);
        stack_diff_write_text(&diff, text);
        http_reply_text(res, 200, "text/plain", buf_str(text));
    }
    http_set_body_etag(req, res);
    return 0;
}
