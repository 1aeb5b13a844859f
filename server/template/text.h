#ifndef YELLOW_TEMPLATE_TEXT_H
#define YELLOW_TEMPLATE_TEXT_H

#include "base/arena.h"
#include "base/str.h"

/* UTF-8 text as Python's str: counted, cut and classified by characters. A malformed byte is a character by itself. */

/* Equal; for short texts, where a call of memcmp takes longest. */
static inline bool text_same(struct str a, struct str b)
{
    uint64_t x, y;
    uint32_t v, w;
    if (a.len != b.len)
        return false;
    if (a.len > 16)
        return memcmp(a.data, b.data, a.len) == 0;
    if (a.len >= 8) {
        const size_t last = a.len - 8;
        memcpy(&x, a.data, 8);
        memcpy(&y, b.data, 8);
        if (x != y)
            return false;
        memcpy(&x, a.data + last, 8);
        memcpy(&y, b.data + last, 8);
        return x == y;
    }
    if (a.len >= 4) {
        const size_t last = a.len - 4;
        memcpy(&v, a.data, 4);
        memcpy(&w, b.data, 4);
        if (v != w)
            return false;
        memcpy(&v, a.data + last, 4);
        memcpy(&w, b.data + last, 4);
        return v == w;
    }
    for (size_t i = 0; i < a.len; i++) {
        if (a.data[i] != b.data[i])
            return false;
    }
    return true;
}

/* memcpy, for pieces that mostly are short. */
static inline void text_copy(char *to, const char *from, size_t len)
{
    uint64_t x, y;
    uint32_t v, w;
    if (len > 16) {
        memcpy(to, from, len);
    } else if (len >= 8) {
        memcpy(&x, from, 8);
        memcpy(&y, from + len - 8, 8);
        memcpy(to, &x, 8);
        memcpy(to + len - 8, &y, 8);
    } else if (len >= 4) {
        memcpy(&v, from, 4);
        memcpy(&w, from + len - 4, 4);
        memcpy(to, &v, 4);
        memcpy(to + len - 4, &w, 4);
    } else {
        for (size_t i = 0; i < len; i++)
            to[i] = from[i];
    }
}

/* The first character of a text that is not empty; returns its bytes. */
size_t text_decode(struct str s, uint32_t *out);
/* Returns how many of the four bytes it filled. */
size_t text_encode(uint32_t c, char out[4]);
/* Bytes of the first character. */
size_t text_char_len(struct str s);
/* Characters. */
size_t text_len(struct str s);
/* Byte offset of character n, or s.len when there are fewer. */
size_t text_offset(struct str s, size_t n);

/* Bytes of white space at the start. */
size_t text_space_prefix(struct str s);
struct str text_lstrip(struct str s);
struct str text_rstrip(struct str s);
struct str text_strip(struct str s);
/* Without any of the characters of set at the start (left) and the end (right). */
struct str text_strip_set(struct str s, struct str set, bool left, bool right);
/* Offset of the first needle at or after from, or SIZE_MAX. */
size_t text_find(struct str s, struct str needle, size_t from);
/* Of the last one. Compares at each place: what that can cost at most, in steps, is text_rfind_cost. */
size_t text_rfind(struct str s, struct str needle);
static inline uint64_t text_rfind_cost(struct str s, struct str needle)
{
    return needle.len > 64 && needle.len < s.len ? (s.len - needle.len) * (needle.len / 64) / 16 : 0;
}
/* The next line of *rest, which moves on; *end gets the bytes of its line break. As str.splitlines. */
bool text_next_line(struct str *rest, struct str *line, size_t *end);

bool text_is_identifier(struct str s);
/* Backslash escapes of a string literal; false with the reason. */
bool text_unescape(struct arena *arena, struct str s, struct str *out, const char **why);

enum char_class {
    CHAR_ALPHA,
    CHAR_DECIMAL,
    CHAR_DIGIT,
    CHAR_NUMERIC,
    CHAR_SPACE,
    CHAR_LOWER,
    CHAR_UPPER,
    CHAR_TITLE,
    CHAR_HIDDEN
};
bool char_is(uint32_t c, enum char_class class);

enum text_case { CASE_LOWER, CASE_UPPER, CASE_TITLE, CASE_SWAP, CASE_CAPITAL };
/* str.lower(), upper(), title(), swapcase(), capitalize(). */
struct str text_to_case(struct arena *arena, struct str s, enum text_case to);

#endif
