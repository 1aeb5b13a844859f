#include "template/bigint.h"

#include <math.h>

/* A magnitude and its sign: of a value, or in work. */
struct number {
    uint32_t *limbs;
    size_t len;
    bool negative;
};

enum { LIMBS_MAX = BIGINT_BITS / 32 };

static size_t trimmed(const uint32_t *limbs, size_t len)
{
    while (len && !limbs[len - 1])
        len--;
    return len;
}

/* The analyser cannot see that a number has as many limbs as it says.
 * NOLINTBEGIN(clang-analyzer-core.UndefinedBinaryOperatorResult) */
/* small holds the limbs of what is no VALUE_BIG. */
static struct number number_of(struct value v, uint32_t small[2])
{
    if (v.type == VALUE_BIG)
        return (struct number){(uint32_t *)(uintptr_t)v.as.big->limbs, v.as.big->len, v.as.big->negative};
    int64_t n = v.type == VALUE_BOOL ? v.as.b : v.as.i;
    uint64_t magnitude = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    small[0] = (uint32_t)magnitude;
    small[1] = (uint32_t)(magnitude >> 32);
    return (struct number){small, trimmed(small, 2), n < 0};
}

static struct number number_new(struct arena *arena, size_t len)
{
    return (struct number){arena_calloc(arena, len, sizeof(uint32_t)), len, false};
}

static uint64_t low64(const struct number *n)
{
    return (n->len > 0 ? n->limbs[0] : 0) | (uint64_t)(n->len > 1 ? n->limbs[1] : 0) << 32;
}

static struct value value_of(struct arena *arena, struct number n)
{
    n.len = trimmed(n.limbs, n.len);
    if (n.len > LIMBS_MAX)
        return (struct value){.type = VALUE_MISSING};
    uint64_t low = low64(&n);
    if (n.len <= 2 && low <= (uint64_t)INT64_MAX + n.negative)
        return value_of_int(n.negative ? (int64_t)(0 - low) : (int64_t)low);
    struct bigint *big = arena_take(arena, sizeof *big + n.len * sizeof *big->limbs);
    big->negative = n.negative;
    big->len = (uint32_t)n.len;
    memcpy(big->limbs, n.limbs, n.len * sizeof *big->limbs);
    return (struct value){.type = VALUE_BIG, .as.big = big};
}

bool bigint_is_negative(struct value v)
{
    uint32_t small[2];
    return number_of(v, small).negative;
}

static size_t bits_of(const struct number *n)
{
    return n->len ? n->len * 32 - (size_t)__builtin_clz(n->limbs[n->len - 1]) : 0;
}

size_t bigint_bits(struct value v)
{
    uint32_t small[2];
    struct number n = number_of(v, small);
    return bits_of(&n);
}

struct value bigint_negate(struct arena *arena, struct value v)
{
    uint32_t small[2];
    struct number n = number_of(v, small);
    n.negative = !n.negative;
    return value_of(arena, n);
}

static int order_magnitudes(const struct number *a, const struct number *b)
{
    if (a->len != b->len)
        return a->len < b->len ? -1 : 1;
    for (size_t i = a->len; i-- > 0;) {
        if (a->limbs[i] != b->limbs[i])
            return a->limbs[i] < b->limbs[i] ? -1 : 1;
    }
    return 0;
}

int bigint_order(struct value a, struct value b)
{
    uint32_t small_a[2], small_b[2];
    struct number x = number_of(a, small_a), y = number_of(b, small_b);
    if (x.negative != y.negative)
        return x.negative ? -1 : 1;
    return x.negative ? -order_magnitudes(&x, &y) : order_magnitudes(&x, &y);
}

