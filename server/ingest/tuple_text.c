#include "ingest/tuple_text.h"

#include "base/crypto.h"
#include "base/json.h"
#include "ingest/tuple.h"

#include <inttypes.h>

enum { VALUE_MAX = 256 };

static void add_integer(struct buf *out, struct str value)
{
    uint64_t bits = value.len && (value.data[0] & 0x80) ? UINT64_MAX : 0;
    for (size_t i = 0; i < value.len && i < sizeof bits; i++)
        bits = bits << 8 | (unsigned char)value.data[i];
    buf_addf(out, "%" PRId64, (int64_t)bits);
}

static void add_bytes(struct buf *out, struct str value)
{
    char hex[2 * VALUE_MAX + 1];
    crypto_hex((const unsigned char *)value.data, value.len < VALUE_MAX ? value.len : VALUE_MAX, hex);
    buf_addf(out, "\"\\\\x%s\"", hex);
}

static void add_value(struct buf *out, const struct datatype *type, struct str value)
{
    if (!value.data) {
        buf_adds(out, "null");
        return;
    }
    switch (type->array ? TYPE_BINARY : type->base) {
    case TYPE_INT8:
    case TYPE_INT16:
    case TYPE_INT32:
    case TYPE_INT64:
        add_integer(out, value);
        break;
    case TYPE_BOOLEAN:
        buf_adds(out, value.len && value.data[0] ? "true" : "false");
        break;
    case TYPE_CHAR:
    case TYPE_VARCHAR:
    case TYPE_TEXT:
        json_write_text(out, value);
        break;
    default:
        add_bytes(out, value);
    }
}

void tuple_text(struct buf *out, const struct work_dataset *dataset, struct str tuple)
{
    struct tuple_cursor cursor = tuple_open(tuple);
    for (size_t i = 0; i < dataset->column_count; i++) {
        buf_addc(out, i ? ',' : '{');
        json_write_text(out, str_from(dataset->columns[i].name));
        buf_addc(out, ':');
        add_value(out, &dataset->columns[i].type, tuple_field(&cursor, i));
    }
    buf_addc(out, '}');
}
