#ifndef YELLOW_MODEL_DATATYPE_H
#define YELLOW_MODEL_DATATYPE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* The types of columns (DOMAIN.md section 1). */
enum type_base {
    TYPE_INT8,
    TYPE_INT16,
    TYPE_INT32,
    TYPE_INT64,
    TYPE_FLOAT16,
    TYPE_FLOAT32,
    TYPE_FLOAT64,
    TYPE_DECIMAL,
    TYPE_BOOLEAN,
    TYPE_DATE,
    TYPE_TIME,
    TYPE_TIMESTAMP,
    TYPE_TIMESTAMPTZ,
    TYPE_INTERVAL,
    TYPE_CHAR,
    TYPE_VARCHAR,
    TYPE_TEXT,
    TYPE_UUID,
    TYPE_JSON,
    TYPE_BINARY,
    TYPE_VECTOR,
    TYPE_GEOGRAPHY,
    TYPE_BASE_COUNT
};

struct datatype {
    enum type_base base; /* of the elements, in an array */
    bool array;
    int64_t length; /* char, varchar, vector; the precision of decimal */
    int64_t scale;  /* decimal */
};

struct type_info {
    const char *name;
    int arguments;   /* how many stand in brackets */
    int64_t max[2];  /* of each argument; the first is at least 1, the second at least 0 */
    const char *sql; /* PostgreSQL's type; a "%" stands for the arguments; NULL: refused */
    bool orders;     /* may be a watermark */
    bool key;        /* may be part of a key */
};
extern const struct type_info type_infos[TYPE_BASE_COUNT];

/* ERR_INVALID says what is wrong. */
int datatype_parse(struct str text, struct datatype *out, struct err *err);
/* "decimal(10,2)", "array<int32>": the one form that is stored. */
const char *datatype_text(struct arena *arena, const struct datatype *type);
/* The PostgreSQL type, or NULL when there is none. */
const char *datatype_sql(struct arena *arena, const struct datatype *type);
bool datatype_has_sql(const struct datatype *type);
/* Whether its values have an order that can only grow with time: what a watermark needs. */
bool datatype_orders(const struct datatype *type);
/* Whether it can be part of a key: it has an equality that databases agree on. */
bool datatype_can_be_key(const struct datatype *type);

#endif
