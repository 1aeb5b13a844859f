#include "http/conn.h"

#include "base/time.h"
#include "http/framing.h"
#include "http/native.h"
#include "http/server_private.h"
#include "http/status.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

enum { KEPT_BODY = 64 * 1024, SLOWEST_BYTES_PER_MS = 16 };

static int64_t clock_us(clockid_t clock)
{
    struct timespec t;
    (void)clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void count(_Atomic int64_t *cell, int64_t n)
{
    (void)atomic_fetch_add_explicit(cell, n, memory_order_seq_cst);
}

static void write_peer(struct MHD_Connection *mhd, char *out, size_t size)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const void *address = NULL;
    out[0] = '\0';
    if (!info || !info->client_addr)
        return;
    if (info->client_addr->sa_family == AF_INET)
        address = &((const struct sockaddr_in *)(const void *)info->client_addr)->sin_addr;
    else if (info->client_addr->sa_family == AF_INET6)
        address = &((const struct sockaddr_in6 *)(const void *)info->client_addr)->sin6_addr;
    if (address)
        (void)inet_ntop(info->client_addr->sa_family, address, out, (socklen_t)size);
}

void conn_notify(void *cls, struct MHD_Connection *mhd, void **context, enum MHD_ConnectionNotificationCode code)
{
    struct http_server *server = cls;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        struct conn *c = calloc(1, sizeof *c);
        if (!c)
            abort();
        c->server = server;
        c->mhd = mhd;
        c->arena = arena_new();
        write_peer(mhd, c->peer, sizeof c->peer);
        c->req.peer = c->peer;
        c->req.memo = &c->memo;
        int fd = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        reaper_add(server->reaper, &c->reaper, fd, REAPER_RECEIVE,
                   clock_us(CLOCK_MONOTONIC_COARSE) / 1000 + server->options.header_ms);
        count(&server->connections, 1);
        *context = c;
        return;
    }
    struct conn *c = *context;
    if (!c)
        return;
    reaper_remove(server->reaper, &c->reaper);
    arena_free(c->arena);
    http_memo_dispose(&c->memo);
    buf_dispose(&c->body);
    free(c);
    *context = NULL;
    count(&server->connections, -1);
}

/* The request line as sent; what this returns is the request's context in the calls that follow. */
void *conn_target(void *cls, const char *target, struct MHD_Connection *mhd)
{
    struct http_server *server = cls;
    struct conn *c = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    if (!c)
        return NULL;
    c->started_us = clock_us(CLOCK_MONOTONIC);
    c->state = CONN_NEW;
    c->sent_bytes = 0;
    (void)reaper_set(&c->reaper, REAPER_RECEIVE, c->started_us / 1000 + server->options.header_ms);
    http_response_reset(&c->res);
    c->req.body = (struct str){0};
    c->req.may_wait = false;
    c->begun = false;
    c->body_read = false;
    size_t length = strnlen(target, FRAMING_MAX_TARGET + 1);
    c->refused_target = length > FRAMING_MAX_TARGET;
    if (c->refused_target) {
        (void)http_request_init(&c->req, c->arena, HTTP_OTHER, "/", NULL);
        c->res.problem_status = 414;
        c->res.code = "target-too-long";
        (void)err_set(&c->early_err, ERR_SYNTAX, "the request target is longer than %d bytes", FRAMING_MAX_TARGET);
    } else if (!http_memo_target(&c->memo, &c->req, c->arena, (struct str){target, length})) {
        c->refused_target = http_request_init(&c->req, c->arena, HTTP_OTHER, target, &c->early_err) != 0;
    }
    c->counts = server_counts(server);
    count(&c->counts->in_flight, 1);
    return c;
}

