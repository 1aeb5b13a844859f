#ifndef YELLOW_INGEST_TABLE_H
#define YELLOW_INGEST_TABLE_H

#include "base/buf.h"
#include "ingest/work.h"
#include "pg/pg.h"

/* The tables of a stream in the merge database and how they follow the work order: create, add a nullable column, widen
 * a type, drop a NOT NULL. A type that is wider than the model's stays. A column that left the model stays in its
 * table, null from then on. Texts of a key are COLLATE "C", so that the key's index gives the order of ingest/order.h
 * and no collation version can break it. A live table's key is its primary key; a milestoned table has a unique index
 * on the key of its live rows. */

extern const char table_batch_id[], table_batch_in[], table_batch_out[]; /* the columns beside the data */
enum { TABLE_COLUMNS_MAX = 1600 };                                       /* PostgreSQL's */
#define TABLE_LIVE "2147483647"                                          /* yellow_batch_out of live rows */

struct table_plan {
    bool fresh;         /* the table is not there: create makes it, index is for after its load */
    bool empty;         /* no row in it */
    const char *create; /* with the columns of the data (table_beside has the others); NULL: nothing to do */
    const char *index;  /* of a fresh table with a key; NULL: none */
    const char *alter;  /* of a table that has to change; NULL: it is as wanted */
    /* Columns as the table has them, where one is wider than the model's: after a rollback, or a change that somebody
     * approved. The dataset is loaded as these. NULL: as the model's. */
    struct work_column *columns;
    bool retypes; /* alter changes a column's type: views on it have to go and come back */
};

/* What to do so that the table is as the dataset wants it. ERR_CONFLICT when it cannot follow (the cause is
 * schema-changed): says what differs and what an operator can do. ERR_INVALID for names and sizes that PostgreSQL does
 * not keep (configuration). Makes the schema when it is absent, in a transaction of its own; call it outside of one. */
int table_plan(struct pg *pg, struct arena *arena, const struct work_dataset *dataset, bool milestoned,
               struct table_plan *out, struct err *err);
/* Gives a table that create made and its first load filled the columns beside the data. The rows do not carry them: it
 * costs nothing, and the load had less to write. */
const char *table_beside(struct arena *arena, const struct work_dataset *dataset, bool milestoned, int32_t batch);
/* Runs plan->alter in the caller's transaction; views in its way are taken off and put back with their owners and
 * grants. */
int table_alter(struct pg *pg, struct arena *arena, const struct work_dataset *dataset, const struct table_plan *plan,
                struct err *err);

/* The definitions of the dataset's columns, as CREATE TABLE has them. strict: with NOT NULL where the model has it. */
void table_columns(struct buf *sql, const struct work_dataset *dataset, bool strict);
/* The shape of all tables of the work, as JSON; equal shapes have equal JSON values. */
const char *table_shape(struct arena *arena, const struct work *work);

#endif
