#ifndef YELLOW_INGEST_OPERATION_H
#define YELLOW_INGEST_OPERATION_H

#include "ingest/capture.h"
#include "ingest/ledger.h"

/* What an operator asked for that happens in the merge database (control/operation.h), done by a run with its batch: in
 * the batch's transaction, once. yellow.streams remembers the last one that was done. */

/* After the claim, before the plan: what the batch reads, and whether its tables are looked at again. An operation that
 * was done before changes nothing; one with a lower number than the last is of a server that was restored. */
int operation_prepare(struct ingest *ingest, struct ledger *ledger, struct err *err);
/* In the batch's transaction: removes what is to be forgotten, and writes down that it is done. */
int operation_do(struct ingest *ingest, struct err *err);
/* Of a batch that was found committed: the operation of the work order when it is done, else 0. */
int operation_found(struct ingest *ingest, int64_t *out, struct err *err);
/* Whether the batch is one that drops the stream's tables, and reads nothing. */
bool operation_drops(const struct ingest *ingest);

#endif