static enum MHD_Result queue(struct conn *c)
{
    struct http_response *res = &c->res;
    size_t bytes = http_response_body(res).len;
    int64_t until =
        clock_us(CLOCK_MONOTONIC_COARSE) / 1000 + c->server->options.body_ms + (int64_t)bytes / SLOWEST_BYTES_PER_MS;
    if (!reaper_set(&c->reaper, REAPER_SEND, until))
        return MHD_NO;
    if (atomic_load_explicit(&c->server->draining, memory_order_relaxed))
        res->close = true;
    c->state = CONN_QUEUED;
    c->sent_bytes = c->req.method == HTTP_HEAD ? 0 : bytes;
    return native_queue(c->mhd, &c->req, res);
}

/* On the first call: libmicrohttpd reads nothing more and closes after the response. */
static enum MHD_Result refuse(struct conn *c, const struct err *err)
{
    http_dispatch_refuse(&c->req, &c->res, err);
    c->res.close = true;
    c->reaper.linger = true;
    return queue(c);
}

struct header_walk {
    struct conn *conn;
    size_t bytes;
    bool bad_name, bad_value;
};

static enum MHD_Result take_header(void *cls, enum MHD_ValueKind kind, const char *name, size_t name_size,
                                   const char *value, size_t value_size)
{
    (void)kind;
    struct header_walk *walk = cls;
    struct http_request *req = &walk->conn->req;
    if (req->header_count == FRAMING_MAX_HEADERS) {
        walk->bytes = SIZE_MAX;
        return MHD_NO;
    }
    enum http_known known = http_request_add_header(req, name, value ? value : "");
    walk->bytes += name_size + value_size;
    if ((!known || strlen(name) != name_size) && !framing_header_name_valid(name, name_size))
        walk->bad_name = true;
    if (!framing_header_value_valid(value, value_size))
        walk->bad_value = true;
    return MHD_YES;
}

/* What stands in the headers themselves, and what they say about the body. */
static int check_headers(struct conn *c, const struct header_walk *walk, const char *version, struct err *err)
{
    if (walk->bytes > FRAMING_MAX_HEADER_BYTES) {
        c->res.problem_status = 431;
        c->res.code = "headers-too-large";
        return err_set(err, ERR_SYNTAX, "more than %d headers or %d bytes of them", FRAMING_MAX_HEADERS,
                       FRAMING_MAX_HEADER_BYTES);
    }
    if (walk->bad_name)
        return err_set(err, ERR_SYNTAX, "a header name is malformed");
    if (walk->bad_value)
        return err_set(err, ERR_SYNTAX, "a header value holds a control character");
    return framing_check(&c->req, version, err);
}

/* The response is complete and the body still to come: it is not read. */
static enum MHD_Result refuse_body(struct conn *c)
{
    c->res.close = true;
    c->reaper.linger = true;
    return queue(c);
}

static enum MHD_Result await_body(struct conn *c)
{
    int64_t until = clock_us(CLOCK_MONOTONIC_COARSE) / 1000 + c->server->options.body_ms;
    c->state = CONN_BODY;
    return reaper_set(&c->reaper, REAPER_RECEIVE, until) ? MHD_YES : MHD_NO;
}

static void suspend(void *job)
{
    struct conn *c = job;
    c->state = CONN_RUNNING;
    MHD_suspend_connection(c->mhd);
}

static void refuse_busy(struct conn *c, const char *text)
{
    struct err err = {0};
    metric_add(&http_refused, 1);
    (void)err_set(&err, ERR_UNAVAILABLE, "%s", text);
    http_dispatch_refuse(&c->req, &c->res, &err);
}

/* To a worker; it resumes the connection when it has an answer. */
static enum MHD_Result hand_over(struct conn *c)
{
    if (!reaper_set(&c->reaper, REAPER_NONE, 0))
        return MHD_NO;
    if (workers_push(c->server->workers, c, suspend))
        return MHD_YES;
    refuse_busy(c, "too many requests wait already");
    return c->body_read ? queue(c) : refuse_body(c);
}

