#ifndef YELLOW_INGEST_SQL_ROWS_H
#define YELLOW_INGEST_SQL_ROWS_H

#include "ingest/sql_source.h"

/* Runs the COPY ... (FORMAT binary) as the rows of a dataset. With misfits, each tuple has a first field more: null, or
 * the number of the misfit (over all columns, in order) and the row, which then goes to quarantine. Sorted rows may be
 * given up in the middle and be read again. */
int sql_rows_open(struct sql_source *source, size_t dataset, const char *sql, size_t misfits, bool sorted,
                  struct rows **out, struct err *err);

#endif
