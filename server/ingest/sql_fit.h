#ifndef YELLOW_INGEST_SQL_FIT_H
#define YELLOW_INGEST_SQL_FIT_H

#include "base/arena.h"
#include "model/datatype.h"

#include <stdint.h>

/* When a value of a PostgreSQL source is not exactly one of a type of the model: the rule of docs/capture.md ("What
 * fits"), which encode.h keeps for texts of files and values of JSON, as conditions in SQL. Pure. */

/* OIDs of PostgreSQL's own types never change. */
enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_OID = 26,
    OID_JSON = 114,
    OID_FLOAT4 = 700,
    OID_FLOAT8 = 701,
    OID_MONEY = 790,
    OID_BPCHAR = 1042,
    OID_VARCHAR = 1043,
    OID_DATE = 1082,
    OID_TIME = 1083,
    OID_TIMESTAMP = 1114,
    OID_TIMESTAMPTZ = 1184,
    OID_INTERVAL = 1186,
    OID_NUMERIC = 1700,
    OID_UUID = 2950,
    OID_JSONB = 3802
};

/* A value as the source has it: an expression, and its type with modifier (-1: none), as SQL and as pg_type has it. */
struct sql_operand {
    const char *name;
    uint32_t type;
    int32_t modifier;
    const char *text;
    char category;
};

enum sql_unfit_why { UNFIT_KIND, UNFIT_RANGE, UNFIT_LENGTH, UNFIT_LOSS, UNFIT_WHY_COUNT };

/* A condition under which the value does not fit. A later one may be evaluated where no earlier one holds. */
struct sql_unfit {
    const char *condition;
    enum sql_unfit_why why;
    bool fails; /* the cast is an error where it holds: it must not be evaluated there */
};
enum { SQL_FIT_MAX = 4 };
struct sql_fit {
    struct sql_unfit unfit[SQL_FIT_MAX];
    size_t count;
};

/* For a cast of the operand to the type, which is no array; on the arena. sql: the type in SQL. */
struct sql_fit sql_fit(struct arena *arena, const struct sql_operand *from, const struct datatype *to, const char *sql);

/* Precision less scale of a numeric's modifier, and its scale. */
static inline int32_t sql_scale(int32_t modifier)
{
    return (((modifier - 4) & 0x7ff) ^ 1024) - 1024; /* signed, in 11 bits, since version 15 */
}
static inline int32_t sql_precision(int32_t modifier)
{
    return (modifier - 4) >> 16;
}

#endif
