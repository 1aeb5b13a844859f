#include "template/bigint.h"
#include "template/number.h"
#include "template/text.h"

/* Integers of any size as text, and read from it. */

int bigint_read(struct arena *arena, struct str digits, int base, bool negative, struct value *out)
{
    const bool based = base == 2 || base == 4 || base == 8 || base == 16 || base == 32;
    uint32_t *limbs = NULL;
    size_t len = 0, count = 0;
    int64_t small;
    if (number_parse_int(digits, base, &small)) {
        *out = value_of_int(negative ? -small : small);
        return 1;
    }
    for (size_t i = 0; i < digits.len; i++) {
        const char c = digits.data[i];
        const bool between = c == '_' && i > 0 && digits.data[i - 1] != '_' && i + 1 < digits.len;
        if (!between && number_digit(c) >= base)
            return 0;
        count += !between;
    }
    if (!count || count > (based ? (size_t)BIGINT_BITS : (size_t)BIGINT_DIGITS))
        return count ? -1 : 0;
    limbs = arena_calloc(arena, count * 6 / 32 + 2, sizeof *limbs); /* 36 has less than six bits */
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.data[i] == '_')
            continue;
        uint64_t carry = (uint64_t)number_digit(digits.data[i]);
        for (size_t k = 0; k < len; k++) {
            carry += (uint64_t)limbs[k] * (uint64_t)base;
            limbs[k] = (uint32_t)carry;
            carry >>= 32;
        }
        if (carry)
            limbs[len++] = (uint32_t)carry;
    }
    struct bigint *big = arena_take(arena, sizeof *big + len * sizeof *limbs);
    *big = (struct bigint){negative, (uint32_t)len};
    memcpy(big->limbs, limbs, len * sizeof *limbs);
    /* Added to nothing it is an INT if it fits, and none if it is too large. */
    *out = bigint_add(arena, (struct value){.type = VALUE_BIG, .as.big = big}, value_of_int(0));
    return out->type == VALUE_MISSING ? -1 : 1;
}

int bigint_read_text(struct arena *arena, struct str s, int base, struct value *out)
{
    s = text_strip(s);
    bool minus = s.len && s.data[0] == '-';
    if (s.len && (s.data[0] == '-' || s.data[0] == '+'))
        s = (struct str){s.data + 1, s.len - 1};
    char mark = s.len > 1 && s.data[0] == '0' ? (char)(s.data[1] | 0x20) : 0;
    int marked = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 0;
    if (marked && (base == marked || base == 0)) {
        size_t skip = s.len > 2 && s.data[2] == '_' ? 3 : 2;
        s = (struct str){s.data + skip, s.len - skip};
        base = marked;
    } else if (base == 0) {
        base = 10;
    }
    return bigint_read(arena, s, base, minus, out);
}

struct str bigint_digits(struct arena *arena, struct value v, unsigned base, bool upper)
{
    const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    const size_t bits = bigint_bits(v), size = bits + 2;
    if (base == 10 && (double)bits > BIGINT_DIGITS * 3.3219281)
        return (struct str){0};
    char *text = arena_take(arena, size), *end = text + size, *at = end;
    if (v.type != VALUE_BIG) {
        int64_t n = v.type == VALUE_BOOL ? v.as.b : v.as.i;
        uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
        do {
            *--at = set[left % base];
            left /= base;
        } while (left);
        return (struct str){at, (size_t)(end - at)};
    }
    const size_t len = v.as.big->len;
    uint32_t *left = arena_take(arena, len * sizeof *left);
    memcpy(left, v.as.big->limbs, len * sizeof *left);
    /* Several digits at a time: as many as a limb holds. */
    const uint32_t chunk = base == 10 ? 1000000000U : base == 8 ? 1U << 30 : 1U << 16;
    for (size_t n = len; n;) {
        uint64_t rest = 0;
        for (size_t i = n; i-- > 0;) {
            rest = rest << 32 | left[i];
            left[i] = (uint32_t)(rest / chunk);
            rest %= chunk;
        }
        while (n && !left[n - 1])
            n--;
        for (uint32_t digit = chunk; digit > 1 && (n || rest); digit /= base, rest /= base)
            *--at = set[rest % base];
    }
    struct str digits = {at, (size_t)(end - at)};
    return base == 10 && digits.len > BIGINT_DIGITS ? (struct str){0} : digits;
}
