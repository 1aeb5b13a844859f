#include "ingest/order.h"

#include "base/buf.h"
#include "ingest/builder.h"
#include "ingest/tuple.h"

static int compare_bytes(struct str a, struct str b)
{
    return str_cmp(a, b);
}

/* Signed integers in network order: dates, times and timestamps are some, too. */
static int compare_signed(struct str a, struct str b)
{
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    unsigned char first = a.len ? (unsigned char)a.data[0] ^ 0x80 : 0,
                  other = a.len ? (unsigned char)b.data[0] ^ 0x80 : 0;
    if (first != other)
        return first < other ? -1 : 1;
    return a.len ? memcmp(a.data, b.data, a.len) : 0;
}

/* character(n) compares without the blanks that it is filled up with. */
static int compare_padded(struct str a, struct str b)
{
    while (a.len && a.data[a.len - 1] == ' ')
        a.len--;
    while (b.len && b.data[b.len - 1] == ' ')
        b.len--;
    return str_cmp(a, b);
}

static int read_int16(struct str s, size_t at)
{
    return at + 2 <= s.len ? (int16_t)((unsigned char)s.data[at] << 8 | (unsigned char)s.data[at + 1]) : 0;
}

enum { NUMERIC_HEADER = 8, NUMERIC_DIGITS_AT = 0, NUMERIC_WEIGHT_AT = 2, NUMERIC_SIGN_AT = 4 };

/* -1 and 1 for finite numbers that are not 0; NaN is above all, as PostgreSQL has it. */
static int numeric_rank(struct str s)
{
    switch ((uint16_t)read_int16(s, NUMERIC_SIGN_AT)) {
    case 0xF000: /* -infinity */
        return -2;
    case 0xD000: /* infinity */
        return 2;
    case 0xC000: /* NaN */
        return 3;
    case 0x4000:
        return read_int16(s, NUMERIC_DIGITS_AT) ? -1 : 0;
    default:
        return read_int16(s, NUMERIC_DIGITS_AT) ? 1 : 0;
    }
}

/* Digits are base 10000, the first one times 10000^weight, without zeros at either end. */
static int compare_numeric(struct str a, struct str b)
{
    int rank = numeric_rank(a), other = numeric_rank(b);
    if (rank != other || (rank != 1 && rank != -1))
        return (rank > other) - (rank < other);
    int weight = read_int16(a, NUMERIC_WEIGHT_AT), weight_b = read_int16(b, NUMERIC_WEIGHT_AT);
    if (weight != weight_b)
        return weight < weight_b ? -rank : rank;
    /* A digit is at most 9999, so its bytes order as it does. */
    return rank * str_cmp((struct str){a.data + NUMERIC_HEADER, a.len - NUMERIC_HEADER},
                          (struct str){b.data + NUMERIC_HEADER, b.len - NUMERIC_HEADER});
}

static const struct {
    int (*compare)(struct str a, struct str b); /* NULL: never part of a key */
    bool text;
} orders[TYPE_BASE_COUNT] = {
    [TYPE_INT8] = {compare_signed, false},      [TYPE_INT16] = {compare_signed, false},
    [TYPE_INT32] = {compare_signed, false},     [TYPE_INT64] = {compare_signed, false},
    [TYPE_DECIMAL] = {compare_numeric, false},  [TYPE_BOOLEAN] = {compare_bytes, false},
    [TYPE_DATE] = {compare_signed, false},      [TYPE_TIME] = {compare_signed, false},
    [TYPE_TIMESTAMP] = {compare_signed, false}, [TYPE_TIMESTAMPTZ] = {compare_signed, false},
    [TYPE_CHAR] = {compare_padded, true},       [TYPE_VARCHAR] = {compare_bytes, true},
    [TYPE_TEXT] = {compare_bytes, true},        [TYPE_UUID] = {compare_bytes, false},
    [TYPE_BINARY] = {compare_bytes, false},
};

bool order_is_text(const struct work_column *column)
{
    return !column->type.array && orders[column->type.base].text;
}

const char *order_by_key(struct arena *arena, const struct work_dataset *dataset)
{
    struct buf *sql = buf_new(arena);
    for (size_t i = 0; i < dataset->key_count; i++) {
        const struct work_column *column = &dataset->columns[dataset->key[i]];
        buf_adds(sql, i ? ", " : "");
        builder_name(sql, column->name);
        buf_adds(sql, order_is_text(column) ? " COLLATE \"C\"" : "");
    }
    return buf_text(sql);
}

bool order_is_possible(const struct work_dataset *dataset)
{
    for (size_t i = 0; i < dataset->key_count; i++) {
        const struct datatype *type = &dataset->columns[dataset->key[i]].type;
        if (type->array || !orders[type->base].compare)
            return false;
    }
    return dataset->key_count > 0;
}

int order_compare(const struct work_dataset *dataset, struct str a, struct str b)
{
    struct tuple_cursor in_a = tuple_open(a), in_b = tuple_open(b);
    for (size_t i = 0; i < dataset->key_count; i++) {
        size_t column = dataset->key[i];
        struct str field = tuple_field(&in_a, column), other = tuple_field(&in_b, column);
        int order = !field.data || !other.data ? (field.data != NULL) - (other.data != NULL)
                                               : orders[dataset->columns[column].type.base].compare(field, other);
        if (order)
            return order;
    }
    return 0;
}

size_t order_prefix(const struct work_dataset *dataset, struct str tuple)
{
    struct tuple_cursor cursor = tuple_open(tuple);
    size_t last = 0;
    for (size_t i = 0; i < dataset->key_count; i++)
        last = dataset->key[i] > last ? dataset->key[i] : last;
    struct str field = tuple_field(&cursor, last);
    return field.data ? (size_t)(field.data - tuple.data) + field.len : tuple.len;
}
