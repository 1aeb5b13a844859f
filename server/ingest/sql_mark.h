#ifndef YELLOW_INGEST_SQL_MARK_H
#define YELLOW_INGEST_SQL_MARK_H

#include "ingest/sql_source.h"

/* What a batch keeps of the tables that it read whole, so that the next one need not read them again when nothing was
 * changed: for each its identity and how many rows there were, and the horizon of the snapshot (yellow.marks).
 *
 * A row's values never change: an update is another row, of a later transaction. So where a table has no row of a
 * transaction at or above the horizon, all its rows are of transactions that were over at the snapshot before, and were
 * read then; and where they are as many as were read then, none has gone. That needs a plain table whose rows everybody
 * sees (no view, partition, foreign table or row security), its columns in their own form, and the same columns as
 * before; anything else is read. */

struct sql_marks;

/* Small tables are read: that costs less. Tests set it lower. */
extern int64_t sql_mark_rows_min;

/* What the last committed batch kept; on the batch's arena. */
int sql_marks_read(struct sql_source *source, struct sql_marks **out, struct err *err);
/* 1: the dataset's table is as that batch read it, with *rows rows; 0: it is not, or nobody knows; negative on errors.
 */
int sql_marks_same(struct sql_marks *marks, size_t dataset, int64_t *rows, struct err *err);
/* After all rows: keeps it for the next batch, in the transaction of the merge database. */
int sql_marks_keep(struct sql_marks *marks, struct err *err);

#endif
