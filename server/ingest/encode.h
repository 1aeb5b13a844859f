#ifndef YELLOW_INGEST_ENCODE_H
#define YELLOW_INGEST_ENCODE_H

#include "base/buf.h"
#include "ingest/jtext_canonical.h"
#include "model/datatype.h"

/* Values of files and of JSON as fields of COPY's binary form, in the SQL type of the column (datatype_sql) and in the
 * one form that PostgreSQL itself sends them back in: equal values are equal bytes.
 *
 * A value that is not exactly one of the type is refused: the rule of docs/capture.md ("What fits"), which sql_fit.h
 * keeps for rows of databases. What a text may be is what PostgreSQL's own input takes, with white space around it,
 * less what it would round or cut and what is ambiguous:
 *
 * - int8 to int64: the range of the model's type, not of the SQL type: 200 is no int8.
 * - float16: kept as real; refused where it would be infinite in 16 bits. Floats take the nearest value.
 * - decimal(p,s): NaN is one, Infinity is none.
 * - boolean: t, true, y, yes, on, 1 and their opposites, any unique beginning.
 * - date: 2026-01-31, 2026/01/31, 20260131, infinity; a time behind it only when it is midnight; " BC".
 * - time: 23:59[:59[.999999]], 24:00; no zone.
 * - timestamp: a date, T or space, a time. A zone only when it is that of UTC: another would be lost.
 * - timestamptz: as timestamp with any offset (Z, +02, +0200, +02:00, UTC); without one it is UTC.
 * - interval: ISO 8601 (P1Y2M3DT4H5M6.7S, weeks, signs; a fraction of seconds alone), [-]HH:MM[:SS[.f]], and what
 *   PostgreSQL prints (1 year 2 mons -3 days 04:05:06.7).
 * - char(n): filled with spaces to n.
 * - text: UTF-8 without NUL.
 * - uuid: 32 digits, hyphens after any four, braces.
 * - json: any JSON text.
 * - binary: \x and hexadecimal digits, otherwise base64 with its padding.
 * - vector(n): n numbers, as array.
 * - array<T>: {1,2,NULL,"a b"} as PostgreSQL writes it, or a JSON array.
 *
 * A JSON value has to be of its column's kind: numbers for numbers (int64 and decimal also as a string, as APIs write
 * what JavaScript cannot hold; integers also as 1.0 or 1e3), true and false, strings for all that has no kind of its
 * own in JSON, arrays for array and vector, anything for json. */

enum { ENCODE_REASON_SIZE = 200 };

/* {0} is a new one; reused from field to field, for one thread. */
struct encoder {
    char reason[ENCODE_REASON_SIZE]; /* why the last value was refused: "\"12x\" is no int32" */
    struct buf scratch, text;
    struct jtext_members members;
};
void encoder_dispose(struct encoder *encoder);

/* Appends the field; false: out is as before, and encoder->reason says why. A null is the caller's (wire_null). */
bool encode_text(struct encoder *encoder, const struct datatype *type, struct str text, struct buf *out);
/* As encode_text; JTEXT_NULL becomes a null. */
bool encode_json(struct encoder *encoder, const struct datatype *type, const struct jtext_value *value,
                 struct buf *out);

#endif
