#include "model/compatibility.h"

/* Types of one family hold each other's values by their rank: a higher one holds all of a lower one. */
enum family {
    INTEGERS,
    FLOATS,
    DECIMALS,
    BOOLEANS,
    DATES,
    TIMES,
    TIMESTAMPS,
    INTERVALS,
    PADDED,
    TEXTS,
    UUIDS,
    JSONS,
    BINARIES,
    VECTORS,
    GEOGRAPHIES
};
/* How the numbers in brackets compare, within one type. */
enum numbers { NONE, SAME, LONGER, BOTH_PARTS };

static const struct rule {
    enum family family;
    int rank;
    enum numbers numbers;
} rules[TYPE_BASE_COUNT] = {
    [TYPE_INT8] = {INTEGERS, 1, NONE},
    [TYPE_INT16] = {INTEGERS, 2, NONE},
    [TYPE_INT32] = {INTEGERS, 3, NONE},
    [TYPE_INT64] = {INTEGERS, 4, NONE},
    [TYPE_FLOAT16] = {FLOATS, 1, NONE},
    [TYPE_FLOAT32] = {FLOATS, 2, NONE},
    [TYPE_FLOAT64] = {FLOATS, 3, NONE},
    [TYPE_DECIMAL] = {DECIMALS, 1, BOTH_PARTS},
    [TYPE_BOOLEAN] = {BOOLEANS, 1, NONE},
    [TYPE_DATE] = {DATES, 1, NONE},
    [TYPE_TIME] = {TIMES, 1, NONE},
    [TYPE_TIMESTAMP] = {TIMESTAMPS, 1, NONE},
    [TYPE_TIMESTAMPTZ] = {TIMESTAMPS, 1, NONE}, /* of one rank: neither holds the other */
    [TYPE_INTERVAL] = {INTERVALS, 1, NONE},
    [TYPE_CHAR] = {PADDED, 1, SAME}, /* a longer one has more blanks */
    [TYPE_VARCHAR] = {TEXTS, 1, LONGER},
    [TYPE_TEXT] = {TEXTS, 2, NONE},
    [TYPE_UUID] = {UUIDS, 1, NONE},
    [TYPE_JSON] = {JSONS, 1, NONE},
    [TYPE_BINARY] = {BINARIES, 1, NONE},
    [TYPE_VECTOR] = {VECTORS, 1, SAME},
    [TYPE_GEOGRAPHY] = {GEOGRAPHIES, 1, NONE},
};

/* NULL when all values stay. */
static const char *numbers_lost(enum numbers numbers, const struct datatype *from, const struct datatype *to)
{
    switch (numbers) {
    case NONE:
        return NULL;
    case SAME:
        return from->length == to->length ? NULL : "its length is part of its values";
    case LONGER:
        return to->length >= from->length ? NULL : "longer values do not fit any more";
    case BOTH_PARTS:
        if (to->scale < from->scale)
            return "digits after the point are lost";
        return to->length - to->scale >= from->length - from->scale ? NULL : "large values do not fit any more";
    }
    return NULL;
}

static const char *lost(const struct datatype *from, const struct datatype *to)
{
    const struct rule *a = &rules[from->base], *b = &rules[to->base];
    if (from->array != to->array)
        return from->array ? "a list is no single value" : "a single value is no list";
    if (from->base == to->base)
        return numbers_lost(a->numbers, from, to);
    if (a->family == TIMESTAMPS && b->family == TIMESTAMPS)
        return "a time with a zone and one without are different times";
    if (a->family != b->family)
        return "it is another type to its readers";
    return b->rank > a->rank ? NULL : "not all values fit any more";
}

enum effect datatype_change(const struct datatype *from, const struct datatype *to, const char **why)
{
    const char *text = lost(from, to);
    if (why)
        *why = text;
    return text ? EFFECT_BREAKING : EFFECT_ALLOWED;
}
