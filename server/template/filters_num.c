#include "template/format.h"
#include "template/number.h"
#include "template/run.h"
#include "template/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* A float as an integer, towards zero; fails beyond 64 bits. */
static struct value whole(struct run *run, double d)
{
    if (isnan(d) || isinf(d) || fabs(d) >= 9223372036854775808.0)
        run_fail(run, "cannot convert float to a 64-bit integer");
    return value_of_int((int64_t)d);
}

static struct value filter_int(struct run *run, const struct value *a)
{
    struct value otherwise = a[1].type == VALUE_MISSING ? value_of_int(0) : a[1];
    int64_t n, base = arg_int(run, a[2], 10, "base");
    double d;
    if (a[0].type == VALUE_UNDEFINED)
        run_fail_undefined(run, a[0]);
    if (a[0].type == VALUE_STR) {
        int read = base == 0 || (base >= 2 && base <= 36) ? number_read_int(value_text(a[0]), (int)base, &n) : 0;
        if (read < 0)
            run_fail(run, "integer beyond 64 bits");
        if (read)
            return value_of_int(n);
        if (!number_read_float(value_text(a[0]), &d) || isnan(d))
            return otherwise;
        return whole(run, d);
    }
    if (a[0].type == VALUE_FLOAT)
        return isnan(a[0].as.d) ? otherwise : whole(run, a[0].as.d);
    return as_int(a[0], &n) ? value_of_int(n) : otherwise;
}

static struct value filter_float(struct run *run, const struct value *a)
{
    double d;
    if (a[0].type == VALUE_UNDEFINED)
        run_fail_undefined(run, a[0]);
    if (a[0].type == VALUE_STR ? number_read_float(value_text(a[0]), &d) : as_number(a[0], &d))
        return value_of_float(d);
    return a[1].type == VALUE_MISSING ? value_of_float(0) : a[1];
}

static struct value filter_abs(struct run *run, const struct value *a)
{
    int64_t n;
    if (a[0].type == VALUE_UNDEFINED)
        run_fail_undefined(run, a[0]);
    if (a[0].type == VALUE_FLOAT)
        return value_of_float(fabs(a[0].as.d));
    if (!as_int(a[0], &n))
        run_fail(run, "bad operand type for abs(): '%s'", type_name(a[0]));
    return n < 0 ? negate(run, value_of_int(n)) : value_of_int(n);
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

static struct value round_int(struct run *run, int64_t n, int64_t places)
{
    if (places >= 0)
        return value_of_int(n);
    if (places < -18)
        return value_of_int(0);
    int64_t scale = 1;
    while (places++ < 0)
        scale *= 10;
    int64_t rest = n % scale, down = n - rest;
    if (rest < 0) {
        rest += scale;
        if (__builtin_sub_overflow(down, scale, &down))
            run_fail(run, "integer beyond 64 bits");
    }
    bool up = rest > scale - rest || (rest == scale - rest && down / scale % 2 != 0);
    if (up && __builtin_add_overflow(down, scale, &down))
        run_fail(run, "integer beyond 64 bits");
    return value_of_int(down);
}

static struct value filter_round(struct run *run, const struct value *a)
{
    struct str method = arg_str(run, a[2], "common", "method");
    int64_t n, places = arg_int(run, a[1], 0, "precision");
    double d;
    if (!str_eqz(method, "common") && !str_eqz(method, "ceil") && !str_eqz(method, "floor"))
        run_fail(run, "method must be common, ceil or floor");
    if (a[0].type == VALUE_UNDEFINED)
        run_fail_undefined(run, a[0]);
    if (!as_number(a[0], &d))
        run_fail(run, "type %s doesn't define round", type_name(a[0]));
    if (str_eqz(method, "common"))
        return as_int(a[0], &n) ? round_int(run, n, places) : value_of_float(round_places(d, places));
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
