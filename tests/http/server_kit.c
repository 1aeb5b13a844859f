#include "http/server_kit.h"

#include <stdlib.h>

struct server_kit kit = {.log_path = "/tmp/yellow-access-XXXXXX"};

static int hello(struct http_request *req, struct http_response *res, struct err *err)
{
    (void)err;
    http_reply_text(res, 200, "text/plain", str_from(req->path));
    return 0;
}

static int echo(struct http_request *req, struct http_response *res, struct err *err)
{
    (void)err;
    http_reply_text(res, 200, "application/json", req->body);
    return 0;
}

static int length(struct http_request *req, struct http_response *res, struct err *err)
{
    (void)err;
    http_reply_text(res, 200, "text/plain", str_from(arena_printf(req->arena, "%zu", req->body.len)));
    return 0;
}

static int status(struct http_request *req, struct http_response *res, struct err *err)
{
    (void)req, (void)err;
    http_reply_shared(res, http_shared_ref(kit.document));
    return 0;
}

static int wait_here(struct http_request *req, struct http_response *res, struct err *err)
{
    (void)sem_post(&kit.entered);
    (void)sem_wait(&kit.go_on);
    return hello(req, res, err);
}

/* A problem that says more than most; it outlives the request, so that a response that keeps it shows it again. */
static int taken(struct http_request *req, struct http_response *res, struct err *err)
{
    static json_t *members;
    (void)req;
    if (!members)
        members = json_pack("{s:s}", "holder", "somebody");
    res->members = members;
    return err_set(err, ERR_CONFLICT, "it is taken");
}

/* As a handler whose document is not there yet: it must be built where waiting is allowed. */
static int late(struct http_request *req, struct http_response *res, struct err *err)
{
    return req->may_wait ? hello(req, res, err) : HTTP_DEFER;
}

/* As an authenticator that knows no token by heart. */
static int authenticate(void *app, struct arena *arena, bool may_wait, struct str token, struct http_principal *out,
                        struct err *err)
{
    (void)app, (void)arena;
    if (!may_wait)
        return HTTP_DEFER;
    if (!str_eqz(token, "good"))
        return err_set(err, ERR_UNAUTHORIZED, "the token is unknown");
    *out = (struct http_principal){.token_id = 1, .name = "good", .scopes = {"write"}, .stamp = 1};
    return 0;
}

static bool authenticated(void *app, const struct http_principal *who)
{
    (void)app;
    return who->stamp == 1 && atomic_load(&kit.token_holds);
}

static const struct http_route routes[] = {
    {HTTP_GET, "/late", late, SCOPE_PUBLIC, "getLate", ROUTE_INLINE, 0},
    {HTTP_GET, "/secret", hello, "write", "getSecret", ROUTE_INLINE, 0},
    {HTTP_GET, "/admin", hello, "admin", "getAdmin", 0, 0},
    {HTTP_POST, "/inline", echo, "write", "postInline", ROUTE_INLINE, 1000},
    {HTTP_GET, "/inline", hello, SCOPE_PUBLIC, "getInline", ROUTE_INLINE, 0},
    {HTTP_GET, "/worker", hello, SCOPE_PUBLIC, "getWorker", 0, 0},
    {HTTP_GET, "/taken", taken, SCOPE_PUBLIC, "getTaken", 0, 0},
    {HTTP_GET, "/wait", wait_here, SCOPE_PUBLIC, "getWait", 0, 0},
    {HTTP_GET, "/status", status, SCOPE_PUBLIC, "getStatus", ROUTE_INLINE, 0},
    {HTTP_POST, "/echo", echo, SCOPE_PUBLIC, "postEcho", 0, 1000},
    {HTTP_POST, "/big", length, SCOPE_SIGNATURE, "postBig", ROUTE_RAW_BODY, 25 << 20},
    {HTTP_POST, "/private", echo, "write", "postPrivate", 0, 25 << 20},
};

void server_kit_start(const struct http_server_options *given)
{
    struct err err = {0};
    struct http_dispatcher_options none = {.authenticate = authenticate, .authenticated = authenticated};
    cr_assert_eq(http_dispatcher_new(routes, sizeof routes / sizeof routes[0], &none, &kit.dispatcher, &err), 0, "%s",
                 err.text);
    struct http_server_options options = *given;
    options.dispatcher = kit.dispatcher;
    kit.log_fd = mkstemp(kit.log_path);
    cr_assert_geq(kit.log_fd, 0);
    options.access_fd = kit.log_fd;
    cr_assert_eq(http_server_start(&options, &kit.server, &err), 0, "%s", err.text);
    kit.port = http_server_port(kit.server);
    struct buf body = {0};
    for (int i = 0; i < 1000; i++)
        buf_adds(&body, "0123456789");
    kit.document = http_shared_new(200, "application/json", "s1", &body);
    (void)sem_init(&kit.entered, 0, 0);
    (void)sem_init(&kit.go_on, 0, 0);
}

void server_kit_stop(void)
{
    http_server_stop(kit.server, 2000);
    http_dispatcher_free(kit.dispatcher);
    http_shared_unref(kit.document);
    (void)close(kit.log_fd);
    (void)unlink(kit.log_path);
}

void server_kit_expect(const char *request, int status_code, const char *part)
{
    struct buf in = wire_ask(kit.port, request);
    cr_expect_eq(wire_status(&in), status_code, "%s -> %s", request, buf_text(&in));
    cr_expect(strstr(buf_text(&in), part), "\"%s\" is not in: %s", part, buf_text(&in));
    buf_dispose(&in);
}
