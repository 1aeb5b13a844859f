#include "control/turns.h"

#include "base/time.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

/* After an error of the database. */
enum { RECONNECT_MS = 5000 };

struct turns {
    struct turns_options options;
    pthread_t thread;
    pthread_mutex_t lock; /* of all below */
    pthread_cond_t changed;
    bool started, stopping, ended;
};

struct turns *turns_new(const struct turns_options *options)
{
    struct turns *turns = calloc(1, sizeof *turns);
    pthread_condattr_t monotonic;
    if (!turns)
        abort();
    turns->options = *options;
    pthread_mutex_init(&turns->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&turns->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return turns;
}

/* True when it is time to end. */
static bool doze(struct turns *turns, int64_t ms)
{
    struct timespec until = time_monotonic_after(ms);
    pthread_mutex_lock(&turns->lock);
    while (!turns->stopping && pthread_cond_timedwait(&turns->changed, &turns->lock, &until) == 0)
        continue;
    bool stopping = turns->stopping;
    pthread_mutex_unlock(&turns->lock);
    return stopping;
}

static int64_t rest(const struct turns *turns)
{
    const struct turns_options *options = &turns->options;
    struct err err = {0};
    bool worked;
    int64_t ms = 0;
    if (options->step(options->ctx, &worked, &err) != 0)
        return RECONNECT_MS;
    if (worked)
        return 0;
    if (options->wait(options->ctx, &ms, &err) != 0)
        return RECONNECT_MS;
    ms = ms > options->longest_ms ? options->longest_ms : ms;
    return ms < options->shortest_ms ? options->shortest_ms : ms;
}

static void *run(void *ctx)
{
    struct turns *turns = ctx;
    int64_t ms = 0;
    while (!doze(turns, ms))
        ms = rest(turns);
    pthread_mutex_lock(&turns->lock);
    turns->ended = true;
    pthread_cond_broadcast(&turns->changed);
    pthread_mutex_unlock(&turns->lock);
    return NULL;
}

int turns_start(struct turns *turns, struct err *err)
{
    if (pthread_create(&turns->thread, NULL, run, turns) != 0)
        return err_set(err, ERR_IO, "cannot start a thread");
    turns->started = true;
    return 0;
}

bool turns_stop(struct turns *turns, int64_t ms)
{
    struct timespec until = time_monotonic_after(ms);
    pthread_mutex_lock(&turns->lock);
    turns->stopping = true;
    pthread_cond_broadcast(&turns->changed);
    while (turns->started && !turns->ended &&
           pthread_cond_timedwait(&turns->changed, &turns->lock, &until) != ETIMEDOUT)
        continue;
    bool ended = !turns->started || turns->ended;
    pthread_mutex_unlock(&turns->lock);
    return ended;
}

void turns_free(struct turns *turns)
{
    if (!turns)
        return;
    pthread_mutex_lock(&turns->lock);
    turns->stopping = true;
    pthread_cond_broadcast(&turns->changed);
    pthread_mutex_unlock(&turns->lock);
    if (turns->started)
        pthread_join(turns->thread, NULL);
    pthread_cond_destroy(&turns->changed);
    pthread_mutex_destroy(&turns->lock);
    free(turns);
}
