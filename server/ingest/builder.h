#ifndef YELLOW_INGEST_BUILDER_H
#define YELLOW_INGEST_BUILDER_H

#include "base/buf.h"
#include "ingest/work.h"

/* Where SQL over a dataset's own tables and columns is written: the only place that quotes identifiers. Values are
 * never part of it. */

/* "a ""b"": quoted as PQescapeIdentifier does it in UTF-8. The name must have passed builder_check. */
void builder_name(struct buf *sql, const char *name);
/* "schema"."table" */
void builder_table(struct buf *sql, const char *schema, const char *table);
/* The dataset's columns: prefix before each ("t.", ""), separated by ", ". */
void builder_columns(struct buf *sql, const struct work_dataset *dataset, const char *prefix);
void builder_key(struct buf *sql, const struct work_dataset *dataset, const char *prefix);
/* a.k1 = b.k1 and a.k2 = b.k2 */
void builder_key_equal(struct buf *sql, const struct work_dataset *dataset, const char *a, const char *b);

/* ERR_INVALID for a name that PostgreSQL would cut or refuse: empty, more than 63 bytes, not UTF-8. what: "column". */
int builder_check(const char *what, const char *name, struct err *err);

#endif
