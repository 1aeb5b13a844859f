#ifndef YELLOW_INGEST_ORDER_H
#define YELLOW_INGEST_ORDER_H

#include "ingest/work.h"

/* The order of keys that both sides of a merge agree on: that of the values' binary form, read by type (signed numbers,
 * dates and times as numbers; texts, uuid and bytea by bytes; boolean false first). In SQL it is ORDER BY the key
 * columns ascending, texts COLLATE "C" in a UTF-8 database, nulls first (a key has none, a row without one may). */

/* An ORDER BY list of the key columns, quoted; on the arena. */
const char *order_by_key(struct arena *arena, const struct work_dataset *dataset);
/* Tuples of COPY's binary form, by the key columns: negative, 0, positive. */
int order_compare(const struct work_dataset *dataset, struct str a, struct str b);
/* Whether SQL's order of the key can be that order: not for a numeric or text that the database sorts its own way. */
bool order_is_possible(const struct work_dataset *dataset);

#endif
