#include "pg/pool.h"
#include "base/time.h"
#include "pg/internal.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* Longer than this idle: ask before believing that a connection is alive. After a connection attempt that timed out,
 * nobody else waits for the same silence for a while. */
enum { TRUST_IDLE_MS = 10000, SILENCE_MS = 1000 };

struct pg_pool {
    struct pg_pool_options options;
    char *url;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct pg *idle;      /* newest first */
    size_t open;          /* idle, taken, and being connected */
    size_t taken;         /* taken and being connected */
    int64_t silent_until; /* monotonic */
};

struct pg_pool *pg_pool_new(const struct pg_pool_options *options)
{
    struct pg_pool *pool = calloc(1, sizeof *pool);
    char *url = strdup(options->url);
    pthread_condattr_t attr;
    if (!pool || !url)
        abort();
    pool->options = *options;
    pool->url = url;
    (void)pthread_mutex_init(&pool->lock, NULL);
    (void)pthread_condattr_init(&attr);
    (void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&pool->changed, &attr);
    (void)pthread_condattr_destroy(&attr);
    return pool;
}

void pg_pool_free(struct pg_pool *pool)
{
    if (!pool)
        return;
    (void)pthread_mutex_lock(&pool->lock);
    while (pool->taken)
        (void)pthread_cond_wait(&pool->changed, &pool->lock);
    (void)pthread_mutex_unlock(&pool->lock);
    for (struct pg *pg = pool->idle, *next; pg; pg = next) {
        next = pg->next;
        pg_close(pg);
    }
    (void)pthread_cond_destroy(&pool->changed);
    (void)pthread_mutex_destroy(&pool->lock);
    free(pool->url);
    free(pool);
}

/* A process that stands still in the middle of a transaction keeps its locks no longer than a statement would. */
static int set_deadlines(struct pg *pg, int64_t ms, struct err *err)
{
    char sql[80];
    (void)snprintf(sql, sizeof sql, "SET idle_in_transaction_session_timeout = %" PRId64, ms);
    int rc = pg_script(pg, sql, err);
    return rc ? rc : pg_set_statement_ms(pg, ms, err);
}

static int connect_new(struct pg_pool *pool, struct pg **out, struct err *err)
{
    struct pg *pg = NULL;
    int rc = pg_connect(pool->url, pool->options.connect_deadline_ms, &pg, err);
    if (!rc && pool->options.statement_ms)
        rc = set_deadlines(pg, pool->options.statement_ms, err);
    if (rc)
        pg_close(pg);
    else
        *out = pg;
    return rc;
}

/* Waits until an idle connection or room for a new one is there, and counts it as taken. *out is NULL when a new one
 * is to be made. */
static int wait_for_place(struct pg_pool *pool, struct pg **out, struct err *err)
{
    int64_t deadline = time_monotonic_ms() + pool->options.take_deadline_ms;
    struct timespec until = {deadline / 1000, deadline % 1000 * 1000000};
    int rc = 0;
    (void)pthread_mutex_lock(&pool->lock);
    while (!pool->idle && pool->open >= pool->options.size && time_monotonic_ms() < deadline)
        (void)pthread_cond_timedwait(&pool->changed, &pool->lock, &until);
    if (!pool->idle && pool->open >= pool->options.size) {
        rc = err_set(err, ERR_BUSY, "database: all %zu connections are in use", pool->options.size);
    } else if (!pool->idle && time_monotonic_ms() < pool->silent_until) {
        rc = err_set(err, ERR_UNAVAILABLE, "database: no answer to the last attempt to connect");
    } else {
        *out = pool->idle;
        pool->idle = *out ? (*out)->next : NULL;
        pool->open += *out == NULL;
        pool->taken++;
    }
    (void)pthread_mutex_unlock(&pool->lock);
    return rc;
}

static void release(struct pg_pool *pool, struct pg *keep, bool silent)
{
    (void)pthread_mutex_lock(&pool->lock);
    pool->taken--;
    if (silent)
        pool->silent_until = time_monotonic_ms() + SILENCE_MS;
    if (keep) {
        keep->given_ms = time_monotonic_ms();
        keep->next = pool->idle;
        pool->idle = keep;
    } else {
        pool->open--;
    }
    /* Both takers and pg_pool_free wait here. */
    (void)pthread_cond_broadcast(&pool->changed);
    (void)pthread_mutex_unlock(&pool->lock);
}

int pg_pool_take(struct pg_pool *pool, struct pg **out, struct err *err)
{
    struct pg *pg = NULL;
    int rc = wait_for_place(pool, &pg, err);
    if (rc)
        return rc;
    if (pg) {
        int64_t now = time_monotonic_ms();
        if (pg_is_alive(pg, now - pg->given_ms > TRUST_IDLE_MS, now + pool->options.connect_deadline_ms)) {
            pg->next = NULL;
            *out = pg;
            return 0;
        }
        pg_close(pg);
    }
    rc = connect_new(pool, out, err);
    if (rc)
        release(pool, NULL, rc == -ERR_TIMEOUT);
    return rc;
}

void pg_pool_give(struct pg_pool *pool, struct pg *pg)
{
    if (!pg)
        return;
    bool keep = !pg->broken && PQstatus(pg->conn) == CONNECTION_OK && PQtransactionStatus(pg->conn) == PQTRANS_IDLE &&
                pg->statement_ms == pool->options.statement_ms;
    if (!keep)
        pg_close(pg);
    release(pool, keep ? pg : NULL, false);
}

int pg_pool_ping(struct pg_pool *pool, struct err *err)
{
    struct arena *arena = arena_new();
    struct pg *pg = NULL;
    int rc = pg_pool_take(pool, &pg, err);
    if (!rc) {
        int64_t usual = pg->statement_ms;
        pg->statement_ms = 1; /* only the client's margin is left: whoever asks wants to know soon */
        rc = pg_query(pg, arena, "select 1", PG_ONE, NULL, err);
        pg->statement_ms = usual;
    }
    pg_pool_give(pool, pg);
    arena_free(arena);
    return rc;
}

int pg_pool_transaction(struct pg_pool *pool, struct arena *arena, pg_tx_fn *fn, void *ctx, struct err *err)
{
    struct pg *pg = NULL;
    int rc = pg_pool_take(pool, &pg, err);
    if (rc)
        return rc;
    rc = pg_transaction(pg, arena, fn, ctx, err);
    pg_pool_give(pool, pg);
    return rc;
}
