#include "ingest/ahead.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct ahead {
    char *conninfo;
    int64_t deadline_ms;
    int wake_fd;
    pthread_t thread;
    bool running;
    struct pg *pg; /* of the thread, and: */
    struct err err;
    int rc;
};

static void *connect_in_thread(void *arg)
{
    struct ahead *ahead = arg;
    ahead->rc = pg_connect_until(ahead->conninfo, ahead->deadline_ms, ahead->wake_fd, &ahead->pg, &ahead->err);
    return NULL;
}

struct ahead *ahead_begin(const char *conninfo, int64_t deadline_ms, int wake_fd)
{
    struct ahead *ahead = calloc(1, sizeof *ahead);
    char *copy = strdup(conninfo);
    if (!ahead || !copy)
        abort();
    *ahead = (struct ahead){.conninfo = copy, .deadline_ms = deadline_ms, .wake_fd = wake_fd};
    ahead->running = pthread_create(&ahead->thread, NULL, connect_in_thread, ahead) == 0;
    if (ahead->running)
        return ahead;
    ahead_free(ahead);
    return NULL;
}

static void await_thread(struct ahead *ahead)
{
    if (ahead->running)
        (void)pthread_join(ahead->thread, NULL);
    ahead->running = false;
}

int ahead_take(struct ahead *ahead, const char *conninfo, int64_t deadline_ms, int wake_fd, struct pg **out,
               struct err *err)
{
    if (!ahead || !ahead->running || strcmp(ahead->conninfo, conninfo) != 0)
        return pg_connect_until(conninfo, deadline_ms, wake_fd, out, err);
    await_thread(ahead);
    if (ahead->rc)
        *err = ahead->err;
    else
        *out = ahead->pg;
    ahead->pg = NULL;
    return ahead->rc;
}

void ahead_free(struct ahead *ahead)
{
    if (!ahead)
        return;
    await_thread(ahead);
    pg_close(ahead->pg);
    free(ahead->conninfo); /* holds a password, as libpq's own memory does */
    free(ahead);
}
