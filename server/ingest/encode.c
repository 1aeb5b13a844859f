#include "ingest/encode_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

void encoder_dispose(struct encoder *encoder)
{
    buf_dispose(&encoder->scratch);
    buf_dispose(&encoder->text);
    jtext_members_dispose(&encoder->members);
}

const char *encode_type_name(const struct datatype *type, char text[64])
{
    const struct type_info *info = &type_infos[type->base];
    const char *open = type->array ? "array<" : "", *close = type->array ? ">" : "";
    if (info->arguments == 2)
        (void)snprintf(text, 64, "%s%s(%lld,%lld)%s", open, info->name, (long long)type->length, (long long)type->scale,
                       close);
    else if (info->arguments == 1)
        (void)snprintf(text, 64, "%s%s(%lld)%s", open, info->name, (long long)type->length, close);
    else
        (void)snprintf(text, 64, "%s%s%s", open, info->name, close);
    return text;
}

/* A reason quotes no more than this. */
enum { QUOTED_MAX = 60 };

static int quoted(struct str text)
{
    if (text.len <= QUOTED_MAX)
        return (int)text.len;
    int n = QUOTED_MAX;
    while (n && ((unsigned char)text.data[n] & 0xc0) == 0x80) /* not in the middle of a character */
        n--;
    return n;
}

bool encode_refuse(struct encoder *e, const struct datatype *type, struct str text)
{
    char name[64];
    (void)snprintf(e->reason, sizeof e->reason, "\"%.*s%s\" is no %s", quoted(text), text.data ? text.data : "",
                   text.len > QUOTED_MAX ? "..." : "", encode_type_name(type, name));
    return false;
}

bool encode_misfit(struct encoder *e, const struct datatype *type, struct str text)
{
    char name[64];
    (void)snprintf(e->reason, sizeof e->reason, "%.*s%s does not fit %s", quoted(text), text.data,
                   text.len > QUOTED_MAX ? "..." : "", encode_type_name(type, name));
    return false;
}

bool encode_because(struct encoder *e, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(e->reason, sizeof e->reason, fmt, args);
    va_end(args);
    return false;
}

static void add_field(struct buf *out, const char *data, size_t len)
{
    char *at = buf_reserve(out, len + 4);
    wire_put32(at, (uint32_t)len);
    memcpy(at + 4, data, len);
    out->len += len + 4;
}

/* Most text is ASCII without NUL: eight bytes at a time. */
static bool is_plain(struct str s)
{
    uint64_t word;
    size_t i = 0;
    for (; i + sizeof word <= s.len; i += sizeof word) {
        memcpy(&word, s.data + i, sizeof word);
        if ((word | (word - 0x0101010101010101U)) & 0x8080808080808080U)
            return false;
    }
    for (; i < s.len; i++)
        if ((signed char)s.data[i] <= 0)
            return false;
    return true;
}

/* False: not text for PostgreSQL. *plain: one byte a character. */
static bool check_text(struct encoder *e, struct str text, bool *plain)
{
    *plain = is_plain(text);
    if (*plain)
        return true;
    if (!str_is_utf8(text))
        return encode_because(e, "holds bytes that are no text in its encoding");
    if (memchr(text.data, 0, text.len))
        return encode_because(e, "holds a NUL, which no text can");
    return true;
}

static bool encode_plain_text(struct encoder *e, const struct datatype *type, struct str text, struct buf *out)
{
    bool plain;
    (void)type;
    if (!check_text(e, text, &plain))
        return false;
    add_field(out, text.data, text.len);
    return true;
}

/* The bytes of the first max characters, and how many characters there are up to that. */
static size_t prefix(struct str text, size_t max, size_t *characters)
{
    size_t i = 0, n = 0;
    while (i < text.len) {
        if (n == max)
            break;
        n++;
        for (i++; i < text.len && ((unsigned char)text.data[i] & 0xc0) == 0x80; i++)
            ;
    }
    *characters = n;
    return i;
}

static bool encode_limited(struct encoder *e, const struct datatype *type, struct str text, struct buf *out)
{
    bool plain;
    size_t max = (size_t)type->length, characters = text.len;
    if (!check_text(e, text, &plain))
        return false;
    if (!plain || text.len > max) {
        size_t len = prefix(text, max, &characters);
        /* Spaces at the end are part of a varchar, and of a char filling alone. */
        for (size_t i = len; i < text.len; i++)
            if (text.data[i] != ' ' || type->base == TYPE_VARCHAR) {
                char name[64];
                return encode_because(e, "longer than %s", encode_type_name(type, name));
            }
        text.len = len;
    }
    if (type->base == TYPE_VARCHAR || characters == max) {
        add_field(out, text.data, text.len);
        return true;
    }
    size_t fill = max - characters;
    char *at = buf_reserve(out, 4 + text.len + fill);
    wire_put32(at, (uint32_t)(text.len + fill));
    memcpy(at + 4, text.data, text.len);
    memset(at + 4 + text.len, ' ', fill);
    out->len += 4 + text.len + fill;
    return true;
}

static bool encode_boolean(struct encoder *e, const struct datatype *type, struct str text, struct buf *out)
{
    static const struct {
        const char *word;
        size_t shortest;
        bool value;
    } words[] = {{"true", 1, true}, {"false", 1, false}, {"yes", 1, true}, {"no", 1, false},
                 {"on", 2, true},   {"off", 2, false},   {"1", 1, true},   {"0", 1, false}};
    struct str word = encode_trim(text);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (word.len >= words[i].shortest && word.len <= strlen(words[i].word) &&
            strncasecmp(word.data, words[i].word, word.len) == 0) {
            add_field(out, words[i].value ? "\1" : "\0", 1);
            return true;
        }
    return encode_refuse(e, type, text);
}

