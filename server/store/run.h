#ifndef YELLOW_STORE_RUN_H
#define YELLOW_STORE_RUN_H

#include "store/hint.h"

/* Runs: one execution of a job each, with its lease and its fencing token. Writers hold the job's lock
 * (job_store_lock). */
struct run_row {
    int64_t id, job;
    struct job_key key;
    int64_t fence, batch, attempt;
    const char *state;
    const char *started_by, *started_at, *heartbeat_at, *lease_until;
    bool expired; /* its lease passed */
    const char *finished_at;
    struct str progress, counts; /* JSON, absent without */
    const char *watermark, *cause, *message;
    const char *report_hash;         /* of the report that finished it, or NULL */
    const char *batch_state;         /* of its batch as it is now */
    const char *cancel_requested_by; /* who asked it to stop; NULL: nobody */
};

/* ERR_NOT_FOUND names it. */
int run_store_get(struct pg *pg, struct arena *arena, const char *ecosystem, int64_t id, struct run_row *out,
                  struct err *err);
/* Writes job, fence, batch, attempt and started_by of row, with a lease from now on; gives the id. */
int run_store_insert(struct pg *pg, struct arena *arena, const struct run_row *row, int64_t lease_ms, int64_t *id,
                     struct err *err);
/* A heartbeat; progress (JSON) replaces what was there unless it is absent. */
int run_store_touch(struct pg *pg, struct arena *arena, int64_t id, int64_t lease_ms, struct str progress,
                    struct err *err);
/* Writes state, counts, watermark, cause, message and report_hash of row, and finished_at. */
int run_store_close(struct pg *pg, struct arena *arena, const struct run_row *row, struct err *err);

struct run_id {
    const char *ecosystem;
    int64_t id;
};
/* Runs that are running with a lease that passed; at most 100 at a time, the oldest first. */
int run_store_expired(struct pg *pg, struct arena *arena, struct run_id **out, size_t *count, struct err *err);

#endif
