#ifndef YELLOW_INGEST_BATCH_H
#define YELLOW_INGEST_BATCH_H

#include "ingest/capture.h"

/* One batch of a stream, from its source to committed rows (DOMAIN.md sections 8 and 9). The merge database is the
 * truth about batches: a run first brings it and the server to one mind, then works. */

struct counts {
    int64_t read, inserted, updated, deleted, unchanged, quarantined;
};

struct batch_outcome {
    int32_t batch;
    bool found; /* it was committed before this run: a lost answer or report; nothing was done but read it */
    struct counts counts;
    const char *watermark;
    int64_t operation; /* of the work order, that is done when the batch is; 0: none */
    struct {
        const char *dataset;
        struct counts counts;
        const char *way; /* "compare", "rebuild", "append", "stage", "none" (ingest/merge.h) */
        bool ddl;
    } * datasets;
    size_t dataset_count;
    const char *cause;  /* of a failure; NULL otherwise */
    int64_t seen_fence; /* lost before it began: to the run with this fence; otherwise 0 */
};

/* Runs the batch of the work order to its end: claims the fence in the merge database, creates or changes tables where
 * the schema differs from the last committed one, captures, stages, and commits data, counts, watermark and state in
 * one transaction that checks the fence. on_staged (NULL allowed) is called when all is staged. The target must be
 * connected; it is used by this thread alone. ERR_CONFLICT with the cause "lost" when a newer fence was there: nothing
 * was changed. On any failure the tables are as before, and the batch is `failed` in yellow.batches with its cause. An
 * unknown COMMIT is resolved by reading, through reconnect. */
struct batch_options {
    int (*reconnect)(void *ctx, struct pg **out, struct err *err); /* to the merge database, when it was lost */
    int (*on_staged)(void *ctx, struct err *err);
    void *ctx;
    size_t look_bytes;   /* for tests (ingest/capture.h); 0: as it comes */
    struct ahead *ahead; /* a connection to the source that is on its way (sql_source_ahead); NULL: none */
};
int batch_run(struct arena *arena, const struct work *work, struct pg **target, struct progress *progress,
              const struct batch_options *options, struct batch_outcome *out, struct err *err);
/* The same with this capture in place of the work order's. */
int batch_run_kind(struct arena *arena, const struct work *work, const struct capture_kind *kind, struct pg **target,
                   struct progress *progress, const struct batch_options *options, struct batch_outcome *out,
                   struct err *err);

#endif
