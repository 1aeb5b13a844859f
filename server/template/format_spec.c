#include "template/bigint.h"
#include "template/format.h"
#include "template/number.h"
#include "template/text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_PRECISION = 400 };

/* [[fill]align][sign][z][#][0][width][grouping][.precision][type] */
struct spec {
    struct str fill;
    char align, sign, grouping, type;
    bool alternate, zero;
    int64_t width, precision; /* precision -1: none */
};

struct str format_float(struct run *run, double d, char form, int precision, bool alternate)
{
    char fmt[8], *at = fmt;
    *at++ = '%';
    if (alternate)
        *at++ = '#';
    *at++ = '.';
    *at++ = '*';
    *at++ = form;
    *at = '\0';
    if (isnan(d))
        return isupper((unsigned char)form) ? STR("NAN") : STR("nan");
    if (isinf(d))
        return isupper((unsigned char)form) ? STR("INF") : STR("inf");
    if (precision > MAX_PRECISION)
        run_fail(run, "precision too big");
    char *text = run_alloc_text(run, 800);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    int n = snprintf(text, 800, fmt, precision, d);
#pragma GCC diagnostic pop
    return (struct str){text, n > 0 ? (size_t)n : 0};
}

static bool is_align(char c)
{
    return c == '<' || c == '>' || c == '=' || c == '^';
}

static bool take_char(struct str *s, const char *set, char *out)
{
    if (!s->len || !s->data[0] || !strchr(set, s->data[0]))
        return false;
    *out = s->data[0];
    *s = (struct str){s->data + 1, s->len - 1};
    return true;
}

static int64_t take_number(struct run *run, struct str *s)
{
    int64_t n = -1;
    while (s->len && s->data[0] >= '0' && s->data[0] <= '9') {
        n = (n < 0 ? 0 : n) * 10 + (s->data[0] - '0');
        if (n > INT32_MAX)
            run_fail(run, "too many decimal digits in format string");
        *s = (struct str){s->data + 1, s->len - 1};
    }
    return n;
}

static struct spec read_spec(struct run *run, struct str s)
{
    struct spec spec = {.fill = STR(" "), .precision = -1};
    char c;
    size_t n = text_char_len(s);
    if (s.len > n && is_align(s.data[n])) {
        spec.fill = (struct str){s.data, n};
        spec.align = s.data[n];
        s = (struct str){s.data + n + 1, s.len - n - 1};
    } else {
        (void)take_char(&s, "<>=^", &spec.align);
    }
    (void)take_char(&s, "+- ", &spec.sign);
    spec.alternate = take_char(&s, "#", &c);
    if (take_char(&s, "0", &c)) {
        spec.zero = true;
        if (!spec.align) {
            spec.align = '=';
            spec.fill = STR("0");
        }
    }
    spec.width = take_number(run, &s);
    (void)take_char(&s, ",_", &spec.grouping);
    if (take_char(&s, ".", &c)) {
        spec.precision = take_number(run, &s);
        if (spec.precision < 0)
            run_fail(run, "format specifier missing precision");
    }
    (void)take_char(&s, "bcdeEfFgGnosxX%", &spec.type);
    if (s.len)
        run_fail(run, "invalid format specifier");
    return spec;
}

static struct str align(struct run *run, const struct spec *spec, struct str prefix, struct str body, char otherwise)
{
    size_t len = text_len(prefix) + text_len(body), width = spec->width > 0 ? (size_t)spec->width : 0;
    size_t pad = width > len ? width - len : 0;
    char how = spec->align ? spec->align : otherwise;
    size_t left = how == '>' ? pad : how == '^' ? pad / 2 : 0, middle = how == '=' ? pad : 0;
    struct text_builder tb = {.run = run};
    run_charge(run, pad);
    for (size_t i = 0; i < left; i++)
        tb_add(&tb, spec->fill);
    tb_add(&tb, prefix);
    for (size_t i = 0; i < middle; i++)
        tb_add(&tb, spec->fill);
    tb_add(&tb, body);
    for (size_t i = left + middle; i < pad; i++)
        tb_add(&tb, spec->fill);
    return tb_str(&tb);
}

/* Separators between groups of digits, up to the first byte that is none; zero padding counts them in. */
static struct str group(struct run *run, const struct spec *spec, struct str body, size_t prefix)
{
    if (!spec->grouping)
        return body;
    size_t digits = 0, size = spec->type && strchr("boxX", spec->type) ? 4 : 3;
    while (digits < body.len && number_digit(body.data[digits]) < 16 &&
           (size == 4 || isdigit((unsigned char)body.data[digits])))
        digits++;
    size_t zeros = 0, rest = body.len - digits;
    bool fill = spec->align == '=' && str_eqz(spec->fill, "0") && spec->width > 0;
    while (fill && prefix + rest + digits + zeros + (digits + zeros - 1) / size < (size_t)spec->width)
        zeros++;
    struct text_builder tb = {.run = run};
    for (size_t i = 0; i < digits + zeros; i++) {
        if (i && (digits + zeros - i) % size == 0)
            tb_addc(&tb, spec->grouping);
        tb_addc(&tb, i < zeros ? '0' : body.data[i - zeros]);
    }
    tb_add(&tb, (struct str){body.data + digits, rest});
    return tb_str(&tb);
}

