#ifndef YELLOW_CONTROL_WORKER_H
#define YELLOW_CONTROL_WORKER_H

#include "control/commit.h"
#include "control/instance.h"

/* Threads that bring deliveries to their outcome: claimed one by one, one at a time an ecosystem, woken by
 * notifications and by due times. */
struct commit_worker_options {
    struct commit_service service;
    struct instance *instance; /* claims are made in its name, and those of its former end now; NULL: a made up one */
    size_t count;              /* threads; 0: 2 */
    int64_t lease_ms;          /* of a claim, renewed every third of it; 0: a minute */
    int64_t backoff_ms;        /* before the second attempt, doubled for each further one, jittered; 0: 2 s */
    int64_t backoff_max_ms;    /* 0: 5 minutes */
    int64_t give_up_ms;        /* a delivery that cannot be worked on so long is rejected; 0: a day */
    int crash_limit;           /* claims without an outcome that quarantine; 0: 3 */
};

struct commit_workers;

/* Options are copied; what they point to is borrowed. The database may be away. */
struct commit_workers *commit_workers_new(const struct commit_worker_options *options);
/* Makes the threads. */
int commit_workers_start(struct commit_workers *workers, struct err *err);
/* There may be something to do. Any thread. */
void commit_workers_wake(struct commit_workers *workers);
/* Takes no new deliveries and waits ms for those in work. What is not done by then is given back, so that a stop in the
 * middle of a long fetch counts as no crash; false then: the threads may go on for long, and cannot harm any more. */
bool commit_workers_stop(struct commit_workers *workers, int64_t ms);
/* Lets the deliveries in work come to their end, then ends the threads and frees. NULL is allowed. */
void commit_workers_free(struct commit_workers *workers);

/* One turn on the calling thread: frees expired claims, claims at most one delivery and works on it. *worked: there
 * was one. An error is the database's. What threads do; for tests and for a process that works once. */
int commit_workers_step(struct commit_workers *workers, bool *worked, struct err *err);

/* How long an attempt waits that failed for the attempts-th time: between half and all of the doubled backoff. */
int64_t commit_workers_backoff(const struct commit_workers *workers, int attempts);

#endif
