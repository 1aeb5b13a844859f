#include "api/ask.h"

#include "api/routes.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/* Tokens of the tests: the text is the name. */
static const struct {
    const char *name, *ecosystem, *scope;
} tokens[] = {
    {"admin", NULL, "admin"}, {"acme", "acme", "admin"}, {"bolt", "bolt", "admin"}, {"reader", NULL, "model:read"}};

static const struct http_principal *extra;

void ask_be(const struct http_principal *who)
{
    extra = who;
}

static int authenticate(void *app, struct arena *arena, bool may_wait, struct str token, struct http_principal *out,
                        struct err *err)
{
    (void)app;
    (void)arena;
    (void)may_wait;
    if (extra && str_eqz(token, extra->name)) {
        *out = *extra;
        return 0;
    }
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++)
        if (str_eqz(token, tokens[i].name)) {
            *out = (struct http_principal){.token_id = (int64_t)i + 1,
                                           .name = tokens[i].name,
                                           .ecosystem = tokens[i].ecosystem,
                                           .scopes = {tokens[i].scope}};
            return 0;
        }
    return err_set(err, ERR_UNAUTHORIZED, "unknown token");
}

void ask_init(struct ask *ask)
{
    *ask = (struct ask){0};
    flow_init(&ask->flow);
    ask->app = (struct app){.pool = ask->flow.pool,
                            .snapshots = ask->flow.snapshots,
                            .statuses = statuses_new(ask->flow.pool),
                            .library = ask->flow.library,
                            .state_dir = ask->flow.git.root,
                            .fetch = ask->flow.options.service.fetch,
                            .claim_lease_ms = 60000,
                            .run_lease_ms = 60000};
    size_t count;
    const struct http_route *routes = routes_all(&count);
    struct http_dispatcher_options options = {.app = &ask->app, .authenticate = authenticate};
    cr_assert_eq(http_dispatcher_new(routes, count, &options, &ask->dispatcher, &ask->flow.err), 0, "%s",
                 ask->flow.err.text);
}

void ask_dispose(struct ask *ask)
{
    arena_free(ask->arena);
    http_dispatcher_free(ask->dispatcher);
    statuses_free(ask->app.statuses);
    flow_dispose(&ask->flow);
}

int ask_as(struct ask *ask, const char *token, enum http_method method, const char *target, const char *body,
           const char *const *headers)
{
    arena_free(ask->arena);
    ask->arena = arena_new();
    ask->req = (struct http_request){.peer = "127.0.0.1"};
    ask->res = (struct http_response){0};
    cr_assert_eq(http_request_init(&ask->req, ask->arena, method, target, &ask->flow.err), 0, "%s", ask->flow.err.text);
    bool typed = false;
    for (; headers && *headers; headers++) {
        const char *colon = strstr(*headers, ": ");
        const char *name = arena_strndup(ask->arena, *headers, (size_t)(colon - *headers));
        typed |= strcmp(name, "Content-Type") == 0;
        http_request_add_header(&ask->req, name, colon + 2);
    }
    if (token)
        http_request_add_header(&ask->req, "Authorization", arena_printf(ask->arena, "Bearer %s", token));
    if (body && !typed)
        http_request_add_header(&ask->req, "Content-Type", "application/json");
    ask->req.body = str_from(body);
    ask->req.content_length = (int64_t)ask->req.body.len;
    http_request_take_ids(&ask->req);
    http_dispatch(ask->dispatcher, &ask->req, &ask->res);
    struct err err = {0};
    ask->json = NULL;
    (void)json_read(ask->arena, http_response_body(&ask->res), &ask->json, &err);
    return ask->res.shared ? 200 : ask->res.status;
}

int ask(struct ask *a, enum http_method method, const char *target, const char *body, const char *const *headers)
{
    return ask_as(a, "admin", method, target, body, headers);
}

const char *ask_header(struct ask *ask, const char *name)
{
    const char *value = http_response_header(&ask->res, name);
    return value ? value : "absent";
}

const char *ask_at(struct ask *ask, const char *pointer)
{
    const json_t *at = ask->json;
    struct str rest = str_from(pointer + 1);
    while (at && rest.data) {
        struct str key = str_cut(&rest, '/');
        const char *name = arena_strndup(ask->arena, key.data, key.len);
        at = json_is_array(at) ? json_array_get(at, (size_t)strtoul(name, NULL, 10)) : json_object_get(at, name);
    }
    if (!at)
        return "absent";
    if (json_is_string(at))
        return json_string_value(at);
    struct buf *out = buf_new(ask->arena);
    json_write(out, at);
    return buf_text(out);
}
