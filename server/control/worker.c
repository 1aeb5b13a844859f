#include "control/worker.h"

#include "base/crypto.h"
#include "base/log.h"
#include "base/time.h"
#include "store/idempotency.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    IDLE_MS = 5000,
    RECONNECT_MS = 1000,
    FORGET_AGAIN_MS = 5000,
    SHORTEST_MS = 20,
    PURGE_MS = 3600000,
    THREADS_MAX = 64
};

/* A claim in work, or one whose end could not be written yet because the database went away. */
struct held_claim {
    struct held_claim *next;
    struct arena *arena;         /* of a claim that waits to be given back */
    struct delivery_claim claim; /* id 0: of what is not known, for the answer was lost */
    char reason[1024];
    bool waits;
    int64_t again_ms; /* of id 0: forgotten once, and again then, for the claim may come about after that */
};

struct commit_workers {
    struct commit_worker_options options;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct held_claim *held; /* all of this process */
    uint64_t wakes;          /* so that a wake between a look and a wait is not lost */
    bool stopping;           /* no new claims */
    bool ended;              /* no claims at all */
    _Atomic bool took_over;  /* the claims of the former instance were ended */
    char instance[33];
    int64_t purge_at;
    pthread_t threads[THREADS_MAX], renewer;
    size_t started;
    bool renewing;
};

static int64_t or_default(int64_t value, int64_t fallback)
{
    return value ? value : fallback;
}

