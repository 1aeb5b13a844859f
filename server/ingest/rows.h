#ifndef YELLOW_INGEST_ROWS_H
#define YELLOW_INGEST_ROWS_H

#include "base/err.h"
#include "base/str.h"

/* The rows of one dataset as a stream, each as a tuple of COPY's binary form: a 16-bit count of fields, then for each
 * field a 32-bit length (-1: null) and the value as PostgreSQL's binary send writes it, all in network order; the
 * fields are the dataset's columns in their order and in their SQL type of the target. Without header and trailer. Text
 * is UTF-8. */
struct rows {
    /* 1 and the next tuple, borrowed until the next call; 0 at the end; negative on errors. */
    int (*next)(struct rows *rows, struct str *tuple, struct err *err);
    void (*close)(struct rows *rows); /* frees it; also before the end */
};

#endif
