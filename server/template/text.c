#include "template/text.h"

#include "template/number.h"

size_t text_decode(struct str s, uint32_t *out)
{
    const unsigned char *p = (const unsigned char *)s.data;
    *out = p[0];
    if (p[0] < 0x80)
        return 1;
    size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc2 ? 2 : 1;
    if (n == 1 || n > s.len || p[0] > 0xf4)
        return 1;
    uint32_t c = p[0] & (0xffU >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 1;
        c = c << 6 | (p[i] & 0x3f);
    }
    *out = c;
    return n;
}

size_t text_encode(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    out[0] = (char)((0xf00U >> n & 0xff) | c);
    return n;
}

size_t text_char_len(struct str s)
{
    uint32_t c;
    return s.len ? text_decode(s, &c) : 0;
}

size_t text_len(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.len; i++)
        n += ((unsigned char)s.data[i] & 0xc0) != 0x80;
    return n;
}

size_t text_offset(struct str s, size_t n)
{
    size_t i = 0;
    while (i < s.len) {
        if (((unsigned char)s.data[i] & 0xc0) != 0x80 && n-- == 0)
            return i;
        i++;
    }
    return s.len;
}

size_t text_space_prefix(struct str s)
{
    size_t i = 0;
    while (i < s.len) {
        unsigned char c = (unsigned char)s.data[i];
        if (c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f)) {
            i++;
            continue;
        }
        if (c < 0x80)
            break;
        uint32_t wide;
        size_t n = text_decode((struct str){s.data + i, s.len - i}, &wide);
        if (!char_is(wide, CHAR_SPACE))
            break;
        i += n;
    }
    return i;
}

/* Offset of the last character of a text that is not empty. */
static size_t last_char(struct str s)
{
    size_t i = s.len - 1;
    while (i > 0 && s.len - i < 4 && ((unsigned char)s.data[i] & 0xc0) == 0x80)
        i--;
    return i;
}

struct str text_lstrip(struct str s)
{
    size_t n = text_space_prefix(s);
    return (struct str){s.data + n, s.len - n};
}

struct str text_rstrip(struct str s)
{
    while (s.len) {
        size_t last = last_char(s);
        struct str tail = {s.data + last, s.len - last};
        if (text_space_prefix(tail) != tail.len)
            break;
        s.len = last;
    }
    return s;
}

struct str text_strip(struct str s)
{
    return text_rstrip(text_lstrip(s));
}

struct str text_strip_set(struct str s, struct str set, bool left, bool right)
{
    while (left && s.len) {
        size_t n = text_char_len(s);
        if (text_find(set, (struct str){s.data, n}, 0) == SIZE_MAX)
            break;
        s = (struct str){s.data + n, s.len - n};
    }
    while (right && s.len) {
        size_t last = last_char(s);
        if (text_find(set, (struct str){s.data + last, s.len - last}, 0) == SIZE_MAX)
            break;
        s.len = last;
    }
    return s;
}

size_t text_find(struct str s, struct str needle, size_t from)
{
    if (from > s.len || needle.len > s.len - from)
        return SIZE_MAX;
    if (!needle.len)
        return from;
    const char *at = memmem(s.data + from, s.len - from, needle.data, needle.len);
    return at ? (size_t)(at - s.data) : SIZE_MAX;
}

size_t text_rfind(struct str s, struct str needle)
{
    if (needle.len > s.len)
        return SIZE_MAX;
    for (size_t at = s.len - needle.len;; at--) {
        if (!needle.len || memcmp(s.data + at, needle.data, needle.len) == 0)
            return at;
        if (at == 0)
            return SIZE_MAX;
    }
}

/* Bytes of the line break that s begins with: those that str.splitlines knows. */
static size_t line_break(struct str s)
{
    unsigned char c = (unsigned char)s.data[0];
    if (c == '\r')
        return s.len > 1 && s.data[1] == '\n' ? 2 : 1;
    if ((c >= '\n' && c <= '\f') || (c >= 0x1c && c <= 0x1e))
        return 1;
    uint32_t wide;
    size_t n = text_decode(s, &wide);
    return wide == 0x85 || wide == 0x2028 || wide == 0x2029 ? n : 0;
}

/* Which byte, in order of memory, is the first with its highest bit set. What borrowing marks lies behind it. */
static size_t first_marked(uint64_t word)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (size_t)__builtin_ctzll(word) / 8;
#else
    (void)word;
    return 0; /* there, borrowing marks what lies before: look at each byte */
