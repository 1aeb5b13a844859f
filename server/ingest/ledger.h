#ifndef YELLOW_INGEST_LEDGER_H
#define YELLOW_INGEST_LEDGER_H

#include "ingest/batch.h"

/* What a merge database says about streams and batches (yellow.streams, yellow.batches). A run claims its stream with
 * its fence; from then on an older run can commit nothing. */

struct ledger {
    int64_t stream; /* in yellow.streams */
    const char *watermark;
    bool same_shape;
    int64_t attempts;            /* of this batch, with this one */
    const char *const *datasets; /* that had tables after the last committed batch */
    size_t dataset_count;
    bool found;     /* the batch is committed; then: */
    json_t *counts; /* as ledger_commit got them */
    /* Why there was nothing to claim. */
    int64_t seen_fence; /* of the newer run that has the stream; 0: none */
    bool behind;        /* the database is at an earlier batch than the server believes */
};

/* Makes what Yellow keeps in the database where it is absent. ERR_INVALID when the database is not in UTF-8. */
int ledger_prepare(struct pg *pg, struct arena *arena, struct err *err);
/* Outside of a transaction. ERR_CONFLICT: *lost says whether a newer run has the stream; otherwise the database is not
 * where the server believes it is. When it was restored from a backup, or emptied, an operator's reset or re-snapshot
 * makes the two meet again: the stream goes on from what is there, with the number of the server. */
int ledger_claim(struct pg *pg, struct arena *arena, const struct work *work, const char *shape, struct ledger *out,
                 bool *lost, struct err *err);
/* Opens the transaction of the batch's data, marked so that a newer run can end it. */
int ledger_begin(struct pg *pg, struct arena *arena, const struct ledger *ledger, struct err *err);
/* Marks a session that reads tables beside that transaction. */
int ledger_mark_reader(struct pg *pg, struct arena *arena, const struct ledger *ledger, struct err *err);
/* In it, as its last statement. shape: NULL when it is as it was. staged_ms: when all rows were there, monotonic.
 * ERR_CONFLICT when a newer run has the stream. */
int ledger_commit(struct pg *pg, struct arena *arena, const struct ledger *ledger, const struct work *work,
                  const char *watermark, const char *shape, const char *counts, int64_t staged_ms, struct err *err);
/* The batch did not come to its end. Nothing when a newer run has the stream. */
int ledger_fail(struct pg *pg, struct arena *arena, const struct ledger *ledger, const struct work *work,
                const char *cause, const char *message, struct err *err);
/* Whether this run's batch is committed, asked after the answer to COMMIT was lost. */
int ledger_resolve(struct pg *pg, struct arena *arena, const struct ledger *ledger, const struct work *work,
                   bool *committed, struct err *err);

#endif
