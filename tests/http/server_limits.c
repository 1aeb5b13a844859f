#include "http/server_kit.h"

#include <pthread.h>

/* One deadline short at a time: a busy machine may be late for any other. */
static void setup_short_headers(void)
{
    server_kit_start(&(struct http_server_options){.header_ms = 150});
}

static void setup_short_body(void)
{
    server_kit_start(&(struct http_server_options){.header_ms = 1000, .body_ms = 150});
}

static void setup_short_idle(void)
{
    server_kit_start(&(struct http_server_options){.idle_ms = 150});
}

TestSuite(server_deadlines, .fini = server_kit_stop, .timeout = 60);

static void setup_one_worker(void)
{
    server_kit_start(&(struct http_server_options){.workers = 1, .queue = 1, .body_bytes = 100});
}

TestSuite(server_full, .init = setup_one_worker, .fini = server_kit_stop, .timeout = 60);

Test(server_full, more_than_the_queue_holds_gets_503_with_retry_after)
{
    int running = wire_connect(kit.port), queued = wire_connect(kit.port);
    cr_assert(wire_send(running, "GET /wait HTTP/1.1\r\n" HOST CLOSE "\r\n"));
    cr_assert_eq(sem_wait(&kit.entered), 0);
    cr_assert(wire_send(queued, "GET /wait HTTP/1.1\r\n" HOST CLOSE "\r\n"));
    /* One waits in the queue: of the next ones, all are refused once it is there. */
    struct buf in = {0};
    for (;;) {
        int fd = wire_connect(kit.port);
        cr_assert(wire_send(fd, "GET /wait HTTP/1.1\r\n" HOST CLOSE "\r\n"));
        struct pollfd ready[] = {{.fd = fd, .events = POLLIN}, {.fd = queued, .events = POLLIN}};
        cr_assert_gt(poll(ready, 2, WIRE_PATIENCE_MS), 0);
        if (ready[0].revents) {
            in = wire_rest(fd);
            (void)sem_post(&kit.go_on);
            (void)sem_post(&kit.go_on);
            (void)close(queued);
        } else { /* it overtook: the earlier one was refused, and this one waits */
            in = wire_rest(queued);
            (void)sem_post(&kit.go_on);
            (void)sem_post(&kit.go_on);
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
    server_kit_expect(buf_text(&request), 503, "too many request bodies at once");
    buf_dispose(&request);
    server_kit_expect("POST /echo HTTP/1.1\r\n" HOST JSON_BODY CLOSE "Content-Length: 2\r\n\r\n{}", 200, "\r\n\r\n{}");
}

Test(server_full, bodies_without_a_token_take_half_of_the_budget_at_most)
{
    struct buf body = {0}, request = {0};
    for (int i = 0; i < 60; i++)
        buf_addc(&body, ' ');
    buf_addf(&request, "POST /echo HTTP/1.1\r\n" HOST JSON_BODY CLOSE "Content-Length: 60\r\n\r\n%s", buf_text(&body));
    server_kit_expect(buf_text(&request), 503, "too many request bodies at once");
    buf_cut(&request, 0);
    buf_addf(&request,
             "POST /private HTTP/1.1\r\n" HOST JSON_BODY CLOSE "Authorization: Bearer good\r\n"
             "Content-Length: 60\r\n\r\n%s",
             buf_text(&body));
    server_kit_expect(buf_text(&request), 200, buf_text(&body));
    buf_dispose(&request);
    buf_dispose(&body);
}

static void *stop_at_once(void *ctx)
{
    (void)ctx;
    http_server_stop(kit.server, 1);
    kit.server = NULL;
    return NULL;
}

Test(server_full, a_stop_past_its_deadline_refuses_what_is_queued_and_waits_for_what_runs)
{
    int running = wire_connect(kit.port), queued = wire_connect(kit.port);
    struct buf in = {0};
    cr_assert(wire_send(running, "GET /wait HTTP/1.1\r\n" HOST "\r\n"));
    cr_assert_eq(sem_wait(&kit.entered), 0);
    cr_assert(wire_send(queued, "GET /inline HTTP/1.1\r\n" HOST "\r\n"));
    wire_until(queued, &in, "\r\n\r\n/inline");
    buf_cut(&in, 0);
    cr_assert(wire_send(queued, "GET /worker HTTP/1.1\r\n" HOST "\r\n"));
    pthread_t stopper;
    cr_assert_eq(pthread_create(&stopper, NULL, stop_at_once, NULL), 0);
    wire_until(queued, &in, "\r\n\r\n{");
    cr_expect_eq(wire_status(&in), 503, "%s", buf_text(&in));
    cr_expect(strstr(buf_text(&in), "Connection: close\r\n"), "%s", buf_text(&in));
    (void)sem_post(&kit.go_on);
    cr_assert_eq(pthread_join(stopper, NULL), 0);
    buf_dispose(&in);
    in = wire_rest(running);
    cr_expect(strstr(buf_text(&in), "\r\n\r\n/wait"), "%s", buf_text(&in));
    buf_dispose(&in);
    (void)close(queued);
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
    int fd = wire_connect(kit.port);
    cr_assert(wire_send(fd, "GET /inline HTTP/1.1\r\nX: "));
    struct buf in = drip(fd, "a");
    cr_expect_eq(wire_status(&in), 408, "%s", buf_text(&in));
    buf_dispose(&in);
}

Test(server_deadlines, a_slow_sender_of_a_body_is_cut_with_408, .init = setup_short_body)
{
    int fd = wire_connect(kit.port);
    cr_assert(wire_send(fd, "POST /big HTTP/1.1\r\n" HOST "Content-Length: 100000\r\n\r\n"));
    struct buf in = drip(fd, "a");
    cr_expect_eq(wire_status(&in), 408, "%s", buf_text(&in));
    buf_dispose(&in);
}

Test(server_deadlines, an_idle_connection_is_closed_in_silence, .init = setup_short_idle)
{
    int fd = wire_connect(kit.port);
    cr_assert(wire_send(fd, "GET /inline HTTP/1.1\r\n" HOST "\r\n"));
    struct buf in = wire_rest(fd);
    cr_expect_eq(wire_status(&in), 200);
    cr_expect_null(strstr(buf_text(&in), "408"));
    buf_dispose(&in);
}

Test(server_deadlines, a_handler_may_take_longer_than_the_deadlines_of_the_wire, .init = setup_short_body)
{
    int fd = wire_connect(kit.port), idle = wire_connect(kit.port);
    cr_assert(wire_send(fd, "GET /wait HTTP/1.1\r\n" HOST CLOSE "\r\n"));
    cr_assert_eq(sem_wait(&kit.entered), 0);
    struct buf other = wire_rest(idle); /* closed by its deadline: so the handler has taken as long */
    buf_dispose(&other);
    (void)sem_post(&kit.go_on);
    struct buf in = wire_rest(fd);
    cr_expect_eq(wire_status(&in), 200, "%s", buf_text(&in));
    buf_dispose(&in);
}
