#include "template/bigint.h"
#include "template/run.h"

#include <math.h>

/* Operators over integers whose operands or results are beyond 64 bits. */

_Noreturn static void fail_large(struct run *run)
{
    run_fail_code(run, ERR_TOO_LARGE, "integer beyond %d bits", BIGINT_BITS);
}

static struct value checked(struct run *run, struct value v)
{
    if (v.type == VALUE_MISSING)
        fail_large(run);
    return v;
}

double number_as_double(struct run *run, struct value v)
{
    double d = 0;
    (void)as_number(v, &d);
    if (v.type == VALUE_BIG && isinf(d))
        run_fail(run, "int too large to convert to float");
    return d;
}

struct value number_from_double(struct run *run, double d)
{
    if (isinf(d) || isnan(d))
        run_fail(run, "cannot convert float %s to integer", isnan(d) ? "NaN" : "infinity");
    run_charge(run, 40);
    return bigint_from_double(run->arena, d);
}

struct value number_read(struct run *run, struct str text, int base)
{
    struct value v = {.type = VALUE_MISSING};
    run_charge(run, text.len + text.len * text.len / 512);
    int read = bigint_read_text(run->arena, text, base, &v);
    if (read < 0)
        run_fail_code(run, ERR_TOO_LARGE, "integer of more than %d digits or %d bits", BIGINT_DIGITS, BIGINT_BITS);
    return read ? v : (struct value){.type = VALUE_MISSING};
}

struct str number_digits(struct run *run, struct value v, unsigned base, bool upper)
{
    if (v.type == VALUE_BIG)
        run_charge(run, v.as.big->len * 10 + (size_t)v.as.big->len * v.as.big->len / 32);
    struct str digits = bigint_digits(run->arena, v, base, upper);
    if (!digits.data)
        run_fail_code(run, ERR_TOO_LARGE, "integer of more than %d digits", BIGINT_DIGITS);
    return digits;
}

static struct value power(struct run *run, struct value base, struct value exponent)
{
    if (bigint_is_negative(exponent)) {
        if (base.type == VALUE_INT && base.as.i == 0)
            run_fail(run, "0.0 cannot be raised to a negative power");
        return value_of_float(pow(number_as_double(run, base), number_as_double(run, exponent)));
    }
    if (exponent.type == VALUE_BIG && bigint_bits(base) > 1)
        fail_large(run);
    struct value last = exponent; /* of 0, 1 and -1, only whether the exponent is odd counts */
    if (exponent.type == VALUE_BIG)
        last = value_of_int(2 + (exponent.as.big->limbs[0] & 1));
    const uint64_t n = last.type == VALUE_BOOL ? last.as.b : (uint64_t)last.as.i;
    const size_t bits = bigint_bits(base);
    if (n < BIGINT_BITS && bits * n <= 2 * BIGINT_BITS)
        run_charge(run, (bits * n / 32) * (bits * n / 32) / 32);
    return checked(run, bigint_power(run->arena, base, n));
}

struct value big_op(struct run *run, enum operator op, struct value a, struct value b)
{
    struct value quotient, rest;
    const size_t len_a = bigint_bits(a) / 32 + 1, len_b = bigint_bits(b) / 32 + 1;
    run_charge(run, len_a + len_b); /* what is allocated is bounded by it */
    switch (op) {
    case OP_ADD:
        return checked(run, bigint_add(run->arena, a, b));
    case OP_SUB:
        return checked(run, bigint_subtract(run->arena, a, b));
    case OP_MUL:
        run_charge(run, len_a * len_b / 32);
        return checked(run, bigint_multiply(run->arena, a, b));
    case OP_POW:
        return power(run, a, b);
    default:
        break;
    }
    if (bigint_bits(b) == 0)
        run_fail(run, op == OP_DIV ? "division by zero" : "integer division or modulo by zero");
    run_charge(run, len_a * len_b / 32);
    if (op == OP_DIV) {
        double d = bigint_ratio(run->arena, a, b);
        if (isinf(d))
            run_fail(run, "integer division result too large for a float");
        return value_of_float(d);
    }
    bigint_divide(run->arena, a, b, &quotient, &rest);
    return checked(run, op == OP_MOD ? rest : quotient);
}

struct value big_negate(struct run *run, struct value v)
{
    run_charge(run, bigint_bits(v) / 32 + 1);
    return checked(run, bigint_negate(run->arena, v));
}
