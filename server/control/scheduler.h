#ifndef YELLOW_CONTROL_SCHEDULER_H
#define YELLOW_CONTROL_SCHEDULER_H

#include "control/schedule_plan.h"
#include "control/snapshot.h"
#include "pg/pool.h"

#include <stdatomic.h>

/* The scheduler of one machine: starts `yellow job run` for each job that is due (control/schedule_plan.h), as a child
 * with the job's size as its limits (control/job_process.h), and tells what became of a child that could not tell
 * itself. Several machines may run one on the same database: each job is claimed there before it is started, and the
 * limits of sources and targets count for all of them. Children die with the scheduler; the lease that such a run had
 * is waited for. */
struct scheduler;

struct scheduler_options {
    struct pg_pool *pool;
    struct snapshots *snapshots;
    const atomic_bool *ready; /* the tables are up to date; NULL: they are */
    struct schedule_limits limits;
    int64_t run_lease_ms;
    const char *url;                                   /* of the server, for children */
    const char *state_dir;                             /* holds the children's token: STATE/scheduler-token-PORT */
    const char *program;                               /* what children run; NULL: this program */
    void (*changed)(void *ctx, const char *ecosystem); /* it wrote the end of a run; NULL allowed */
    void *ctx;
};

struct scheduler *scheduler_new(const struct scheduler_options *options);
/* Starts its thread. */
int scheduler_start(struct scheduler *scheduler, struct err *err);
/* Something changed: from any thread. */
void scheduler_wake(struct scheduler *scheduler);
/* Stops: children get SIGTERM, after ms SIGKILL. Their reports need the server, which must be up until then. */
void scheduler_stop(struct scheduler *scheduler, int64_t ms);
void scheduler_free(struct scheduler *scheduler);

#endif
