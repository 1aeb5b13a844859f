#include "template/bigint.h"
#include "template/format.h"
#include "template/run.h"
#include "template/text.h"

#include <math.h>

static const char *const op_names[] = {
    [OP_ADD] = "+",           [OP_SUB] = "-", [OP_MUL] = "*", [OP_DIV] = "/", [OP_FLOORDIV] = "//", [OP_MOD] = "%",
    [OP_POW] = "** or pow()", [OP_LT] = "<",  [OP_LE] = "<=", [OP_GT] = ">",  [OP_GE] = ">="};

bool as_int(struct value v, int64_t *out)
{
    if (v.type == VALUE_INT)
        *out = v.as.i;
    else if (v.type == VALUE_BOOL)
        *out = v.as.b;
    else
        return false;
    return true;
}

bool as_number(struct value v, double *out)
{
    int64_t n;
    if (v.type == VALUE_FLOAT)
        *out = v.as.d;
    else if (as_int(v, &n))
        *out = (double)n;
    else if (v.type == VALUE_BIG)
        *out = bigint_to_double(v);
    else
        return false;
    return true;
}

uint64_t hash_of(struct run *run, struct value v)
{
    uint64_t hash;
    if (v.type == VALUE_UNDEFINED && v.flags & VALUE_STRICT)
        run_fail_undefined(run, v);
    if (!value_hash(v, &hash))
        run_fail(run, "unhashable type: '%s'", type_name(v));
    run_charge(run, v.type == VALUE_STR ? v.len / 32 : v.type == VALUE_TUPLE ? 20 : 0);
    return hash;
}

_Noreturn static void fail_types(struct run *run, enum operator op, struct value a, struct value b)
{
    run_fail(run, "unsupported operand type(s) for %s: '%s' and '%s'", op_names[op], type_name(a), type_name(b));
}

/* base to a power within 64 bits; false beyond them, or where it is no integer. */
static bool small_power(int64_t base, int64_t exponent, int64_t *out)
{
    int64_t result = 1;
    if (exponent < 0)
        return false;
    while (exponent) {
        if (exponent & 1 && __builtin_mul_overflow(result, base, &result))
            return false;
        exponent >>= 1;
        if (exponent && __builtin_mul_overflow(base, base, &base))
            return false;
    }
    *out = result;
    return true;
}

static bool is_exact(int64_t n)
{
    return n >= -(1LL << 53) && n <= 1LL << 53;
}

static struct value int_op(struct run *run, enum operator op, int64_t a, int64_t b)
{
    int64_t n = 0;
    bool fits = false;
    switch (op) {
    case OP_ADD:
        fits = !__builtin_add_overflow(a, b, &n);
        break;
    case OP_SUB:
        fits = !__builtin_sub_overflow(a, b, &n);
        break;
    case OP_MUL:
        fits = !__builtin_mul_overflow(a, b, &n);
        break;
    case OP_POW:
        fits = small_power(a, b, &n);
        break;
    case OP_DIV:
        if (b != 0 && is_exact(a) && is_exact(b))
            return value_of_float((double)a / (double)b);
        break;
    default:
        fits = b != 0 && b != -1;
        if (fits) {
            int64_t quotient = a / b, rest = a % b;
            bool down = rest && (rest < 0) != (b < 0);
            n = op == OP_MOD ? rest + (down ? b : 0) : quotient - down;
        }
    }
    return fits ? value_of_int(n) : big_op(run, op, value_of_int(a), value_of_int(b));
}

/* Python's float modulo: the sign is the divisor's. */
static double float_mod(double a, double b)
{
    double rest = fmod(a, b);
    if (rest != 0 && (rest < 0) != (b < 0))
        rest += b;
    return rest == 0 ? copysign(0.0, b) : rest;
}

static double float_floor_div(double a, double b)
{
    double rest = fmod(a, b), quotient = (a - rest) / b;
    if (rest != 0 && (rest < 0) != (b < 0))
        quotient -= 1;
    if (quotient == 0)
        return copysign(0.0, a / b);
    double whole = floor(quotient);
    return quotient - whole > 0.5 ? whole + 1 : whole;
}

static struct value float_op(struct run *run, enum operator op, double a, double b)
{
    double d = 0;
    if (b == 0 && (op == OP_DIV || op == OP_FLOORDIV || op == OP_MOD))
        run_fail(run, op == OP_DIV ? "float division by zero" : "float modulo");
    switch (op) {
    case OP_ADD:
        return value_of_float(a + b);
    case OP_SUB:
        return value_of_float(a - b);
    case OP_MUL:
        return value_of_float(a * b);
    case OP_DIV:
        return value_of_float(a / b);
    case OP_FLOORDIV:
        return value_of_float(float_floor_div(a, b));
    case OP_MOD:
        return value_of_float(float_mod(a, b));
    default:
        if (a == 0 && b < 0)
            run_fail(run, "0.0 cannot be raised to a negative power");
        if (a < 0 && b != floor(b))
            run_fail(run, "complex numbers are not known");
        d = pow(a, b);
        if (isinf(d) && !isinf(a) && !isinf(b))
            run_fail(run, "result too large");
        return value_of_float(d);
    }
}

