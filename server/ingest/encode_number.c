#include "ingest/encode_internal.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <strings.h>

enum read { READ_OK, READ_NONE, READ_LARGE };

static enum read read_integer(struct str s, int64_t *out)
{
    const char *p = s.data, *end = p + s.len;
    bool negative = p < end && *p == '-';
    p += p < end && (*p == '-' || *p == '+');
    if (p == end)
        return READ_NONE;
    uint64_t value = 0;
    bool large = false;
    if (end - p <= 18) { /* no check in the loop */
        for (; p < end; p++) {
            if (!encode_digit(*p))
                return READ_NONE;
            value = value * 10 + (uint64_t)(*p - '0');
        }
    } else {
        for (; p < end; p++) {
            if (!encode_digit(*p))
                return READ_NONE;
            large |= __builtin_mul_overflow(value, (uint64_t)10, &value);
            large |= __builtin_add_overflow(value, (uint64_t)(*p - '0'), &value);
        }
    }
    if (large || value > (uint64_t)INT64_MAX + negative)
        return READ_LARGE;
    *out = negative ? (int64_t)(0 - value) : (int64_t)value;
    return READ_OK;
}

static bool integer(struct encoder *e, const struct datatype *type, struct str text, int64_t max, int64_t *out)
{
    struct str s = encode_trim(text);
    enum read read = read_integer(s, out);
    if (read == READ_NONE)
        return encode_refuse(e, type, text);
    if (read == READ_LARGE || *out > max || *out < -max - 1)
        return encode_misfit(e, type, s);
    return true;
}

bool encode_int16_field(struct encoder *e, const struct datatype *type, struct str text, struct buf *out)
{
    int64_t value;
    if (!integer(e, type, text, type->base == TYPE_INT8 ? INT8_MAX : INT16_MAX, &value))
        return false;
    char *at = buf_reserve(out, 6);
    wire_put32(at, 2);
    wire_put16(at + 4, (uint16_t)value);
    out->len += 6;
    return true;
}

bool encode_int32_field(struct encoder *e, const struct datatype *type, struct str text, struct buf *out)
{
    int64_t value;
    if (!integer(e, type, text, INT32_MAX, &value))
        return false;
    wire_int32(out, (int32_t)value);
    return true;
}

bool encode_int64_field(struct encoder *e, const struct datatype *type, struct str text, struct buf *out)
{
    int64_t value = 0;
    if (!integer(e, type, text, INT64_MAX, &value))
        return false;
    wire_int64(out, value);
    return true;
}

/* A number in parts: digits around a point, and an exponent. */
struct number {
    bool negative;
    const char *digits; /* of both parts; the point, when there is one, stands at digits + whole */
    size_t whole, fraction;
    int64_t exponent;
};

/* [+-]digits[.digits][e[+-]digits], with a digit on one side of the point at least. */
static bool read_number(struct str s, struct number *n)
{
    const char *p = s.data, *end = p + s.len;
    *n = (struct number){.negative = p < end && *p == '-'};
    p += p < end && (*p == '-' || *p == '+');
    n->digits = p;
    while (p < end && encode_digit(*p))
        p++;
    n->whole = (size_t)(p - n->digits);
    if (p < end && *p == '.') {
        const char *fraction = ++p;
        while (p < end && encode_digit(*p))
            p++;
        n->fraction = (size_t)(p - fraction);
    }
    if (n->whole + n->fraction == 0)
        return false;
    if (p < end && (*p | 0x20) == 'e') {
        p++;
        bool negative = p < end && *p == '-';
        p += p < end && (*p == '-' || *p == '+');
        if (p == end)
            return false;
        for (; p < end && encode_digit(*p); p++)
            if (n->exponent < 1000000000)
                n->exponent = n->exponent * 10 + (*p - '0');
        if (negative)
            n->exponent = -n->exponent;
    }
    return p == end;
}

/* Digit i counted from the left, the point left out. */
static unsigned digit_at(const struct number *n, size_t i)
{
    return (unsigned)(n->digits[i < n->whole ? i : i + 1] - '0');
}

