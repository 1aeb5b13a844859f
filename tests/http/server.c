#include "http/server_kit.h"

#include "base/file.h"
#include "http/drive.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static void setup(void)
{
    server_kit_start(&(struct http_server_options){0});
}

TestSuite(server, .init = setup, .fini = server_kit_stop, .timeout = 60);

Test(server, answers_on_event_threads_and_on_workers)
{
    server_kit_expect("GET /inline HTTP/1.1\r\n" HOST CLOSE "\r\n", 200, "\r\n\r\n/inline");
    server_kit_expect("GET /worker HTTP/1.1\r\n" HOST CLOSE "\r\n", 200, "\r\n\r\n/worker");
    server_kit_expect("GET /inline HTTP/1.0\r\n\r\n", 200, "\r\n\r\n/inline");
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
        {"GET /secret HTTP/1.1\r\n" HOST "Authorization: Bearer good\r\nauthorization: Bearer other\r\n\r\n",
         "more than one Authorization header"},
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
        struct buf in = wire_ask(kit.port, cases[i].request);
        cr_expect_eq(wire_status(&in), 400, "%s -> %s", cases[i].request, buf_text(&in));
        cr_expect(strstr(buf_text(&in), cases[i].part), "%s -> %s", cases[i].request, buf_text(&in));
        cr_expect(strstr(buf_text(&in), "Connection: close"), "%s", buf_text(&in));
        cr_expect_null(strstr(buf_text(&in) + 1, "HTTP/1.1 2"), "answered what was smuggled: %s", buf_text(&in));
        buf_dispose(&in);
    }
}

Test(server, two_pipelined_requests_are_answered_in_order_on_one_connection)
{
    struct buf in =
        wire_ask(kit.port, "GET /worker HTTP/1.1\r\n" HOST "\r\nGET /inline HTTP/1.1\r\n" HOST CLOSE "\r\n");
    const char *first = strstr(buf_text(&in), "\r\n\r\n/worker");
    cr_assert_not_null(first, "%s", buf_text(&in));
    cr_assert_not_null(strstr(first, "\r\n\r\n/inline"), "%s", buf_text(&in));
    buf_dispose(&in);
}

Test(server, a_problem_says_nothing_of_the_one_before_it_on_its_connection)
{
    struct buf in = wire_ask(kit.port, "GET /taken HTTP/1.1\r\n" HOST "\r\nGET /none HTTP/1.1\r\n" HOST CLOSE "\r\n");
    const char *second = strstr(buf_text(&in), "HTTP/1.1 404");
    cr_assert_not_null(strstr(buf_text(&in), "\"holder\":\"somebody\""), "%s", buf_text(&in));
    cr_assert_not_null(second, "%s", buf_text(&in));
    cr_assert_null(strstr(second, "holder"), "%s", second);
    buf_dispose(&in);
}

Test(server, unknown_methods_types_and_paths_get_their_status)
{
    server_kit_expect("BREW /worker HTTP/1.1\r\n" HOST CLOSE "\r\n", 405, "Allow: GET, HEAD, OPTIONS");
    server_kit_expect("GET /none HTTP/1.1\r\n" HOST CLOSE "\r\n", 404, "\"code\":\"not-found\"");
    server_kit_expect("POST /echo HTTP/1.1\r\n" HOST "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", 415,
                      "unsupported-media-type");
    server_kit_expect("POST /echo HTTP/1.1\r\n" HOST JSON_BODY CLOSE "Content-Length: 2\r\n\r\n{}", 200, "\r\n\r\n{}");
    server_kit_expect("POST /echo HTTP/1.1\r\n" HOST JSON_BODY CLOSE
                      "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
                      200, "\r\n\r\n{}");
}

Test(server, a_declared_body_above_the_cap_is_refused_before_it_is_read)
{
    server_kit_expect("POST /echo HTTP/1.1\r\n" HOST JSON_BODY "Content-Length: 1073741824\r\n\r\n", 413,
                      "the request body is larger than 1000 bytes");
    server_kit_expect("POST /private HTTP/1.1\r\n" HOST JSON_BODY "Content-Length: 20000000\r\n\r\n", 401,
                      "WWW-Authenticate: Bearer realm=\"yellow\"");
    server_kit_expect("POST /echo HTTP/1.1\r\n" HOST JSON_BODY
                      "Expect: 100-continue\r\nContent-Length: 1073741824\r\n\r\n",
                      413, "the request body is larger than 1000 bytes");
}

