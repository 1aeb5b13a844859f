#include "base/str.h"

#include <ctype.h>

int str_cmp(struct str a, struct str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int c = n ? memcmp(a.data, b.data, n) : 0;
    return c ? c : (a.len > b.len) - (a.len < b.len);
}

bool str_starts(struct str s, struct str prefix)
{
    return s.len >= prefix.len && (prefix.len == 0 || memcmp(s.data, prefix.data, prefix.len) == 0);
}

bool str_ends(struct str s, struct str suffix)
{
    return s.len >= suffix.len &&
           (suffix.len == 0 || memcmp(s.data + s.len - suffix.len, suffix.data, suffix.len) == 0);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
    while (s.len && is_space(s.data[0]))
        s.data++, s.len--;
    while (s.len && is_space(s.data[s.len - 1]))
        s.len--;
    return s;
}

struct str str_cut(struct str *s, char sep)
{
    const char *at = s->len ? memchr(s->data, sep, s->len) : NULL;
    struct str head = *s;
    if (!at) {
        *s = (struct str){0};
        return head;
    }
    head.len = (size_t)(at - s->data);
    s->data = at + 1;
    s->len -= head.len + 1;
    return head;
}

bool str_int64(struct str s, int64_t min, int64_t max, int64_t *out)
{
    bool negative = s.len && s.data[0] == '-';
    size_t i = negative ? 1 : 0;
    if (i == s.len)
        return false;
    int64_t value = 0; /* kept negative: the negative range is the larger one */
    for (; i < s.len; i++) {
        if (s.data[i] < '0' || s.data[i] > '9' || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, s.data[i] - '0', &value))
            return false;
    }
    if (!negative && __builtin_sub_overflow((int64_t)0, value, &value))
        return false;
    if (value < min || value > max)
        return false;
    *out = value;
    return true;
}

bool str_is_name(struct str s)
{
    if (s.len == 0 || s.len > 63 || !isascii((unsigned char)s.data[0]) || !isalpha((unsigned char)s.data[0]))
        return false;
    for (size_t i = 1; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if (!isascii(c) || !(isalnum(c) || c == '_' || c == '-'))
            return false;
    }
    return true;
}

bool str_is_utf8(struct str s)
{
    const unsigned char *p = (const unsigned char *)s.data, *end = p + s.len;
    while (p < end) {
        uint64_t word;
        /* Most text is ASCII: eight bytes at a time. */
        while ((size_t)(end - p) >= sizeof word && (memcpy(&word, p, sizeof word), !(word & 0x8080808080808080U)))
            p += sizeof word;
        if (p == end)
            break;
        unsigned char c = *p++;
        if (c < 0x80)
            continue;
        size_t more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
        if (c < 0xc2 || c > 0xf4 || (size_t)(end - p) < more)
            return false;
        unsigned char low = 0x80, high = 0xbf; /* the second byte's range, by the first (Unicode, table 3-7) */
        if (c == 0xe0)
            low = 0xa0;
        else if (c == 0xed)
            high = 0x9f;
        else if (c == 0xf0)
            low = 0x90;
        else if (c == 0xf4)
            high = 0x8f;
        if (*p < low || *p > high)
            return false;
        for (size_t i = 1; i < more; i++)
            if ((p[i] & 0xc0) != 0x80)
                return false;
        p += more;
    }
    return true;
}

uint64_t str_hash(struct str s)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.data[i]) * 0x100000001b3u;
    return h;
}

size_t str_distance(struct str a, struct str b, size_t max)
{
    size_t row[65];
    if (b.len > 64 || a.len > 64 || (a.len > b.len ? a.len - b.len : b.len - a.len) > max)
        return max + 1;
    for (size_t j = 0; j <= b.len; j++)
        row[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            size_t above = row[j];
            size_t best = diagonal + (a.data[i - 1] != b.data[j - 1]);
            if (above + 1 < best)
                best = above + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            diagonal = above;
            row[j] = best;
        }
    }
    return row[b.len] > max ? max + 1 : row[b.len];
}
