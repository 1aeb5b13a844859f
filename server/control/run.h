#ifndef YELLOW_CONTROL_RUN_H
#define YELLOW_CONTROL_RUN_H

#include "control/transition.h"
#include "pg/pool.h"
#include "store/job.h"
#include "store/run.h"

/* Runs of jobs: leases with fencing tokens, heartbeats and reports. Each call is one transaction that holds the job's
 * row, checks the fence, moves run, batch and job by control/transition.h, adds one audit row for each run whose state
 * it changed, and tells the replicas. */

/* Who asks. */
struct run_caller {
    struct pg_pool *pool;
    const char *actor, *request_id;
    int64_t lease_ms; /* from each heartbeat on */
    /* Of a start with an Idempotency-Key (otherwise NULL): asked again it gives the run it gave, as that is now. */
    const char *key, *request_hash;
    int64_t token_id;
};

struct run_result {
    struct run_row run; /* as it is afterwards; for a refused start, the live run */
    struct job_row job; /* as it is afterwards */
    bool repeated;      /* the same report, or start, was there already: nothing changed */
    const char *code;   /* of a refusal, for machines: "run-live", "job-retired", "stale-fence", "illegal-move" */
};

/* Takes the lease: fence = the last one + 1; a new batch when the last is committed, otherwise the open one again. A
 * live run whose lease passed becomes lost first. ERR_CONFLICT while another run is live (out->run is that one) or when
 * the job is retired; ERR_NOT_FOUND for an unknown job. */
int run_start(const struct run_caller *caller, struct arena *arena, const struct job_key *key, struct run_result *out,
              struct err *err);

/* Extends the lease of a running run; ingested: everything of its batch is staged. ERR_CONFLICT that changes nothing
 * for another fence than the run's, for a run that a newer one took over from, and for one that is not running; a run
 * whose lease passed becomes lost. */
struct run_heartbeat {
    int64_t fence;
    bool ingested;
    struct str progress; /* JSON; absent: keep what is there */
};
int run_heartbeat(const struct run_caller *caller, struct arena *arena, const char *ecosystem, int64_t run,
                  const struct run_heartbeat *heartbeat, struct run_result *out, struct err *err);

/* The run's last word. The same report (by its hash) again changes nothing and gives the same answer; another one
 * after it is ERR_CONFLICT. A lost run may still report while no newer run started: the merge database checked its
 * fence. */
struct run_report {
    int64_t fence;
    enum event outcome;          /* EVENT_COMMIT, EVENT_FAIL or EVENT_CANCEL */
    struct str counts;           /* JSON */
    const char *watermark;       /* NULL: none; the job keeps its own */
    const char *cause, *message; /* of a failure */
    const char *hash;
    int64_t operation;   /* of the work order, that it did; 0: none */
    int64_t merge_fence; /* of cause_server_behind: the newest that the merge database knows; the next run's is newer */
};
int run_finish(const struct run_caller *caller, struct arena *arena, const char *ecosystem, int64_t run,
               const struct run_report *report, struct run_result *out, struct err *err);

/* Makes runs without heartbeat lost, each in a transaction of its own, and calls changed with the ecosystem. */
int run_lose_expired(struct pg_pool *pool, void (*changed)(void *ctx, const char *ecosystem), void *ctx,
                     struct err *err);

#endif