static int hex(char c)
{
    if (encode_digit(c))
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool encode_uuid(struct encoder *e, const struct datatype *type, struct str text, struct buf *out)
{
    struct str s = encode_trim(text);
    char bytes[16];
    if (s.len >= 2 && s.data[0] == '{' && s.data[s.len - 1] == '}')
        s = (struct str){s.data + 1, s.len - 2};
    const char *p = s.data, *end = s.data + s.len;
    for (int i = 0; i < 16; i++) {
        int high = p + 2 <= end ? hex(p[0]) : -1, low = p + 2 <= end ? hex(p[1]) : -1;
        if (high < 0 || low < 0)
            return encode_refuse(e, type, text);
        bytes[i] = (char)(high << 4 | low);
        p += 2;
        if (p < end && *p == '-' && i % 2 == 1 && i < 15)
            p++;
    }
    if (p != end)
        return encode_refuse(e, type, text);
    add_field(out, bytes, sizeof bytes);
    return true;
}

static int base64(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (encode_digit(c))
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

static bool encode_base64(struct str s, struct buf *out)
{
    if (s.len % 4)
        return false;
    size_t pad = s.len && s.data[s.len - 1] == '=' ? 1 + (s.data[s.len - 2] == '=') : 0;
    char *at = buf_reserve(out, s.len / 4 * 3);
    for (size_t i = 0; i < s.len; i += 4) {
        uint32_t group = 0;
        for (size_t j = 0; j < 4; j++) {
            int digit = i + j >= s.len - pad ? 0 : base64(s.data[i + j]);
            if (digit < 0)
                return false;
            group = group << 6 | (uint32_t)digit;
        }
        *at++ = (char)(group >> 16);
        *at++ = (char)(group >> 8);
        *at++ = (char)group;
    }
    out->len += s.len / 4 * 3 - pad;
    return true;
}

static bool encode_binary(struct encoder *e, const struct datatype *type, struct str text, struct buf *out)
{
    struct str s = encode_trim(text);
    size_t start = wire_begin(out);
    if (str_starts(s, STR("\\x"))) {
        char *at = buf_reserve(out, s.len / 2);
        if (s.len % 2)
            return encode_refuse(e, type, text);
        for (size_t i = 2; i < s.len; i += 2) {
            int high = hex(s.data[i]), low = hex(s.data[i + 1]);
            if (high < 0 || low < 0)
                return encode_refuse(e, type, text);
            *at++ = (char)(high << 4 | low);
        }
        out->len += s.len / 2 - 1;
    } else if (!encode_base64(s, out)) {
        return encode_refuse(e, type, text);
    }
    wire_end(out, start);
    return true;
}

static bool encode_jsonb(struct encoder *e, const struct datatype *type, struct str text, struct buf *out)
{
    struct jtext t = {.at = text.data, .end = text.data + text.len, .whole = true};
    struct jtext_value value;
    (void)type;
    if (jtext_value(&t, &value) != JTEXT_OK || (jtext_space(&t), t.at != t.end))
        return encode_refuse(e, type, text);
    size_t start = wire_begin(out);
    buf_addc(out, 1); /* the version of jsonb's binary form */
    const char *why = jtext_canonical(&e->members, &e->scratch, &value, out);
    if (why)
        return encode_because(e, "%s", why);
    wire_end(out, start);
    return true;
}

static encode_fn *const encoders[TYPE_BASE_COUNT] = {
    [TYPE_INT8] = encode_int16_field,
    [TYPE_INT16] = encode_int16_field,
    [TYPE_INT32] = encode_int32_field,
    [TYPE_INT64] = encode_int64_field,
    [TYPE_FLOAT16] = encode_real,
    [TYPE_FLOAT32] = encode_real,
    [TYPE_FLOAT64] = encode_double,
    [TYPE_DECIMAL] = encode_decimal,
    [TYPE_BOOLEAN] = encode_boolean,
    [TYPE_DATE] = encode_date,
    [TYPE_TIME] = encode_time,
    [TYPE_TIMESTAMP] = encode_timestamp,
    [TYPE_TIMESTAMPTZ] = encode_timestamp,
    [TYPE_INTERVAL] = encode_interval,
    [TYPE_CHAR] = encode_limited,
    [TYPE_VARCHAR] = encode_limited,
    [TYPE_TEXT] = encode_plain_text,
    [TYPE_UUID] = encode_uuid,
    [TYPE_JSON] = encode_jsonb,
    [TYPE_BINARY] = encode_binary,
};

bool encode_scalar(struct encoder *e, const struct datatype *type, struct str text, struct buf *out)
{
    encode_fn *fn = encoders[type->base];
    return fn ? fn(e, type, text, out) : encode_refuse(e, type, text);
}

bool encode_text(struct encoder *encoder, const struct datatype *type, struct str text, struct buf *out)
{
    size_t before = out->len;
    bool ok = type->array || type->base == TYPE_VECTOR ? encode_array_text(encoder, type, text, out)
                                                       : encode_scalar(encoder, type, text, out);
    if (!ok)
        buf_cut(out, before);
    return ok;
}