static bool is_word(struct str s, const char *word)
{
    return s.len == strlen(word) && strncasecmp(s.data, word, s.len) == 0;
}

/* NaN and the infinities by the names that PostgreSQL knows. */
static bool read_special(struct str s, double *out)
{
    if (is_word(s, "nan")) {
        *out = NAN;
        return true;
    }
    bool negative = s.len && s.data[0] == '-';
    if (s.len && (s.data[0] == '-' || s.data[0] == '+'))
        s = (struct str){s.data + 1, s.len - 1};
    *out = negative ? -INFINITY : INFINITY;
    return is_word(s, "infinity") || is_word(s, "inf");
}

/* Digits and powers of ten that both are exact make an exact quotient or product (Clinger): most numbers of files. */
static bool read_exact(const struct number *n, uint64_t max, int64_t power_max, uint64_t *digits, int64_t *power)
{
    if (n->whole + n->fraction > 19)
        return false;
    uint64_t value = 0;
    for (size_t i = 0; i < n->whole + n->fraction; i++)
        value = value * 10 + digit_at(n, i);
    *digits = value;
    *power = n->exponent - (int64_t)n->fraction;
    return value <= max && *power >= -power_max && *power <= power_max;
}

static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* The text terminated, for the C library. The process stays in the locale "C". */
static const char *terminated(struct encoder *e, struct str s)
{
    buf_cut(&e->scratch, 0);
    buf_add_str(&e->scratch, s);
    return buf_text(&e->scratch);
}

bool encode_double(struct encoder *e, const struct datatype *type, struct str text, struct buf *out)
{
    struct str s = encode_trim(text);
    struct number n;
    uint64_t digits;
    int64_t power;
    double value;
    if (read_number(s, &n)) {
        if (read_exact(&n, (uint64_t)1 << 53, 22, &digits, &power)) {
            value = power < 0 ? (double)digits / powers[-power] : (double)digits * powers[power];
            value = n.negative ? -value : value;
        } else {
            errno = 0;
            value = strtod(terminated(e, s), NULL);
            if (errno == ERANGE && (value == 0 || isinf(value)))
                return encode_misfit(e, type, s);
        }
    } else if (!read_special(s, &value)) {
        return encode_refuse(e, type, text);
    }
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    wire_int64(out, (int64_t)bits);
    return true;
}

bool encode_real(struct encoder *e, const struct datatype *type, struct str text, struct buf *out)
{
    struct str s = encode_trim(text);
    struct number n;
    uint64_t digits;
    int64_t power;
    float value;
    double special;
    if (read_number(s, &n)) {
        if (read_exact(&n, 1 << 24, 10, &digits, &power)) {
            value = power < 0 ? (float)digits / (float)powers[-power] : (float)digits * (float)powers[power];
            value = n.negative ? -value : value;
        } else {
            errno = 0;
            value = strtof(terminated(e, s), NULL);
            if (errno == ERANGE && (value == 0 || isinf(value)))
                return encode_misfit(e, type, s);
        }
        if (type->base == TYPE_FLOAT16 && fabsf(value) >= 65520.0f)
            return encode_misfit(e, type, s);
    } else if (read_special(s, &special)) {
        value = (float)special;
    } else {
        return encode_refuse(e, type, text);
    }
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    wire_int32(out, (int32_t)bits);
    return true;
}

enum { NUMERIC_NEGATIVE = 0x4000, NUMERIC_NAN = 0xc000, NUMERIC_GROUPS = 256 + 252 };

/* groups: of four digits, the first one of weight `weight` (a power of 10000). Leading and trailing zeros go. */
static void add_numeric(struct buf *out, const uint16_t *groups, size_t n, int weight, uint16_t sign, int64_t scale)
{
    while (n && groups[0] == 0) {
        groups++;
        n--;
        weight--;
    }
    while (n && groups[n - 1] == 0)
        n--;
    if (n == 0) {
        weight = 0;
        sign = sign == NUMERIC_NAN ? sign : 0;
    }
    char *at = buf_reserve(out, 12 + 2 * n);
    wire_put32(at, (uint32_t)(8 + 2 * n));
    wire_put16(at + 4, (uint16_t)n);
    wire_put16(at + 6, (uint16_t)weight);
    wire_put16(at + 8, sign);
    wire_put16(at + 10, (uint16_t)scale);
    for (size_t i = 0; i < n; i++)
        wire_put16(at + 12 + 2 * i, groups[i]);
    out->len += 12 + 2 * n;
}

