#ifndef YELLOW_INGEST_ENCODE_INTERNAL_H
#define YELLOW_INGEST_ENCODE_INTERNAL_H

#include "ingest/encode.h"
#include "ingest/wire.h"

/* What the files of encode share. An encode_fn appends one field; before it returns false it has said why, and need not
 * clean up what it appended. */
typedef bool encode_fn(struct encoder *e, const struct datatype *type, struct str text, struct buf *out);

encode_fn encode_int16_field, encode_int32_field, encode_int64_field, encode_real, encode_double, encode_decimal;
encode_fn encode_date, encode_time, encode_timestamp, encode_interval;
encode_fn encode_array_text;
/* A value that is no array, by the base of type alone. */
encode_fn encode_scalar;
/* The elements of a JSON array. */
bool encode_array_json(struct encoder *e, const struct datatype *type, struct str raw, struct buf *out);
/* An array's field around its elements: begin, then count and field of each, end. */
struct array_field {
    size_t start;
    int32_t count;
    bool has_null;
};
void encode_array_begin(struct array_field *array, const struct datatype *type, struct buf *out);
bool encode_array_end(struct encoder *e, struct array_field *array, const struct datatype *type, struct buf *out);

/* "\"TEXT\" is no TYPE"; returns false. */
bool encode_refuse(struct encoder *e, const struct datatype *type, struct str text);
/* "TEXT does not fit TYPE" */
bool encode_misfit(struct encoder *e, const struct datatype *type, struct str text);
/* Another reason. */
bool encode_because(struct encoder *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "decimal(10,2)", "array<int32>" into text. */
const char *encode_type_name(const struct datatype *type, char text[64]);

static inline struct str encode_trim(struct str s)
{
    return s.len && (unsigned char)s.data[0] > ' ' && (unsigned char)s.data[s.len - 1] > ' ' ? s : str_trim(s);
}

static inline bool encode_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

#endif
