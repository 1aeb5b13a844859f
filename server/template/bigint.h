#ifndef YELLOW_TEMPLATE_BIGINT_H
#define YELLOW_TEMPLATE_BIGINT_H

#include "template/value.h"

/* Integers of any size that a template needs. A VALUE_BIG is one that does not fit into the 64 bits of a VALUE_INT.
 * Everything here takes values of type INT, BOOL and BIG, and gives INT where it fits. A result beyond BIGINT_BITS is
 * of type VALUE_MISSING. */
struct bigint {
    bool negative;
    uint32_t len;
    uint32_t limbs[]; /* of the magnitude, the lowest first; the last one is not 0 */
};

enum {
    BIGINT_BITS = 65536,
    BIGINT_DIGITS = 4300 /* decimal ones that are read or printed, as in Python */
};

static inline bool bigint_is_int(struct value v)
{
    return v.type == VALUE_INT || v.type == VALUE_BOOL || v.type == VALUE_BIG;
}
bool bigint_is_negative(struct value v);
/* Of the magnitude; 0 for 0. */
size_t bigint_bits(struct value v);
struct value bigint_negate(struct arena *arena, struct value v);
struct value bigint_add(struct arena *arena, struct value a, struct value b);
struct value bigint_subtract(struct arena *arena, struct value a, struct value b);
struct value bigint_multiply(struct arena *arena, struct value a, struct value b);
struct value bigint_power(struct arena *arena, struct value base, uint64_t exponent);
/* Python's // and %: rounded down. b is not 0. */
void bigint_divide(struct arena *arena, struct value a, struct value b, struct value *quotient, struct value *rest);
/* a / b to the nearest double; infinite when it is too large. b is not 0. */
double bigint_ratio(struct arena *arena, struct value a, struct value b);
/* <0, 0, >0 */
int bigint_order(struct value a, struct value b);
/* The nearest double; infinite when it is too large. */
double bigint_to_double(struct value v);
/* Exactly: 2 ** 70 + 1 is not the double nearest to it. v is a VALUE_BIG. */
bool bigint_equals_double(struct value v, double d);
/* The whole part of a finite double. */
struct value bigint_from_double(struct arena *arena, double d);
/* Digits with single underscores between. 1: read; 0: malformed; -1: too many. */
int bigint_read(struct arena *arena, struct str digits, int base, bool negative, struct value *out);
/* As Python's int(text, base): white space, sign, prefix and underscores. As above. */
int bigint_read_text(struct arena *arena, struct str text, int base, struct value *out);
/* The magnitude in base 2, 8, 10 or 16; absent when it has more decimal digits than BIGINT_DIGITS. */
struct str bigint_digits(struct arena *arena, struct value v, unsigned base, bool upper);

#endif