struct value concat_text(struct run *run, struct value a, struct value b)
{
    if ((a.flags | b.flags) & VALUE_SAFE) {
        a = escape(run, a);
        b = escape(run, b);
    }
    char *text = run_alloc_text(run, (size_t)a.len + b.len);
    if (a.len)
        memcpy(text, a.as.s, a.len);
    if (b.len)
        memcpy(text + a.len, b.as.s, b.len);
    struct value v = value_of_str((struct str){text, (size_t)a.len + b.len});
    v.flags = a.flags & VALUE_SAFE;
    return v;
}

static struct value repeat_text(struct run *run, struct value text, int64_t times)
{
    if (times <= 0 || !text.len)
        return (struct value){.type = VALUE_STR, .flags = text.flags, .as.s = ""};
    if ((uint64_t)times > run->options->max_output / text.len)
        run_fail_code(run, ERR_TOO_LARGE, "text of %u bytes times %lld is beyond the bound of %zu bytes", text.len,
                      (long long)times, run->options->max_output);
    size_t len = text.len * (size_t)times;
    char *out = run_alloc_text(run, len);
    for (size_t at = 0; at < len; at += text.len)
        memcpy(out + at, text.as.s, text.len);
    struct value v = value_of_str((struct str){out, len});
    v.flags = text.flags;
    return v;
}

static struct value repeat_list(struct run *run, struct value of, int64_t times)
{
    size_t len = of.as.list->len;
    if (times < 0 || !len) /* nothing is nothing, however often */
        times = 0;
    if (len && (uint64_t)times > run->steps_left / len)
        run_fail_steps(run);
    struct value_list *list = run_list(run, len * (size_t)times);
    for (int64_t i = 0; i < times; i++) {
        for (size_t k = 0; k < len; k++)
            list->items[list->len++] = of.as.list->items[k];
    }
    of.as.list = list;
    return of;
}

static struct value join_lists(struct run *run, struct value a, struct value b)
{
    size_t len = a.as.list->len + b.as.list->len;
    struct value_list *list = run_list(run, len);
    for (size_t i = 0; i < a.as.list->len; i++)
        list->items[list->len++] = a.as.list->items[i];
    for (size_t i = 0; i < b.as.list->len; i++)
        list->items[list->len++] = b.as.list->items[i];
    return (struct value){.type = a.type, .as.list = list};
}

static bool is_repeatable(struct value v)
{
    return v.type == VALUE_STR || v.type == VALUE_LIST || v.type == VALUE_TUPLE;
}

static struct value repeat(struct run *run, struct value of, int64_t times)
{
    return of.type == VALUE_STR ? repeat_text(run, of, times) : repeat_list(run, of, times);
}

struct value binary_op(struct run *run, enum operator op, struct value a, struct value b)
{
    int64_t n, m;
    double x, y;
    if (a.type == VALUE_INT && b.type == VALUE_INT)
        return int_op(run, op, a.as.i, b.as.i);
    if (a.type == VALUE_STR && op == OP_MOD)
        return format_percent(run, a, b);
    if (a.type == VALUE_UNDEFINED)
        run_fail_undefined(run, a);
    if (b.type == VALUE_UNDEFINED)
        run_fail_undefined(run, b);
    if (as_int(a, &n) && as_int(b, &m))
        return int_op(run, op, n, m);
    if (bigint_is_int(a) && bigint_is_int(b))
        return big_op(run, op, a, b);
    if (as_number(a, &x) && as_number(b, &y))
        return float_op(run, op, number_as_double(run, a), number_as_double(run, b));
    if (op == OP_ADD && a.type == VALUE_STR && b.type == VALUE_STR)
        return concat_text(run, a, b);
    if (op == OP_ADD && a.type == b.type && (a.type == VALUE_LIST || a.type == VALUE_TUPLE))
        return join_lists(run, a, b);
    if (op == OP_MUL && is_repeatable(a) && as_int(b, &n))
        return repeat(run, a, n);
    if (op == OP_MUL && is_repeatable(b) && as_int(a, &n))
        return repeat(run, b, n);
    fail_types(run, op, a, b);
}

struct value negate(struct run *run, struct value v)
{
    int64_t n;
    if (v.type == VALUE_FLOAT)
        return value_of_float(-v.as.d);
    if (v.type == VALUE_UNDEFINED)
        run_fail_undefined(run, v);
    if (!bigint_is_int(v))
        run_fail(run, "bad operand type for unary -: '%s'", type_name(v));
    return as_int(v, &n) && n != INT64_MIN ? value_of_int(-n) : big_negate(run, v);
}

