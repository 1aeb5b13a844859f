#include "http/workers.h"

#include <pthread.h>
#include <stdlib.h>

struct workers {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    worker_fn *run, *drop;
    void **queue; /* a ring */
    size_t cap, head, len, threads;
    bool stopping;
    pthread_t ids[];
};

static void *take(struct workers *w)
{
    void *job = w->queue[w->head];
    w->head = (w->head + 1) % w->cap;
    w->len--;
    return job;
}

static void *work(void *ctx)
{
    struct workers *w = ctx;
    (void)pthread_mutex_lock(&w->lock);
    for (;;) {
        while (!w->len && !w->stopping)
            (void)pthread_cond_wait(&w->wake, &w->lock);
        if (w->stopping)
            break;
        void *job = take(w);
        (void)pthread_mutex_unlock(&w->lock);
        w->run(job);
        (void)pthread_mutex_lock(&w->lock);
    }
    (void)pthread_mutex_unlock(&w->lock);
    return NULL;
}

struct workers *workers_new(size_t threads, size_t queue, worker_fn *run, worker_fn *drop)
{
    struct workers *w = calloc(1, sizeof *w + threads * sizeof w->ids[0]);
    if (!w)
        return NULL;
    w->queue = calloc(queue, sizeof *w->queue);
    w->cap = queue;
    w->run = run;
    w->drop = drop;
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)pthread_cond_init(&w->wake, NULL);
    while (w->queue && w->threads < threads && pthread_create(&w->ids[w->threads], NULL, work, w) == 0)
        w->threads++;
    if (w->threads < threads) {
        workers_free(w);
        return NULL;
    }
    return w;
}

bool workers_push(struct workers *w, void *job, worker_fn *before)
{
    (void)pthread_mutex_lock(&w->lock);
    bool room = w->len < w->cap && !w->stopping;
    if (room) {
        before(job);
        w->queue[(w->head + w->len++) % w->cap] = job;
        (void)pthread_cond_signal(&w->wake);
    }
    (void)pthread_mutex_unlock(&w->lock);
    return room;
}

void workers_stop(struct workers *w)
{
    (void)pthread_mutex_lock(&w->lock);
    w->stopping = true;
    (void)pthread_cond_broadcast(&w->wake);
    while (w->len) {
        void *job = take(w);
        (void)pthread_mutex_unlock(&w->lock);
        w->drop(job);
        (void)pthread_mutex_lock(&w->lock);
    }
    (void)pthread_mutex_unlock(&w->lock);
    for (size_t i = 0; i < w->threads; i++)
        (void)pthread_join(w->ids[i], NULL);
    w->threads = 0;
}

void workers_free(struct workers *w)
{
    if (!w)
        return;
    workers_stop(w);
    (void)pthread_cond_destroy(&w->wake);
    (void)pthread_mutex_destroy(&w->lock);
    free(w->queue);
    free(w);
}
