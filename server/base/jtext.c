#include "base/jtext.h"

enum jtext_result jtext_unexpected(struct jtext *t, const char *why)
{
    if (t->at >= t->end && !t->whole)
        return JTEXT_MORE;
    t->bad = t->at >= t->end ? "the text ends too early" : why;
    return JTEXT_BAD;
}

enum jtext_result jtext_peek(struct jtext *t, char *out)
{
    jtext_space(t);
    if (t->at >= t->end)
        return jtext_unexpected(t, "");
    *out = *t->at;
    return JTEXT_OK;
}

/* Of eight bytes, those that end a run of plain characters: quote, backslash, controls. 0: none of them does. */
static uint64_t stops(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101U, high = 0x8080808080808080U;
    uint64_t quote = word ^ (ones * '"'), backslash = word ^ (ones * '\\');
    return (((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) | ((word - ones * 0x20) & ~word)) & high;
}

enum jtext_result jtext_string(struct jtext *t, struct jtext_value *out)
{
    if (t->at >= t->end || *t->at != '"')
        return jtext_unexpected(t, "a string is expected");
    const char *p = t->at + 1;
    bool escaped = false, ascii = true;
    for (;;) {
        uint64_t word;
        while (t->end - p >= 8 && (memcpy(&word, p, 8), !stops(word))) {
            ascii &= !(word & 0x8080808080808080U);
            p += 8;
        }
        if (p >= t->end)
            break;
        unsigned char c = (unsigned char)*p;
        if (c == '"') {
            *out = (struct jtext_value){JTEXT_STRING, escaped, {t->at + 1, (size_t)(p - t->at - 1)}};
            if (!ascii && !str_is_utf8(out->raw)) {
                t->bad = "a string that is no UTF-8";
                return JTEXT_BAD;
            }
            t->at = p + 1;
            return JTEXT_OK;
        }
        if (c < 0x20) {
            t->at = p;
            t->bad = "a control character in a string";
            return JTEXT_BAD;
        }
        ascii &= c < 0x80;
        if (c == '\\') {
            escaped = true;
            if (++p >= t->end)
                break;
            int hex = *p == 'u' ? 4 : 0;
            if (!strchr("\"\\/bfnrtu", *p) || !*p) {
                t->at = p;
                t->bad = "an unknown escape";
                return JTEXT_BAD;
            }
            for (; hex && p + 1 < t->end; hex--, p++)
                if (!strchr("0123456789abcdefABCDEF", p[1]) || !p[1]) {
                    t->at = p;
                    t->bad = "an unknown escape";
                    return JTEXT_BAD;
                }
            if (hex)
                break;
        }
        p++;
    }
    if (!t->whole)
        return JTEXT_MORE;
    t->at = t->end;
    return jtext_unexpected(t, "");
}

static bool is_digit(const char *p, const char *end)
{
    return p < end && (unsigned char)(*p - '0') < 10;
}

static enum jtext_result number(struct jtext *t, struct jtext_value *out)
{
    const char *p = t->at, *end = t->end;
    p += *p == '-';
    if (!is_digit(p, end))
        goto bad;
    if (*p == '0')
        p++;
    else
        while (is_digit(p, end))
            p++;
    if (p < end && *p == '.') {
        if (!is_digit(++p, end))
            goto bad;
        while (is_digit(p, end))
            p++;
    }
    if (p < end && (*p | 0x20) == 'e') {
        p++;
        p += p < end && (*p == '+' || *p == '-');
        if (!is_digit(p, end))
            goto bad;
        while (is_digit(p, end))
            p++;
    }
    if (p == end && !t->whole)
        return JTEXT_MORE;
    *out = (struct jtext_value){JTEXT_NUMBER, false, {t->at, (size_t)(p - t->at)}};
    t->at = p;
    return JTEXT_OK;
bad:
    if (p < end || t->whole)
        t->at = p;
    return p < end || t->whole ? jtext_unexpected(t, "not a number") : JTEXT_MORE;
}

static enum jtext_result word(struct jtext *t, const char *text, enum jtext_kind kind, struct jtext_value *out)
{
    size_t len = strlen(text), have = (size_t)(t->end - t->at);
    if (memcmp(t->at, text, have < len ? have : len) != 0) {
        t->bad = "not a value";
        return JTEXT_BAD;
    }
    if (have < len) {
        if (!t->whole)
            return JTEXT_MORE;
        t->at = t->end;
        return jtext_unexpected(t, "");
    }
    *out = (struct jtext_value){kind, false, {t->at, len}};
    t->at += len;
    return JTEXT_OK;
}

static enum jtext_result value(struct jtext *t, struct jtext_value *out, int depth);

static enum jtext_result member_name(struct jtext *t)
{
    struct jtext_value name;
    char c;
    jtext_space(t);
    enum jtext_result rc = jtext_string(t, &name);
    if (rc == JTEXT_OK)
        rc = jtext_peek(t, &c);
    if (rc != JTEXT_OK)
        return rc;
    if (c != ':')
        return jtext_unexpected(t, "a colon is expected");
    t->at++;
    return JTEXT_OK;
}

static enum jtext_result container(struct jtext *t, struct jtext_value *out, int depth)
{
    const char *start = t->at;
    bool object = *t->at++ == '{';
    char c = 0, close = object ? '}' : ']';
    struct jtext_value inner;
    if (depth >= JTEXT_DEPTH_MAX) {
        t->bad = "nested too deeply";
        return JTEXT_BAD;
    }
    enum jtext_result rc = jtext_peek(t, &c);
    if (rc != JTEXT_OK)
        return rc;
    for (bool first = true; !(first && c == close); first = false) {
        if (object && (rc = member_name(t)) != JTEXT_OK)
            return rc;
        if ((rc = value(t, &inner, depth + 1)) != JTEXT_OK || (rc = jtext_peek(t, &c)) != JTEXT_OK)
            return rc;
        if (c == close)
            break;
        if (c != ',')
            return jtext_unexpected(t, object ? "a comma or } is expected" : "a comma or ] is expected");
        t->at++;
    }
    t->at++;
    *out = (struct jtext_value){object ? JTEXT_OBJECT : JTEXT_ARRAY, false, {start, (size_t)(t->at - start)}};
    return JTEXT_OK;
}

static enum jtext_result value(struct jtext *t, struct jtext_value *out, int depth)
{
    char c;
    enum jtext_result rc = jtext_peek(t, &c);
    if (rc != JTEXT_OK)
        return rc;
    switch (c) {
    case '"':
        return jtext_string(t, out);
    case '{':
    case '[':
        return container(t, out, depth);
    case 't':
        return word(t, "true", JTEXT_TRUE, out);
    case 'f':
        return word(t, "false", JTEXT_FALSE, out);
    case 'n':
        return word(t, "null", JTEXT_NULL, out);
    default:
        if (c == '-' || is_digit(&c, &c + 1))
            return number(t, out);
        return jtext_unexpected(t, "not a value");
    }
}

enum jtext_result jtext_value(struct jtext *t, struct jtext_value *out)
{
    return value(t, out, 0);
}

static unsigned hex4(const char *p)
{
    unsigned v = 0;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        v = v << 4 | (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return v;
}

static void add_utf8(struct buf *out, unsigned c)
{
    char bytes[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = n; i > 1; i--, c >>= 6)
        bytes[i - 1] = (char)(0x80 | (c & 0x3f));
    bytes[0] = (char)(lead[n] | c);
    buf_add(out, bytes, n);
}

bool jtext_decode(const struct jtext_value *string, struct buf *out)
{
    const char *p = string->raw.data, *end = p + string->raw.len;
    while (p < end) {
        const char *next = memchr(p, '\\', (size_t)(end - p));
        buf_add(out, p, (size_t)((next ? next : end) - p));
        if (!next)
            break;
        p = next + 2;
        static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
        if (next[1] != 'u') {
            buf_addc(out, to[strchr(from, next[1]) - from]);
            continue;
        }
        unsigned c = hex4(p);
        p += 4;
        if (c >= 0xd800 && c < 0xdc00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
            unsigned low = hex4(p + 2);
            if (low < 0xdc00 || low > 0xdfff)
                return false;
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            p += 6;
        }
        if (c == 0 || (c >= 0xd800 && c <= 0xdfff))
            return false;
        add_utf8(out, c);
    }
    return true;
}
