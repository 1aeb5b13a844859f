#ifndef YELLOW_CONTROL_OPERATION_H
#define YELLOW_CONTROL_OPERATION_H

#include "control/snapshot.h"
#include "store/job.h"

/* What operators do to a stream or transformer (DOMAIN.md section 13). Each is one transaction that holds the job's
 * row, asks control/transition.h, and adds one audit row. What has to happen in the merge database is written down on
 * the job and done by its next run, in the transaction of its batch: servers need no way to that database. */
enum operation {
    OPERATION_PAUSE,
    OPERATION_RESUME,
    OPERATION_RUN,
    OPERATION_CANCEL,
    OPERATION_RESET,
    OPERATION_RESNAPSHOT,
    OPERATION_REWIND,
    OPERATION_DROP,
    OPERATION_WITHDRAW,
    OPERATION_COUNT
};
extern const char *const operation_names[OPERATION_COUNT]; /* "pause", ... */
/* False when there is none of that name. */
bool operation_parse(const char *name, enum operation *out);

struct operation_request {
    struct pg_pool *pool;
    struct snapshots *snapshots;
    const char *actor, *request_id;
    struct job_key key;
    enum operation operation;
    const char *watermark; /* of a rewind; NULL: that of batch */
    int64_t batch;         /* of a rewind; 0: none given */
    bool skip;             /* of a rewind to a watermark: rows before it that were not read are left out */
    bool dry_run;          /* says what it would do, and does nothing */
    /* Whether the job is as the caller knows it: 0, or an error that ends it. NULL: it does not matter. */
    int (*precondition)(void *ctx, const struct job_row *job, struct err *err);
    void *ctx;
};

struct operation_result {
    struct job_row job; /* as it is afterwards; of a dry run, as it is */
    struct texts does;  /* what it does, or would do, for people */
    const char *code;   /* of a refusal, for machines: "illegal-move", "no-run", "run-live", "pending", "not-here",
                         * "skips" */
};
/* ERR_CONFLICT when the job's state does not allow it, ERR_INVALID when it makes no sense for this job. */
int operation_apply(const struct operation_request *request, struct arena *arena, struct operation_result *out,
                    struct err *err);

/* Of the JSON that a job row keeps; 0: nothing is pending. */
int64_t operation_id(const struct job_row *job);
bool operation_is_drop(const struct job_row *job);

#endif
