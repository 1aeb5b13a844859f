#include "ingest/encode_internal.h"

static const char *const kind_names[] = {
    [JTEXT_NULL] = "null",       [JTEXT_TRUE] = "true",      [JTEXT_FALSE] = "false",      [JTEXT_NUMBER] = "a number",
    [JTEXT_STRING] = "a string", [JTEXT_ARRAY] = "an array", [JTEXT_OBJECT] = "an object",
};

#define KIND(k) (1U << JTEXT_##k)

/* What a value of a type may be in JSON. */
static const unsigned kinds[TYPE_BASE_COUNT] = {
    [TYPE_INT8] = KIND(NUMBER),
    [TYPE_INT16] = KIND(NUMBER),
    [TYPE_INT32] = KIND(NUMBER),
    [TYPE_INT64] = KIND(NUMBER) | KIND(STRING),
    [TYPE_FLOAT16] = KIND(NUMBER) | KIND(STRING), /* "NaN" and the infinities have no other form */
    [TYPE_FLOAT32] = KIND(NUMBER) | KIND(STRING),
    [TYPE_FLOAT64] = KIND(NUMBER) | KIND(STRING),
    [TYPE_DECIMAL] = KIND(NUMBER) | KIND(STRING),
    [TYPE_BOOLEAN] = KIND(TRUE) | KIND(FALSE),
    [TYPE_DATE] = KIND(STRING),
    [TYPE_TIME] = KIND(STRING),
    [TYPE_TIMESTAMP] = KIND(STRING),
    [TYPE_TIMESTAMPTZ] = KIND(STRING),
    [TYPE_INTERVAL] = KIND(STRING),
    [TYPE_CHAR] = KIND(STRING),
    [TYPE_VARCHAR] = KIND(STRING),
    [TYPE_TEXT] = KIND(STRING),
    [TYPE_UUID] = KIND(STRING),
    [TYPE_BINARY] = KIND(STRING),
};

static bool is_integer(enum type_base base)
{
    return base == TYPE_INT8 || base == TYPE_INT16 || base == TYPE_INT32 || base == TYPE_INT64;
}

/* 1.0 and 1e3 are integers in JSON: as digits into e->scratch. False: a number that is none, or far too large. */
static bool plain_integer(struct encoder *e, struct str raw, struct str *out)
{
    struct jtext_value number = {JTEXT_NUMBER, false, raw};
    buf_cut(&e->text, 0);
    if (jtext_canonical(&e->members, &e->scratch, &number, &e->text))
        return false;
    *out = buf_str(&e->text);
    const char *point = memchr(out->data, '.', out->len);
    for (const char *p = point; p && p < out->data + out->len; p++)
        if (*p != '.' && *p != '0')
            return false;
    if (point)
        out->len = (size_t)(point - out->data);
    return true;
}

static bool add_number(struct encoder *e, const struct datatype *type, struct str raw, struct buf *out)
{
    bool plain = true;
    for (size_t i = 0; i < raw.len; i++)
        plain &= encode_digit(raw.data[i]) || raw.data[i] == '-';
    struct str text = raw;
    if (!plain && is_integer(type->base) && !plain_integer(e, raw, &text))
        return encode_refuse(e, type, raw);
    return encode_scalar(e, type, text, out);
}

static bool add_string(struct encoder *e, const struct datatype *type, const struct jtext_value *value, struct buf *out)
{
    struct str text = value->raw;
    if (value->escaped) {
        buf_cut(&e->text, 0);
        if (!jtext_decode(value, &e->text))
            return encode_because(e, "holds \\u0000 or half of a surrogate pair, which no text can");
        text = buf_str(&e->text);
    }
    return encode_scalar(e, type, text, out);
}

static bool add_value(struct encoder *e, const struct datatype *type, const struct jtext_value *value, struct buf *out)
{
    bool list = type->array || type->base == TYPE_VECTOR;
    if (!list && type->base == TYPE_JSON) {
        size_t start = wire_begin(out);
        buf_addc(out, 1);
        const char *why = jtext_canonical(&e->members, &e->scratch, value, out);
        if (why)
            return encode_because(e, "%s", why);
        wire_end(out, start);
        return true;
    }
    if (!((list ? KIND(ARRAY) : kinds[type->base]) >> value->kind & 1)) {
        char name[64];
        return encode_because(e, "%s is no %s", kind_names[value->kind], encode_type_name(type, name));
    }
    if (list)
        return encode_array_json(e, type, value->raw, out);
    if (value->kind == JTEXT_NUMBER)
        return add_number(e, type, value->raw, out);
    if (value->kind == JTEXT_STRING)
        return add_string(e, type, value, out);
    return encode_scalar(e, type, value->raw, out); /* true, false */
}

bool encode_json(struct encoder *encoder, const struct datatype *type, const struct jtext_value *value, struct buf *out)
{
    size_t before = out->len;
    if (value->kind == JTEXT_NULL) {
        wire_null(out);
        return true;
    }
    bool ok = add_value(encoder, type, value, out);
    if (!ok)
        buf_cut(out, before);
    return ok;
}
