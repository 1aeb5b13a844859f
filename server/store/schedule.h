#ifndef YELLOW_STORE_SCHEDULE_H
#define YELLOW_STORE_SCHEDULE_H

#include "store/hint.h"

/* What schedulers of Yellow's own read and write: jobs with their newest run, and claims on jobs that a scheduler
 * starts. Times are milliseconds since 1970 by the database's clock; -1 where there is none. */
struct schedule_row {
    int64_t id;
    struct job_key key;
    const char *psp, *store, *schedule, *timezone, *priority;
    struct texts inputs;
    int version_changed;
    struct resources resources; /* the effective four */
    const char *state;
    bool operation; /* the next run has something to do beside the batch */
    int64_t changed_at, last_commit_at, run_requested_at;
    struct {
        int64_t id, started_at, finished_at; /* id 0: it never ran */
        int attempt;
        const char *started_by;
        bool cancel_requested, running;
    } run;
};

/* Those that changed at or after since (0: all), on the arena. */
int schedule_store_read(struct pg *pg, struct arena *arena, int64_t since, struct schedule_row **out, size_t *count,
                        struct err *err);
/* The clock; and a number that differs when some ecosystem has another version in force. */
int schedule_store_now(struct pg *pg, struct arena *arena, int64_t *now, int64_t *versions, struct err *err);

struct schedule_claim {
    int64_t job;
    const char *source, *target; /* source NULL: none */
    int64_t run;                 /* the newest that was known of; 0: none */
};
/* To the end of the transaction no other scheduler decides. */
int schedule_store_lock(struct pg *pg, struct arena *arena, struct err *err);
/* What schedulers other than this one claim. */
int schedule_store_others(struct pg *pg, struct arena *arena, const char *scheduler, struct schedule_claim **out,
                          size_t *count, struct err *err);
/* got[i] says whether claims[i] is this scheduler's now: nobody else watches the job, and it has no live run, nor a
 * newer one than was known of. */
int schedule_store_claim(struct pg *pg, struct arena *arena, const char *scheduler, const struct schedule_claim *claims,
                         size_t count, int64_t lease_ms, bool *got, struct err *err);
int schedule_store_renew(struct pg *pg, struct arena *arena, const char *scheduler, int64_t lease_ms, struct err *err);
/* jobs NULL: all that it has. */
int schedule_store_release(struct pg *pg, struct arena *arena, const char *scheduler, const int64_t *jobs, size_t count,
                           struct err *err);

#endif
