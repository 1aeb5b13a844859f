#ifndef YELLOW_INGEST_SQL_SOURCE_H
#define YELLOW_INGEST_SQL_SOURCE_H

#include "ingest/capture.h"
#include "ingest/sql_cast.h"

/* A PostgreSQL that rows are read from: one connection, one read-only transaction, so one snapshot for all datasets of
 * a batch. Its tables are locked against changes of their shape before the snapshot is taken: a table that somebody
 * rewrites or truncates between snapshot and lock would look empty, and its rows deleted. */

/* Causes of failures, by what failed. */
struct sql_causes {
    const char *connect, *credential, *schema, *other;
};

struct sql_source_options {
    const struct container *container;
    const struct credential *credential; /* NULL: none */
    const char *schema;                  /* where the datasets' tables are, under the datasets' names; NULL: as the
                                            model says */
    struct sql_causes causes;
    const char *application; /* what the session is called; NULL: as a source's */
};

struct sql_table {
    const char *name;             /* as the model says, for people */
    const char *quoted;           /* "public"."people" */
    char kind;                    /* pg_class.relkind */
    int64_t oid;                  /* of the table itself */
    int64_t estimate;             /* rows; 0: unknown */
    const char *const *relations; /* OIDs as text, of all that hold rows of it, in order */
    size_t relation_count;
    bool has_transactions;  /* its rows have a transaction id (xmin) */
    bool is_heap;           /* everybody sees all rows, which lie in a heap */
    bool has_code;          /* reading a row runs code of the source, which may rely on its search_path */
    struct sql_cast *casts; /* of the dataset's columns */
    const char *columns;    /* text by which to know them, and the table, again; NULL: none */
    int64_t rows_read;      /* in the transaction's snapshot, to the end; -1: not */
};

struct sql_source {
    struct ingest *ingest;
    struct sql_source_options options;
    struct pg *pg;
    struct sql_table *tables; /* of the datasets of the work order */
    bool order_by_utf8;       /* its encoding's order is not that of UTF-8 */
};

/* Connects, locks, takes the snapshot and finds the tables and columns. On failure the cause is set. Free with
 * sql_source_close. */
int sql_source_open(struct ingest *ingest, const struct sql_source_options *options, struct sql_source **out,
                    struct err *err);
/* Begins to connect to the source of the work order, for a sql_source_open that comes later; NULL where it has none, or
 * where it cannot: who opens it says why. */
struct ahead *sql_source_ahead(struct arena *arena, const struct work *work, const struct progress *progress);
void sql_source_close(struct sql_source *source);

/* Rows of a dataset (one at a time); where (NULL: all) is SQL over s, the table. sorted: by the key as
 * ingest/order.h has it. */
int sql_source_rows(struct sql_source *source, size_t dataset, bool sorted, const char *where, struct rows **out,
                    struct err *err);

/* Notes the cause of what the source answered, names it and returns rc. dataset: its number, or -1. */
int sql_source_fail(struct sql_source *source, int dataset, struct err *err);

#endif
