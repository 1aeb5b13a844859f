#include "base/quantity.h"

/* What a suffix multiplies by: a power of ten in thousandths, or a power of two. */
static const struct suffix {
    const char *text;
    int ten, two;
} suffixes[] = {
    {"n", -9, 0},  {"u", -6, 0},  {"m", -3, 0},  {"", 0, 0},    {"k", 3, 0},   {"M", 6, 0},
    {"G", 9, 0},   {"T", 12, 0},  {"P", 15, 0},  {"E", 18, 0},  {"Ki", 0, 10}, {"Mi", 0, 20},
    {"Gi", 0, 30}, {"Ti", 0, 40}, {"Pi", 0, 50}, {"Ei", 0, 60},
};

static bool read_suffix(struct str text, int *ten, int *two)
{
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        if (str_eqz(text, suffixes[i].text)) {
            *ten = suffixes[i].ten;
            *two = suffixes[i].two;
            return true;
        }
    int64_t exponent;
    if (text.len < 2 || (text.data[0] | 0x20) != 'e')
        return false;
    struct str digits = {text.data + 1, text.len - 1};
    if (digits.data[0] == '+')
        digits = (struct str){digits.data + 1, digits.len - 1};
    if (!str_int64(digits, -30, 30, &exponent))
        return false;
    *ten = (int)exponent;
    *two = 0;
    return true;
}

bool quantity_parse(struct str text, int64_t *milli)
{
    enum { DIGITS = 24 };
    unsigned __int128 value = 0;
    int fraction = 0;
    size_t i = 0, digits = 0, significant = 0;
    bool point = false;
    for (; i < text.len; i++) {
        char c = text.data[i];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9')
            break;
        digits++;
        significant += value != 0 || c != '0';
        if (significant > DIGITS || digits > 64)
            return false;
        value = value * 10 + (unsigned)(c - '0');
        fraction += point;
    }
    int ten, two;
    if (digits == 0 || value == 0 || !read_suffix((struct str){text.data + i, text.len - i}, &ten, &two))
        return false;
    const unsigned __int128 limit = (unsigned __int128)1 << 126;
    for (; two > 0; two--) {
        if (value > limit)
            return false;
        value *= 2;
    }
    for (ten += 3 - fraction; ten > 0; ten--) {
        if (value > limit / 10)
            return false;
        value *= 10;
    }
    for (; ten < 0; ten++) /* rounded up, as Kubernetes does: once, since (x/10 up)/10 up is x/100 up */
        value = (value + 9) / 10;
    if (value > INT64_MAX)
        return false;
    *milli = (int64_t)value;
    return true;
}
