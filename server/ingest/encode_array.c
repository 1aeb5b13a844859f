#include "ingest/encode_internal.h"

#include <strings.h>

/* Of the elements' SQL types: constant in PostgreSQL's catalog. */
static const uint32_t element_oids[TYPE_BASE_COUNT] = {
    [TYPE_INT8] = 21,          [TYPE_INT16] = 21,      [TYPE_INT32] = 23,    [TYPE_INT64] = 20,
    [TYPE_FLOAT16] = 700,      [TYPE_FLOAT32] = 700,   [TYPE_FLOAT64] = 701, [TYPE_DECIMAL] = 1700,
    [TYPE_BOOLEAN] = 16,       [TYPE_DATE] = 1082,     [TYPE_TIME] = 1083,   [TYPE_TIMESTAMP] = 1114,
    [TYPE_TIMESTAMPTZ] = 1184, [TYPE_INTERVAL] = 1186, [TYPE_CHAR] = 1042,   [TYPE_VARCHAR] = 1043,
    [TYPE_TEXT] = 25,          [TYPE_UUID] = 2950,     [TYPE_JSON] = 3802,   [TYPE_BINARY] = 17,
    [TYPE_VECTOR] = 700,
};

static struct datatype element_of(const struct datatype *type)
{
    struct datatype element = *type;
    element.array = false;
    if (type->base == TYPE_VECTOR)
        element = (struct datatype){.base = TYPE_FLOAT32};
    return element;
}

/* Length, number of dimensions, whether there are nulls, type, length and first index of the dimension; then elements.
 */
void encode_array_begin(struct array_field *array, const struct datatype *type, struct buf *out)
{
    *array = (struct array_field){.start = out->len};
    char *at = buf_reserve(out, 24);
    memset(at, 0, 24);
    wire_put32(at + 4, 1);
    wire_put32(at + 12, element_oids[type->base]);
    wire_put32(at + 20, 1);
    out->len += 24;
}

bool encode_array_end(struct encoder *e, struct array_field *array, const struct datatype *type, struct buf *out)
{
    char *at = out->data + array->start;
    if (type->base == TYPE_VECTOR && (array->count != type->length || array->has_null)) {
        if (array->has_null)
            return encode_because(e, "a null in a vector");
        return encode_because(e, "%d elements in a vector(%lld)", array->count, (long long)type->length);
    }
    if (array->count == 0) {
        wire_put32(at + 4, 0);
        buf_cut(out, array->start + 16);
    }
    wire_put32(at + 8, array->has_null);
    if (array->count)
        wire_put32(at + 16, (uint32_t)array->count);
    wire_put32(at, (uint32_t)(out->len - array->start - 4));
    return true;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* One element of {...} into e->text. *bare: it stood without quotes. False: not one. */
static bool read_element(struct encoder *e, const char **p, const char *end, bool *bare)
{
    const char *at = *p;
    buf_cut(&e->text, 0);
    *bare = *at != '"';
    if (!*bare) {
        for (at++; at < end && *at != '"'; at++) {
            if (*at == '\\' && ++at == end)
                return false;
            buf_addc(&e->text, *at);
        }
        if (at++ == end)
            return false;
    } else {
        size_t keep = 0; /* white space at the end does not count, unless it was escaped */
        for (; at < end && *at != ',' && *at != '}'; at++) {
            bool escaped = *at == '\\';
            if (*at == '{' || *at == '"' || (escaped && ++at == end))
                return false;
            buf_addc(&e->text, *at);
            if (escaped || !is_space(*at))
                keep = e->text.len;
            *bare = *bare && !escaped;
        }
        buf_cut(&e->text, keep);
        if (keep == 0)
            return false;
    }
    while (at < end && is_space(*at))
        at++;
    *p = at;
    return at < end && (*at == ',' || *at == '}');
}

bool encode_array_text(struct encoder *e, const struct datatype *type, struct str text, struct buf *out)
{
    struct str s = encode_trim(text);
    if (s.len && s.data[0] == '[') {
        struct jtext t = {.at = s.data, .end = s.data + s.len, .whole = true};
        struct jtext_value value;
        if (jtext_value(&t, &value) != JTEXT_OK || t.at != t.end)
            return encode_refuse(e, type, text);
        return encode_array_json(e, type, value.raw, out);
    }
    const char *p = s.data, *end = s.data + s.len;
    struct datatype element = element_of(type);
    struct array_field array;
    if (p == end || *p++ != '{')
        return encode_refuse(e, type, text);
    encode_array_begin(&array, type, out);
    while (p < end && is_space(*p))
        p++;
    for (bool first = true; !(first && p < end && *p == '}'); first = false) {
        bool bare;
        if (p == end || !read_element(e, &p, end, &bare))
            return encode_refuse(e, type, text);
        struct str item = buf_str(&e->text);
        if (bare && item.len == 4 && strncasecmp(item.data, "null", 4) == 0) {
            wire_null(out);
            array.has_null = true;
        } else if (!encode_scalar(e, &element, item, out)) {
            return false;
        }
        array.count++;
        if (*p == '}')
            break;
        for (p++; p < end && is_space(*p); p++)
            ;
    }
    if (p + 1 != end)
        return encode_refuse(e, type, text);
    return encode_array_end(e, &array, type, out);
}

bool encode_array_json(struct encoder *e, const struct datatype *type, struct str raw, struct buf *out)
{
    struct jtext t = {.at = raw.data + 1, .end = raw.data + raw.len - 1, .whole = true};
    struct datatype element = element_of(type);
    struct array_field array;
    encode_array_begin(&array, type, out);
    jtext_space(&t);
    while (t.at < t.end) {
        struct jtext_value item;
        (void)jtext_value(&t, &item); /* it was checked as a whole */
        array.has_null |= item.kind == JTEXT_NULL;
        if (!encode_json(e, &element, &item, out))
            return false;
        array.count++;
        jtext_space(&t);
        t.at++;
    }
    return encode_array_end(e, &array, type, out);
}