static struct str sign_of(const struct spec *spec, bool negative)
{
    return negative ? STR("-") : spec->sign == '+' ? STR("+") : spec->sign == ' ' ? STR(" ") : STR("");
}

static struct str format_integer(struct run *run, struct spec *spec, struct value v)
{
    unsigned base = spec->type == 'b' ? 2 : spec->type == 'o' ? 8 : spec->type == 'x' || spec->type == 'X' ? 16 : 10;
    if (spec->precision >= 0)
        run_fail(run, "precision not allowed in integer format specifier");
    struct str digits = number_digits(run, v, base, spec->type == 'X');
    struct text_builder prefix = {.run = run};
    tb_add(&prefix, sign_of(spec, bigint_is_negative(v)));
    if (spec->alternate && base != 10) {
        tb_addc(&prefix, '0');
        tb_addc(&prefix, spec->type);
    }
    struct str body = group(run, spec, digits, prefix.len);
    return align(run, spec, tb_str(&prefix), body, '>');
}

/* As repr but with the precision of 'g': what a float gives without a type. */
static struct str plain_float(struct run *run, const struct spec *spec, double d)
{
    char text[NUMBER_FLOAT_SIZE];
    if (spec->precision < 0)
        return run_copy(run, (struct str){text, number_print_float(d, text)});
    int precision = spec->precision == 0 ? 1 : (int)spec->precision;
    struct str s = format_float(run, d, 'g', precision, spec->alternate);
    if (!isfinite(d) || memchr(s.data, '.', s.len) || memchr(s.data, 'e', s.len))
        return s;
    /* Without a type a float keeps a digit behind its point; where that is one digit too many, it has an exponent. */
    if ((int)s.len >= precision && precision < (int)s.len + 1 && (int)s.len == precision) {
        struct str e = format_float(run, d, 'e', precision - 1, spec->alternate);
        struct str mantissa = str_cut(&e, 'e');
        while (mantissa.len > 1 && memchr(mantissa.data, '.', mantissa.len) &&
               (mantissa.data[mantissa.len - 1] == '0' || mantissa.data[mantissa.len - 1] == '.'))
            mantissa.len--;
        return str_from(arena_printf(run->arena, STR_FMT "e" STR_FMT, STR_ARG(mantissa), STR_ARG(e)));
    }
    return str_from(arena_printf(run->arena, STR_FMT ".0", STR_ARG(s)));
}

static struct str format_double(struct run *run, struct spec *spec, double d)
{
    bool negative = signbit(d) && !isnan(d);
    int precision = spec->precision < 0 ? 6 : (int)spec->precision;
    char type = spec->type == 'n' ? 'g' : spec->type;
    struct str body;
    if (negative)
        d = -d;
    if (spec->precision > MAX_PRECISION)
        run_fail(run, "precision too big");
    if (type == '%') {
        struct str number = format_float(run, d * 100, 'f', precision, spec->alternate);
        body = str_from(arena_printf(run->arena, STR_FMT "%%", STR_ARG(number)));
    } else if (type) {
        body =
            format_float(run, d, type, (type == 'g' || type == 'G') && precision == 0 ? 1 : precision, spec->alternate);
    } else {
        body = plain_float(run, spec, d);
    }
    struct str prefix = sign_of(spec, negative);
    return align(run, spec, prefix, group(run, spec, body, prefix.len), '>');
}

static struct str format_text(struct run *run, struct spec *spec, struct str s)
{
    if (spec->type && spec->type != 's')
        run_fail(run, "unknown format code '%c' for object of type 'str'", spec->type);
    if (spec->sign || spec->alternate || spec->grouping)
        run_fail(run, "sign, '#' and ',' not allowed in string format specifier");
    if (spec->align == '=' && !spec->zero)
        run_fail(run, "'=' alignment not allowed in string format specifier");
    if (spec->align == '=')
        spec->align = '<';
    if (spec->precision >= 0)
        s.len = text_offset(s, (size_t)spec->precision);
    return align(run, spec, STR(""), s, '<');
}

struct str format_spec(struct run *run, struct value v, struct str text)
{
    int64_t n;
    if (!text.len)
        return to_text(run, v);
    struct spec spec = read_spec(run, text);
    if (v.type == VALUE_STR)
        return format_text(run, &spec, value_text(v));
    if (bigint_is_int(v) && (!spec.type || strchr("bdoxXn", spec.type)))
        return format_integer(run, &spec, v);
    if (as_int(v, &n) && spec.type == 'c') {
        char c[4];
        if (n < 0 || n > 0x10ffff)
            run_fail(run, "%%c arg not in range(0x110000)");
        return align(run, &spec, STR(""), run_copy(run, (struct str){c, text_encode((uint32_t)n, c)}), '<');
    }
    double d;
    if (as_number(v, &d) && (!spec.type || strchr("eEfFgGn%", spec.type)))
        return format_double(run, &spec, number_as_double(run, v));
    if (as_number(v, &d))
        run_fail(run, "unknown format code '%c' for object of type '%s'", spec.type, type_name(v));
    if (v.type == VALUE_UNDEFINED)
        run_fail_undefined(run, v);
    run_fail(run, "unsupported format string passed to %s.__format__", type_name(v));
}
