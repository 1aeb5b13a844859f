#ifndef YELLOW_INGEST_JSON_ROWS_H
#define YELLOW_INGEST_JSON_ROWS_H

#include "ingest/encode.h"
#include "ingest/work.h"

/* Records of JSON as tuples (ingest/rows.h) of a dataset: a column is the member of its name; a member that is absent
 * is null, one that the dataset does not have is left out. */
struct json_rows {
    const struct work_dataset *dataset;
    struct encoder encoder;
    struct buf tuple, name;
    struct jtext_value *values; /* of each column in the record */
    uint64_t *seen;             /* the record in which it was there last */
    uint64_t number;            /* of the record's reading */
    struct map columns;         /* name -> 1 + index */
    const char *problem;        /* why the record is none; NULL: it may be one */
    struct str raw;             /* the record */
};

void json_rows_init(struct json_rows *rows, struct arena *arena, const struct work_dataset *dataset);
void json_rows_dispose(struct json_rows *rows);
/* Takes a record out of the text: a jrecords_options.record, of a struct json_rows. */
enum jtext_result json_rows_read(struct json_rows *rows, struct jtext *t);
/* The tuple of the record that was read, borrowed until the next one. False: *reason, and *column that it is about
 * (NULL: the record as a whole). */
bool json_rows_tuple(struct json_rows *rows, struct str *tuple, const char **column, const char **reason);

#endif