bool equals(struct run *run, struct value a, struct value b)
{
    if (a.type == VALUE_UNDEFINED && a.flags & VALUE_STRICT)
        run_fail_undefined(run, a);
    if (b.type == VALUE_UNDEFINED && b.flags & VALUE_STRICT)
        run_fail_undefined(run, b);
    bool same = value_equal_within(a, b, &run->steps_left);
    if (!run->steps_left)
        run_fail_steps(run);
    return same;
}

static int order_lists(struct run *run, const struct value_list *a, const struct value_list *b)
{
    run_check_stack(run);
    for (size_t i = 0; i < a->len && i < b->len; i++) {
        if (!equals(run, a->items[i], b->items[i]))
            return order(run, a->items[i], b->items[i]);
    }
    return (a->len > b->len) - (a->len < b->len);
}

static int order_doubles(double x, double y)
{
    return isnan(x) || isnan(y) ? 2 : (x > y) - (x < y);
}

/* An integer and a float, exactly: by the float's whole part, then by what is behind its point. */
static int order_mixed(struct run *run, struct value n, double d)
{
    int64_t small;
    if (isnan(d) || isinf(d))
        return isnan(d) ? 2 : d > 0 ? -1 : 1;
    if (as_int(n, &small) && is_exact(small))
        return order_doubles((double)small, d);
    int whole = bigint_order(n, number_from_double(run, d));
    return whole ? whole : order_doubles(trunc(d), d);
}

static int order_numbers(struct run *run, struct value a, struct value b)
{
    int64_t n, m;
    if (as_int(a, &n) && as_int(b, &m))
        return (n > m) - (n < m);
    if (a.type == VALUE_FLOAT && b.type == VALUE_FLOAT)
        return order_doubles(a.as.d, b.as.d);
    if (b.type == VALUE_FLOAT)
        return order_mixed(run, a, b.as.d);
    if (a.type != VALUE_FLOAT)
        return bigint_order(a, b);
    int reverse = order_mixed(run, b, a.as.d);
    return reverse == 2 ? 2 : -reverse;
}

static int order_or_fail(struct run *run, enum operator op, struct value a, struct value b)
{
    double x;
    run_charge(run, 1);
    if (a.type == VALUE_STR && b.type == VALUE_STR) {
        run_charge(run, (a.len < b.len ? a.len : b.len) / STEP_BYTES);
        return str_cmp(value_text(a), value_text(b));
    }
    if (as_number(a, &x) && as_number(b, &x))
        return order_numbers(run, a, b);
    if (a.type == b.type && (a.type == VALUE_LIST || a.type == VALUE_TUPLE))
        return order_lists(run, a.as.list, b.as.list);
    if (a.type == VALUE_UNDEFINED)
        run_fail_undefined(run, a);
    if (b.type == VALUE_UNDEFINED)
        run_fail_undefined(run, b);
    run_fail(run, "'%s' not supported between instances of '%s' and '%s'", op_names[op], type_name(a), type_name(b));
}

int order(struct run *run, struct value a, struct value b)
{
    return order_or_fail(run, OP_LT, a, b);
}

bool contains(struct run *run, struct value in, struct value item)
{
    switch (in.type) {
    case VALUE_STR:
        if (item.type == VALUE_UNDEFINED && item.flags & VALUE_STRICT)
            run_fail_undefined(run, item);
        if (item.type != VALUE_STR)
            run_fail(run, "'in <string>' requires string as left operand, not %s", type_name(item));
        run_charge(run, in.len / 64);
        return text_find(value_text(in), value_text(item), 0) != SIZE_MAX;
    case VALUE_DICT:
        return dict_find(in.as.dict, item, hash_of(run, item)) != NULL;
    case VALUE_RANGE: {
        int64_t n;
        const struct value_range *range = in.as.range;
        if (!as_int(item, &n) || !range->len)
            return false;
        int64_t last = range->start + (int64_t)(range->len - 1) * range->step;
        bool inside = range->step > 0 ? n >= range->start && n <= last : n <= range->start && n >= last;
        return inside && (n - range->start) % range->step == 0;
    }
    default: {
        struct walk walk;
        struct value v;
        if (!is_iterable(in) && in.type != VALUE_UNDEFINED)
            run_fail(run, "argument of type '%s' is not iterable", type_name(in));
        walk_start(run, &walk, in);
        while (walk_next(run, &walk, &v)) {
            run_charge(run, 1);
            if (equals(run, v, item))
                return true;
        }
        return false;
    }
    }
}

bool compare_op(struct run *run, enum operator op, struct value a, struct value b)
{
    switch (op) {
    case OP_EQ:
        return equals(run, a, b);
    case OP_NE:
        return !equals(run, a, b);
    case OP_IN:
        return contains(run, b, a);
    case OP_NOT_IN:
        return !contains(run, b, a);
    default:
        break;
    }
    int ordered = order_or_fail(run, op, a, b);
    if (ordered == 2)
        return false; /* nan has no order */
    return op == OP_LT ? ordered < 0 : op == OP_LE ? ordered <= 0 : op == OP_GT ? ordered > 0 : ordered >= 0;
}
