#ifndef YELLOW_BASE_STR_H
#define YELLOW_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A borrowed run of bytes; not necessarily terminated. data is NULL only in an absent string. */
struct str {
    const char *data;
    size_t len;
};

#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
#define STR_FMT "%.*s"
#define STR_ARG(s) (int)(s).len, (s).data ? (s).data : ""

static inline struct str str_from(const char *text)
{
    return (struct str){text, text ? strlen(text) : 0};
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || (a.data[0] == b.data[0] && memcmp(a.data, b.data, a.len) == 0));
}

static inline bool str_eqz(struct str a, const char *b)
{
    return a.len && b && a.data[0] != b[0] ? false : str_eq(a, str_from(b)); /* most texts differ at once */
}

/* Byte order, shorter first. As strcmp. */
int str_cmp(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Without ASCII white space at both ends. */
struct str str_trim(struct str s);
/* Cuts s at the first sep: returns what stands before it and leaves the rest in *s; without sep, returns all and
 * leaves an absent string. */
struct str str_cut(struct str *s, char sep);
/* The whole of s as a decimal integer within [min, max]; false otherwise and *out is untouched. */
bool str_int64(struct str s, int64_t min, int64_t max, int64_t *out);
/* A name of the model and of the API: [A-Za-z][A-Za-z0-9_-]{0,62}. */
bool str_is_name(struct str s);
/* Well-formed UTF-8 without surrogates or overlong forms. */
bool str_is_utf8(struct str s);
/* FNV-1a, 64 bits; for maps, not for security. */
uint64_t str_hash(struct str s);
/* Edits (insert, delete, replace) between a and b, or max + 1 when there are more: for "did you mean". */
size_t str_distance(struct str a, struct str b, size_t max);

#endif
