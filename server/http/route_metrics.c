#include "http/server_private.h"

#include <stdio.h>
#include <stdlib.h>

struct metric http_connections = {
    .name = "yellow_http_connections", .help = "Connections open now.", .labels = "", .kind = METRIC_KIND_GAUGE};
struct metric http_in_flight = {.name = "yellow_http_requests_in_flight",
                                .help = "Requests between their first line and the end of their response.",
                                .labels = "",
                                .kind = METRIC_KIND_GAUGE};
struct metric http_bytes_received = {.name = "yellow_http_request_body_bytes_total",
                                     .help = "Bytes of request bodies.",
                                     .labels = "",
                                     .kind = METRIC_KIND_COUNTER};
struct metric http_bytes_sent = {.name = "yellow_http_response_body_bytes_total",
                                 .help = "Bytes of response bodies.",
                                 .labels = "",
                                 .kind = METRIC_KIND_COUNTER};
struct metric http_queue_full = {.name = "yellow_http_refused_total",
                                 .help = "Requests refused with 503 because the server was full.",
                                 .labels = "",
                                 .kind = METRIC_KIND_COUNTER};

__attribute__((constructor)) static void register_all(void)
{
    struct metric *all[] = {&http_connections, &http_in_flight, &http_bytes_received, &http_bytes_sent,
                            &http_queue_full};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        metric_register(all[i]);
}

enum { CLASSES = 4 }; /* 2xx to 5xx */

struct duration {
    struct metric metric;
    _Atomic int64_t buckets[METRIC_BUCKETS + 1];
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
    struct duration *d = calloc(1, sizeof *d), *other = NULL;
    if (!d)
        abort();
    (void)snprintf(d->labels, sizeof d->labels, "operation=\"%s\",class=\"%zuxx\"", route ? route->operation : "",
                   class + 2);
    d->metric = (struct metric){.name = "yellow_http_request_duration_seconds",
                                .help = "Time from the request line to the end of the response.",
                                .labels = d->labels,
                                .kind = METRIC_KIND_HISTOGRAM,
                                .buckets = d->buckets};
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
