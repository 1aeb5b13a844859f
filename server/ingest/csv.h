#ifndef YELLOW_INGEST_CSV_H
#define YELLOW_INGEST_CSV_H

#include "base/err.h"
#include "base/str.h"
#include "model/model.h"

/* Records of a CSV text (RFC 4180) that comes in pieces of any size, in any encoding that iconv knows. A value in
 * quotes may hold delimiters, ends of lines and doubled quotes; a quote inside a value that does not begin with one is
 * an ordinary character. Lines end with \n or \r\n; empty ones are left out, unless a record has one value only. */
struct csv;

/* 1 and the next piece, borrowed until the next call; 0 at the end; negative on errors. */
typedef int csv_read_fn(void *ctx, struct str *piece, struct err *err);

struct csv_value {
    struct str text; /* UTF-8 if the text was well formed; a byte that was not is 0xff */
    bool quoted;
};

/* Borrowed until the next call. */
struct csv_record {
    const struct csv_value *values;
    size_t count;
    int64_t line;    /* where it begins, from 1 */
    struct str raw;  /* as it stood there, without the end of its line */
    const char *bad; /* why it is no record ("text behind a closing quote"); NULL otherwise */
};

enum { CSV_RECORD_MAX = 16 << 20 };

/* one_column: an empty line is a record with one empty value. ERR_INVALID: no such encoding. Free with csv_close. */
int csv_open(const struct csv_options *options, bool one_column, csv_read_fn *read, void *ctx, struct csv **out,
             struct err *err);
/* 1, 0 at the end, negative: ERR_TOO_LARGE when a record passes CSV_RECORD_MAX, or what read said. */
int csv_next(struct csv *csv, struct csv_record *record, struct err *err);
void csv_close(struct csv *csv);

#endif
