#include "template/run.h"
#include "template/text.h"

#include <math.h>

static struct value modulo(struct run *run, struct value a, struct value b)
{
    return binary_op(run, OP_MOD, a, b);
}

static struct value test_odd(struct run *run, const struct value *a)
{
    return value_of_bool(equals(run, modulo(run, a[0], value_of_int(2)), value_of_int(1)));
}

static struct value test_even(struct run *run, const struct value *a)
{
    return value_of_bool(equals(run, modulo(run, a[0], value_of_int(2)), value_of_int(0)));
}

static struct value test_divisibleby(struct run *run, const struct value *a)
{
    return value_of_bool(equals(run, modulo(run, a[0], a[1]), value_of_int(0)));
}

static struct value test_defined(struct run *run, const struct value *a)
{
    (void)run;
    return value_of_bool(a[0].type != VALUE_UNDEFINED);
}

static struct value test_undefined(struct run *run, const struct value *a)
{
    (void)run;
    return value_of_bool(a[0].type == VALUE_UNDEFINED);
}

static struct value test_filter(struct run *run, const struct value *a)
{
    (void)hash_of(run, a[0]);
    return value_of_bool(a[0].type == VALUE_STR && builtin_find_filter(value_text(a[0])));
}

static struct value test_test(struct run *run, const struct value *a)
{
    (void)hash_of(run, a[0]);
    return value_of_bool(a[0].type == VALUE_STR && builtin_find_test(value_text(a[0])));
}

static struct value test_none(struct run *run, const struct value *a)
{
    (void)run;
    return value_of_bool(a[0].type == VALUE_NONE);
}

static struct value test_boolean(struct run *run, const struct value *a)
{
    (void)run;
    return value_of_bool(a[0].type == VALUE_BOOL);
}

static struct value test_false(struct run *run, const struct value *a)
{
    (void)run;
    return value_of_bool(a[0].type == VALUE_BOOL && !a[0].as.b);
}

static struct value test_true(struct run *run, const struct value *a)
{
    (void)run;
    return value_of_bool(a[0].type == VALUE_BOOL && a[0].as.b);
}

static struct value test_integer(struct run *run, const struct value *a)
{
    (void)run;
    return value_of_bool(a[0].type == VALUE_INT || a[0].type == VALUE_BIG);
}

static struct value test_float(struct run *run, const struct value *a)
{
    (void)run;
    return value_of_bool(a[0].type == VALUE_FLOAT);
}

static struct value test_number(struct run *run, const struct value *a)
{
    double d;
    (void)run;
    return value_of_bool(as_number(a[0], &d));
}

static struct value test_string(struct run *run, const struct value *a)
{
    (void)run;
    return value_of_bool(a[0].type == VALUE_STR);
}

static struct value test_mapping(struct run *run, const struct value *a)
{
    (void)run;
    return value_of_bool(a[0].type == VALUE_DICT);
}

static struct value test_sequence(struct run *run, const struct value *a)
{
    (void)run;
    switch (a[0].type) {
    case VALUE_STR:
    case VALUE_LIST:
    case VALUE_TUPLE:
    case VALUE_RANGE:
    case VALUE_DICT:
        return value_of_bool(true);
    case VALUE_UNDEFINED: /* it has a length and items, unless it is strict */
        return value_of_bool(!(a[0].flags & VALUE_STRICT));
    default:
        return value_of_bool(false);
    }
}

static struct value test_iterable(struct run *run, const struct value *a)
{
    if (a[0].type == VALUE_UNDEFINED && a[0].flags & VALUE_STRICT)
        run_fail_undefined(run, a[0]);
    return value_of_bool(is_iterable(a[0]) || a[0].type == VALUE_UNDEFINED);
}

static struct value test_callable(struct run *run, const struct value *a)
{
    (void)run;
    switch (a[0].type) {
    case VALUE_MACRO:
    case VALUE_METHOD:
    case VALUE_FUNCTION:
    case VALUE_LOOP:
    case VALUE_BLOCK:
    case VALUE_JOINER:
    case VALUE_UNDEFINED:
        return value_of_bool(true);
    default:
        return value_of_bool(false);
    }
}

/* `is`: the same object. Small values are one object when they are equal. */
static struct value test_sameas(struct run *run, const struct value *a)
{
    (void)run;
    if (a[0].type != a[1].type)
        return value_of_bool(false);
    switch (a[0].type) {
    case VALUE_NONE:
        return value_of_bool(true);
    case VALUE_BOOL:
        return value_of_bool(a[0].as.b == a[1].as.b);
    case VALUE_STR:
        return value_of_bool(str_eq(value_text(a[0]), value_text(a[1])));
    default:
        return value_of_bool(a[0].as.i == a[1].as.i);
    }
}

