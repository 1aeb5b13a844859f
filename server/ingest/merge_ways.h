#ifndef YELLOW_INGEST_MERGE_WAYS_H
#define YELLOW_INGEST_MERGE_WAYS_H

#include "ingest/intake.h"

/* The ways of ingest/merge.h; each sets merge->counts and merge->way. */

/* rebuild and append: the table is new, or rows only add to it. */
int merge_load(struct merge *merge, struct intake *intake, struct err *err);
int merge_stage(struct merge *merge, struct intake *intake, struct err *err);
/* 1 when the source turned out to be unsorted: nothing was written, nothing is counted. */
int merge_compare(struct merge *merge, struct intake *intake, struct err *err);

/* Of rows with one key, in the order of the column place, one stays: of a whole dataset the first, and the others are
 * quarantined; otherwise the last. table: quoted. */
int merge_drop_repeated(struct merge *merge, const char *table, const char *place, struct err *err);

#endif