/* Of a number without exponent, of at most 18 digits before and 16 behind the point, all within the scale. */
static void add_short(struct buf *out, const struct number *n, int64_t scale)
{
    uint64_t whole = 0, fraction = 0;
    for (size_t i = 0; i < n->whole; i++)
        whole = whole * 10 + (uint64_t)(n->digits[i] - '0');
    size_t groups_behind = (n->fraction + 3) / 4;
    for (size_t i = 0; i < groups_behind * 4; i++)
        fraction = fraction * 10 + (i < n->fraction ? (uint64_t)(n->digits[n->whole + 1 + i] - '0') : 0);
    uint16_t groups[9];
    size_t at = 5;
    for (; whole; whole /= 10000)
        groups[--at] = (uint16_t)(whole % 10000);
    size_t first = at;
    for (size_t i = groups_behind; i > 0; i--, fraction /= 10000)
        groups[4 + i] = (uint16_t)(fraction % 10000);
    add_numeric(out, groups + first, 5 - first + groups_behind, (int)(4 - first), n->negative ? NUMERIC_NEGATIVE : 0,
                scale);
}

bool encode_decimal(struct encoder *e, const struct datatype *type, struct str text, struct buf *out)
{
    struct str s = encode_trim(text);
    struct number n;
    if (!read_number(s, &n)) {
        if (!is_word(s, "nan"))
            return encode_refuse(e, type, text);
        add_numeric(out, NULL, 0, 0, NUMERIC_NAN, 0);
        return true;
    }
    int64_t precision = type->length, scale = type->scale;
    while (n.exponent == 0 && (int64_t)n.fraction > scale && digit_at(&n, n.whole + n.fraction - 1) == 0)
        n.fraction--;
    if (n.exponent == 0 && n.whole <= 18 && (int64_t)n.whole <= precision - scale && n.fraction <= 16 &&
        (int64_t)n.fraction <= scale) {
        add_short(out, &n, scale);
        return true;
    }
    /* Digit i of the text has the weight 10^(whole + exponent - 1 - i). Into cells of digits, of which the last one is
     * that of 10^-scale. */
    size_t count = n.whole + n.fraction, lead = 0;
    while (lead < count && digit_at(&n, lead) == 0)
        lead++;
    int64_t top = (int64_t)n.whole + n.exponent - 1 - (int64_t)lead; /* weight of the first digit that counts */
    if (lead < count && top >= precision - scale)
        return encode_misfit(e, type, s);
    unsigned char cells[4 + 1000 + 4] = {0};
    /* Groups of four begin at the point, so the cells before it are a multiple of four. */
    int64_t before = (precision - scale + 3) / 4 * 4, behind = (scale + 3) / 4 * 4;
    for (size_t i = lead; i < count; i++) {
        int64_t cell = before - 1 - (top - (int64_t)(i - lead));
        unsigned digit = digit_at(&n, i);
        if (digit && cell >= before + scale)
            return encode_misfit(e, type, s);
        if (digit)
            cells[cell] = (unsigned char)digit;
    }
    uint16_t groups[(sizeof cells + 3) / 4];
    size_t group_count = (size_t)(before + behind) / 4;
    for (size_t g = 0; g < group_count; g++)
        groups[g] = (uint16_t)(cells[4 * g] * 1000 + cells[4 * g + 1] * 100 + cells[4 * g + 2] * 10 + cells[4 * g + 3]);
    add_numeric(out, groups, group_count, (int)(before / 4 - 1), n.negative ? NUMERIC_NEGATIVE : 0, scale);
    return true;
}
