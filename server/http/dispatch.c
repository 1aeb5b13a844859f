#include "http/dispatch.h"

#include "base/log.h"
#include "http/etag.h"
#include "http/memo.h"
#include "http/route.h"
#include "http/shared.h"

#include <strings.h>

struct param_names {
    const char *names[HTTP_MAX_PARAMS];
};

struct http_dispatcher {
    struct arena *arena;
    struct param_names *params; /* by route */
    const struct http_route *routes;
    size_t count;
    struct route_tree *tree;
    struct http_dispatcher_options options;
};

static int check_route(const struct http_route *route, struct err *err)
{
    const char *path = route->path ? route->path : "(no path)";
    if (!route->operation || !*route->operation)
        return err_set(err, ERR_INTERNAL, "route %s has no operation", path);
    if (!route->scope || !*route->scope)
        return err_set(err, ERR_INTERNAL, "route \"%s\" has no scope", route->operation);
    if (!route->handle)
        return err_set(err, ERR_INTERNAL, "route \"%s\" has no handler", route->operation);
    return 0;
}

/* In the order of the pattern. */
static void name_params(struct arena *arena, const char *path, struct param_names *out)
{
    size_t n = 0;
    for (const char *open = strchr(path, '{'); open && n < HTTP_MAX_PARAMS; open = strchr(open + 1, '{'))
        out->names[n++] = arena_strndup(arena, open + 1, strcspn(open + 1, "}"));
}

int http_dispatcher_new(const struct http_route *routes, size_t count, const struct http_dispatcher_options *options,
                        struct http_dispatcher **out, struct err *err)
{
    struct arena *arena = arena_new();
    struct http_dispatcher *d = arena_alloc(arena, sizeof *d);
    *d = (struct http_dispatcher){.arena = arena, .routes = routes, .count = count, .options = *options};
    int rc = 0;
    for (size_t i = 0; i < count && !rc; i++)
        rc = check_route(&routes[i], err);
    if (!rc)
        rc = route_tree_new(arena, routes, count, &d->tree, err);
    if (rc) {
        arena_free(arena);
        return rc;
    }
    d->params = arena_calloc(arena, count ? count : 1, sizeof *d->params);
    for (size_t i = 0; i < count; i++)
        name_params(arena, routes[i].path, &d->params[i]);
    *out = d;
    return 0;
}

void http_dispatcher_free(struct http_dispatcher *dispatcher)
{
    if (dispatcher)
        arena_free(dispatcher->arena);
}

const struct http_route *http_dispatcher_routes(const struct http_dispatcher *dispatcher, size_t *count)
{
    *count = dispatcher->count;
    return dispatcher->routes;
}

/* "GET, HEAD, PUT, OPTIONS" on the arena. */
static const char *allow_list(struct arena *arena, unsigned allowed)
{
    struct buf *list = buf_new(arena);
    allowed |= HTTP_OPTIONS | (allowed & HTTP_GET ? HTTP_HEAD : 0u);
    for (unsigned m = HTTP_GET; m <= HTTP_OPTIONS; m <<= 1)
        if (allowed & m)
            buf_addf(list, "%s%s", list->len ? ", " : "", http_method_name((enum http_method)m));
    return buf_text(list);
}

/* The token of "Bearer TOKEN"; absent without one. */
static struct str bearer_token(const struct http_request *req)
{
    const char *header = req->known[HTTP_KNOWN_AUTHORIZATION];
    if (!header || strncasecmp(header, "Bearer ", 7) != 0)
        return (struct str){0};
    struct str token = str_trim(str_from(header + 7));
    return token.len && token.len <= 512 ? token : (struct str){0};
}

static int authenticate(const struct http_dispatcher *d, struct http_request *req, struct http_response *res,
                        struct err *err)
{
    const char *scope = req->route->scope;
    if (strcmp(scope, SCOPE_PUBLIC) == 0 || strcmp(scope, SCOPE_SIGNATURE) == 0)
        return 0;
    struct str token = bearer_token(req);
    int rc;
    if (!token.data) {
        rc = err_set(err, ERR_UNAUTHORIZED, "a bearer token is needed");
        (void)err_hint(err, "send Authorization: Bearer TOKEN");
    } else {
        rc = d->options.authenticate
                 ? d->options.authenticate(d->options.app, req->arena, req->may_wait, token, &req->who, err)
                 : err_set(err, ERR_UNAUTHORIZED, "this server knows no tokens");
    }
    if (rc == -ERR_UNAUTHORIZED)
        http_add_header(req, res, "WWW-Authenticate",
                        token.data ? "Bearer realm=\"yellow\", error=\"invalid_token\"" : "Bearer realm=\"yellow\"");
    return rc;
}

