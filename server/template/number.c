#include "template/number.h"

#include "base/buf.h"
#include "template/text.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

size_t number_print_int(int64_t n, char out[NUMBER_INT_SIZE])
{
    uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    size_t len = n < 0;
    out[0] = '-';
    for (uint64_t rest = left; rest >= 10; rest /= 10)
        len++;
    for (size_t at = len++;; at--, left /= 10) {
        out[at] = (char)('0' + left % 10);
        if (left < 10)
            return len;
    }
}

static size_t put(char *out, const char *text)
{
    size_t n = strlen(text);
    memcpy(out, text, n);
    return n;
}

/* The shortest significant digits of d > 0 and its decimal exponent: 0.DIGITS * 10^exponent. */
static size_t shortest(double d, char digits[20], int *exponent)
{
    char text[NUMBER_FLOAT_SIZE];
    /* 15 digits always survive the way to a double and back, except where doubles are denormal. */
    for (int precision = d < 2.3e-308 ? 0 : 14; precision <= 16; precision++) {
        (void)snprintf(text, sizeof text, "%.*e", precision, d);
        if (precision == 16 || strtod(text, NULL) == d)
            break;
    }
    size_t n = 0;
    const char *p = text;
    for (; *p && *p != 'e'; p++) {
        if (*p >= '0' && *p <= '9')
            digits[n++] = *p;
    }
    *exponent = (int)strtol(p + 1, NULL, 10) + 1;
    while (n > 1 && digits[n - 1] == '0')
        n--;
    return n;
}

size_t number_print_float(double d, char out[NUMBER_FLOAT_SIZE])
{
    if (isnan(d))
        return put(out, "nan");
    size_t n = 0;
    if (signbit(d)) {
        out[n++] = '-';
        d = -d;
    }
    if (isinf(d))
        return n + put(out + n, "inf");
    if (d < 1e15 && d == floor(d)) {
        n += number_print_int((int64_t)d, out + n);
        return n + put(out + n, ".0");
    }
    char digits[20] = {0};
    int exponent;
    size_t len = shortest(d, digits, &exponent);
    if (exponent > 16 || exponent < -3) {
        out[n++] = digits[0];
        if (len > 1) {
            out[n++] = '.';
            memcpy(out + n, digits + 1, len - 1);
            n += len - 1;
        }
        int shown = snprintf(out + n, 8, "e%c%02d", exponent - 1 < 0 ? '-' : '+', abs(exponent - 1));
        return n + (size_t)(shown > 0 ? shown : 0);
    }
    if (exponent <= 0) {
        n += put(out + n, "0.");
        for (int i = exponent; i < 0; i++)
            out[n++] = '0';
        memcpy(out + n, digits, len);
        return n + len;
    }
    size_t whole = (size_t)exponent;
    for (size_t i = 0; i < whole || i < len; i++) {
        if (i == whole)
            out[n++] = '.';
        out[n++] = i < len ? digits[i] : '0';
    }
    return whole >= len ? n + put(out + n, ".0") : n;
}

int number_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')
        return (c | 0x20) - 'a' + 10;
    return 99;
}

/* Digits to a magnitude. 1: read, 0: malformed, -1: too large. */
static int magnitude(struct str s, int base, uint64_t *out)
{
    uint64_t n = 0;
    bool large = false, digit = false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] == '_' && digit && i + 1 < s.len) {
            digit = false;
            continue;
        }
        int d = number_digit(s.data[i]);
        if (d >= base)
            return 0;
        digit = true;
        large |= __builtin_mul_overflow(n, (uint64_t)base, &n) || __builtin_add_overflow(n, (uint64_t)d, &n);
    }
    *out = n;
    return !digit ? 0 : large ? -1 : 1;
}

bool number_parse_int(struct str s, int base, int64_t *out)
{
    uint64_t n;
    if (magnitude(s, base, &n) != 1 || n > INT64_MAX)
        return false;
    *out = (int64_t)n;
    return true;
}

bool number_parse_float(struct str s, double *out)
{
    struct buf text = {0};
    bool good = s.len > 0;
    for (size_t i = 0; i < s.len && good; i++) {
        if (s.data[i] == '_') /* between digits */
            good = i > 0 && i + 1 < s.len && s.data[i - 1] >= '0' && s.data[i - 1] <= '9' && s.data[i + 1] >= '0' &&
                   s.data[i + 1] <= '9';
        else
            buf_addc(&text, s.data[i]);
    }
    char *end;
    *out = strtod(buf_text(&text), &end);
    good = good && text.len && end == text.data + text.len;
    buf_dispose(&text);
    return good;
}

bool number_read_float(struct str s, double *out)
{
    s = text_strip(s);
    for (size_t i = 0; i < s.len; i++) {
        char c = (char)(s.data[i] | 0x20);
        /* strtod also takes hexadecimal and nan(...) */
        if (c == 'x' || c == 'p' || s.data[i] == '(' || s.data[i] == '\0')
            return false;
    }
    return s.len > 0 && number_parse_float(s, out);
}
