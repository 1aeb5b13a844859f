#include "pg/listen.h"

#include "base/log.h"
#include "base/time.h"
#include "pg/internal.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* A silent connection is asked for a sign of life, as a lost peer is not heard of otherwise. */
enum { CONNECT_MS = 10000, ASK_MS = 30000, ANSWER_MS = 10000, BACKOFF_MIN_MS = 100, BACKOFF_MAX_MS = 5000 };

struct pg_listener {
    pthread_t thread;
    char *url, *channel;
    int stop; /* readable: end */
    void (*on_notify)(void *ctx, const char *payload);
    void (*on_connected)(void *ctx);
    void *ctx;
};

static int start_listening(struct pg_listener *l, struct pg **out, struct err *err)
{
    struct pg *pg = NULL;
    int rc = pg_connect_until(l->url, CONNECT_MS, l->stop, &pg, err);
    if (rc)
        return rc;
    char *name = PQescapeIdentifier(pg->conn, l->channel, strlen(l->channel));
    if (!name)
        abort();
    struct arena *arena = arena_new();
    rc = pg_set_statement_ms(pg, ANSWER_MS, err);
    if (!rc)
        rc = pg_script(pg, arena_printf(arena, "LISTEN %s", name), err);
    arena_free(arena);
    PQfreemem(name);
    if (rc)
        pg_close(pg);
    else
        *out = pg;
    return rc;
}

static void deliver(struct pg_listener *l, struct pg *pg)
{
    for (PGnotify *notify; (notify = PQnotifies(pg->conn)) != NULL; PQfreemem(notify))
        if (l->on_notify)
            l->on_notify(l->ctx, notify->extra);
}

/* Until the connection breaks (ERR_UNAVAILABLE) or stop is asked for (ERR_CANCELLED). */
static int listen_loop(struct pg_listener *l, struct pg *pg, struct err *err)
{
    for (;;) {
        deliver(l, pg);
        int rc = pg_wait(PQsocket(pg->conn), POLLIN, time_monotonic_ms() + ASK_MS, l->stop, err);
        if (rc == -ERR_TIMEOUT && !pg_is_alive(pg, true, time_monotonic_ms() + ANSWER_MS))
            return err_set(err, ERR_UNAVAILABLE, "database: the connection that listens does not answer");
        if (rc && rc != -ERR_TIMEOUT)
            return rc;
        if (!rc && !PQconsumeInput(pg->conn))
            return err_set(err, ERR_UNAVAILABLE, "database: the connection that listens was lost");
    }
}

static void *run(void *arg)
{
    struct pg_listener *l = arg;
    int64_t backoff = BACKOFF_MIN_MS;
    for (;;) {
        struct pg *pg = NULL;
        struct err err = {0};
        int rc = start_listening(l, &pg, &err);
        if (!rc) {
            backoff = BACKOFF_MIN_MS;
            if (l->on_connected)
                l->on_connected(l->ctx);
            rc = listen_loop(l, pg, &err);
            pg_close(pg);
        }
        if (rc == -ERR_CANCELLED)
            return NULL;
        log_event(LOG_WARN, "listener lost its database", LOG_S("channel", l->channel), LOG_S("error", err.text),
                  LOG_END);
        struct pollfd fd = {l->stop, POLLIN, 0};
        if (poll(&fd, 1, (int)backoff) > 0)
            return NULL;
        backoff = backoff * 2 < BACKOFF_MAX_MS ? backoff * 2 : BACKOFF_MAX_MS;
    }
}

struct pg_listener *pg_listener_new(const char *url, const char *channel,
                                    void (*on_notify)(void *ctx, const char *payload), void (*on_connected)(void *ctx),
                                    void *ctx)
{
    struct pg_listener *l = calloc(1, sizeof *l);
    if (!l)
        abort();
    *l = (struct pg_listener){.url = strdup(url),
                              .channel = strdup(channel),
                              .stop = eventfd(0, EFD_CLOEXEC),
                              .on_notify = on_notify,
                              .on_connected = on_connected,
                              .ctx = ctx};
    if (!l->url || !l->channel || l->stop < 0 || pthread_create(&l->thread, NULL, run, l) != 0)
        abort();
    return l;
}

void pg_listener_free(struct pg_listener *listener)
{
    if (!listener)
        return;
    uint64_t one = 1;
    (void)!write(listener->stop, &one, sizeof one);
    (void)pthread_join(listener->thread, NULL);
    (void)close(listener->stop);
    free(listener->url);
    free(listener->channel);
    free(listener);
}
