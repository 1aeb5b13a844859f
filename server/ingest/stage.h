#ifndef YELLOW_INGEST_STAGE_H
#define YELLOW_INGEST_STAGE_H

#include "ingest/intake.h"

/* All rows of a capture in a temporary table, numbered as they came in the column yellow_batch_n. It goes with the
 * transaction. */
struct stage {
    struct merge *merge;
    const char *table;  /* quoted */
    const char *target; /* the dataset's table, quoted */
};

/* merge: its ingest, index and dataset. */
int stage_fill(struct stage *stage, struct merge *merge, struct intake *intake, struct err *err);
/* One side of a comparison of rows without a key, as a table expression to be given an alias: hash of all columns,
 * place, age, and nth, which numbers equal rows, the oldest first. where: " where ..." or "". */
void stage_numbered(struct buf *sql, const struct stage *stage, const char *from, const char *place, const char *age,
                    const char *where);
/* Whether the rows t and s have other binary values. */
void stage_differs(struct buf *sql, const struct stage *stage);

#endif