#endif
}

bool text_next_line(struct str *rest, struct str *line, size_t *end)
{
    if (!rest->len)
        return false;
    size_t at = 0;
    *end = 0;
    while (at < rest->len) {
        /* Eight bytes at a time, up to what is not ASCII or is a control character. Bytes behind the end read as 0. */
        uint64_t word = 0;
        if (rest->len - at >= sizeof word)
            memcpy(&word, rest->data + at, sizeof word);
        else
            text_copy((char *)&word, rest->data + at, rest->len - at);
        word = (word | (word - 0x2020202020202020U)) & 0x8080808080808080U;
        at += word ? first_marked(word) : sizeof word;
        if (!word)
            continue;
        if (at >= rest->len)
            break;
        unsigned char c = (unsigned char)rest->data[at];
        if ((c < 0x20 || c >= 0xc2) && (*end = line_break((struct str){rest->data + at, rest->len - at})))
            break;
        at++;
    }
    *line = (struct str){rest->data, at};
    *rest = (struct str){rest->data + at + *end, rest->len - at - *end};
    return true;
}

bool text_is_identifier(struct str s)
{
    for (size_t at = 0; at < s.len;) {
        uint32_t c;
        size_t n = text_decode((struct str){s.data + at, s.len - at}, &c);
        bool plain = c == '_' || (c < 0x80 && ((c | 0x20) >= 'a' && (c | 0x20) <= 'z'));
        bool digit = c >= '0' && c <= '9';
        if (!plain && !(digit && at > 0) &&
            !(c >= 0x80 && (char_is(c, CHAR_ALPHA) || (at > 0 && char_is(c, CHAR_DECIMAL)))))
            return false;
        at += n;
    }
    return s.len > 0;
}

static const char *const hex_errors[] = {
    [2] = "truncated \\xXX escape", [4] = "truncated \\uXXXX escape", [8] = "truncated \\UXXXXXXXX escape"};

/* The escape at s (behind the backslash) into out; returns how many bytes of s it took, 0 with the reason. */
static size_t unescape_one(struct str s, char out[8], size_t *out_len, const char **why)
{
    static const char from[] = "\\'\"abfnrtv", to[] = "\\'\"\a\b\f\n\r\t\v";
    const char *simple = s.data[0] ? strchr(from, s.data[0]) : NULL;
    *out_len = 1;
    if (simple) {
        out[0] = to[simple - from];
        return 1;
    }
    if (s.data[0] == '\n') {
        *out_len = 0;
        return 1;
    }
    uint32_t c = 0;
    size_t used = 0;
    if (s.data[0] >= '0' && s.data[0] <= '7') {
        while (used < 3 && used < s.len && s.data[used] >= '0' && s.data[used] <= '7')
            c = c * 8 + (uint32_t)(s.data[used++] - '0');
        *out_len = text_encode(c, out);
        return used;
    }
    size_t want = s.data[0] == 'x' ? 2 : s.data[0] == 'u' ? 4 : s.data[0] == 'U' ? 8 : 0;
    if (!want) {
        if (s.data[0] == 'N') {
            *why = "\\N escapes are not known";
            return 0;
        }
        out[0] = '\\';
        out[1] = s.data[0];
        *out_len = 2;
        return 1;
    }
    for (used = 1; used <= want; used++) {
        if (used >= s.len || number_digit(s.data[used]) >= 16) {
            *why = hex_errors[want];
            return 0;
        }
        c = c << 4 | (uint32_t)number_digit(s.data[used]);
    }
    if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
        *why = "illegal Unicode character";
        return 0;
    }
    *out_len = text_encode(c, out);
    return used;
}

bool text_unescape(struct arena *arena, struct str s, struct str *out, const char **why)
{
    char *text = arena_alloc(arena, s.len + 1);
    size_t n = 0, at = 0;
    while (at < s.len) {
        if (s.data[at] != '\\' || at + 1 >= s.len) {
            text[n++] = s.data[at++];
            continue;
        }
        char piece[8];
        size_t len, used = unescape_one((struct str){s.data + at + 1, s.len - at - 1}, piece, &len, why);
        if (!used)
            return false;
        memcpy(text + n, piece, len);
        n += len;
        at += 1 + used;
    }
    *out = (struct str){text, n};
    return true;
}
