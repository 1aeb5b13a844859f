#ifndef YELLOW_INGEST_TUPLE_H
#define YELLOW_INGEST_TUPLE_H

#include "base/str.h"
#include "ingest/wire.h"

/* Reading tuples of COPY's binary form (ingest/rows.h); ingest/wire.h writes them. Readers believe no length: what is
 * cut short reads as null. */

/* Walks forward cheaply; a field before the last one starts again. */
struct tuple_cursor {
    struct str tuple;
    size_t at, field;
};

static inline struct tuple_cursor tuple_open(struct str tuple)
{
    return (struct tuple_cursor){tuple, 2, 0};
}

/* The field's value, borrowed from the tuple; absent when null. */
static inline struct str tuple_field(struct tuple_cursor *cursor, size_t field)
{
    struct str tuple = cursor->tuple;
    if (field < cursor->field)
        *cursor = tuple_open(tuple);
    for (;;) {
        if (cursor->at + 4 > tuple.len)
            return (struct str){0};
        uint32_t len = wire_get32(tuple.data + cursor->at);
        size_t size = len == UINT32_MAX ? 0 : len;
        if (size > tuple.len - cursor->at - 4)
            return (struct str){0};
        if (cursor->field == field)
            return len == UINT32_MAX ? (struct str){0} : (struct str){tuple.data + cursor->at + 4, size};
        cursor->at += 4 + size;
        cursor->field++;
    }
}

#endif
