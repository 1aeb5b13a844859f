#include "http/metrics.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

const int64_t metric_bounds_us[METRIC_BUCKETS] = {100,   250,   500,    1000,   2500,    5000,    10000,
                                                  25000, 50000, 100000, 250000, 1000000, 5000000, 10000000};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct metric *all; /* ordered by name, then labels */

static int compare(const struct metric *a, const struct metric *b)
{
    int c = strcmp(a->name, b->name);
    return c ? c : strcmp(a->labels, b->labels);
}

void metric_register(struct metric *metric)
{
    (void)pthread_mutex_lock(&lock);
    struct metric **at = &all;
    while (*at && compare(*at, metric) <= 0)
        at = &(*at)->next;
    metric->next = *at;
    *at = metric;
    (void)pthread_mutex_unlock(&lock);
}

void metric_unregister(struct metric *metric)
{
    (void)pthread_mutex_lock(&lock);
    for (struct metric **at = &all; *at; at = &(*at)->next) {
        if (*at == metric) {
            *at = metric->next;
            break;
        }
    }
    (void)pthread_mutex_unlock(&lock);
}

unsigned metric_thread(void)
{
    static atomic_uint threads;
    static _Thread_local unsigned mine = UINT32_MAX;
    if (mine == UINT32_MAX)
        mine = atomic_fetch_add(&threads, 1);
    return mine;
}

void metric_observe_us(struct metric *metric, int64_t us)
{
    size_t i = 0;
    while (i < METRIC_BUCKETS && us > metric_bounds_us[i])
        i++;
    struct metric_stripe *stripe = &metric->stripes[metric_thread() % METRIC_STRIPES];
    (void)atomic_fetch_add_explicit(&stripe->buckets[i], 1, memory_order_relaxed);
    (void)atomic_fetch_add_explicit(&stripe->sum_us, us, memory_order_relaxed);
}

static void write_seconds(struct buf *out, int64_t us)
{
    buf_addf(out, "%lld.%06lld", (long long)(us / 1000000), (long long)(us % 1000000));
}

static void write_histogram(struct buf *out, const struct metric *m)
{
    const char *comma = m->labels[0] ? "," : "";
    int64_t total = 0;
    for (size_t i = 0; i <= METRIC_BUCKETS; i++) {
        for (size_t j = 0; j < METRIC_STRIPES; j++)
            total += atomic_load_explicit(&m->stripes[j].buckets[i], memory_order_relaxed);
        buf_addf(out, "%s_bucket{%s%sle=\"", m->name, m->labels, comma);
        if (i < METRIC_BUCKETS)
            write_seconds(out, metric_bounds_us[i]);
        else
            buf_adds(out, "+Inf");
        buf_addf(out, "\"} %lld\n", (long long)total);
    }
    const char *open = m->labels[0] ? "{" : "", *close = m->labels[0] ? "}" : "";
    buf_addf(out, "%s_sum%s%s%s ", m->name, open, m->labels, close);
    int64_t sum_us = 0;
    for (size_t j = 0; j < METRIC_STRIPES; j++)
        sum_us += atomic_load_explicit(&m->stripes[j].sum_us, memory_order_relaxed);
    write_seconds(out, sum_us);
    buf_addf(out, "\n%s_count%s%s%s %lld\n", m->name, open, m->labels, close, (long long)total);
}

void metrics_write(struct buf *out)
{
    static const char *const types[] = {"counter", "gauge", "histogram"};
    const char *last = "";
    (void)pthread_mutex_lock(&lock);
    for (struct metric *m = all; m; m = m->next) {
        if (strcmp(last, m->name) != 0)
            buf_addf(out, "# HELP %s %s\n# TYPE %s %s\n", m->name, m->help, m->name, types[m->kind]);
        last = m->name;
        if (m->kind == METRIC_KIND_HISTOGRAM)
            write_histogram(out, m);
        else
            buf_addf(out, "%s%s%s%s %lld\n", m->name, m->labels[0] ? "{" : "", m->labels, m->labels[0] ? "}" : "",
                     (long long)metric_value(m));
    }
    (void)pthread_mutex_unlock(&lock);
}