static enum MHD_Result begin(struct conn *c, const char *method, const char *version)
{
    struct http_request *req = &c->req;
    struct http_server *server = c->server;
    struct header_walk walk = {.conn = c};
    c->method = method;
    req->method = http_method_from(method);
    (void)MHD_get_connection_values_n(c->mhd, MHD_HEADER_KIND, take_header, &walk);
    http_request_take_ids(req);
    if (c->refused_target)
        return refuse(c, &c->early_err);
    struct err err;
    if (check_headers(c, &walk, version, &err))
        return refuse(c, &err);
    enum http_step step = http_dispatch_begin(server->options.dispatcher, req, &c->res);
    c->begun = step == HTTP_STEP_RUN;
    c->state = step == HTTP_STEP_DONE ? CONN_DONE : CONN_BODY;
    c->body_read = !req->content_length;
    if (c->body_read)
        return MHD_YES; /* answered on the next call: on this one the connection would close */
    if (step == HTTP_STEP_DONE)
        return refuse_body(c);
    if (step == HTTP_STEP_DEFER)
        return hand_over(c);
    return await_body(c);
}

/* libmicrohttpd takes no response while a body comes in: this one is written past it, and the connection ends. */
static enum MHD_Result abort_body(struct conn *c, const struct err *err)
{
    http_dispatch_refuse(&c->req, &c->res, err);
    if (!reaper_set(&c->reaper, REAPER_NONE, 0))
        return MHD_NO;
    struct http_response *res = &c->res;
    struct str body = http_response_body(res);
    struct buf *out = buf_new(c->arena);
    buf_addf(out, "HTTP/1.1 %d %s\r\nConnection: close\r\nContent-Type: %s\r\nContent-Length: %zu\r\n", res->status,
             http_status_text(res->status), res->content_type, body.len);
    for (size_t i = 0; i < res->header_count; i++)
        buf_addf(out, "%s: %s\r\n", res->headers[i].name, res->headers[i].value);
    buf_adds(out, "\r\n");
    buf_add_str(out, body);
    (void)send(c->reaper.fd, out->data, out->len, MSG_DONTWAIT | MSG_NOSIGNAL);
    c->sent_bytes = body.len;
    c->reaper.linger = true;
    c->state = CONN_QUEUED;
    return MHD_NO;
}

static void give_back_body(struct conn *c)
{
    if (!c->body.len)
        return;
    (void)atomic_fetch_sub_explicit(&c->server->body_bytes, c->body.len, memory_order_relaxed);
    if (c->body.cap > KEPT_BODY)
        buf_dispose(&c->body);
    else
        buf_cut(&c->body, 0);
}

/* Half is kept for those who have shown a token: whoever reaches the port may send a webhook. */
static size_t body_budget(const struct conn *c)
{
    size_t all = c->server->options.body_bytes;
    return c->req.who.name ? all : all / 2;
}

static enum MHD_Result take_body(struct conn *c, const char *data, size_t *size)
{
    struct http_server *server = c->server;
    size_t cap = c->req.route->body_cap;
    struct err err;
    if (reaper_cut(&c->reaper))
        return MHD_NO;
    if (*size > cap - c->body.len) {
        give_back_body(c);
        (void)err_set(&err, ERR_TOO_LARGE, "the request body is larger than %zu bytes", cap);
        return abort_body(c, &err);
    }
    size_t held = atomic_fetch_add_explicit(&server->body_bytes, *size, memory_order_relaxed) + *size;
    if (held > body_budget(c)) {
        (void)atomic_fetch_sub_explicit(&server->body_bytes, *size, memory_order_relaxed);
        give_back_body(c);
        metric_add(&http_refused, 1);
        (void)err_set(&err, ERR_UNAVAILABLE, "too many request bodies at once");
        return abort_body(c, &err);
    }
    buf_add(&c->body, data, *size);
    count(&c->counts->bytes_received, (int64_t)*size);
    *size = 0;
    return MHD_YES;
}

