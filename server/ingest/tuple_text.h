#ifndef YELLOW_INGEST_TUPLE_TEXT_H
#define YELLOW_INGEST_TUPLE_TEXT_H

#include "base/buf.h"
#include "ingest/work.h"

/* A row for people: a JSON object of its columns. Numbers and texts as they are, other types' binary values in
 * hexadecimal. */
void tuple_text(struct buf *out, const struct work_dataset *dataset, struct str tuple);

#endif
