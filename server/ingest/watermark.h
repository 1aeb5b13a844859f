#ifndef YELLOW_INGEST_WATERMARK_H
#define YELLOW_INGEST_WATERMARK_H

#include "base/arena.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/* The watermark of a sql-incremental stream: where the next batch goes on. Text, a JSON object:
 *
 * {"datasets":{"people":{"value":"2026-01-31 12:00:00.000001","relations":["16385"]}},
 *  "source":"7365...4151/00000001/16384","horizon":"75021"}
 *
 * value is the largest value read, as the source writes it as text, which it reads back exactly. horizon is a
 * transaction id (64 bits) of the source: every transaction below it was over when the batch's snapshot was taken, so
 * all its rows have been read; of others some may have been. relations are the OIDs of the tables that were read whole
 * up to there, and source says whose transactions and OIDs these are. "from", of a rewind, is a value from which rows
 * are read again beside those, itself included. A text that is no object is a value, for every dataset, from which rows
 * are read and no others: what a person writes who means to leave some out. Pure. */
struct watermark_dataset {
    const char *name;
    const char *value; /* NULL: no row was read yet */
    const char *const *relations;
    size_t relation_count;
};

struct watermark {
    const char *source; /* NULL: none */
    int64_t horizon;    /* 0: none */
    const char *from;   /* NULL: none */
    struct watermark_dataset *datasets;
    size_t dataset_count;
    struct watermark_dataset everywhere; /* of a plain value: whatever dataset is asked for */
};

/* text NULL: an empty one. ERR_INVALID when it is none. On the arena. */
int watermark_read(struct arena *arena, const char *text, struct watermark *out, struct err *err);
const char *watermark_write(struct arena *arena, const struct watermark *watermark);
/* NULL when it is not there. */
const struct watermark_dataset *watermark_find(const struct watermark *watermark, const char *dataset);
/* The watermark with rows from value on to be read again, beside what is to be read anyway: a rewind loses nothing,
 * wherever it leads. value is as the watermark column's type is written; it is not checked here. text NULL: nothing was
 * read, so everything will be, and *out is NULL. */
int watermark_rewind(struct arena *arena, const char *text, const char *value, const char **out, struct err *err);

#endif
