#include "control/poller.h"

#include "base/log.h"
#include "base/time.h"
#include "control/inbox.h"
#include "git/fetch.h"
#include "store/ecosystem.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

/* After an error of the database; and the least between two looks at the clock. */
enum { RECONNECT_MS = 5000, SHORTEST_MS = 1000 };

struct poller {
    const struct commit_service *service;
    int64_t interval_ms;
    pthread_t thread;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t changed;
    bool started, stopping, ended;
};

struct poller *poller_new(const struct commit_service *service, int64_t interval_ms)
{
    struct poller *poller = calloc(1, sizeof *poller);
    pthread_condattr_t monotonic;
    if (!poller)
        abort();
    *poller = (struct poller){.service = service, .interval_ms = interval_ms};
    pthread_mutex_init(&poller->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&poller->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return poller;
}

struct missed {
    const struct ecosystem_row *seen; /* before the fetch */
    const char *head;
    int64_t id;
    bool fresh;
};

/* What was decided while the repository was fetched is no news. */
static int add_missed(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct missed *found = ctx;
    struct ecosystem_row now;
    found->fresh = false;
    int rc = ecosystem_lock(pg, arena, found->seen->name, &now, err);
    if (rc || now.revision != found->seen->revision || now.head_delivery != found->seen->head_delivery)
        return rc;
    return inbox_add_missed(pg, arena, &now, found->head, &found->id, &found->fresh, err);
}

static int look(struct poller *poller, struct arena *arena, const struct ecosystem_row *ecosystem, struct err *err)
{
    const struct commit_service *service = poller->service;
    char head[GIT_OID_TEXT];
    struct err why = {0};
    if (git_fetch_with(arena, commit_mirror(service, arena, ecosystem->name), ecosystem->url, ecosystem->branch,
                       commit_limits(service), service->fetch, head, &why) != 0) {
        log_event(LOG_WARN, "polling failed", LOG_S("ecosystem", ecosystem->name), LOG_S("error", why.text), LOG_END);
        return 0;
    }
    if (ecosystem->head_oid && strcmp(ecosystem->head_oid, head) == 0)
        return 0;
    struct missed found = {.seen = ecosystem, .head = head};
    int rc = pg_pool_transaction(service->pool, arena, add_missed, &found, err);
    if (!rc && found.fresh)
        log_event(LOG_WARN, "a webhook was missed", LOG_S("ecosystem", ecosystem->name), LOG_S("head", head),
                  LOG_I("delivery", found.id), LOG_END);
    return rc;
}

static int take_turn(struct poller *poller, struct arena *arena, struct ecosystem_row *out, bool *found,
                     struct err *err)
{
    struct pg *pg;
    const char *name = NULL;
    int rc = pg_pool_take(poller->service->pool, &pg, err);
    if (rc)
        return rc;
    rc = ecosystem_poll(pg, arena, poller->interval_ms, &name, err);
    if (!rc && name)
        rc = ecosystem_get(pg, arena, name, out, err);
    pg_pool_give(poller->service->pool, pg);
    *found = name != NULL;
    return rc;
}

int poller_step(struct poller *poller, bool *worked, struct err *err)
{
    struct arena *arena = arena_new();
    struct ecosystem_row ecosystem;
    *worked = false;
    int rc = take_turn(poller, arena, &ecosystem, worked, err);
    if (!rc && *worked)
        rc = look(poller, arena, &ecosystem, err);
    arena_free(arena);
    return rc;
}

static int wait_ms(struct poller *poller, int64_t *out, struct err *err)
{
    struct arena *arena = arena_new();
    struct pg *pg;
    int rc = pg_pool_take(poller->service->pool, &pg, err);
    if (!rc) {
        rc = ecosystem_poll_wait(pg, arena, poller->interval_ms, out, err);
        pg_pool_give(poller->service->pool, pg);
    }
    arena_free(arena);
    return rc;
}

/* True when it is time to end. An ecosystem that waits behind an open delivery is due and not taken: it is looked at
 * again a little later, not at once. */
static bool doze(struct poller *poller, int64_t ms)
{
    int64_t most = poller->interval_ms < RECONNECT_MS ? poller->interval_ms : RECONNECT_MS;
    struct timespec until = time_monotonic_after(ms < SHORTEST_MS ? SHORTEST_MS : ms > most ? most : ms);
    pthread_mutex_lock(&poller->lock);
    while (!poller->stopping && pthread_cond_timedwait(&poller->changed, &poller->lock, &until) == 0)
        continue;
    bool stopping = poller->stopping;
    pthread_mutex_unlock(&poller->lock);
    return stopping;
}

static void *run(void *ctx)
{
    struct poller *poller = ctx;
    int64_t ms = 0;
    while (!doze(poller, ms)) {
        struct err err = {0};
        bool worked;
        int rc = poller_step(poller, &worked, &err);
        ms = 0;
        if (!rc && !worked)
            rc = wait_ms(poller, &ms, &err);
        if (rc)
            ms = RECONNECT_MS;
    }
    pthread_mutex_lock(&poller->lock);
    poller->ended = true;
    pthread_cond_broadcast(&poller->changed);
    pthread_mutex_unlock(&poller->lock);
    return NULL;
}

int poller_start(struct poller *poller, struct err *err)
{
    if (pthread_create(&poller->thread, NULL, run, poller) != 0)
        return err_set(err, ERR_IO, "cannot start a thread for polling");
    poller->started = true;
    return 0;
}

bool poller_stop(struct poller *poller, int64_t ms)
{
    struct timespec until = time_monotonic_after(ms);
    pthread_mutex_lock(&poller->lock);
    poller->stopping = true;
    pthread_cond_broadcast(&poller->changed);
    while (poller->started && !poller->ended &&
           pthread_cond_timedwait(&poller->changed, &poller->lock, &until) != ETIMEDOUT)
        continue;
    bool ended = !poller->started || poller->ended;
    pthread_mutex_unlock(&poller->lock);
    return ended;
}

void poller_free(struct poller *poller)
{
    if (!poller)
        return;
    pthread_mutex_lock(&poller->lock);
    poller->stopping = true;
    pthread_cond_broadcast(&poller->changed);
    pthread_mutex_unlock(&poller->lock);
    if (poller->started)
        pthread_join(poller->thread, NULL);
    pthread_cond_destroy(&poller->changed);
    pthread_mutex_destroy(&poller->lock);
    free(poller);
}
