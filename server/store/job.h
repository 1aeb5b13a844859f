#ifndef YELLOW_STORE_JOB_H
#define YELLOW_STORE_JOB_H

#include "model/job.h"
#include "pg/pg.h"
#include "store/hint.h"

/* Jobs: the streams and transformers of an ecosystem, each with what the merge resolved for it and with the status
 * that its runs reported. */

/* Makes the jobs of the ecosystem those of a version, inside the merge's transaction: adds what is new, changes what
 * differs, retires what is gone (never deleted), revives what came back. A row that is as it should be is not touched.
 * former: the jobs that the rows stand for, written by this program, hints aside: then only what differs from them is
 * sent, and nothing when nothing does. NULL: the rows may be anything, and all of them are compared.
 *
 * The hint of the API stands in front of the job's own levels. When a merge changes the levels so that the hint would
 * make a request exceed its limit, the merge goes through, the hint is kept but counts for nothing on this job
 * (all of it: half a hint was never asked for), and jobs.hint_skipped says why, as GET .../resources does. It counts
 * again as soon as a later merge lets it fit. */
int job_store_apply(struct pg *pg, struct arena *arena, const char *ecosystem, int version, const struct jobs *former,
                    const struct jobs *jobs, struct err *err);

/* The live run of a job, as far as its status shows it. */
struct job_run {
    int64_t id; /* 0: none */
    const char *started_by, *started_at, *lease_until;
    bool expired;                                          /* its lease passed, and nobody made it lost yet */
    struct str progress;                                   /* JSON, absent without */
    const char *cancel_requested_at, *cancel_requested_by; /* NULL: nobody asked it to stop */
};

struct job_row {
    int64_t id;
    struct job_key key;
    const char *psp, *store, *dataset, *workspace, *team, *capture, *schedule, *timezone, *milestoning, *priority;
    struct texts feeds, inputs;
    struct str levels;                           /* JSON of store/levels.h: the model's own */
    struct resources resources;                  /* the effective four */
    const char *hint_skipped;                    /* why the hint does not count, or NULL */
    int version_in, version_changed, retired_in; /* retired_in 0: in force */
    const char *state;
    int64_t revision, fence, batch;
    const char *batch_state; /* NULL: no batch yet */
    const char *watermark, *last_commit_at, *cause, *message, *changed_at;
    struct job_run run;
    struct hint_row hint;
    const char *run_requested_at, *run_requested_by; /* of "run now"; older than the newest run: it was met */
    struct str operation; /* JSON of control/operation.h that the next run does; absent: none */
};

/* ERR_NOT_FOUND names the job. Rows are on the arena. */
int job_store_get(struct pg *pg, struct arena *arena, const struct job_key *key, struct job_row *out, struct err *err);
int job_store_by_id(struct pg *pg, struct arena *arena, int64_t id, struct job_row *out, struct err *err);
/* As job_store_get, and nobody else changes the job, its runs, batches or hint until the transaction ends: whoever
 * writes them takes this lock first. */
int job_store_lock(struct pg *pg, struct arena *arena, const struct job_key *key, struct job_row *out, struct err *err);
/* As above for the job of a run; ERR_NOT_FOUND names the run. */
int job_store_lock_of_run(struct pg *pg, struct arena *arena, const char *ecosystem, int64_t run, struct job_row *out,
                          struct err *err);

struct job_filter {
    const char *ecosystem;
    enum job_kind kind;
    const char *psp, *platform, *store, *team, *state; /* NULL: any */
    const char *after_platform, *after_name;           /* NULL: from the first */
    size_t limit;
};
/* In order of platform and name. */
int job_store_list(struct pg *pg, struct arena *arena, const struct job_filter *filter, struct job_row **out,
                   size_t *count, struct err *err);

/* Writes state, fence, batch, batch_state, watermark, cause and message of a locked row; committed moves
 * last_commit_at to now. The revision grows. */
int job_store_set_status(struct pg *pg, struct arena *arena, const struct job_row *row, bool committed,
                         struct err *err);
/* Writes the effective four values of a locked row; gives its new revision. */
int job_store_set_resources(struct pg *pg, struct arena *arena, int64_t id, const struct resources *values,
                            int64_t *revision, struct err *err);
/* "jobs ECOSYSTEM" on the channel of the replicas, when the transaction commits. */
int job_store_notify(struct pg *pg, struct arena *arena, const char *ecosystem, struct err *err);

#endif
