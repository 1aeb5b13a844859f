#include "http/server.h"

#include "base/file.h"
#include "http/drive.h"
#include "http/metrics.h"
#include "http/shared.h"
#include "http/wire.h"

#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static struct http_slot document = HTTP_SLOT_INIT;
static struct http_dispatcher *dispatcher;
static struct http_server *server;
static unsigned port;
static sem_t entered, go_on;
static char log_path[] = "/tmp/yellow-access-XXXXXX";
static int log_fd;

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
    http_reply_shared(res, http_slot_get(&document));
    return 0;
}

static int wait_here(struct http_request *req, struct http_response *res, struct err *err)
{
    (void)sem_post(&entered);
    (void)sem_wait(&go_on);
    return hello(req, res, err);
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

static atomic_bool token_holds;

static bool authenticated(void *app, const struct http_principal *who)
{
    (void)app;
    return who->stamp == 1 && atomic_load(&token_holds);
}

static const struct http_route routes[] = {
    {HTTP_GET, "/late", late, SCOPE_PUBLIC, "getLate", ROUTE_INLINE, 0},
    {HTTP_GET, "/secret", hello, "write", "getSecret", ROUTE_INLINE, 0},
    {HTTP_GET, "/admin", hello, "admin", "getAdmin", 0, 0},
    {HTTP_POST, "/inline", echo, "write", "postInline", ROUTE_INLINE, 1000},
    {HTTP_GET, "/inline", hello, SCOPE_PUBLIC, "getInline", ROUTE_INLINE, 0},
    {HTTP_GET, "/worker", hello, SCOPE_PUBLIC, "getWorker", 0, 0},
    {HTTP_GET, "/wait", wait_here, SCOPE_PUBLIC, "getWait", 0, 0},
    {HTTP_GET, "/status", status, SCOPE_PUBLIC, "getStatus", ROUTE_INLINE, 0},
    {HTTP_POST, "/echo", echo, SCOPE_PUBLIC, "postEcho", 0, 1000},
    {HTTP_POST, "/big", length, SCOPE_SIGNATURE, "postBig", ROUTE_RAW_BODY, 25 << 20},
    {HTTP_POST, "/private", echo, "write", "postPrivate", 0, 25 << 20},
};

static void start(const struct http_server_options *given)
{
    struct err err = {0};
    struct http_dispatcher_options none = {.authenticate = authenticate, .authenticated = authenticated};
    cr_assert_eq(http_dispatcher_new(routes, sizeof routes / sizeof routes[0], &none, &dispatcher, &err), 0, "%s",
                 err.text);
    struct http_server_options options = *given;
    options.dispatcher = dispatcher;
    log_fd = mkstemp(log_path);
    cr_assert_geq(log_fd, 0);
    options.access_fd = log_fd;
    cr_assert_eq(http_server_start(&options, &server, &err), 0, "%s", err.text);
    port = http_server_port(server);
    struct buf body = {0};
    for (int i = 0; i < 1000; i++)
        buf_adds(&body, "0123456789");
    http_slot_swap(&document, http_shared_new(200, "application/json", "s1", &body));
    (void)sem_init(&entered, 0, 0);
    (void)sem_init(&go_on, 0, 0);
}

static void setup(void)
{
    start(&(struct http_server_options){0});
}

/* One deadline short at a time: a busy machine may be late for any other. */
static void setup_short_headers(void)
{
    start(&(struct http_server_options){.header_ms = 150});
}

static void setup_short_body(void)
{
    start(&(struct http_server_options){.header_ms = 1000, .body_ms = 150});
}

static void setup_short_idle(void)
{
    start(&(struct http_server_options){.idle_ms = 150});
}

static void stop(void)
{
    http_server_stop(server, 2000);
    http_dispatcher_free(dispatcher);
    http_slot_swap(&document, NULL);
    (void)close(log_fd);
    (void)unlink(log_path);
}

TestSuite(server, .init = setup, .fini = stop, .timeout = 60);
TestSuite(server_deadlines, .fini = stop, .timeout = 60);

#define HOST "Host: localhost\r\n"
#define CLOSE "Connection: close\r\n"
#define JSON_BODY "Content-Type: application/json\r\n"

static void expect_answer(const char *request, int status_code, const char *part)
{
    struct buf in = wire_ask(port, request);
    cr_expect_eq(wire_status(&in), status_code, "%s -> %s", request, buf_text(&in));
    cr_expect(strstr(buf_text(&in), part), "\"%s\" is not in: %s", part, buf_text(&in));
    buf_dispose(&in);
}

Test(server, answers_on_event_threads_and_on_workers)
{
    expect_answer("GET /inline HTTP/1.1\r\n" HOST CLOSE "\r\n", 200, "\r\n\r\n/inline");
    expect_answer("GET /worker HTTP/1.1\r\n" HOST CLOSE "\r\n", 200, "\r\n\r\n/worker");
    expect_answer("GET /inline HTTP/1.0\r\n\r\n", 200, "\r\n\r\n/inline");
}

Test(server, framing_that_two_readers_could_take_differently_is_refused_and_closed)
{
    static const struct {
        const char *request, *part;
    } cases[] = {
        {"POST /echo HTTP/1.1\r\n" HOST JSON_BODY
         "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}GET /inline HTTP/1.1\r\n" HOST "\r\n",
         "more than one Content-Length header"},
        {"POST /echo HTTP/1.1\r\n" HOST JSON_BODY
         "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /inline HTTP/1.1\r\n" HOST "\r\n",
         "both Content-Length and Transfer-Encoding"},
        {"GET /inline HTTP/1.1\r\n" HOST HOST "\r\n", "more than one Host header"},
        {"GET /inline HTTP/1.1\r\n\r\n", "the Host header is missing"},
        {"POST /echo HTTP/1.1\r\n" HOST "Transfer-Encoding: gzip\r\n\r\n", "the transfer encoding is not chunked"},
        {"GET /inline HTTP/1.1\r\n" HOST "X Y: 1\r\n\r\n", "a header name is malformed"},
        {"GET /inline HTTP/1.1\r\n" HOST "X-Y : 1\r\n\r\n", "a header name is malformed"},
        {"GET /inline HTTP/1.1\r\n" HOST "X-Y: a\x01z\r\n\r\n", "a header value holds a control character"},
        {"GET /a/../inline HTTP/1.1\r\n" HOST "\r\n", "the request path holds '..'"},
        {"GET /a%2finline HTTP/1.1\r\n" HOST "\r\n", "the request path holds an escaped '/'"},
        {"GET /inline%00 HTTP/1.1\r\n" HOST "\r\n", "the request path holds a control character"},
        {"GET /in\x01line HTTP/1.1\r\n" HOST "\r\n", "the request path holds a control character"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct buf in = wire_ask(port, cases[i].request);
        cr_expect_eq(wire_status(&in), 400, "%s -> %s", cases[i].request, buf_text(&in));
        cr_expect(strstr(buf_text(&in), cases[i].part), "%s -> %s", cases[i].request, buf_text(&in));
        cr_expect(strstr(buf_text(&in), "Connection: close"), "%s", buf_text(&in));
        cr_expect_null(strstr(buf_text(&in) + 1, "HTTP/1.1 2"), "answered what was smuggled: %s", buf_text(&in));
        buf_dispose(&in);
    }
}

Test(server, two_pipelined_requests_are_answered_in_order_on_one_connection)
{
    struct buf in = wire_ask(port, "GET /worker HTTP/1.1\r\n" HOST "\r\nGET /inline HTTP/1.1\r\n" HOST CLOSE "\r\n");
    const char *first = strstr(buf_text(&in), "\r\n\r\n/worker");
    cr_assert_not_null(first, "%s", buf_text(&in));
    cr_assert_not_null(strstr(first, "\r\n\r\n/inline"), "%s", buf_text(&in));
    buf_dispose(&in);
}

Test(server, unknown_methods_types_and_paths_get_their_status)
{
    expect_answer("BREW /worker HTTP/1.1\r\n" HOST CLOSE "\r\n", 405, "Allow: GET, HEAD, OPTIONS");
    expect_answer("GET /none HTTP/1.1\r\n" HOST CLOSE "\r\n", 404, "\"code\":\"not-found\"");
    expect_answer("POST /echo HTTP/1.1\r\n" HOST "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", 415,
                  "unsupported-media-type");
    expect_answer("POST /echo HTTP/1.1\r\n" HOST JSON_BODY CLOSE "Content-Length: 2\r\n\r\n{}", 200, "\r\n\r\n{}");
    expect_answer("POST /echo HTTP/1.1\r\n" HOST JSON_BODY CLOSE
                  "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
                  200, "\r\n\r\n{}");
}

Test(server, a_declared_body_above_the_cap_is_refused_before_it_is_read)
{
    expect_answer("POST /echo HTTP/1.1\r\n" HOST JSON_BODY "Content-Length: 1073741824\r\n\r\n", 413,
                  "the request body is larger than 1000 bytes");
    expect_answer("POST /private HTTP/1.1\r\n" HOST JSON_BODY "Content-Length: 20000000\r\n\r\n", 401,
                  "WWW-Authenticate: Bearer realm=\"yellow\"");
    expect_answer("POST /echo HTTP/1.1\r\n" HOST JSON_BODY "Expect: 100-continue\r\nContent-Length: 1073741824\r\n\r\n",
                  413, "the request body is larger than 1000 bytes");
}

#define GOOD "Authorization: Bearer good\r\n"
#define BAD "Authorization: Bearer bad\r\n"

Test(server, nobody_passes_while_the_token_is_looked_up)
{
    expect_answer("GET /secret HTTP/1.1\r\n" HOST CLOSE GOOD "\r\n", 200, "\r\n\r\n/secret");
    expect_answer("GET /secret HTTP/1.1\r\n" HOST CLOSE BAD "\r\n", 401, "the token is unknown");
    expect_answer("GET /admin HTTP/1.1\r\n" HOST CLOSE GOOD "\r\n", 403, "does not have the scope");
    expect_answer("POST /private HTTP/1.1\r\n" HOST BAD JSON_BODY "Content-Length: 20000000\r\n\r\n", 401,
                  "the token is unknown");
    expect_answer("POST /private HTTP/1.1\r\n" HOST GOOD JSON_BODY "Content-Length: 200000000\r\n\r\n", 413,
                  "the request body is larger than 26214400 bytes");
    expect_answer("POST /private HTTP/1.1\r\n" HOST CLOSE GOOD JSON_BODY "Content-Length: 2\r\n\r\n{}", 200,
                  "\r\n\r\n{}");
    expect_answer("POST /inline HTTP/1.1\r\n" HOST CLOSE GOOD JSON_BODY "Transfer-Encoding: chunked\r\n\r\n"
                  "2\r\n{}\r\n0\r\n\r\n",
                  200, "\r\n\r\n{}");
    struct buf in =
        wire_ask(port, "GET /secret HTTP/1.1\r\n" HOST BAD "\r\nGET /secret HTTP/1.1\r\n" HOST CLOSE GOOD "\r\n");
    cr_expect_eq(wire_status(&in), 401);
    cr_expect(strstr(buf_text(&in), "\r\n\r\n/secret"), "%s", buf_text(&in));
    buf_dispose(&in);
}

Test(server, a_continue_comes_after_the_token_was_looked_up)
{
    int fd = wire_connect(port);
    struct buf in = {0};
    cr_assert(wire_send(fd, "POST /private HTTP/1.1\r\n" HOST GOOD JSON_BODY CLOSE
                            "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
    wire_until(fd, &in, "HTTP/1.1 100 Continue\r\n\r\n");
    cr_assert(wire_send(fd, "{}"));
    wire_until(fd, &in, "\r\n\r\n{}");
    buf_dispose(&in);
    (void)close(fd);
}

Test(server, an_inline_handler_that_would_wait_goes_on_on_a_worker)
{
    expect_answer("GET /late HTTP/1.1\r\n" HOST CLOSE "\r\n", 200, "\r\n\r\n/late");
}

static long resident_kb(void)
{
    struct rusage usage;
    (void)getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

Test(server, a_chunked_body_above_the_cap_is_refused_while_it_streams)
{
    enum { PIECE = 1 << 20 };
    char *piece = calloc(1, PIECE);
    long before = resident_kb();
    int fd = wire_connect(port);
    cr_assert(wire_send(fd, "POST /big HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"));
    bool open = true;
    for (int i = 0; i < 26 && open; i++)
        open = wire_send(fd, "100000\r\n") && wire_write(fd, piece, PIECE) && wire_send(fd, "\r\n");
    struct buf in = wire_rest(fd);
    cr_expect_eq(wire_status(&in), 413, "%s", buf_text(&in));
    cr_expect(strstr(buf_text(&in), "the request body is larger than 26214400 bytes"), "%s", buf_text(&in));
    buf_dispose(&in);
    free(piece);
    cr_expect_lt(resident_kb() - before, 120 * 1024, "grew by %ld KiB", resident_kb() - before);
}

Test(server, a_body_up_to_the_cap_arrives_whole)
{
    enum { PIECE = 1 << 20 };
    char *piece = calloc(1, PIECE);
    int fd = wire_connect(port);
    cr_assert(wire_send(fd, "POST /big HTTP/1.1\r\n" HOST CLOSE "Content-Length: 26214400\r\n\r\n"));
    for (int i = 0; i < 25; i++)
        cr_assert(wire_write(fd, piece, PIECE));
    struct buf in = wire_rest(fd);
    cr_expect_eq(wire_status(&in), 200);
    cr_expect(strstr(buf_text(&in), "\r\n\r\n26214400"), "%s", buf_text(&in));
    buf_dispose(&in);
    free(piece);
}

Test(server, expect_continue_is_answered_before_the_body)
{
    int fd = wire_connect(port);
    struct buf in = {0};
    cr_assert(wire_send(fd, "POST /echo HTTP/1.1\r\n" HOST JSON_BODY CLOSE
                            "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
    wire_until(fd, &in, "HTTP/1.1 100 Continue\r\n\r\n");
    cr_assert(wire_send(fd, "{}"));
    wire_until(fd, &in, "\r\n\r\n{}");
    buf_dispose(&in);
    (void)close(fd);
}

Test(server, head_is_get_without_the_body)
{
    struct buf in = wire_ask(port, "HEAD /status HTTP/1.1\r\n" HOST CLOSE "\r\n");
    cr_expect_eq(wire_status(&in), 200);
    cr_expect(strstr(buf_text(&in), "Content-Length: 10000\r\n"), "%s", buf_text(&in));
    cr_expect_str_eq(strstr(buf_text(&in), "\r\n\r\n"), "\r\n\r\n");
    buf_dispose(&in);
}

Test(server, an_unchanged_poll_is_304_with_its_headers_and_no_body)
{
    struct buf in = wire_ask(port, "GET /status HTTP/1.1\r\n" HOST CLOSE "If-None-Match: \"s1\"\r\n\r\n");
    cr_expect_eq(wire_status(&in), 304);
    cr_expect(strstr(buf_text(&in), "ETag: \"s1\"\r\n"), "%s", buf_text(&in));
    cr_expect(strstr(buf_text(&in), "Cache-Control: private, no-cache\r\n"), "%s", buf_text(&in));
    cr_expect(strstr(buf_text(&in), "X-Request-Id: "), "%s", buf_text(&in));
    cr_expect_str_eq(strstr(buf_text(&in), "\r\n\r\n"), "\r\n\r\n");
    buf_dispose(&in);
}

Test(server, limits_on_the_target_and_the_headers_hold)
{
    struct buf request = {0};
    buf_adds(&request, "GET /inline?x=");
    for (int i = 0; i < 5000; i++)
        buf_addc(&request, 'a');
    buf_adds(&request, " HTTP/1.1\r\n" HOST "\r\n");
    expect_answer(buf_text(&request), 414, "the request target is longer than 4096 bytes");
    buf_cut(&request, 0);
    buf_adds(&request, "GET /inline HTTP/1.1\r\n" HOST);
    for (int i = 0; i < 70; i++)
        buf_addf(&request, "X-H%d: 1\r\n", i);
    buf_adds(&request, "\r\n");
    expect_answer(buf_text(&request), 431, "more than 64 headers or 8192 bytes of them");
    buf_dispose(&request);
}

/* Many connections poll at once, each with an id of its own of the length that is overwritten in place. */
static void *poll_with_ids(void *ctx)
{
    int number = *(int *)ctx;
    int fd = wire_connect(port);
    struct buf in = {0};
    for (int i = 0; i < 300; i++) {
        char request[256], want[64];
        (void)snprintf(want, sizeof want, "X-Request-Id: %016x%016x\r\n", number, i);
        (void)snprintf(request, sizeof request, "GET /status HTTP/1.1\r\n" HOST "If-None-Match: \"s1\"\r\n%s\r\n",
                       want);
        buf_cut(&in, 0);
        if (!wire_send(fd, request) || !wire_send(fd, request))
            return "closed";
        size_t seen = 0;
        while (seen < 2) { /* two responses, pipelined */
            if (!wire_read(fd, &in))
                return "closed";
            seen = 0;
            for (const char *p = buf_text(&in); (p = strstr(p, "\r\n\r\n")); p += 4)
                seen++;
        }
        const char *first = strstr(buf_text(&in), want);
        if (!first || !strstr(first + 1, want))
            return "foreign id";
    }
    buf_dispose(&in);
    (void)close(fd);
    return NULL;
}

Test(server, every_response_carries_the_id_of_its_own_request)
{
    enum { CLIENTS = 8 };
    pthread_t threads[CLIENTS];
    int numbers[CLIENTS];
    for (int i = 0; i < CLIENTS; i++) {
        numbers[i] = i + 1;
        cr_assert_eq(pthread_create(&threads[i], NULL, poll_with_ids, &numbers[i]), 0);
    }
    for (int i = 0; i < CLIENTS; i++) {
        void *wrong;
        cr_assert_eq(pthread_join(threads[i], &wrong), 0);
        cr_expect_null(wrong, "%s", (char *)wrong);
    }
    expect_answer("GET /status HTTP/1.1\r\n" HOST CLOSE "X-Request-Id: short\r\n\r\n", 200, "X-Request-Id: short\r\n");
}

Test(server, a_handler_that_waits_does_not_hold_up_the_others)
{
    int waiting = wire_connect(port);
    cr_assert(wire_send(waiting, "GET /wait HTTP/1.1\r\n" HOST CLOSE "\r\n"));
    cr_assert_eq(sem_wait(&entered), 0);
    for (int i = 0; i < 8; i++)
        expect_answer("GET /worker HTTP/1.1\r\n" HOST CLOSE "\r\n", 200, "/worker");
    (void)sem_post(&go_on);
    struct buf in = wire_rest(waiting);
    cr_expect(strstr(buf_text(&in), "\r\n\r\n/wait"), "%s", buf_text(&in));
    buf_dispose(&in);
}

static void setup_one_worker(void)
{
    start(&(struct http_server_options){.workers = 1, .queue = 1, .body_bytes = 100});
}

TestSuite(server_full, .init = setup_one_worker, .fini = stop, .timeout = 60);

Test(server_full, more_than_the_queue_holds_gets_503_with_retry_after)
{
    int running = wire_connect(port), queued = wire_connect(port);
    cr_assert(wire_send(running, "GET /wait HTTP/1.1\r\n" HOST CLOSE "\r\n"));
    cr_assert_eq(sem_wait(&entered), 0);
    cr_assert(wire_send(queued, "GET /wait HTTP/1.1\r\n" HOST CLOSE "\r\n"));
    /* One waits in the queue: of the next ones, all are refused once it is there. */
    struct buf in = {0};
    for (;;) {
        int fd = wire_connect(port);
        cr_assert(wire_send(fd, "GET /wait HTTP/1.1\r\n" HOST CLOSE "\r\n"));
        struct pollfd ready[] = {{.fd = fd, .events = POLLIN}, {.fd = queued, .events = POLLIN}};
        cr_assert_gt(poll(ready, 2, WIRE_PATIENCE_MS), 0);
        if (ready[0].revents) {
            in = wire_rest(fd);
            (void)sem_post(&go_on);
            (void)sem_post(&go_on);
            (void)close(queued);
        } else { /* it overtook: the earlier one was refused, and this one waits */
            in = wire_rest(queued);
            (void)sem_post(&go_on);
            (void)sem_post(&go_on);
            (void)close(fd);
        }
        break;
    }
    cr_expect_eq(wire_status(&in), 503, "%s", buf_text(&in));
    cr_expect(strstr(buf_text(&in), "Retry-After: 5\r\n"), "%s", buf_text(&in));
    cr_expect(strstr(buf_text(&in), "too many requests wait already"), "%s", buf_text(&in));
    buf_dispose(&in);
    in = wire_rest(running);
    cr_expect_eq(wire_status(&in), 200);
    buf_dispose(&in);
}

Test(server_full, bodies_of_all_connections_share_a_budget)
{
    struct buf request = {0};
    buf_adds(&request, "POST /echo HTTP/1.1\r\n" HOST JSON_BODY CLOSE "Content-Length: 200\r\n\r\n");
    for (int i = 0; i < 200; i++)
        buf_addc(&request, ' ');
    expect_answer(buf_text(&request), 503, "too many request bodies at once");
    buf_dispose(&request);
    expect_answer("POST /echo HTTP/1.1\r\n" HOST JSON_BODY CLOSE "Content-Length: 2\r\n\r\n{}", 200, "\r\n\r\n{}");
}

Test(server, stops_after_the_requests_in_flight_have_ended)
{
    int fd = wire_connect(port);
    cr_assert(wire_send(fd, "GET /wait HTTP/1.1\r\n" HOST "\r\n"));
    cr_assert_eq(sem_wait(&entered), 0);
    (void)sem_post(&go_on);
    http_server_stop(server, 10000);
    server = NULL;
    struct buf in = wire_rest(fd);
    cr_expect(strstr(buf_text(&in), "\r\n\r\n/wait"), "%s", buf_text(&in));
    buf_dispose(&in);
}

static void *stop_at_once(void *ctx)
{
    (void)ctx;
    http_server_stop(server, 1);
    server = NULL;
    return NULL;
}

Test(server_full, a_stop_past_its_deadline_refuses_what_is_queued_and_waits_for_what_runs)
{
    int running = wire_connect(port), queued = wire_connect(port);
    struct buf in = {0};
    cr_assert(wire_send(running, "GET /wait HTTP/1.1\r\n" HOST "\r\n"));
    cr_assert_eq(sem_wait(&entered), 0);
    cr_assert(wire_send(queued, "GET /inline HTTP/1.1\r\n" HOST "\r\n"));
    wire_until(queued, &in, "\r\n\r\n/inline");
    buf_cut(&in, 0);
    cr_assert(wire_send(queued, "GET /worker HTTP/1.1\r\n" HOST "\r\n"));
    pthread_t stopper;
    cr_assert_eq(pthread_create(&stopper, NULL, stop_at_once, NULL), 0);
    wire_until(queued, &in, "\r\n\r\n{");
    cr_expect_eq(wire_status(&in), 503, "%s", buf_text(&in));
    cr_expect(strstr(buf_text(&in), "Connection: close\r\n"), "%s", buf_text(&in));
    (void)sem_post(&go_on);
    cr_assert_eq(pthread_join(stopper, NULL), 0);
    buf_dispose(&in);
    in = wire_rest(running);
    cr_expect(strstr(buf_text(&in), "\r\n\r\n/wait"), "%s", buf_text(&in));
    buf_dispose(&in);
    (void)close(queued);
}

Test(server, each_request_leaves_one_log_line_without_its_query)
{
    expect_answer("GET /inline?token=secret HTTP/1.1\r\n" HOST CLOSE
                  "X-Request-Id: line-1\r\nAuthorization: Bearer hidden\r\n"
                  "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\n",
                  200, "/inline");
    http_server_stop(server, 2000);
    server = NULL;
    char text[4096] = "";
    ssize_t n = pread(log_fd, text, sizeof text - 1, 0);
    cr_assert_gt(n, 0);
    cr_assert_null(strstr(text, "secret"), "%s", text);
    cr_assert_null(strstr(text, "hidden"), "%s", text);
    struct arena *arena = arena_new();
    json_t *line = NULL;
    struct err err = {0};
    cr_assert_eq(json_read(arena, str_from(text), &line, &err), 0, "%s: %s", err.text, text);
    cr_expect_str_eq(json_text(line, "method"), "GET");
    cr_expect_str_eq(json_text(line, "operation"), "getInline");
    cr_expect_str_eq(json_text(line, "path"), "/inline");
    cr_expect_str_eq(json_text(line, "request_id"), "line-1");
    cr_expect_str_eq(json_text(line, "traceparent"), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    cr_expect_eq(json_integer_value(json_object_get(line, "status")), 200);
    cr_expect_eq(json_integer_value(json_object_get(line, "bytes")), 7);
    arena_free(arena);
}

/* The first asks the authenticator on a worker, the others are answered from what the connection remembers. */
Test(server, requests_that_repeat_themselves_are_answered_and_logged_as_the_first)
{
    static const char request[] = "GET /secret HTTP/1.1\r\n" HOST "Authorization: Bearer good\r\n\r\n";
    enum { REQUESTS = 4 };
    atomic_store(&token_holds, true);
    int fd = wire_connect(port);
    for (size_t i = 0; i < REQUESTS; i++) {
        struct buf in = {0};
        cr_assert(wire_send(fd, request));
        wire_until(fd, &in, "\r\n\r\n/secret");
        cr_expect_eq(wire_status(&in), 200, "%s", buf_text(&in));
        buf_dispose(&in);
    }
    (void)close(fd);
    http_server_stop(server, 2000);
    server = NULL;
    char text[4096] = "";
    cr_assert_gt(pread(log_fd, text, sizeof text - 1, 0), 0);
    struct arena *arena = arena_new();
    struct str rest = str_from(text);
    for (size_t i = 0; i < REQUESTS; i++) {
        json_t *line = NULL;
        struct err err = {0};
        cr_assert_eq(json_read(arena, str_cut(&rest, '\n'), &line, &err), 0, "%s: %s", err.text, text);
        cr_expect_str_eq(json_text(line, "method"), "GET");
        cr_expect_str_eq(json_text(line, "operation"), "getSecret");
        cr_expect_str_eq(json_text(line, "path"), "/secret");
        cr_expect_str_eq(json_text(line, "token"), "good");
        cr_expect_eq(json_integer_value(json_object_get(line, "status")), 200);
        cr_expect_eq(json_integer_value(json_object_get(line, "bytes")), 7);
        cr_expect_eq(strlen(json_text(line, "request_id")), HTTP_ID_LENGTH);
    }
    cr_expect_eq(rest.len, 0);
    arena_free(arena);
}

Test(server, a_connection_that_is_remembered_still_has_each_token_checked)
{
    static const char good[] = "GET /secret HTTP/1.1\r\n" HOST "Authorization: Bearer good\r\n\r\n";
    static const char bad[] = "GET /secret HTTP/1.1\r\n" HOST CLOSE "Authorization: Bearer god0\r\n\r\n";
    atomic_store(&token_holds, true);
    int fd = wire_connect(port);
    struct buf in = {0};
    cr_assert(wire_send(fd, good));
    wire_until(fd, &in, "\r\n\r\n/secret");
    buf_cut(&in, 0);
    atomic_store(&token_holds, false); /* the authenticator is asked anew, and still knows it */
    cr_assert(wire_send(fd, good));
    wire_until(fd, &in, "\r\n\r\n/secret");
    buf_dispose(&in);
    cr_assert(wire_send(fd, bad));
    in = wire_rest(fd);
    cr_expect_eq(wire_status(&in), 401, "%s", buf_text(&in));
    buf_dispose(&in);
}

Test(server, a_port_that_is_taken_is_named)
{
    struct http_server *second = NULL;
    struct err err = {0};
    struct http_server_options options = {.dispatcher = dispatcher, .port = port, .access_fd = -1};
    cr_assert_eq(http_server_start(&options, &second, &err), -ERR_IO);
    char want[128];
    (void)snprintf(want, sizeof want, "cannot listen on 127.0.0.1 port %u: Address already in use", port);
    cr_assert_str_eq(err.text, want);
    options.address = "localhost";
    cr_assert_eq(http_server_start(&options, &second, &err), -ERR_USAGE);
    cr_assert_str_eq(err.text, "\"localhost\" is not a numeric IP address");
}

/* What a server closed stays in TIME_WAIT: that must not keep the next one, perhaps after a crash, from its port. */
Test(server, a_restart_gets_its_port_back_at_once)
{
    struct err err = {0};
    struct buf in = wire_ask(port, "GET /worker HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    cr_assert_eq(wire_status(&in), 200);
    buf_dispose(&in);
    http_server_stop(server, 0);
    struct http_server_options options = {.dispatcher = dispatcher, .port = port, .access_fd = -1};
    cr_assert_eq(http_server_start(&options, &server, &err), 0, "%s", err.text);
}

/* Sends pieces until the peer closes; each waits for the socket, not for the clock. */
static struct buf drip(int fd, const char *piece)
{
    struct buf in = {0};
    for (;;) {
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (poll(&ready, 1, 5) > 0) {
            if (!wire_read(fd, &in))
                break;
        } else {
            (void)wire_send(fd, piece);
        }
    }
    (void)close(fd);
    return in;
}

Test(server_deadlines, a_slow_sender_of_headers_is_cut_with_408, .init = setup_short_headers)
{
    int fd = wire_connect(port);
    cr_assert(wire_send(fd, "GET /inline HTTP/1.1\r\nX: "));
    struct buf in = drip(fd, "a");
    cr_expect_eq(wire_status(&in), 408, "%s", buf_text(&in));
    buf_dispose(&in);
}

Test(server_deadlines, a_slow_sender_of_a_body_is_cut_with_408, .init = setup_short_body)
{
    int fd = wire_connect(port);
    cr_assert(wire_send(fd, "POST /big HTTP/1.1\r\n" HOST "Content-Length: 100000\r\n\r\n"));
    struct buf in = drip(fd, "a");
    cr_expect_eq(wire_status(&in), 408, "%s", buf_text(&in));
    buf_dispose(&in);
}

Test(server_deadlines, an_idle_connection_is_closed_in_silence, .init = setup_short_idle)
{
    int fd = wire_connect(port);
    cr_assert(wire_send(fd, "GET /inline HTTP/1.1\r\n" HOST "\r\n"));
    struct buf in = wire_rest(fd);
    cr_expect_eq(wire_status(&in), 200);
    cr_expect_null(strstr(buf_text(&in), "408"));
    buf_dispose(&in);
}

Test(server_deadlines, a_handler_may_take_longer_than_the_deadlines_of_the_wire, .init = setup_short_body)
{
    int fd = wire_connect(port), idle = wire_connect(port);
    cr_assert(wire_send(fd, "GET /wait HTTP/1.1\r\n" HOST CLOSE "\r\n"));
    cr_assert_eq(sem_wait(&entered), 0);
    struct buf other = wire_rest(idle); /* closed by its deadline: so the handler has taken as long */
    buf_dispose(&other);
    (void)sem_post(&go_on);
    struct buf in = wire_rest(fd);
    cr_expect_eq(wire_status(&in), 200, "%s", buf_text(&in));
    buf_dispose(&in);
}
