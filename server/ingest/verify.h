#ifndef YELLOW_INGEST_VERIFY_H
#define YELLOW_INGEST_VERIFY_H

#include "ingest/batch.h"

/* Whether the merge database has what the source has and what the ledger says, by other ways than those that merged
 * it. Nothing is changed. The source is read anew, so what changed there since the last batch differs. */

struct verify_finding {
    const char *dataset; /* NULL: of the stream */
    /* "missing": a row of the source is not in the table; "extra": a live row of the table is not in the source;
     * "differs": the row of a key has other values; "history", "counts", "batches": a rule is broken */
    const char *kind;
    const char *text; /* the row or its key as JSON, or what is broken */
};

struct verify_dataset {
    const char *dataset;
    bool compared;                   /* with the source: not for files, which are read once each */
    int64_t source, live, history;   /* rows; history: those that ended */
    int64_t missing, extra, differs; /* rows; extra is no difference where the capture sees no deletes */
    int64_t broken;                  /* findings about history and counts */
};

struct verify_report {
    bool equal;
    int32_t batch; /* the last committed; 0: none */
    const struct verify_dataset *datasets;
    size_t dataset_count;
    const struct verify_finding *findings; /* the first options->limit rows of each dataset, and every broken rule */
    size_t finding_count;
};

struct verify_options {
    const struct capture_kind *kind; /* NULL: what reads the whole source of the work order */
    bool without_source;             /* table and history alone */
    size_t limit;                    /* of rows shown for each dataset */
};

/* ERR_NOT_FOUND when the stream is not in the merge database. Of the work order, run, fence and batch are not used.
 * *cause (model/cause.h) of a failure. target: in no transaction; for this thread alone. */
int verify_run(struct arena *arena, const struct work *work, struct pg *target, struct progress *progress,
               const struct verify_options *options, struct verify_report *out, const char **cause, struct err *err);

#endif