void conn_run(void *job)
{
    struct conn *c = job;
    const struct http_dispatcher *dispatcher = c->server->options.dispatcher;
    bool before_body = !c->body_read;
    c->req.may_wait = true;
    if (!c->begun)
        c->begun = http_dispatch_begin(dispatcher, &c->req, &c->res) == HTTP_STEP_RUN;
    if (c->begun && !before_body)
        (void)http_dispatch_finish(dispatcher, &c->req, &c->res);
    c->state = c->begun && before_body ? CONN_ACCEPTED : CONN_DONE;
    c->req.may_wait = false; /* back on an event thread */
    MHD_resume_connection(c->mhd);
}

void conn_drop(void *job)
{
    struct conn *c = job;
    refuse_busy(c, "the server is stopping");
    c->state = CONN_DONE;
    MHD_resume_connection(c->mhd);
}

/* The request is complete. */
static enum MHD_Result run(struct conn *c)
{
    c->req.body = c->body.len ? buf_str(&c->body) : (struct str){0};
    c->body_read = true;
    if (!c->begun || !(c->req.route->flags & ROUTE_INLINE))
        return hand_over(c);
    if (http_dispatch_finish(c->server->options.dispatcher, &c->req, &c->res) == HTTP_STEP_DONE)
        return queue(c);
    buf_dispose(&c->res.body); /* the handler begins anew on a worker */
    http_response_reset(&c->res);
    return hand_over(c);
}

enum MHD_Result conn_handle(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                            const char *version, const char *data, size_t *size, void **context)
{
    (void)cls, (void)mhd, (void)url;
    struct conn *c = *context;
    if (!c)
        return MHD_NO;
    switch (c->state) {
    case CONN_NEW:
        return begin(c, method, version);
    case CONN_BODY:
        return *size ? take_body(c, data, size) : run(c);
    case CONN_ACCEPTED:
        return await_body(c);
    case CONN_DONE:
        *size = 0;
        return c->body_read ? queue(c) : refuse_body(c);
    case CONN_IDLE:
    case CONN_RUNNING:
    case CONN_QUEUED:
        break;
    }
    return MHD_NO;
}

static void log_request(struct conn *c, int64_t duration_us)
{
    struct http_server *server = c->server;
    /* 499: the client went away before there was anything to answer. */
    int status = c->state == CONN_QUEUED ? c->res.status : reaper_cut(&c->reaper) ? 408 : 499;
    route_metrics_observe(server->metrics, c->req.route, status, duration_us);
    if (c->sent_bytes)
        count(&c->counts->bytes_sent, (int64_t)c->sent_bytes);
    if (!server->log)
        return;
    access_log_add(server->log, &(struct access_entry){.req = &c->req,
                                                       .method = c->method,
                                                       .status = status,
                                                       .bytes = c->sent_bytes,
                                                       .duration_us = duration_us,
                                                       .now_us = clock_us(CLOCK_REALTIME_COARSE)});
}

void conn_completed(void *cls, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode code)
{
    (void)mhd, (void)code;
    struct http_server *server = cls;
    struct conn *c = *context;
    if (!c || c->state == CONN_IDLE)
        return;
    int64_t now_us = clock_us(CLOCK_MONOTONIC);
    log_request(c, now_us - c->started_us);
    give_back_body(c);
    arena_reset(c->arena);
    c->state = CONN_IDLE;
    c->method = NULL;
    (void)reaper_set(&c->reaper, REAPER_IDLE, now_us / 1000 + server->options.idle_ms);
    count(&c->counts->in_flight, -1);
    if (atomic_load_explicit(&server->draining, memory_order_seq_cst) && server_in_flight(server) == 0) {
        (void)pthread_mutex_lock(&server->lock);
        (void)pthread_cond_broadcast(&server->drained);
        (void)pthread_mutex_unlock(&server->lock);
    }
}
