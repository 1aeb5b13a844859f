#ifndef YELLOW_INGEST_ORDER_H
#define YELLOW_INGEST_ORDER_H

#include "ingest/work.h"

/* The order of keys that both sides of a merge agree on: that of the values' binary form, read by type (signed numbers,
 * dates and times as numbers; texts, uuid and bytea by bytes; boolean false first). In SQL it is ORDER BY the key
 * columns ascending, texts COLLATE "C" in a UTF-8 database. A key has no nulls; order_compare puts them first. */

/* An ORDER BY list of the key columns, quoted; on the arena. */
const char *order_by_key(struct arena *arena, const struct work_dataset *dataset);
/* Tuples of COPY's binary form, by the key columns: negative, 0, positive. */
int order_compare(const struct work_dataset *dataset, struct str a, struct str b);
/* How many bytes of a tuple order_compare looks at: to the end of the last column of the key. */
size_t order_prefix(const struct work_dataset *dataset, struct str tuple);
/* Whether the dataset has a key, all of types that have such an order: every type that may be part of a key has. */
bool order_is_possible(const struct work_dataset *dataset);
/* Whether the column is a text, which SQL has to be told to order by bytes. */
bool order_is_text(const struct work_column *column);

#endif
