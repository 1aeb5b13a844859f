#include "base/yaml_scalar.h"

static bool among(struct str text, const char *const *words)
{
    for (; *words; words++)
        if (str_eqz(text, *words))
            return true;
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Drops the leading digits of s; returns how many. */
static size_t skip_digits(struct str *s)
{
    size_t n = 0;
    while (n < s->len && is_digit(s->data[n]))
        n++;
    s->data += n;
    s->len -= n;
    return n;
}

static bool skip_one(struct str *s, char a, char b)
{
    if (!s->len || (s->data[0] != a && s->data[0] != b))
        return false;
    s->data++;
    s->len--;
    return true;
}

static bool is_based(struct str s, bool hex)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i], low = (char)(c | 0x20);
        if (!(hex ? is_digit(c) || (low >= 'a' && low <= 'f') : c >= '0' && c <= '7'))
            return false;
    }
    return true;
}

static bool is_int(struct str s)
{
    if (s.len > 2 && s.data[0] == '0' && (s.data[1] == 'x' || s.data[1] == 'o'))
        return is_based((struct str){s.data + 2, s.len - 2}, s.data[1] == 'x');
    (void)skip_one(&s, '+', '-');
    return skip_digits(&s) && !s.len;
}

static bool is_float(struct str s)
{
    static const char *const nan[] = {".nan", ".NaN", ".NAN", NULL};
    static const char *const infinity[] = {".inf", ".Inf", ".INF", NULL};
    if (among(s, nan))
        return true;
    (void)skip_one(&s, '+', '-');
    if (among(s, infinity))
        return true;
    size_t whole = skip_digits(&s), fraction = 0;
    if (skip_one(&s, '.', '.'))
        fraction = skip_digits(&s);
    if (!whole && !fraction)
        return false;
    if (skip_one(&s, 'e', 'E')) {
        (void)skip_one(&s, '+', '-');
        if (!skip_digits(&s))
            return false;
    }
    return !s.len;
}

/* Whether text, of the same length, is one of three spellings of a word. */
#define SPELLS(text, lower, title, upper)                                                                              \
    (memcmp((text), lower, sizeof(lower) - 1) == 0 || memcmp((text), title, sizeof(title) - 1) == 0 ||                 \
     memcmp((text), upper, sizeof(upper) - 1) == 0)

enum yaml_scalar yaml_scalar_kind(struct str text)
{
    if (text.len == 0)
        return YAML_NULL;
    char first = text.data[0];
    if (!is_digit(first) && first != '+' && first != '-' && first != '.') { /* as nearly all texts */
        if (text.len == 4 && SPELLS(text.data, "null", "Null", "NULL"))
            return YAML_NULL;
        if (text.len == 4 && SPELLS(text.data, "true", "True", "TRUE"))
            return YAML_BOOL;
        if (text.len == 5 && SPELLS(text.data, "false", "False", "FALSE"))
            return YAML_BOOL;
        return text.len == 1 && first == '~' ? YAML_NULL : YAML_STRING;
    }
    if (is_int(text))
        return YAML_INT;
    return is_float(text) ? YAML_FLOAT : YAML_STRING;
}
