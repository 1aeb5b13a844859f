#ifndef YELLOW_INGEST_WRITER_H
#define YELLOW_INGEST_WRITER_H

#include "ingest/merge.h"

/* Rows of a dataset into its own table by COPY, with the columns beside the data: this batch's live rows. */
struct writer {
    const struct merge *merge;
    struct pg *pg;
    const char *copy;   /* the statement */
    struct buf pending; /* not sent yet */
    size_t columns;
    struct buf beside; /* the fields of the columns beside the data */
    bool open;
    int64_t rows; /* since the COPY began */
    bool hold;    /* nothing is sent before writer_end: other statements may run until then */
};

/* WRITE_BESIDE: the table has the columns beside the data; WRITE_FREEZE: it was made in this transaction. */
enum { WRITE_BESIDE = 1, WRITE_FREEZE = 2 };
void writer_init(struct writer *writer, struct merge *merge, int flags);
/* Gives up what is under way. */
void writer_dispose(struct writer *writer);
int writer_add(struct writer *writer, struct str tuple, struct err *err);
/* Whether the database was behind since this was last asked: rows waited for it. */
bool writer_was_behind(struct writer *writer);
/* Ends the COPY; a further row begins another one. ERR_CONFLICT when the table did not take every row. */
int writer_end(struct writer *writer, struct err *err);
/* The error of a table that somebody made take less than it was given. */
int writer_refuse(const struct merge *merge, int64_t given, int64_t taken, struct err *err);

#endif
