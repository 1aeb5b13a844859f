#ifndef YELLOW_INGEST_TABLE_TYPE_H
#define YELLOW_INGEST_TABLE_TYPE_H

/* Whether a column's SQL type can follow another: by type names as format_type() and datatype_sql() write them. */
enum type_follow {
    TYPE_SAME,  /* equal, or a shorter text, which the column can hold as it is */
    TYPE_WIDEN, /* ALTER COLUMN ... TYPE keeps every value */
    TYPE_REFUSE
};
enum type_follow table_type_follow(const char *there, const char *wanted);

#endif
