#include "http/server_private.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

struct metric http_refused = {.name = "yellow_http_refused_total",
                              .help = "Requests refused with 503 because the server was full.",
                              .labels = "",
                              .kind = METRIC_KIND_COUNTER};

__attribute__((constructor)) static void register_refused(void)
{
    metric_register(&http_refused);
}

struct server_counts *server_counts(struct http_server *server)
{
    return &server->counts[metric_thread() % SERVER_STRIPES];
}

static int64_t sum(struct http_server *s, size_t offset)
{
    int64_t total = 0;
    for (size_t i = 0; i < SERVER_STRIPES; i++)
        total += atomic_load((_Atomic int64_t *)(void *)((char *)&s->counts[i] + offset));
    return total;
}

int64_t server_in_flight(struct http_server *server)
{
    return sum(server, offsetof(struct server_counts, in_flight));
}

static int64_t read_in_flight(void *ctx)
{
    return server_in_flight(ctx);
}

static int64_t read_received(void *ctx)
{
    return sum(ctx, offsetof(struct server_counts, bytes_received));
}

static int64_t read_sent(void *ctx)
{
    return sum(ctx, offsetof(struct server_counts, bytes_sent));
}

static int64_t read_connections(void *ctx)
{
    return atomic_load(&((struct http_server *)ctx)->connections);
}

static const struct {
    const char *name, *help;
    enum metric_kind kind;
    int64_t (*read)(void *ctx);
} shown[SERVER_METRICS] = {
    {"yellow_http_connections", "Connections open now.", METRIC_KIND_GAUGE, read_connections},
    {"yellow_http_requests_in_flight", "Requests between their first line and the end of their response.",
     METRIC_KIND_GAUGE, read_in_flight},
    {"yellow_http_request_body_bytes_total", "Bytes of request bodies.", METRIC_KIND_COUNTER, read_received},
    {"yellow_http_response_body_bytes_total", "Bytes of response bodies.", METRIC_KIND_COUNTER, read_sent},
};

void server_metrics_show(struct http_server *server)
{
    for (size_t i = 0; i < SERVER_METRICS; i++) {
        server->shown[i] = (struct metric){.name = shown[i].name,
                                           .help = shown[i].help,
                                           .labels = "",
                                           .kind = shown[i].kind,
                                           .read = shown[i].read,
                                           .ctx = server};
        metric_register(&server->shown[i]);
    }
}

void server_metrics_hide(struct http_server *server)
{
    for (size_t i = 0; i < SERVER_METRICS; i++)
        metric_unregister(&server->shown[i]);
}

enum { CLASSES = 4 }; /* 2xx to 5xx */

struct duration {
    struct metric metric;
    struct metric_stripe stripes[METRIC_STRIPES];
    char labels[128];
};

struct route_metrics {
    const struct http_route *routes;
    size_t count;
    _Atomic(struct duration *) durations[]; /* (count + 1) * CLASSES; the last row is for requests without a route */
};

struct route_metrics *route_metrics_new(const struct http_dispatcher *dispatcher)
{
    size_t count;
    const struct http_route *routes = http_dispatcher_routes(dispatcher, &count);
    struct route_metrics *m = calloc(1, sizeof *m + (count + 1) * CLASSES * sizeof m->durations[0]);
    if (!m)
        abort();
    m->routes = routes;
    m->count = count;
    return m;
}

void route_metrics_free(struct route_metrics *m)
{
    for (size_t i = 0; m && i < (m->count + 1) * CLASSES; i++) {
        struct duration *d = atomic_load(&m->durations[i]);
        if (d) {
            metric_unregister(&d->metric);
            free(d);
        }
    }
    free(m);
}

/* Made when first seen: most operations never give most classes. */
static struct duration *make(struct route_metrics *m, size_t i, const struct http_route *route, size_t class)
{
    struct duration *d = aligned_alloc(_Alignof(struct duration), sizeof *d), *other = NULL;
    if (!d)
        abort();
    memset(d, 0, sizeof *d);
    (void)snprintf(d->labels, sizeof d->labels, "operation=\"%s\",class=\"%zuxx\"", route ? route->operation : "",
                   class + 2);
    d->metric = (struct metric){.name = "yellow_http_request_duration_seconds",
                                .help = "Time from the request line to the end of the response.",
                                .labels = d->labels,
                                .kind = METRIC_KIND_HISTOGRAM,
                                .stripes = d->stripes};
    if (!atomic_compare_exchange_strong(&m->durations[i], &other, d)) {
        free(d);
        return other;
    }
    metric_register(&d->metric);
    return d;
}

void route_metrics_observe(struct route_metrics *m, const struct http_route *route, int status, int64_t us)
{
    size_t row = route ? (size_t)(route - m->routes) : m->count;
    size_t class = status >= 200 && status < 600 ? (size_t)status / 100 - 2 : CLASSES - 1;
    size_t i = row * CLASSES + class;
    struct duration *d = atomic_load_explicit(&m->durations[i], memory_order_acquire);
    metric_observe_us(&(d ? d : make(m, i, route, class))->metric, us);
}