struct commit_workers *commit_workers_new(const struct commit_worker_options *options)
{
    struct commit_workers *workers = calloc(1, sizeof *workers);
    if (!workers)
        abort();
    workers->options = *options;
    struct commit_worker_options *o = &workers->options;
    o->count = o->count ? o->count : 2;
    o->count = o->count > THREADS_MAX ? THREADS_MAX : o->count;
    o->lease_ms = or_default(o->lease_ms, 60000);
    o->backoff_ms = or_default(o->backoff_ms, 2000);
    o->backoff_max_ms = or_default(o->backoff_max_ms, 300000);
    o->give_up_ms = or_default(o->give_up_ms, 86400000);
    o->crash_limit = o->crash_limit ? o->crash_limit : 3;
    unsigned char random[16];
    crypto_random(random, sizeof random);
    crypto_hex(random, sizeof random, workers->instance);
    if (o->instance)
        (void)snprintf(workers->instance, sizeof workers->instance, "%s", o->instance->name);
    workers->took_over = !o->instance;
    pthread_mutex_init(&workers->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&workers->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    return workers;
}

int64_t commit_workers_backoff(const struct commit_workers *workers, int attempts)
{
    int64_t delay = workers->options.backoff_ms;
    for (int i = 1; i < attempts && delay < workers->options.backoff_max_ms; i++)
        delay *= 2;
    if (delay > workers->options.backoff_max_ms)
        delay = workers->options.backoff_max_ms;
    uint32_t random;
    crypto_random(&random, sizeof random);
    return delay / 2 + (int64_t)(random % (uint64_t)(delay - delay / 2 + 1));
}

static void hold(struct commit_workers *workers, struct held_claim *held)
{
    pthread_mutex_lock(&workers->lock);
    held->next = workers->held;
    workers->held = held;
    pthread_mutex_unlock(&workers->lock);
}

static void let_go(struct commit_workers *workers, struct held_claim *held)
{
    pthread_mutex_lock(&workers->lock);
    for (struct held_claim **at = &workers->held; *at; at = &(*at)->next) {
        if (*at == held) {
            *at = held->next;
            break;
        }
    }
    if (workers->stopping)
        pthread_cond_broadcast(&workers->changed);
    pthread_mutex_unlock(&workers->lock);
}

/* A conflict that the database speaks of, such as a key that is there twice, is a defect and none of the claim. */
static bool is_claim_lost(const struct err *err)
{
    return err->code == ERR_CONFLICT && !*err->sqlstate;
}

struct giving_back {
    struct commit_workers *workers;
    const struct delivery_claim *claim;
    const struct err *why;
};

static int give_back_tx(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct giving_back *g = ctx;
    const struct commit_worker_options *o = &g->workers->options;
    if (!g->claim->id)
        return delivery_forget(pg, arena, g->claim->by, g->why->text, err);
    int64_t delay = commit_workers_backoff(g->workers, g->claim->attempts);
    if (g->claim->age_ms >= o->give_up_ms) {
        struct delivery_outcome outcome = {
            .state = "rejected",
            .reason = arena_printf(arena, "given up after %d attempts: %s", g->claim->attempts, g->why->text)};
        return delivery_finish(pg, arena, g->claim, &outcome, err);
    }
    /* what trying again can heal, here or on the other side, is no crash */
    if (err_kind(g->why->code)->retryable || g->why->code == ERR_IO)
        return delivery_release(pg, arena, g->claim, delay, g->why->text, err);
    return delivery_fail(pg, arena, g->claim, delay, o->crash_limit, g->why->text, err);
}

/* 0 also when the claim was lost: then its delivery has an outcome (an unknown COMMIT that was done), or another
 * holder. */
static int give_back(struct commit_workers *workers, struct arena *arena, const struct delivery_claim *claim,
                     const struct err *why, struct err *err)
{
    struct giving_back g = {workers, claim, why};
    struct err failed = {0};
    int rc = pg_pool_transaction(workers->options.service.pool, arena, give_back_tx, &g, &failed);
    if (!rc || is_claim_lost(&failed))
        return 0;
    *err = failed;
    return rc;
}

/* Claims whose end could not be written: first of all when the database is back. */
static int give_back_waiting(struct commit_workers *workers, struct err *err)
{
    for (;;) {
        pthread_mutex_lock(&workers->lock);
        struct held_claim *held = workers->held;
        int64_t now = time_monotonic_ms();
        while (held && (!held->waits || held->again_ms > now))
            held = held->next;
        if (held)
            held->waits = false; /* this thread sees to it */
        pthread_mutex_unlock(&workers->lock);
        if (!held)
            return 0;
        struct err why = {.code = ERR_UNAVAILABLE};
        (void)err_set(&why, ERR_UNAVAILABLE, "%s", held->reason);
        struct arena *arena = arena_new();
        int rc = give_back(workers, arena, &held->claim, &why, err);
        arena_free(arena);
        bool again = !rc && !held->claim.id && !held->again_ms;
        if (rc || again) {
            pthread_mutex_lock(&workers->lock);
            held->waits = true;
            held->again_ms = again ? now + FORGET_AGAIN_MS : held->again_ms;
            pthread_mutex_unlock(&workers->lock);
        }
        if (again)
            continue;
        if (rc)
            return rc;
        let_go(workers, held);
        arena_free(held->arena);
    }
}

/* Keeps a copy of the claim until the database takes it back. */
static void wait_to_give_back(struct commit_workers *workers, const struct delivery_claim *claim, const struct err *why)
{
    struct arena *arena = arena_new();
    struct held_claim *held = arena_alloc(arena, sizeof *held);
    held->arena = arena;
    held->claim = (struct delivery_claim){.id = claim->id,
                                          .by = arena_strdup(arena, claim->by),
                                          .ecosystem = arena_strdup(arena, claim->ecosystem),
                                          .attempts = claim->attempts,
                                          .age_ms = claim->age_ms};
    memcpy(held->reason, why->text, sizeof held->reason);
    held->waits = true;
    hold(workers, held);
}

static int expire_tx(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct commit_workers *workers = ctx;
    const struct instance *instance = workers->options.instance;
    bool ends = !workers->took_over && instance->former[0];
    int rc = ends ? delivery_abandon(pg, arena, instance->former, err) : 0;
    return rc ? rc : delivery_expire(pg, arena, workers->options.crash_limit, err);
}

/* No thread claims anything before. */
static int take_over(struct commit_workers *workers, struct err *err)
{
    pthread_mutex_lock(&workers->lock);
    int rc = workers->took_over ? 0 : instance_take_over(workers->options.instance, err);
    workers->took_over |= !rc;
    pthread_mutex_unlock(&workers->lock);
    return rc;
}

static int claim_one(struct commit_workers *workers, struct arena *arena, struct delivery_claim *claim, bool *found,
                     struct err *err)
{
    unsigned char random[8];
    char hex[2 * sizeof random + 1];
    crypto_random(random, sizeof random);
    crypto_hex(random, sizeof random, hex);
    const char *by = arena_printf(arena, "%s/%s", workers->instance, hex);
    struct pg *pg;
    int rc = pg_pool_take(workers->options.service.pool, &pg, err);
    if (rc)
        return rc;
    rc = delivery_claim(pg, arena, by, workers->options.lease_ms, claim, found, err);
    pg_pool_give(workers->options.service.pool, pg);
    if (rc) /* it may have been made: its delivery would wait for the end of the lease, and that counts as a crash */
        wait_to_give_back(workers, &(struct delivery_claim){.by = by, .ecosystem = ""}, err);
    return rc;
}

static void work(struct commit_workers *workers, struct arena *arena, const struct delivery_claim *claim)
{
    struct held_claim held = {.claim = *claim};
    struct err why = {0}, err = {0};
    hold(workers, &held);
    int rc = commit_process(&workers->options.service, arena, claim, &why);
    if (rc && !is_claim_lost(&why)) {
        log_event(LOG_WARN, "delivery has no outcome yet", LOG_S("ecosystem", claim->ecosystem),
                  LOG_I("delivery", claim->id), LOG_I("attempt", claim->attempts), LOG_S("error", why.text), LOG_END);
        if (give_back(workers, arena, claim, &why, &err) != 0)
            wait_to_give_back(workers, claim, &why);
    }
    let_go(workers, &held);
}

int commit_workers_step(struct commit_workers *workers, bool *worked, struct err *err)
{
    struct arena *arena = arena_new();
    struct delivery_claim claim;
    bool found = false;
    int rc = give_back_waiting(workers, err);
    if (!rc)
        rc = pg_pool_transaction(workers->options.service.pool, arena, expire_tx, workers, err);
    if (!rc)
        rc = take_over(workers, err);
    if (!rc)
        rc = claim_one(workers, arena, &claim, &found, err);
    if (!rc && found)
        work(workers, arena, &claim);
    arena_free(arena);
    if (!rc)
        *worked = found;
    return rc;
}

static int look_ahead(struct commit_workers *workers, int64_t *wait, struct err *err)
{
    struct arena *arena = arena_new();
    struct pg *pg = NULL;
    pthread_mutex_lock(&workers->lock);
    bool purge = time_monotonic_ms() >= workers->purge_at;
    if (purge)
        workers->purge_at = time_monotonic_ms() + PURGE_MS;
    pthread_mutex_unlock(&workers->lock);
    int rc = pg_pool_take(workers->options.service.pool, &pg, err);
    if (!rc && purge)
        rc = idempotency_purge(pg, arena, err);
    if (!rc)
        rc = delivery_wait(pg, arena, IDLE_MS, wait, err);
    pg_pool_give(workers->options.service.pool, pg);
    arena_free(arena);
    return rc;
}

/* Sleeps until a wake that came after `seen`, a stop, or the time. */
static void doze(struct commit_workers *workers, uint64_t seen, int64_t ms)
{
    struct timespec until = time_monotonic_after(ms < SHORTEST_MS ? SHORTEST_MS : ms);
    pthread_mutex_lock(&workers->lock);
    while (!workers->stopping && workers->wakes == seen &&
           pthread_cond_timedwait(&workers->changed, &workers->lock, &until) == 0)
        continue;
    pthread_mutex_unlock(&workers->lock);
}

static bool is_stopping(struct commit_workers *workers, uint64_t *seen)
{
    pthread_mutex_lock(&workers->lock);
    bool stopping = workers->stopping;
    *seen = workers->wakes;
    pthread_mutex_unlock(&workers->lock);
    return stopping;
}

static void *run(void *ctx)
{
    struct commit_workers *workers = ctx;
    uint64_t seen;
    bool away = false;
    while (!is_stopping(workers, &seen)) {
        struct err err = {0};
        bool worked = false;
        int64_t wait = RECONNECT_MS;
        int rc = commit_workers_step(workers, &worked, &err);
        if (!rc && worked)
            continue;
        if (!rc)
            rc = look_ahead(workers, &wait, &err);
        if (rc && !away)
            log_event(LOG_WARN, "workers wait for the database", LOG_S("error", err.text), LOG_END);
        away = rc != 0;
        doze(workers, seen, rc ? RECONNECT_MS : wait);
    }
    return NULL;
}

static void renew(struct commit_workers *workers)
{
    struct arena *arena = arena_new();
    vec(const char *) holders = {0};
    pthread_mutex_lock(&workers->lock);
    for (struct held_claim *held = workers->held; held; held = held->next)
        if (held->claim.id)
            *vec_push(arena, &holders) = arena_strdup(arena, held->claim.by);
    pthread_mutex_unlock(&workers->lock);
    struct pg *pg = NULL;
    struct err err = {0};
    if (holders.len && pg_pool_take(workers->options.service.pool, &pg, &err) == 0)
        (void)delivery_renew(pg, arena, holders.items, holders.len, workers->options.lease_ms, &err);
    pg_pool_give(workers->options.service.pool, pg);
    arena_free(arena);
}

static void *run_renewer(void *ctx)
{
    struct commit_workers *workers = ctx;
    pthread_mutex_lock(&workers->lock);
    while (!workers->ended) {
        struct timespec until = time_monotonic_after(workers->options.lease_ms / 3);
        while (!workers->ended && pthread_cond_timedwait(&workers->changed, &workers->lock, &until) == 0)
            continue;
        pthread_mutex_unlock(&workers->lock);
        renew(workers);
        pthread_mutex_lock(&workers->lock);
    }
    pthread_mutex_unlock(&workers->lock);
    return NULL;
}

int commit_workers_start(struct commit_workers *workers, struct err *err)
{
    if (pthread_create(&workers->renewer, NULL, run_renewer, workers) != 0)
        return err_set(err, ERR_IO, "cannot start a thread for claims");
    workers->renewing = true;
    for (; workers->started < workers->options.count; workers->started++)
        if (pthread_create(&workers->threads[workers->started], NULL, run, workers) != 0)
            return err_set(err, ERR_IO, "cannot start worker thread %zu", workers->started + 1);
    return 0;
}

void commit_workers_wake(struct commit_workers *workers)
{
    pthread_mutex_lock(&workers->lock);
    workers->wakes++;
    pthread_cond_broadcast(&workers->changed);
    pthread_mutex_unlock(&workers->lock);
}

/* Copies of the claims in work; under the lock. */
static size_t claims_in_work(struct commit_workers *workers, struct arena *arena, struct delivery_claim **out)
{
    vec(struct delivery_claim) claims = {0};
    for (struct held_claim *held = workers->held; held; held = held->next) {
        if (held->waits)
            continue;
        struct delivery_claim *claim = vec_push(arena, &claims);
        *claim = (struct delivery_claim){.id = held->claim.id, .by = arena_strdup(arena, held->claim.by)};
    }
    *out = claims.items;
    return claims.len;
}

bool commit_workers_stop(struct commit_workers *workers, int64_t ms)
{
    struct arena *arena = arena_new();
    struct delivery_claim *claims;
    struct timespec until = time_monotonic_after(ms);
    struct pg *pg = NULL;
    struct err err = {0};
    pthread_mutex_lock(&workers->lock);
    workers->stopping = true;
    pthread_cond_broadcast(&workers->changed);
    size_t n = claims_in_work(workers, arena, &claims);
    while (n && pthread_cond_timedwait(&workers->changed, &workers->lock, &until) == 0)
        n = claims_in_work(workers, arena, &claims);
    pthread_mutex_unlock(&workers->lock);
    int rc = n ? pg_pool_take(workers->options.service.pool, &pg, &err) : 0;
    for (size_t i = 0; i < n && !rc; i++) {
        rc = delivery_release(pg, arena, &claims[i], 0, "the server was stopped in the middle of it", &err);
        if (is_claim_lost(&err)) /* it came to its end after all */
            rc = 0;
        err = (struct err){0};
    }
    pg_pool_give(workers->options.service.pool, pg);
    arena_free(arena);
    return n == 0;
}

void commit_workers_free(struct commit_workers *workers)
{
    if (!workers)
        return;
    pthread_mutex_lock(&workers->lock);
    workers->stopping = true;
    pthread_cond_broadcast(&workers->changed);
    pthread_mutex_unlock(&workers->lock);
    for (size_t i = 0; i < workers->started; i++)
        pthread_join(workers->threads[i], NULL);
    pthread_mutex_lock(&workers->lock);
    workers->ended = true;
    pthread_cond_broadcast(&workers->changed);
    pthread_mutex_unlock(&workers->lock);
    if (workers->renewing)
        pthread_join(workers->renewer, NULL);
    while (workers->held) { /* nobody could take them back: they expire */
        struct held_claim *held = workers->held;
        workers->held = held->next;
        arena_free(held->arena);
    }
    pthread_cond_destroy(&workers->changed);
    pthread_mutex_destroy(&workers->lock);
    free(workers);
}
