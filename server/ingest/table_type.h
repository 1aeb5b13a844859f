#ifndef YELLOW_INGEST_TABLE_TYPE_H
#define YELLOW_INGEST_TABLE_TYPE_H

#include "model/datatype.h"

/* Whether a column's SQL type can follow another: by type names as format_type() and datatype_sql() write them. */
enum type_follow {
    TYPE_SAME,  /* equal, or a shorter text, which the column can hold as it is */
    TYPE_WIDEN, /* ALTER COLUMN ... TYPE keeps every value */
    TYPE_KEEP,  /* the column is wider, as after a rollback: it stays, and the data is loaded as what it is */
    TYPE_REFUSE
};
enum type_follow table_type_follow(const char *there, const char *wanted);
/* Makes type that of a column of the same family, as format_type() writes it. False when it has no name in the model.
 */
bool table_type_keep(const char *there, struct datatype *type);

#endif
