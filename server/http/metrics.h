#ifndef YELLOW_HTTP_METRICS_H
#define YELLOW_HTTP_METRICS_H

#include "base/buf.h"

#include <stdatomic.h>
#include <stdint.h>

/* Numbers that /metrics shows (Prometheus text format 0.0.4). One is defined at file scope and lives for ever:
 *     METRIC_COUNTER(deliveries, "yellow_deliveries_total", "Webhook deliveries received.", "forge=\"github\"");
 *     metric_add(&deliveries, 1);
 * Several may share a name with different labels; the first one's help is shown. Adding takes no lock. */
enum metric_kind { METRIC_KIND_COUNTER, METRIC_KIND_GAUGE, METRIC_KIND_HISTOGRAM };

/* Upper bounds of durations, in microseconds; above the last is +Inf. */
enum { METRIC_BUCKETS = 14 };
extern const int64_t metric_bounds_us[METRIC_BUCKETS];

/* A histogram's cells, some for each thread so that threads do not share lines of the cache. */
enum { METRIC_STRIPES = 8 };
struct metric_stripe {
    _Alignas(64) _Atomic int64_t buckets[METRIC_BUCKETS + 1]; /* not cumulative */
    _Atomic int64_t sum_us;
};

/* A small number for the calling thread, given out from 0. */
unsigned metric_thread(void);

struct metric {
    const char *name, *help;
    const char *labels; /* key="value",...; "" for none; values are escaped already */
    enum metric_kind kind;
    _Atomic int64_t value;
    struct metric_stripe *stripes; /* histogram: METRIC_STRIPES */
    int64_t (*read)(void *ctx);    /* gauge: asked when shown, instead of value */
    void *ctx;
    struct metric *next;
};

/* Once for each metric, before its first use; it stays shown until metric_unregister. */
void metric_register(struct metric *metric);
void metric_unregister(struct metric *metric);

#define METRIC_DEFINE(ident, metric_kind_, metric_name, metric_help, metric_labels, metric_stripes)                    \
    static struct metric ident = {.name = (metric_name),                                                               \
                                  .help = (metric_help),                                                               \
                                  .labels = (metric_labels),                                                           \
                                  .kind = (metric_kind_),                                                              \
                                  .stripes = (metric_stripes)};                                                        \
    __attribute__((constructor)) static void ident##_register(void)                                                    \
    {                                                                                                                  \
        metric_register(&ident);                                                                                       \
    }                                                                                                                  \
    struct metric /* lets the macro end with a semicolon */

#define METRIC_COUNTER(ident, name, help, labels) METRIC_DEFINE(ident, METRIC_KIND_COUNTER, name, help, labels, NULL)
#define METRIC_GAUGE(ident, name, help, labels) METRIC_DEFINE(ident, METRIC_KIND_GAUGE, name, help, labels, NULL)
#define METRIC_HISTOGRAM(ident, name, help, labels)                                                                    \
    static struct metric_stripe ident##_stripes[METRIC_STRIPES];                                                       \
    METRIC_DEFINE(ident, METRIC_KIND_HISTOGRAM, name, help, labels, ident##_stripes)

static inline void metric_add(struct metric *metric, int64_t n)
{
    (void)atomic_fetch_add_explicit(&metric->value, n, memory_order_relaxed);
}

static inline void metric_set(struct metric *metric, int64_t value)
{
    atomic_store_explicit(&metric->value, value, memory_order_relaxed);
}

static inline int64_t metric_value(struct metric *metric)
{
    return metric->read ? metric->read(metric->ctx) : atomic_load_explicit(&metric->value, memory_order_relaxed);
}

/* Adds one duration to a histogram. */
void metric_observe_us(struct metric *metric, int64_t us);

/* All registered metrics, ordered by name and labels. */
void metrics_write(struct buf *out);
#define METRICS_CONTENT_TYPE "text/plain; version=0.0.4; charset=utf-8"

#endif
