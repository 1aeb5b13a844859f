#ifndef YELLOW_INGEST_COUNTS_H
#define YELLOW_INGEST_COUNTS_H

#include "ingest/batch.h"

/* The counts of a batch as the ledger and the server keep them: {"read": 2, ..., "datasets": {"people": {"read": 2,
 * ..., "way": "compare", "ddl": false}}}. */
const char *counts_text(struct arena *arena, const struct batch_outcome *outcome);
/* Reads them back into out: counts and datasets. */
void counts_read(struct arena *arena, const json_t *json, struct batch_outcome *out);
void counts_add(struct counts *sum, const struct counts *more);

#endif