#define GOOD "Authorization: Bearer good\r\n"
#define BAD "Authorization: Bearer bad\r\n"

Test(server, nobody_passes_while_the_token_is_looked_up)
{
    server_kit_expect("GET /secret HTTP/1.1\r\n" HOST CLOSE GOOD "\r\n", 200, "\r\n\r\n/secret");
    server_kit_expect("GET /secret HTTP/1.1\r\n" HOST CLOSE BAD "\r\n", 401, "the token is unknown");
    server_kit_expect("GET /admin HTTP/1.1\r\n" HOST CLOSE GOOD "\r\n", 403, "does not have the scope");
    server_kit_expect("POST /private HTTP/1.1\r\n" HOST BAD JSON_BODY "Content-Length: 20000000\r\n\r\n", 401,
                      "the token is unknown");
    server_kit_expect("POST /private HTTP/1.1\r\n" HOST GOOD JSON_BODY "Content-Length: 200000000\r\n\r\n", 413,
                      "the request body is larger than 26214400 bytes");
    server_kit_expect("POST /private HTTP/1.1\r\n" HOST CLOSE GOOD JSON_BODY "Content-Length: 2\r\n\r\n{}", 200,
                      "\r\n\r\n{}");
    server_kit_expect("POST /inline HTTP/1.1\r\n" HOST CLOSE GOOD JSON_BODY "Transfer-Encoding: chunked\r\n\r\n"
                      "2\r\n{}\r\n0\r\n\r\n",
                      200, "\r\n\r\n{}");
    struct buf in =
        wire_ask(kit.port, "GET /secret HTTP/1.1\r\n" HOST BAD "\r\nGET /secret HTTP/1.1\r\n" HOST CLOSE GOOD "\r\n");
    cr_expect_eq(wire_status(&in), 401);
    cr_expect(strstr(buf_text(&in), "\r\n\r\n/secret"), "%s", buf_text(&in));
    buf_dispose(&in);
}

Test(server, a_continue_comes_after_the_token_was_looked_up)
{
    int fd = wire_connect(kit.port);
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
    server_kit_expect("GET /late HTTP/1.1\r\n" HOST CLOSE "\r\n", 200, "\r\n\r\n/late");
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
    int fd = wire_connect(kit.port);
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
    int fd = wire_connect(kit.port);
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
    int fd = wire_connect(kit.port);
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
    struct buf in = wire_ask(kit.port, "HEAD /status HTTP/1.1\r\n" HOST CLOSE "\r\n");
    cr_expect_eq(wire_status(&in), 200);
    cr_expect(strstr(buf_text(&in), "Content-Length: 10000\r\n"), "%s", buf_text(&in));
    cr_expect_str_eq(strstr(buf_text(&in), "\r\n\r\n"), "\r\n\r\n");
    buf_dispose(&in);
}

Test(server, an_unchanged_poll_is_304_with_its_headers_and_no_body)
{
    struct buf in = wire_ask(kit.port, "GET /status HTTP/1.1\r\n" HOST CLOSE "If-None-Match: \"s1\"\r\n\r\n");
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
    server_kit_expect(buf_text(&request), 414, "the request target is longer than 4096 bytes");
    buf_cut(&request, 0);
    buf_adds(&request, "GET /inline HTTP/1.1\r\n" HOST);
    for (int i = 0; i < 70; i++)
        buf_addf(&request, "X-H%d: 1\r\n", i);
    buf_adds(&request, "\r\n");
    server_kit_expect(buf_text(&request), 431, "more than 64 headers or 8192 bytes of them");
    buf_dispose(&request);
}

/* Many connections poll at once, each with an id of its own of the length that is overwritten in place. */
static void *poll_with_ids(void *ctx)
{
    int number = *(int *)ctx;
    int fd = wire_connect(kit.port);
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
    server_kit_expect("GET /status HTTP/1.1\r\n" HOST CLOSE "X-Request-Id: short\r\n\r\n", 200,
                      "X-Request-Id: short\r\n");
}