static int check_scope(const struct http_request *req, struct err *err)
{
    const char *scope = req->route->scope;
    if (strcmp(scope, SCOPE_PUBLIC) == 0 || strcmp(scope, SCOPE_SIGNATURE) == 0 || http_has_scope(&req->who, scope))
        return 0;
    return err_set(err, ERR_FORBIDDEN, "token \"%s\" does not have the scope \"%s\"",
                   req->who.name ? req->who.name : "", scope);
}

/* Names the values by the route's pattern and checks them. */
static int take_params(const struct http_dispatcher *d, struct http_request *req, const struct route_match *match,
                       struct err *err)
{
    const struct param_names *names = &d->params[req->route - d->routes];
    int rc = 0;
    req->param_count = match->value_count;
    for (size_t i = 0; i < match->value_count; i++) {
        struct http_pair *pair = &req->params[i];
        pair->name = names->names[i];
        pair->value = arena_strndup(req->arena, match->values[i].data, match->values[i].len);
        if (!rc && !route_param_valid(str_from(pair->name), match->values[i]))
            rc = err_set(err, ERR_SYNTAX, "\"%.128s\" is not a valid {%s} in the path", pair->value, pair->name);
    }
    return rc;
}

/* What a token cannot see is not there for it, whatever its scopes are, and whether or not it is there for others. */
static int check_ecosystem(const struct http_request *req, struct err *err)
{
    const char *eco = http_param(req, "eco");
    if (!eco || !req->who.ecosystem || strcmp(eco, req->who.ecosystem) == 0)
        return 0;
    return http_no_ecosystem(err, eco);
}

static bool is_json(const char *type, bool patch)
{
    struct str rest = str_from(type);
    struct str media = str_trim(str_cut(&rest, ';'));
    static const struct str json = {"application/json", 16}, merge = {"application/merge-patch+json", 28};
    return (media.len == json.len && strncasecmp(media.data, json.data, json.len) == 0) ||
           (patch && media.len == merge.len && strncasecmp(media.data, merge.data, merge.len) == 0);
}

static int check_body(const struct http_request *req, struct err *err)
{
    const struct http_route *route = req->route;
    bool sent = req->content_length || req->body.len;
    if (!sent)
        return 0;
    size_t size = req->content_length > 0 ? (size_t)req->content_length : req->body.len;
    if (size > route->body_cap || !route->body_cap) {
        if (!route->body_cap)
            return err_set(err, ERR_TOO_LARGE, "operation \"%s\" takes no request body", route->operation);
        return err_set(err, ERR_TOO_LARGE, "the request body is larger than %zu bytes", route->body_cap);
    }
    if (route->flags & ROUTE_RAW_BODY)
        return 0;
    const char *type = http_header(req, "Content-Type"), *coding = http_header(req, "Content-Encoding");
    if (coding && strcasecmp(coding, "identity") != 0)
        return err_set(err, ERR_MEDIA, "content encoding \"%.64s\" is not taken, only identity", coding);
    if (!type || !is_json(type, route->method == HTTP_PATCH))
        return err_set(err, ERR_MEDIA, "media type \"%.128s\" is not taken, only application/json", type ? type : "");
    return 0;
}

static int check_headers(const struct http_request *req, struct err *err)
{
    if (req->route->flags & ROUTE_IF_MATCH && !http_header(req, "If-Match") && !http_header(req, "If-None-Match"))
        return http_check_if_match(req, NULL, err);
    const char *key = req->route->flags & ROUTE_IDEMPOTENCY ? http_header(req, "Idempotency-Key") : NULL;
    if (!key)
        return 0;
    size_t n = 0;
    while (key[n] > 0x20 && key[n] < 0x7f)
        n++;
    if (n == 0 || n > 255 || key[n])
        return err_set(err, ERR_SYNTAX, "Idempotency-Key is not 1 to 255 printable ASCII characters");
    return 0;
}

static void add_static(struct http_response *res, const char *name, const char *value)
{
    for (size_t i = 0; i < res->header_count; i++)
        if (strcasecmp(res->headers[i].name, name) == 0)
            return;
    if (res->header_count < HTTP_MAX_HEADERS)
        res->headers[res->header_count++] = (struct http_pair){name, value};
}

/* What every response has. Texts are static or the request's. */
static void add_standard(const struct http_request *req, struct http_response *res)
{
    bool read = (req->method == HTTP_GET || req->method == HTTP_HEAD) && res->status < 400;
    const char *cache = read ? "private, no-cache" : "no-store";
    if (!res->header_count) { /* the usual case, and the one that must be quick */
        res->headers[0] = (struct http_pair){"X-Request-Id", req->id};
        res->headers[1] = (struct http_pair){"Cache-Control", cache};
        res->headers[2] = (struct http_pair){"X-Content-Type-Options", "nosniff"};
        res->header_count = 3;
        return;
    }
    add_static(res, "X-Request-Id", req->id);
    add_static(res, "Cache-Control", cache);
    add_static(res, "X-Content-Type-Options", "nosniff");
}

