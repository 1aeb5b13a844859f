#ifndef YELLOW_CONTROL_HINT_H
#define YELLOW_CONTROL_HINT_H

#include "pg/pool.h"
#include "store/job.h"

/* Hints of the API: what they change is there at once, in one transaction: the hint, the four effective values of the
 * job, the audit row and the word to the other replicas. */

/* Compares what the caller knows with what is there, under the job's lock: the hint in job->hint (revision 0: none).
 * A negative result refuses the change. */
typedef int hint_precondition(void *ctx, const struct job_row *job, struct err *err);

struct hint_change {
    struct pg_pool *pool;
    const char *actor, *request_id;
    struct job_key key;
    const struct resources *values; /* NULL: delete it */
    hint_precondition *precondition;
    void *ctx;
};

struct hint_result {
    struct job_row job; /* as it is afterwards */
    bool created;
    const char *pointer; /* into the hint as JSON, of the value that ERR_INVALID is about */
};

/* ERR_NOT_FOUND for an unknown job, or no hint to delete; ERR_CONFLICT for a retired job; ERR_INVALID when a request
 * would exceed its limit (result->pointer names the hint's part in it). The same values again change nothing. */
int hint_change(const struct hint_change *change, struct arena *arena, struct hint_result *result, struct err *err);

/* Where the four effective values of a job come from: a new reference to {"effective": resources, "values": as
 * resource_resolution_json, "skipped": {"level", "source", "values", "reason"} or absent}. ERR_INTERNAL when the row's
 * levels do not read. */
int hint_explain(struct arena *arena, const struct job_row *job, json_t **out, struct err *err);

#endif