static struct number sum_magnitudes(struct arena *arena, const struct number *a, const struct number *b)
{
    size_t len = (a->len > b->len ? a->len : b->len) + 1;
    struct number out = number_new(arena, len);
    uint64_t carry = 0;
    for (size_t i = 0; i < len; i++) {
        carry += (uint64_t)(i < a->len ? a->limbs[i] : 0) + (i < b->len ? b->limbs[i] : 0);
        out.limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    return out;
}

/* a is not smaller than b. */
static struct number difference(struct arena *arena, const struct number *a, const struct number *b)
{
    struct number out = number_new(arena, a->len);
    int64_t borrow = 0;
    for (size_t i = 0; i < a->len; i++) {
        borrow += (int64_t)a->limbs[i] - (i < b->len ? b->limbs[i] : 0);
        out.limbs[i] = (uint32_t)borrow;
        borrow >>= 32;
    }
    return out;
}

static struct value add(struct arena *arena, struct number a, struct number b)
{
    struct number out;
    if (a.negative == b.negative) {
        out = sum_magnitudes(arena, &a, &b);
        out.negative = a.negative;
    } else if (order_magnitudes(&a, &b) >= 0) {
        out = difference(arena, &a, &b);
        out.negative = a.negative;
    } else {
        out = difference(arena, &b, &a);
        out.negative = b.negative;
    }
    return value_of(arena, out);
}

struct value bigint_add(struct arena *arena, struct value a, struct value b)
{
    uint32_t small_a[2], small_b[2];
    return add(arena, number_of(a, small_a), number_of(b, small_b));
}

struct value bigint_subtract(struct arena *arena, struct value a, struct value b)
{
    uint32_t small_a[2], small_b[2];
    struct number y = number_of(b, small_b);
    y.negative = !y.negative;
    return add(arena, number_of(a, small_a), y);
}

struct value bigint_multiply(struct arena *arena, struct value a, struct value b)
{
    uint32_t small_a[2], small_b[2];
    struct number x = number_of(a, small_a), y = number_of(b, small_b);
    if (x.len + y.len > LIMBS_MAX + 1)
        return (struct value){.type = VALUE_MISSING};
    struct number out = number_new(arena, x.len + y.len);
    for (size_t i = 0; i < x.len; i++) {
        uint64_t carry = 0;
        for (size_t k = 0; k < y.len; k++) {
            carry += (uint64_t)x.limbs[i] * y.limbs[k] + out.limbs[i + k];
            out.limbs[i + k] = (uint32_t)carry;
            carry >>= 32;
        }
        out.limbs[i + y.len] = (uint32_t)carry;
    }
    out.negative = x.negative != y.negative;
    return value_of(arena, out);
}

struct value bigint_power(struct arena *arena, struct value base, uint64_t exponent)
{
    struct value result = value_of_int(1);
    const size_t bits = bigint_bits(base);
    if (bits > 1 && exponent > BIGINT_BITS / (bits - 1))
        return (struct value){.type = VALUE_MISSING};
    if (bits <= 1 && exponent > 1)
        exponent = 2 - exponent % 2; /* 0, 1 and -1 */
    while (exponent && result.type != VALUE_MISSING) {
        if (exponent & 1)
            result = bigint_multiply(arena, result, base);
        exponent >>= 1;
        if (exponent)
            base = bigint_multiply(arena, base, base);
        if (exponent && base.type == VALUE_MISSING)
            return base;
    }
    return result;
}

/* a by one limb; returns the rest. */
static uint32_t divide_small(const uint32_t *a, size_t len, uint32_t by, uint32_t *quotient)
{
    uint64_t rest = 0;
    for (size_t i = len; i-- > 0;) {
        rest = rest << 32 | a[i];
        quotient[i] = (uint32_t)(rest / by);
        rest %= by;
    }
    return (uint32_t)rest;
}

static void shift_left(const uint32_t *from, size_t len, unsigned bits, uint32_t *to)
{
    uint64_t carry = 0;
    for (size_t i = 0; i < len; i++) {
        carry |= (uint64_t)from[i] << bits;
        to[i] = (uint32_t)carry;
        carry >>= 32;
    }
    to[len] = (uint32_t)carry;
}

/* One digit of the quotient (Knuth's algorithm D): u, of n + 1 limbs, less that many times v; v's highest bit is set.
 */
static uint32_t divide_step(uint32_t *u, const uint32_t *v, size_t n)
{
    uint64_t top = (uint64_t)u[n] << 32 | u[n - 1], guess = top / v[n - 1], rest = top % v[n - 1];
    while (guess >> 32 || guess * v[n - 2] > (rest << 32 | u[n - 2])) {
        guess--;
        rest += v[n - 1];
        if (rest >> 32)
            break;
    }
    int64_t borrow = 0;
    uint64_t carry = 0;
    for (size_t i = 0; i < n; i++) {
        carry += guess * v[i];
        borrow += (int64_t)u[i] - (int64_t)(uint32_t)carry;
        u[i] = (uint32_t)borrow;
        borrow >>= 32;
        carry >>= 32;
    }
    borrow += (int64_t)u[n] - (int64_t)carry;
    u[n] = (uint32_t)borrow;
    if (borrow >= 0)
        return (uint32_t)guess;
    carry = 0;
    for (size_t i = 0; i < n; i++) {
        carry += (uint64_t)u[i] + v[i];
        u[i] = (uint32_t)carry;
        carry >>= 32;
    }
    u[n] += (uint32_t)carry;
    return (uint32_t)guess - 1;
}

/* Magnitudes: a = quotient * b + rest. */
static void divide(struct arena *arena, const struct number *a, const struct number *b, struct number *quotient,
                   struct number *rest)
{
    if (order_magnitudes(a, b) < 0) {
        *quotient = number_new(arena, 1);
        *rest = *a;
        return;
    }
    *quotient = number_new(arena, a->len);
    if (b->len == 1) {
        *rest = number_new(arena, 1);
        rest->limbs[0] = divide_small(a->limbs, a->len, b->limbs[0], quotient->limbs);
        return;
    }
    const size_t n = b->len;
    const unsigned shift = (unsigned)__builtin_clz(b->limbs[n - 1]);
    struct number u = number_new(arena, a->len + 1), v = number_new(arena, n + 1);
    shift_left(a->limbs, a->len, shift, u.limbs);
    shift_left(b->limbs, n, shift, v.limbs);
    for (size_t at = a->len - n + 1; at-- > 0;)
        quotient->limbs[at] = divide_step(u.limbs + at, v.limbs, n);
    for (size_t i = 0; i < n; i++)
        u.limbs[i] = (uint32_t)(((uint64_t)u.limbs[i + 1] << 32 | u.limbs[i]) >> shift);
    *rest = (struct number){u.limbs, n, false};
}

void bigint_divide(struct arena *arena, struct value a, struct value b, struct value *quotient, struct value *rest)
{
    uint32_t small_a[2], small_b[2];
    struct number x = number_of(a, small_a), y = number_of(b, small_b), q, r;
    divide(arena, &x, &y, &q, &r);
    q.negative = x.negative != y.negative;
    r.negative = x.negative;
    *quotient = value_of(arena, q);
    *rest = value_of(arena, r);
    if (x.negative != y.negative && (rest->type != VALUE_INT || rest->as.i != 0)) {
        *quotient = bigint_subtract(arena, *quotient, value_of_int(1));
        *rest = bigint_add(arena, *rest, b);
    }
}

/* The nearest double to a magnitude, or to one a little larger when more. */
static double nearest(const struct number *n, bool more)
{
    const size_t bits = bits_of(n);
    if (bits <= 64)
        return (double)low64(n); /* of a ratio, which has more, never */
    const size_t skip = bits - 64;
    uint64_t top = 0;
    for (size_t i = 0; i < 3 && skip / 32 + i < n->len; i++) {
        const uint64_t limb = n->limbs[skip / 32 + i];
        const unsigned at = (unsigned)(32 * i), by = skip % 32;
        top |= at >= by ? (at - by < 64 ? limb << (at - by) : 0) : limb >> (by - at);
    }
    for (size_t i = 0; i < skip && !more; i += 32)
        more = (i + 32 <= skip ? n->limbs[i / 32] : n->limbs[i / 32] & ((1U << skip % 32) - 1)) != 0;
    return ldexp((double)(top | more), (int)skip);
}

double bigint_to_double(struct value v)
{
    uint32_t small[2];
    struct number n = number_of(v, small);
    double d = nearest(&n, false);
    return n.negative ? -d : d;
}

bool bigint_equals_double(struct value v, double d)
{
    const struct bigint *big = v.as.big;
    if (bigint_to_double(v) != d || isinf(d))
        return false;
    /* A double has 53 bits: what lies below them has to be 0. */
    const size_t bits = bigint_bits(v), zeros = bits > 53 ? bits - 53 : 0;
    uint32_t low = 0;
    for (size_t i = 0; i < zeros; i += 32)
        low |= i + 32 <= zeros ? big->limbs[i / 32] : big->limbs[i / 32] & ((1U << zeros % 32) - 1);
    return low == 0;
}

double bigint_ratio(struct arena *arena, struct value a, struct value b)
{
    uint32_t small_a[2], small_b[2];
    struct number x = number_of(a, small_a), y = number_of(b, small_b), q, r;
    const size_t bits_x = bits_of(&x), bits_y = bits_of(&y);
    /* At least 66 bits of quotient: more than a double has, and whether there is a rest decides how it is rounded. */
    const size_t limbs = bits_x > bits_y + 66 ? 0 : (bits_y + 66 - bits_x) / 32 + 1;
    struct number wide = number_new(arena, x.len + limbs);
    memcpy(wide.limbs + limbs, x.limbs, x.len * sizeof *x.limbs);
    wide.len = trimmed(wide.limbs, wide.len);
    divide(arena, &wide, &y, &q, &r);
    q.len = trimmed(q.limbs, q.len);
    double d = ldexp(nearest(&q, trimmed(r.limbs, r.len) > 0), -(int)(limbs * 32));
    return x.negative != y.negative ? -d : d;
}

struct value bigint_from_double(struct arena *arena, double d)
{
    int exponent;
    double part = frexp(trunc(fabs(d)), &exponent);
    if (exponent <= 0)
        return value_of_int(0);
    uint64_t top = (uint64_t)ldexp(part, 53);
    struct number n = number_new(arena, (size_t)exponent / 32 + 4);
    int shift = exponent - 53;
    if (shift <= 0) {
        top >>= -shift;
        shift = 0;
    }
    for (size_t i = 0; i < 64; i++) {
        size_t bit = (size_t)shift + i;
        if (top >> i & 1)
            n.limbs[bit / 32] |= 1U << bit % 32;
    }
    n.negative = d < 0;
    return value_of(arena, n);
}
/* NOLINTEND(clang-analyzer-core.UndefinedBinaryOperatorResult) */
