#include "template/bigint.h"
#include "template/format.h"
#include "template/number.h"
#include "template/run.h"
#include "template/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static struct value filter_int(struct run *run, const struct value *a)
{
    struct value otherwise = a[1].type == VALUE_MISSING ? value_of_int(0) : a[1];
    int64_t n, base = arg_int(run, a[2], 10, "base");
    double d;
    if (a[0].type == VALUE_UNDEFINED)
        run_fail_undefined(run, a[0]);
    if (a[0].type == VALUE_STR) {
        struct value read = {.type = VALUE_MISSING};
        if (base == 0 || (base >= 2 && base <= 36))
            read = number_read(run, value_text(a[0]), (int)base);
        if (read.type != VALUE_MISSING)
            return read;
        if (!number_read_float(value_text(a[0]), &d) || isnan(d))
            return otherwise;
        return number_from_double(run, d);
    }
    if (a[0].type == VALUE_FLOAT)
        return isnan(a[0].as.d) ? otherwise : number_from_double(run, a[0].as.d);
    return as_int(a[0], &n) ? value_of_int(n) : a[0].type == VALUE_BIG ? a[0] : otherwise;
}

static struct value filter_float(struct run *run, const struct value *a)
{
    double d;
    if (a[0].type == VALUE_UNDEFINED)
        run_fail_undefined(run, a[0]);
    if (a[0].type == VALUE_STR ? number_read_float(value_text(a[0]), &d) : as_number(a[0], &d))
        return value_of_float(a[0].type == VALUE_BIG ? number_as_double(run, a[0]) : d);
    return a[1].type == VALUE_MISSING ? value_of_float(0) : a[1];
}

static struct value filter_abs(struct run *run, const struct value *a)
{
    int64_t n;
    if (a[0].type == VALUE_UNDEFINED)
        run_fail_undefined(run, a[0]);
    if (a[0].type == VALUE_FLOAT)
        return value_of_float(fabs(a[0].as.d));
    if (!bigint_is_int(a[0]))
        run_fail(run, "bad operand type for abs(): '%s'", type_name(a[0]));
    if (bigint_is_negative(a[0]))
        return negate(run, a[0]);
    return as_int(a[0], &n) ? value_of_int(n) : a[0];
}

/* round(d, places): the decimal that is nearest, ties to even as the digits say. */
static double round_places(double d, int64_t places)
{
    char text[512];
    if (isnan(d) || isinf(d) || places > 320)
        return d;
    if (places >= 0) {
        (void)snprintf(text, sizeof text, "%.*f", (int)places, d);
        return strtod(text, NULL);
    }
    if (places < -308)
        return copysign(0.0, d);
    double scale = pow(10, (double)-places);
    return nearbyint(d / scale) * scale;
}

/* round(n, places) of an integer: to tens, hundreds, ...; a half goes to the even one. */
static struct value round_int(struct run *run, struct value n, int64_t places)
{
    int64_t small;
    if (places >= 0)
        return as_int(n, &small) ? value_of_int(small) : n;
    /* Ten to so many places is beyond twice n: bits are more than three times the digits. */
    if (-places > (int64_t)bigint_bits(n))
        return value_of_int(0);
    struct value scale = binary_op(run, OP_POW, value_of_int(10), value_of_int(-places));
    struct value rest = binary_op(run, OP_MOD, n, scale), down = binary_op(run, OP_SUB, n, rest);
    int half = order(run, binary_op(run, OP_MUL, rest, value_of_int(2)), scale);
    bool odd = truth(run, binary_op(run, OP_MOD, binary_op(run, OP_FLOORDIV, down, scale), value_of_int(2)));
    return half > 0 || (half == 0 && odd) ? binary_op(run, OP_ADD, down, scale) : down;
}

static struct value filter_round(struct run *run, const struct value *a)
{
    struct str method = arg_str(run, a[2], "common", "method");
    int64_t places = arg_int(run, a[1], 0, "precision");
    double d;
    if (!str_eqz(method, "common") && !str_eqz(method, "ceil") && !str_eqz(method, "floor"))
        run_fail(run, "method must be common, ceil or floor");
    if (a[0].type == VALUE_UNDEFINED)
        run_fail_undefined(run, a[0]);
    if (!as_number(a[0], &d))
        run_fail(run, "type %s doesn't define round", type_name(a[0]));
    if (str_eqz(method, "common"))
        return bigint_is_int(a[0]) ? round_int(run, a[0], places) : value_of_float(round_places(d, places));
    d = number_as_double(run, a[0]);
    if (places > 300 || places < -300)
        run_fail(run, "precision out of range");
    double scale = pow(10, (double)places), scaled = d * scale;
    return value_of_float((str_eqz(method, "ceil") ? ceil(scaled) : floor(scaled)) / scale);
}

static struct value filter_filesizeformat(struct run *run, const struct value *a)
{
    static const char *const names[][8] = {{"kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"},
                                           {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"}};
    bool binary = arg_bool(run, a[1], false);
    double bytes, base = binary ? 1024 : 1000, unit = base;
    if (a[0].type == VALUE_UNDEFINED)
        run_fail_undefined(run, a[0]);
    if (!(a[0].type == VALUE_STR ? number_read_float(value_text(a[0]), &bytes) : as_number(a[0], &bytes)))
        run_fail(run, "could not convert to float: " STR_FMT, STR_ARG(to_repr(run, a[0])));
    if (isnan(bytes) || bytes == -INFINITY)
        run_fail(run, "cannot convert float to integer");
    if (bytes == 1)
        return value_of_str(STR("1 Byte"));
    if (bytes < base)
        return value_of_str(str_from(arena_printf(run->arena, "%.0f Bytes", trunc(bytes))));
    size_t i = 0;
    for (unit *= base; bytes >= unit && i < 7; i++)
        unit *= base;
    return value_of_str(str_from(arena_printf(run->arena, "%.1f %s", base * bytes / unit, names[binary][i])));
}

static const struct builtin rows[] = {
    {"int", filter_int, NULL, 0, {"default", "base"}},
    {"float", filter_float, NULL, 0, {"default"}},
    {"abs", filter_abs, NULL, 0, {NULL}},
    {"round", filter_round, NULL, 0, {"precision", "method"}},
    {"filesizeformat", filter_filesizeformat, NULL, 0, {"binary"}},
};
const struct builtin_table filters_num = BUILTIN_TABLE(rows);
