#ifndef YELLOW_INGEST_WRITER_H
#define YELLOW_INGEST_WRITER_H

#include "ingest/merge.h"

/* Rows of a dataset into its own table by COPY, with the columns beside the data: this batch's live rows. */
struct writer {
    struct pg *pg;
    const char *copy;   /* the statement */
    struct buf pending; /* not sent yet */
    size_t columns;
    struct buf beside; /* the fields of the columns beside the data */
    bool open;
    bool hold; /* nothing is sent before writer_end: other statements may run until then */
};

/* fresh: the table was made in this transaction, and has no columns beside the data yet. */
void writer_init(struct writer *writer, struct merge *merge, bool fresh);
/* Gives up what is under way. */
void writer_dispose(struct writer *writer);
int writer_add(struct writer *writer, struct str tuple, struct err *err);
/* Ends the COPY; a further row begins another one. */
int writer_end(struct writer *writer, struct err *err);

#endif
