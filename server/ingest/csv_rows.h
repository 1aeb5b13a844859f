#ifndef YELLOW_INGEST_CSV_ROWS_H
#define YELLOW_INGEST_CSV_ROWS_H

#include "ingest/csv.h"
#include "ingest/encode.h"
#include "ingest/quarantine.h"
#include "ingest/work.h"

/* The records of one CSV text as tuples (ingest/rows.h) of a dataset. With a header, columns are found by their names
 * in any order, those that the dataset does not have are left out, and one that it has must be there; without, values
 * stand in the dataset's order. A record that is none, or a value that its column cannot take, goes to quarantine. */
struct csv_rows;

struct csv_rows_options {
    const struct work_dataset *dataset;
    const struct csv_options *csv;
    const char *object; /* for quarantine and errors */
    struct quarantine *quarantine;
    csv_read_fn *read;
    void *ctx;
};

/* ERR_INVALID: no such encoding. What options point to must outlive the rows. Free with csv_rows_close. */
int csv_rows_open(const struct csv_rows_options *options, struct csv_rows **out, struct err *err);
/* 1 and the next tuple, borrowed until the next call; 0 at the end. ERR_STALE: the header does not have the dataset's
 * columns; ERR_INVALID: more bad rows than allowed; ERR_TOO_LARGE; or what read said. */
int csv_rows_next(struct csv_rows *rows, struct str *tuple, struct err *err);
void csv_rows_close(struct csv_rows *rows);

#endif
