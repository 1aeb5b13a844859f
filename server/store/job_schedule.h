#ifndef YELLOW_STORE_JOB_SCHEDULE_H
#define YELLOW_STORE_JOB_SCHEDULE_H

#include "model/job.h"
#include "pg/pg.h"

/* What a scheduler (Airflow's DAG file, CronJobs) needs to know of a job: a part of its row. */
struct scheduled_job {
    const char *kind, *platform, *name, *store, *schedule, *timezone, *priority, *state;
    const char *workspace; /* NULL for a stream */
    struct texts inputs;
    struct resources resources; /* the effective four, API hint included */
};

/* The jobs in force of a PSP, in order of kind, platform and name; after: the three of the last one before, or NULLs.
 */
int job_store_schedule(struct pg *pg, struct arena *arena, const char *ecosystem, const char *psp,
                       const char *const after[3], size_t limit, struct scheduled_job **out, size_t *count,
                       struct err *err);

#endif
