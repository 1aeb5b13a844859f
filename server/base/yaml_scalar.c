#include "base/yaml_scalar.h"

static bool among(struct str text, const char *const *words)
{
    for (; *words; words++)
        if (str_eqz(text, *words))
            return true;
    return false;
}

/* Drops the leading bytes of s that are in set; returns how many. */
static size_t skip(struct str *s, const char *set)
{
    size_t n = 0;
    while (n < s->len && s->data[n] && strchr(set, s->data[n]))
        n++;
    s->data += n;
    s->len -= n;
    return n;
}

static bool skip_one(struct str *s, const char *set)
{
    if (!s->len || !s->data[0] || !strchr(set, s->data[0]))
        return false;
    s->data++;
    s->len--;
    return true;
}

static const char digits[] = "0123456789";

static bool is_int(struct str s)
{
    if (s.len > 2 && s.data[0] == '0' && (s.data[1] == 'x' || s.data[1] == 'o')) {
        const char *set = s.data[1] == 'x' ? "0123456789abcdefABCDEF" : "01234567";
        s.data += 2;
        s.len -= 2;
        return skip(&s, set) && !s.len;
    }
    (void)skip_one(&s, "+-");
    return skip(&s, digits) && !s.len;
}

static bool is_float(struct str s)
{
    static const char *const nan[] = {".nan", ".NaN", ".NAN", NULL};
    static const char *const infinity[] = {".inf", ".Inf", ".INF", NULL};
    if (among(s, nan))
        return true;
    (void)skip_one(&s, "+-");
    if (among(s, infinity))
        return true;
    size_t whole = skip(&s, digits), fraction = 0;
    if (skip_one(&s, "."))
        fraction = skip(&s, digits);
    if (!whole && !fraction)
        return false;
    if (skip_one(&s, "eE")) {
        (void)skip_one(&s, "+-");
        if (!skip(&s, digits))
            return false;
    }
    return !s.len;
}

enum yaml_scalar yaml_scalar_kind(struct str text)
{
    static const char *const nulls[] = {"~", "null", "Null", "NULL", NULL};
    static const char *const bools[] = {"true", "True", "TRUE", "false", "False", "FALSE", NULL};
    if (text.len == 0)
        return YAML_NULL;
    if (!strchr("~nNtTfF+-.0123456789", text.data[0])) /* as nearly all texts */
        return YAML_STRING;
    if (among(text, nulls))
        return YAML_NULL;
    if (among(text, bools))
        return YAML_BOOL;
    if (is_int(text))
        return YAML_INT;
    return is_float(text) ? YAML_FLOAT : YAML_STRING;
}
