#ifndef YELLOW_INGEST_MERGE_H
#define YELLOW_INGEST_MERGE_H

#include "ingest/batch.h"
#include "ingest/table.h"

/* How the rows of one dataset get into its table (DOMAIN.md section 9), inside the batch's transaction on
 * ingest->target. Each way leaves the same rows behind; which one is taken is a matter of speed:
 *
 *   compare  keyed, whole, sorted at the source: the source's rows and the table's run past each other in the order of
 *            the key, and only differences are written
 *   rebuild  the table is new: rows go straight into it, its index comes after them, or while the source is waited for
 *   append   without a key, not whole: rows go straight into the table
 *   stage    anything else: all rows into a temporary table, then statements over both
 *   none     nothing was written: nothing differs, or the source knows that it has the rows of the batch before
 *
 * Counts: each row that was read is inserted, updated, unchanged or quarantined; a row whose key comes again later,
 * where the last one counts, is unchanged. Deleted are rows of the table. Two rows with one key in a whole dataset are
 * bad data: the first is taken, the others are quarantined. So is a row without a value that the model requires. */
struct merge {
    struct ingest *ingest;
    const struct capture_kind *kind;
    struct capturing *capture;
    size_t index;
    const struct work_dataset *dataset;
    struct table_plan plan;
    /* A second connection to the merge database, for reading the table while rows are written: NULL until it is
     * needed. */
    int (*reader)(void *ctx, struct pg **out, struct err *err);
    void *reader_ctx;
    struct counts counts; /* quarantined and unchanged are set by merge_run */
    int64_t refused;      /* rows that went to quarantine here, not in the capture */
    int64_t superseded;   /* rows whose key came again */
    const char *way;
};

/* What is not among the rows is gone. */
static inline bool merge_replaces(const struct merge *merge)
{
    return merge->kind->whole || merge->ingest->replace;
}

/* Picks the way and goes it. */
int merge_run(struct merge *merge, struct err *err);

#endif
