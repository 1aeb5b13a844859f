#ifndef YELLOW_INGEST_WIRE_H
#define YELLOW_INGEST_WIRE_H

#include "base/buf.h"

#include <endian.h>

/* PostgreSQL's binary values, in network order: raw numbers (wire_put*, wire_get*) and whole fields of COPY (a 32-bit
 * length, then the value). Inline: they are what a row is made of. */

static inline uint16_t wire_get16(const char *at)
{
    uint16_t v;
    memcpy(&v, at, sizeof v);
    return be16toh(v);
}

static inline uint32_t wire_get32(const char *at)
{
    uint32_t v;
    memcpy(&v, at, sizeof v);
    return be32toh(v);
}

static inline void wire_put16(char *at, uint16_t v)
{
    v = htobe16(v);
    memcpy(at, &v, sizeof v);
}

static inline void wire_put32(char *at, uint32_t v)
{
    v = htobe32(v);
    memcpy(at, &v, sizeof v);
}

static inline void wire_put64(char *at, uint64_t v)
{
    v = htobe64(v);
    memcpy(at, &v, sizeof v);
}

/* Without a length. */
static inline void wire_int16(struct buf *out, int16_t v)
{
    wire_put16(buf_reserve(out, 2), (uint16_t)v);
    out->len += 2;
}

/* Fields. */
static inline void wire_null(struct buf *out)
{
    wire_put32(buf_reserve(out, 4), UINT32_MAX);
    out->len += 4;
}

static inline void wire_int32(struct buf *out, int32_t v)
{
    char *at = buf_reserve(out, 8);
    wire_put32(at, 4);
    wire_put32(at + 4, (uint32_t)v);
    out->len += 8;
}

static inline void wire_int64(struct buf *out, int64_t v)
{
    char *at = buf_reserve(out, 12);
    wire_put32(at, 8);
    wire_put64(at + 4, (uint64_t)v);
    out->len += 12;
}

/* A length that is not known yet: what stands between begin and end is the value. */
static inline size_t wire_begin(struct buf *out)
{
    size_t at = out->len;
    (void)buf_reserve(out, 4);
    out->len += 4;
    return at;
}

static inline void wire_end(struct buf *out, size_t at)
{
    wire_put32(out->data + at, (uint32_t)(out->len - at - 4));
}

/* The header of a binary COPY; its trailer is wire_int16(out, -1). */
static inline void wire_header(struct buf *out)
{
    buf_add(out, "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
}

#endif