Test(server, a_handler_that_waits_does_not_hold_up_the_others)
{
    int waiting = wire_connect(kit.port);
    cr_assert(wire_send(waiting, "GET /wait HTTP/1.1\r\n" HOST CLOSE "\r\n"));
    cr_assert_eq(sem_wait(&kit.entered), 0);
    for (int i = 0; i < 8; i++)
        server_kit_expect("GET /worker HTTP/1.1\r\n" HOST CLOSE "\r\n", 200, "/worker");
    (void)sem_post(&kit.go_on);
    struct buf in = wire_rest(waiting);
    cr_expect(strstr(buf_text(&in), "\r\n\r\n/wait"), "%s", buf_text(&in));
    buf_dispose(&in);
}

Test(server, stops_after_the_requests_in_flight_have_ended)
{
    int fd = wire_connect(kit.port);
    cr_assert(wire_send(fd, "GET /wait HTTP/1.1\r\n" HOST "\r\n"));
    cr_assert_eq(sem_wait(&kit.entered), 0);
    (void)sem_post(&kit.go_on);
    http_server_stop(kit.server, 10000);
    kit.server = NULL;
    struct buf in = wire_rest(fd);
    cr_expect(strstr(buf_text(&in), "\r\n\r\n/wait"), "%s", buf_text(&in));
    buf_dispose(&in);
}

Test(server, each_request_leaves_one_log_line_without_its_query)
{
    server_kit_expect("GET /inline?token=secret HTTP/1.1\r\n" HOST CLOSE
                      "X-Request-Id: line-1\r\nAuthorization: Bearer hidden\r\n"
                      "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\n",
                      200, "/inline");
    http_server_stop(kit.server, 2000);
    kit.server = NULL;
    char text[4096] = "";
    ssize_t n = pread(kit.log_fd, text, sizeof text - 1, 0);
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
    atomic_store(&kit.token_holds, true);
    int fd = wire_connect(kit.port);
    for (size_t i = 0; i < REQUESTS; i++) {
        struct buf in = {0};
        cr_assert(wire_send(fd, request));
        wire_until(fd, &in, "\r\n\r\n/secret");
        cr_expect_eq(wire_status(&in), 200, "%s", buf_text(&in));
        buf_dispose(&in);
    }
    (void)close(fd);
    http_server_stop(kit.server, 2000);
    kit.server = NULL;
    char text[4096] = "";
    cr_assert_gt(pread(kit.log_fd, text, sizeof text - 1, 0), 0);
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
    atomic_store(&kit.token_holds, true);
    int fd = wire_connect(kit.port);
    struct buf in = {0};
    cr_assert(wire_send(fd, good));
    wire_until(fd, &in, "\r\n\r\n/secret");
    buf_cut(&in, 0);
    atomic_store(&kit.token_holds, false); /* the authenticator is asked anew, and still knows it */
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
    struct http_server_options options = {.dispatcher = kit.dispatcher, .port = kit.port, .access_fd = -1};
    cr_assert_eq(http_server_start(&options, &second, &err), -ERR_IO);
    char want[128];
    (void)snprintf(want, sizeof want, "cannot listen on 127.0.0.1 port %u: Address already in use", kit.port);
    cr_assert_str_eq(err.text, want);
    options.address = "localhost";
    cr_assert_eq(http_server_start(&options, &second, &err), -ERR_USAGE);
    cr_assert_str_eq(err.text, "\"localhost\" is not a numeric IP address");
}

/* What a server closed stays in TIME_WAIT: that must not keep the next one, perhaps after a crash, from its
 * kit.port. */
Test(server, a_restart_gets_its_port_back_at_once)
{
    struct err err = {0};
    struct buf in = wire_ask(kit.port, "GET /worker HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    cr_assert_eq(wire_status(&in), 200);
    buf_dispose(&in);
    http_server_stop(kit.server, 0);
    struct http_server_options options = {.dispatcher = kit.dispatcher, .port = kit.port, .access_fd = -1};
    cr_assert_eq(http_server_start(&options, &kit.server, &err), 0, "%s", err.text);
}
