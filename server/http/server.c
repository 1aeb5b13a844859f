#include "http/server.h"

#include "base/log.h"
#include "http/server_private.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    POOL_BYTES = 16 * 1024, /* of a connection: request line, headers, a piece of the body */
    LAST_WORDS_MS = 250     /* for the refusals of what was still queued */
};

static void fill_defaults(struct http_server_options *o)
{
    unsigned cores = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
    if (!o->address)
        o->address = "127.0.0.1";
    if (!o->threads || o->threads > cores)
        o->threads = cores ? cores : 1;
    if (!o->workers)
        o->workers = 16;
    if (!o->queue)
        o->queue = 8 * o->workers;
    if (!o->header_ms)
        o->header_ms = 10000;
    if (!o->body_ms)
        o->body_ms = 60000;
    if (!o->idle_ms)
        o->idle_ms = 75000;
    if (!o->connections)
        o->connections = 4096;
    if (!o->body_bytes)
        o->body_bytes = (size_t)256 << 20;
    if (!o->access_fd)
        o->access_fd = STDERR_FILENO;
}

/* A quarter of the shortest deadline, so that none is missed by more. */
static int64_t reaper_tick(const struct http_server_options *o)
{
    unsigned shortest = o->header_ms < o->body_ms ? o->header_ms : o->body_ms;
    shortest = shortest < o->idle_ms ? shortest : o->idle_ms;
    unsigned tick = shortest / 4;
    return tick < 10 ? 10 : tick > 250 ? 250 : tick;
}

struct address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } u;
    unsigned flags;
};

static int parse_address(const struct http_server_options *o, struct address *out, struct err *err)
{
    *out = (struct address){0};
    if (o->port > 65535)
        return err_set(err, ERR_USAGE, "port %u is above 65535", o->port);
    if (inet_pton(AF_INET, o->address, &out->u.v4.sin_addr) == 1) {
        out->u.v4.sin_family = AF_INET;
        out->u.v4.sin_port = htons((uint16_t)o->port);
        return 0;
    }
    if (inet_pton(AF_INET6, o->address, &out->u.v6.sin6_addr) == 1) {
        out->u.v6.sin6_family = AF_INET6;
        out->u.v6.sin6_port = htons((uint16_t)o->port);
        out->flags = MHD_USE_IPv6;
        return 0;
    }
    return err_set(err, ERR_USAGE, "\"%s\" is not a numeric IP address", o->address);
}

/* The target is decoded once, by us. */
static size_t leave_escapes(void *cls, struct MHD_Connection *mhd, char *text)
{
    (void)cls, (void)mhd;
    return strlen(text);
}

static void forget_message(void *cls, const char *fmt, va_list args)
{
    (void)cls, (void)fmt, (void)args; /* what clients break is in the access log or not worth a line */
}

static struct MHD_Daemon *start_daemon(struct http_server *s, const struct address *address)
{
    const struct http_server_options *o = &s->options;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG |
                     MHD_USE_TURBO | address->flags;
    struct MHD_OptionItem items[] = {
        {MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)forget_message, s},
        {MHD_OPTION_SOCK_ADDR, 0, (void *)&address->u.any},
        {MHD_OPTION_CONNECTION_LIMIT, (intptr_t)o->connections, NULL},
        {MHD_OPTION_CONNECTION_MEMORY_LIMIT, POOL_BYTES, NULL},
        {MHD_OPTION_CONNECTION_TIMEOUT, 0, NULL}, /* the reaper's */
        {MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)conn_notify, s},
        {MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)conn_completed, s},
        {MHD_OPTION_URI_LOG_CALLBACK, (intptr_t)conn_target, s},
        {MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)leave_escapes, NULL},
        {o->threads > 1 ? MHD_OPTION_THREAD_POOL_SIZE : MHD_OPTION_END, (intptr_t)o->threads, NULL},
        {MHD_OPTION_END, 0, NULL},
    };
    return MHD_start_daemon(flags, (uint16_t)o->port, NULL, NULL, conn_handle, s, MHD_OPTION_ARRAY, items,
                            MHD_OPTION_END);
}

static void free_server(struct http_server *s)
{
    server_metrics_hide(s);
    if (s->workers) /* first: none may hold a suspended connection when the daemon goes */
        workers_stop(s->workers);
    if (s->daemon)
        MHD_stop_daemon(s->daemon);
    workers_free(s->workers);
    reaper_free(s->reaper);
    access_log_free(s->log);
    route_metrics_free(s->metrics);
    (void)pthread_cond_destroy(&s->drained);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

int http_server_start(const struct http_server_options *options, struct http_server **out, struct err *err)
{
    struct http_server *s = aligned_alloc(_Alignof(struct http_server), sizeof *s);
    struct address address;
    if (!s)
        return err_set(err, ERR_IO, "out of memory");
    memset(s, 0, sizeof *s);
    server_metrics_show(s);
    s->options = *options;
    fill_defaults(&s->options);
    (void)pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_t attr;
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&s->drained, &attr);
    (void)pthread_condattr_destroy(&attr);

    int rc = parse_address(&s->options, &address, err);
    if (rc)
        goto fail;
    s->metrics = route_metrics_new(s->options.dispatcher);
    s->log = s->options.access_fd >= 0 ? access_log_new(s->options.access_fd) : NULL;
    s->reaper = reaper_new(reaper_tick(&s->options));
    s->workers = workers_new(s->options.workers, s->options.queue, conn_run, conn_drop);
    if (!s->reaper || !s->workers) {
        rc = err_set(err, ERR_IO, "cannot start the server's threads: %s", strerror(errno));
        goto fail;
    }
    errno = 0;
    s->daemon = start_daemon(s, &address);
    if (!s->daemon) {
        rc = err_set(err, ERR_IO, "cannot listen on %s port %u: %s", s->options.address, s->options.port,
                     errno ? strerror(errno) : "libmicrohttpd did not start");
        goto fail;
    }
    s->port = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
    *out = s;
    return 0;
fail:
    free_server(s);
    return rc;
}

unsigned http_server_port(const struct http_server *server)
{
    return server->port;
}

static void wait_until_drained(struct http_server *s, unsigned drain_ms)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += drain_ms / 1000;
    until.tv_nsec += (long)(drain_ms % 1000) * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_nsec -= 1000000000L;
        until.tv_sec++;
    }
    (void)pthread_mutex_lock(&s->lock);
    while (server_in_flight(s) > 0 && pthread_cond_timedwait(&s->drained, &s->lock, &until) == 0)
        ;
    (void)pthread_mutex_unlock(&s->lock);
}

void http_server_stop(struct http_server *server, unsigned drain_ms)
{
    if (!server)
        return;
    atomic_store(&server->draining, true);
    MHD_socket listening = MHD_quiesce_daemon(server->daemon);
    wait_until_drained(server, drain_ms);
    workers_stop(server->workers);
    wait_until_drained(server, LAST_WORDS_MS);
    free_server(server);
    if (listening >= 0)
        (void)close(listening);
}
