#ifndef YELLOW_INGEST_SQL_CAST_H
#define YELLOW_INGEST_SQL_CAST_H

#include "ingest/work.h"

/* How a column of a PostgreSQL source becomes the model's. The source casts, so that what arrives has the target's
 * form; but an explicit cast cuts a text and rounds a number without a word, so wherever that could happen the source
 * also says whether it did. Pure. */

/* A column as the source has it. */
struct sql_column {
    const char *name;
    uint32_t type;    /* OID; of a domain, that of its base */
    int32_t modifier; /* length, or precision and scale; -1: none */
    const char *text; /* the type as SQL: "character varying(20)" */
    char category;    /* pg_type.typcategory */
    bool not_null;
    bool generated; /* computed by the source */
    int64_t number; /* in its table; 0: unknown */
};

/* A condition on a source's row under which the row does not fit, and in words why. */
struct sql_misfit {
    const char *column, *condition, *reason;
};
enum { SQL_CAST_MISFITS = 6 };

struct sql_cast {
    const char *value; /* s."id", s."id"::integer; null where the cast would fail for a misfit */
    bool plain;        /* the value is the column itself, whose binary form is the target's */
    bool generated;    /* COPY gives it out of a query alone */
    bool extension;    /* its type is none of PostgreSQL's own, and neither are that type's operators */
    struct sql_misfit misfits[SQL_CAST_MISFITS];
    size_t misfit_count;
};

/* On the arena. Columns of the source's table are named as those of s. */
struct sql_cast sql_cast_column(struct arena *arena, const struct sql_column *from, const struct work_column *to);

#endif