static struct value test_escaped(struct run *run, const struct value *a)
{
    (void)run;
    return value_of_bool((a[0].type == VALUE_STR && a[0].flags & VALUE_SAFE) || a[0].type == VALUE_MODULE);
}

static struct value test_in(struct run *run, const struct value *a)
{
    return value_of_bool(contains(run, a[1], a[0]));
}

/* str.islower() or isupper(): a cased character, and none of the other case. */
static struct value only_case(struct run *run, struct value v, enum char_class wanted, enum char_class other)
{
    struct str s = to_text(run, v);
    bool found = false;
    for (size_t at = 0; at < s.len;) {
        uint32_t c;
        at += text_decode((struct str){s.data + at, s.len - at}, &c);
        if (char_is(c, other) || char_is(c, CHAR_TITLE))
            return value_of_bool(false);
        found |= char_is(c, wanted);
    }
    return value_of_bool(found);
}

static struct value test_lower(struct run *run, const struct value *a)
{
    return only_case(run, a[0], CHAR_LOWER, CHAR_UPPER);
}

static struct value test_upper(struct run *run, const struct value *a)
{
    return only_case(run, a[0], CHAR_UPPER, CHAR_LOWER);
}

#define COMPARISON(name, op)                                                                                           \
    static struct value name(struct run *run, const struct value *a)                                                   \
    {                                                                                                                  \
        return value_of_bool(compare_op(run, op, a[0], a[1]));                                                         \
    }
COMPARISON(test_eq, OP_EQ)
COMPARISON(test_ne, OP_NE)
COMPARISON(test_lt, OP_LT)
COMPARISON(test_le, OP_LE)
COMPARISON(test_gt, OP_GT)
COMPARISON(test_ge, OP_GE)

static const struct builtin rows[] = {
    {"defined", test_defined, NULL, 0, {NULL}},   {"undefined", test_undefined, NULL, 0, {NULL}},
    {"none", test_none, NULL, 0, {NULL}},         {"odd", test_odd, NULL, 0, {NULL}},
    {"even", test_even, NULL, 0, {NULL}},         {"divisibleby", test_divisibleby, NULL, 1, {"num"}},
    {"filter", test_filter, NULL, 0, {NULL}},     {"test", test_test, NULL, 0, {NULL}},
    {"boolean", test_boolean, NULL, 0, {NULL}},   {"false", test_false, NULL, 0, {NULL}},
    {"true", test_true, NULL, 0, {NULL}},         {"integer", test_integer, NULL, 0, {NULL}},
    {"float", test_float, NULL, 0, {NULL}},       {"lower", test_lower, NULL, 0, {NULL}},
    {"upper", test_upper, NULL, 0, {NULL}},       {"string", test_string, NULL, 0, {NULL}},
    {"mapping", test_mapping, NULL, 0, {NULL}},   {"number", test_number, NULL, 0, {NULL}},
    {"sequence", test_sequence, NULL, 0, {NULL}}, {"iterable", test_iterable, NULL, 0, {NULL}},
    {"callable", test_callable, NULL, 0, {NULL}}, {"sameas", test_sameas, NULL, 1, {"other"}},
    {"escaped", test_escaped, NULL, 0, {NULL}},   {"in", test_in, NULL, 1, {"seq"}},
    {"==", test_eq, NULL, 1, {"other"}},          {"eq", test_eq, NULL, 1, {"other"}},
    {"equalto", test_eq, NULL, 1, {"other"}},     {"!=", test_ne, NULL, 1, {"other"}},
    {"ne", test_ne, NULL, 1, {"other"}},          {">", test_gt, NULL, 1, {"other"}},
    {"gt", test_gt, NULL, 1, {"other"}},          {"greaterthan", test_gt, NULL, 1, {"other"}},
    {"ge", test_ge, NULL, 1, {"other"}},          {">=", test_ge, NULL, 1, {"other"}},
    {"<", test_lt, NULL, 1, {"other"}},           {"lt", test_lt, NULL, 1, {"other"}},
    {"lessthan", test_lt, NULL, 1, {"other"}},    {"<=", test_le, NULL, 1, {"other"}},
    {"le", test_le, NULL, 1, {"other"}},
};
const struct builtin_table tests_all = BUILTIN_TABLE(rows);
