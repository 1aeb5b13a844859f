#ifndef YELLOW_CONTROL_SCHEDULE_PLAN_H
#define YELLOW_CONTROL_SCHEDULE_PLAN_H

#include "base/arena.h"
#include "base/zone.h"
#include "model/cron.h"
#include "model/model.h"

/* What a scheduler should start now: a pure function of its jobs, the limits and the clock. Times are milliseconds
 * since 1970 in UTC. */

enum { SCHEDULE_NEVER_MS = -1 };

enum schedule_trigger {
    SCHEDULE_CRON,
    SCHEDULE_INPUTS,  /* after a commit of any input, once every input has committed */
    SCHEDULE_EXTERNAL /* by nobody here: "external", or a transformer's output, which its transformer ingests */
};

enum schedule_state {
    SCHEDULE_READY,
    SCHEDULE_FAILED, /* or lost: tried again after a pause that grows with each attempt of the batch */
    SCHEDULE_CLOSED  /* it runs, is paused or retired */
};

struct schedule_job {
    enum schedule_trigger trigger;
    struct cron cron;
    const struct zone *zone; /* of the cron */
    enum priority priority;
    const char *source, *target; /* containers whose jobs are limited; source NULL: none */
    enum schedule_state state;
    int64_t appeared_at;  /* since when the scheduler could have started it */
    int64_t started_at;   /* of the newest run, whoever started it; SCHEDULE_NEVER_MS */
    int64_t ended_at;     /* of that run */
    int attempts;         /* of its batch */
    int64_t requested_at; /* "run now"; SCHEDULE_NEVER_MS */
    int64_t inputs_at;    /* newest commit of its inputs; SCHEDULE_NEVER_MS while one never committed */
    int64_t not_before;   /* a process that ended before it had a run is not started at once again */
};

struct schedule_limits {
    size_t jobs;                    /* at once on this machine */
    size_t per_source, per_target;  /* at once on all of them */
    int64_t retry_ms, retry_max_ms; /* pause after the first failure; it doubles up to the largest */
    int64_t age_ms;                 /* after so long a wait a job counts as one of the next priority */
};

/* A job that runs already. */
struct schedule_running {
    const char *source, *target;
    bool elsewhere; /* on another machine: it counts for its containers, not for the limit in all */
};

/* Since when, or from when on, the job is due; INT64_MAX: not by the clock. Missed times of a cron are one. A stream
 * that never ran is due at once: its consumers have nothing yet. */
int64_t schedule_due(const struct schedule_job *job, const struct schedule_limits *limits);
/* The pause after that many attempts. */
int64_t schedule_backoff(const struct schedule_limits *limits, int attempts);

struct schedule_plan {
    const size_t *start; /* indexes of jobs, first things first; on the arena */
    size_t count;
    size_t waiting; /* due, and held back by a limit */
    int64_t next;   /* when the next one becomes due; INT64_MAX: none by the clock */
};
/* due: schedule_due of each job. Of those that are due, the one that waited longest for its priority goes first: each
 * age_ms of waiting weighs as much as a step of priority, so nothing waits forever. A job whose source or target is
 * busy lets others pass. */
struct schedule_plan schedule_plan(struct arena *arena, const struct schedule_job *jobs, const int64_t *due,
                                   size_t count, const struct schedule_running *running, size_t running_count,
                                   const struct schedule_limits *limits, int64_t now);

#endif
