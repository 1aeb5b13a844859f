#ifndef YELLOW_INGEST_QUARANTINE_H
#define YELLOW_INGEST_QUARANTINE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "pg/pg.h"

/* Rows that could not be taken, with the reason and the place, in yellow.quarantine of the merge database. Up to a
 * declared limit a batch goes on without them; over it the batch fails, the tables stay as they were, and what was
 * quarantined can still be read. */
struct quarantine;

struct quarantine_row {
    const char *dataset;
    const char *object; /* "orders/2026-01.csv", or the URL of a page; NULL: none */
    int64_t line;       /* of the object, or the record's number, from 1; 0: unknown */
    const char *column; /* NULL: the row as a whole */
    const char *reason; /* "\"12x\" is no int32" */
    struct str record;  /* as it came, cut at 4 KiB and where it is no UTF-8 escaped */
};

struct quarantine *quarantine_new(struct arena *arena, int64_t limit);
/* ERR_INVALID when the limit is passed: the cause is bad-data-over-limit. Copies the row. */
int quarantine_add(struct quarantine *quarantine, const struct quarantine_row *row, struct err *err);
int64_t quarantine_count(const struct quarantine *quarantine, const char *dataset); /* NULL: all */
/* Makes the stored rows of the batch these, in the caller's transaction. */
int quarantine_write(struct quarantine *quarantine, struct pg *pg, int64_t stream, int32_t batch, struct err *err);

#endif