static void fail(struct http_request *req, struct http_response *res, const struct err *err)
{
    http_reply_problem(req, res, err);
    add_standard(req, res);
}

static void dispose_response(void *ptr)
{
    struct http_response *res = ptr;
    buf_dispose(&res->body);
    http_shared_unref(res->shared);
    res->shared = NULL;
}

void http_dispatch_refuse(struct http_request *req, struct http_response *res, const struct err *err)
{
    arena_defer(req->arena, dispose_response, res);
    fail(req, res, err);
}

enum http_step http_dispatch_begin(const struct http_dispatcher *d, struct http_request *req, struct http_response *res)
{
    struct err err; /* its 1.5 KB are filled when there is an error */
    err.code = ERR_NONE;
    struct route_match match;
    arena_defer(req->arena, dispose_response, res);
    req->app = d->options.app;
    if (http_memo_recall(req, d->options.app, d->options.authenticated)) {
        if (!check_body(req, &err) && !check_headers(req, &err))
            return HTTP_STEP_RUN;
        fail(req, res, &err);
        return HTTP_STEP_DONE;
    }
    route_tree_find(d->tree, req->method, str_from(req->path), &match);
    req->route = match.route;
    int rc = 0;
    if (!match.route && !match.allowed) {
        rc = err_set(&err, ERR_NOT_FOUND, "there is nothing at \"%.512s\"", req->path);
    } else if (!match.route) {
        http_add_header(req, res, "Allow", allow_list(req->arena, match.allowed));
        if (req->method == HTTP_OPTIONS) {
            http_reply_empty(res, 204);
            add_standard(req, res);
            return HTTP_STEP_DONE;
        }
        rc = req->method == HTTP_OTHER
                 ? err_set(&err, ERR_METHOD, "the method is not known")
                 : err_set(&err, ERR_METHOD, "method %s is not allowed here", http_method_name(req->method));
        (void)err_hint(&err, "allowed: %s", http_response_header(res, "Allow"));
    } else {
        rc = authenticate(d, req, res, &err);
        if (rc == HTTP_DEFER && !req->may_wait)
            return HTTP_STEP_DEFER;
        if (rc > 0) /* nobody may pass because an authenticator is wrong */
            rc = err_set(&err, ERR_INTERNAL, "the authenticator of \"%s\" gave %d", req->route->operation, rc);
        int bad_param = rc ? 0 : take_params(d, req, &match, &err);
        if (!rc && !bad_param)
            rc = check_ecosystem(req, &err);
        if (!rc)
            rc = bad_param ? bad_param : check_scope(req, &err);
        if (!rc)
            rc = check_body(req, &err);
        if (!rc)
            rc = check_headers(req, &err);
    }
    if (rc) {
        fail(req, res, &err);
        return HTTP_STEP_DONE;
    }
    http_memo_keep(req);
    return HTTP_STEP_RUN;
}

/* A GET whose If-None-Match holds the tag needs no body. */
static void apply_if_none_match(const struct http_request *req, struct http_response *res)
{
    const char *tag = res->shared ? res->shared->etag : res->etag;
    if (!tag || res->status != 200 || !(req->method == HTTP_GET || req->method == HTTP_HEAD))
        return;
    const char *header = req->known[HTTP_KNOWN_IF_NONE_MATCH];
    if (header && (strcmp(header, tag) == 0 || etag_in_list(header, etag_opaque(tag), false)))
        res->status = 304;
}

enum http_step http_dispatch_finish(const struct http_dispatcher *d, struct http_request *req,
                                    struct http_response *res)
{
    (void)d;
    struct err err; /* see http_dispatch_begin; a handler may fill it in part by err_hint */
    err.code = ERR_NONE;
    err.text[0] = err.hint[0] = err.sqlstate[0] = '\0';
    int rc = req->body.len > req->route->body_cap
                 ? err_set(&err, ERR_TOO_LARGE, "the request body is larger than %zu bytes", req->route->body_cap)
                 : req->route->handle(req, res, &err);
    if (rc == HTTP_DEFER && !req->may_wait)
        return HTTP_STEP_DEFER;
    if (!rc && !res->status)
        rc = err_set(&err, ERR_INTERNAL, "operation \"%s\" gave no response", req->route->operation);
    if (rc) {
        if (!err.code)
            (void)err_set(&err, ERR_INTERNAL, "operation \"%s\" failed without saying why", req->route->operation);
        fail(req, res, &err);
        return HTTP_STEP_DONE;
    }
    apply_if_none_match(req, res);
    add_standard(req, res);
    return HTTP_STEP_DONE;
}

void http_dispatch(const struct http_dispatcher *dispatcher, struct http_request *req, struct http_response *res)
{
    req->may_wait = true;
    if (http_dispatch_begin(dispatcher, req, res) == HTTP_STEP_RUN)
        (void)http_dispatch_finish(dispatcher, req, res);
}
