#ifndef YELLOW_HTTP_WORKERS_H
#define YELLOW_HTTP_WORKERS_H

#include <stdbool.h>
#include <stddef.h>

/* Threads that run jobs which may wait, with a queue of fixed length. */
struct workers;

typedef void worker_fn(void *job);

/* run is called for each job; drop for those still queued when it stops. NULL when threads cannot be started. */
struct workers *workers_new(size_t threads, size_t queue, worker_fn *run, worker_fn *drop);
/* False when the queue is full or stopped; otherwise before(job) has been called before any worker can see the job. */
bool workers_push(struct workers *workers, void *job, worker_fn *before);
/* Drops what is queued, waits for what runs; workers_push is false from now on. */
void workers_stop(struct workers *workers);
/* Stops first. NULL is allowed. */
void workers_free(struct workers *workers);

#endif
