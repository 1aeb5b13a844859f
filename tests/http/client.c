#include "http/client.h"

#include "http/drive.h"
#include "http/server.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

static int mirror(struct http_request *req, struct http_response *res, struct err *err)
{
    (void)err;
    json_t *doc = json_own(req->arena, json_object());
    const char *extra = http_header(req, "X-Extra");
    (void)json_object_set_new(doc, "method", json_string(http_method_name(req->method)));
    (void)json_object_set_new(doc, "body", json_stringn(req->body.data ? req->body.data : "", req->body.len));
    (void)json_object_set_new(doc, "extra", json_string(extra ? extra : ""));
    http_reply_json(res, 200, doc);
    return 0;
}

static int redirect(struct http_request *req, struct http_response *res, struct err *err)
{
    (void)err;
    http_reply_empty(res, 303);
    http_add_header(req, res, "Location", "/mirror");
    return 0;
}

#define MIRROR(m, op)                                                                                                  \
    {                                                                                                                  \
        m, "/mirror", mirror, SCOPE_PUBLIC, op, ROUTE_RAW_BODY, 1000                                                   \
    }
static const struct http_route routes[] = {
    MIRROR(HTTP_GET, "get"),       MIRROR(HTTP_POST, "post"),
    MIRROR(HTTP_PUT, "put"),       MIRROR(HTTP_PATCH, "patch"),
    MIRROR(HTTP_DELETE, "delete"), {HTTP_GET, "/redirect", redirect, SCOPE_PUBLIC, "r", 0, 0},
};

static struct http_dispatcher *dispatcher;
static struct http_server *server;
static struct arena *arena;

static void setup(void)
{
    struct err err = {0};
    struct http_dispatcher_options none = {0};
    arena = arena_new();
    cr_assert_eq(http_dispatcher_new(routes, sizeof routes / sizeof routes[0], &none, &dispatcher, &err), 0, "%s",
                 err.text);
    struct http_server_options options = {.dispatcher = dispatcher, .access_fd = -1};
    cr_assert_eq(http_server_start(&options, &server, &err), 0, "%s", err.text);
}

static void teardown(void)
{
    http_server_stop(server, 2000);
    http_dispatcher_free(dispatcher);
    arena_free(arena);
}

TestSuite(client, .init = setup, .fini = teardown, .timeout = 60);

static const char *url(const char *path)
{
    return arena_printf(arena, "http://127.0.0.1:%u%s", http_server_port(server), path);
}

Test(client, sends_every_method_with_its_headers_and_body)
{
    static const enum http_method methods[] = {HTTP_GET, HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE};
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        struct http_client_response res = {0};
        struct err err = {0};
        struct http_client_request req = {.method = methods[i],
                                          .url = url("/mirror"),
                                          .headers = DRIVE_HEADERS("X-Extra: 7"),
                                          .body = methods[i] == HTTP_GET ? (struct str){0} : STR("text")};
        cr_assert_eq(http_client_send(arena, &req, &res, &err), 0, "%s", err.text);
        cr_expect_eq(res.status, 200);
        cr_expect_str_eq(res.body.data,
                         arena_printf(arena, "{\"method\":\"%s\",\"body\":\"%s\",\"extra\":\"7\"}\n",
                                      http_method_name(methods[i]), methods[i] == HTTP_GET ? "" : "text"));
        cr_expect_str_eq(http_client_header(&res, "content-type"), "application/json");
    }
}

Test(client, does_not_follow_redirects)
{
    struct http_client_response res = {0};
    struct err err = {0};
    struct http_client_request req = {.method = HTTP_GET, .url = url("/redirect")};
    cr_assert_eq(http_client_send(arena, &req, &res, &err), 0, "%s", err.text);
    cr_expect_eq(res.status, 303);
    cr_expect_str_eq(http_client_header(&res, "Location"), "/mirror");
}

Test(client, a_longer_response_than_the_cap_is_refused)
{
    struct http_client_response res = {0};
    struct err err = {0};
    struct http_client_request req = {.method = HTTP_GET, .url = url("/mirror?secret=1"), .cap = 10};
    cr_assert_eq(http_client_send(arena, &req, &res, &err), -ERR_TOO_LARGE);
    cr_expect_str_eq(err.text, arena_printf(arena, "%s answers with more than 10 bytes", url("/mirror")));
}

Test(client, speaks_http_and_https_alone)
{
    struct http_client_response res = {0};
    struct err err = {0};
    struct http_client_request req = {.method = HTTP_GET, .url = "file:///etc/passwd"};
    cr_assert_eq(http_client_send(arena, &req, &res, &err), -ERR_USAGE);
    cr_expect_str_eq(err.text, "\"file:///etc/passwd\" is not an http or https URL");
}

Test(client, says_who_does_not_answer_without_user_or_query)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    cr_assert_eq(bind(fd, (struct sockaddr *)&at, size), 0);
    cr_assert_eq(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    struct http_client_response res = {0};
    struct err err = {0};
    unsigned port = ntohs(at.sin_port);
    struct http_client_request req = {.method = HTTP_GET,
                                      .url = arena_printf(arena, "http://me:pw@127.0.0.1:%u/x?token=s", port)};
    cr_assert_eq(http_client_send(arena, &req, &res, &err), -ERR_UNAVAILABLE);
    cr_expect(strncmp(err.text, arena_printf(arena, "http://127.0.0.1:%u/x: ", port), 26) == 0, "%s", err.text);
    cr_expect_null(strstr(err.text, "pw"), "%s", err.text);
    cr_assert_eq(listen(fd, 1), 0); /* now it connects, and nobody answers */
    req.deadline_ms = 50;
    cr_assert_eq(http_client_send(arena, &req, &res, &err), -ERR_TIMEOUT);
    cr_expect_str_eq(err.text, arena_printf(arena, "http://127.0.0.1:%u/x did not answer in time", port));
    (void)close(fd);
}
