#include "template/bigint.h"
#include "template/format.h"
#include "template/number.h"
#include "template/text.h"

#include <math.h>
#include <stdio.h>

/* One conversion: %[(key)][flags][width][.precision]type */
struct conversion {
    bool left, zero, plus, space, alternate;
    int64_t width, precision;
    char type;
};

struct percent {
    struct run *run;
    struct str format; /* what is left of it */
    struct value with;
    size_t used; /* of a tuple's items */
    bool keyed, safe;
    struct text_builder tb;
};

static char next_char(struct percent *p)
{
    if (!p->format.len)
        run_fail(p->run, "incomplete format");
    char c = p->format.data[0];
    p->format = (struct str){p->format.data + 1, p->format.len - 1};
    return c;
}

static char peek_char(const struct percent *p)
{
    return p->format.len ? p->format.data[0] : '\0';
}

static struct value next_value(struct percent *p)
{
    if (p->with.type == VALUE_TUPLE) {
        if (p->used >= p->with.as.list->len)
            run_fail(p->run, "not enough arguments for format string");
        return p->with.as.list->items[p->used++];
    }
    if (p->used++)
        run_fail(p->run, "not enough arguments for format string");
    return p->with;
}

static struct value keyed_value(struct percent *p)
{
    size_t depth = 1, n = 0;
    while (n < p->format.len) {
        depth += p->format.data[n] == '(';
        depth -= p->format.data[n] == ')';
        if (!depth)
            break;
        n++;
    }
    if (n == p->format.len)
        run_fail(p->run, "incomplete format key");
    struct str key = {p->format.data, n};
    p->format = (struct str){p->format.data + n + 1, p->format.len - n - 1};
    if (p->with.type != VALUE_DICT)
        run_fail(p->run, "format requires a mapping");
    const struct value *there = dict_find_text(p->with.as.dict, key, str_hash(key));
    if (!there)
        run_fail(p->run, "no key '" STR_FMT "'", STR_ARG(key));
    p->keyed = true;
    return *there;
}

static int64_t read_number(struct percent *p, bool *given)
{
    int64_t n = 0;
    *given = false;
    if (peek_char(p) == '*') {
        (void)next_char(p);
        *given = true;
        return arg_int(p->run, next_value(p), 0, "* in a format");
    }
    while (peek_char(p) >= '0' && peek_char(p) <= '9') {
        *given = true;
        n = n * 10 + (next_char(p) - '0');
        if (n > INT32_MAX)
            run_fail(p->run, "width too big");
    }
    return n;
}

static void read_flags(struct percent *p, struct conversion *c)
{
    for (;;) {
        switch (peek_char(p)) {
        case '-':
            c->left = true;
            break;
        case '0':
            c->zero = true;
            break;
        case '+':
            c->plus = true;
            break;
        case ' ':
            c->space = true;
            break;
        case '#':
            c->alternate = true;
            break;
        default:
            return;
        }
        (void)next_char(p);
    }
}

/* Adds sign and digits padded to the width. */
static void add_number(struct percent *p, const struct conversion *c, struct str prefix, struct str digits)
{
    size_t len = prefix.len + digits.len, width = c->width > 0 ? (size_t)c->width : 0;
    size_t pad = width > len ? width - len : 0;
    if (!c->left && !c->zero)
        tb_fill(&p->tb, ' ', pad);
    tb_add(&p->tb, prefix);
    if (!c->left && c->zero)
        tb_fill(&p->tb, '0', pad);
    tb_add(&p->tb, digits);
    if (c->left)
        tb_fill(&p->tb, ' ', pad);
}

static struct str sign_of(const struct conversion *c, bool negative)
{
    return negative ? STR("-") : c->plus ? STR("+") : c->space ? STR(" ") : STR("");
}

static void add_integer(struct percent *p, const struct conversion *c, struct value v)
{
    struct run *run = p->run;
    if (v.type == VALUE_UNDEFINED)
        run_fail_undefined(run, v);
    if (v.type == VALUE_FLOAT && strchr("diu", c->type))
        v = number_from_double(run, v.as.d);
    if (!bigint_is_int(v))
        run_fail(run, "%%%c format: a real number is required, not %s", c->type, type_name(v));
    unsigned base = c->type == 'o' ? 8 : c->type == 'x' || c->type == 'X' ? 16 : 10;
    const struct str magnitude = number_digits(run, v, base, c->type == 'X');
    struct text_builder digits = {.run = run}, prefix = {.run = run};
    if (c->precision > (int64_t)magnitude.len)
        tb_fill(&digits, '0', (size_t)c->precision - magnitude.len);
    tb_add(&digits, magnitude);
    tb_add(&prefix, sign_of(c, bigint_is_negative(v)));
    if (c->alternate && base != 10) {
        tb_addc(&prefix, '0');
        tb_addc(&prefix, c->type);
    }
    add_number(p, c, tb_str(&prefix), tb_str(&digits));
}

static void add_float(struct percent *p, const struct conversion *c, struct value v)
{
    double d;
    if (v.type == VALUE_UNDEFINED)
        run_fail_undefined(p->run, v);
    if (!as_number(v, &d))
        run_fail(p->run, "must be real number, not %s", type_name(v));
    d = number_as_double(p->run, v);
    bool negative = signbit(d) && !isnan(d);
    int precision = c->precision < 0 ? 6 : c->precision > 400 ? 401 : (int)c->precision;
    add_number(p, c, sign_of(c, negative), format_float(p->run, fabs(d), c->type, precision, c->alternate));
}

static void add_text(struct percent *p, const struct conversion *c, struct str s)
{
    if (c->precision >= 0)
        s.len = text_offset(s, (size_t)c->precision);
    size_t len = text_len(s), width = c->width > 0 ? (size_t)c->width : 0, pad = width > len ? width - len : 0;
    if (!c->left)
        tb_fill(&p->tb, ' ', pad);
    tb_add(&p->tb, s);
    if (c->left)
        tb_fill(&p->tb, ' ', pad);
}

static void add_char(struct percent *p, const struct conversion *c, struct value v)
{
    int64_t n;
    char text[4];
    struct str s;
    if (v.type == VALUE_STR && text_len(value_text(v)) == 1)
        s = value_text(v);
    else if (as_int(v, &n) && n >= 0 && n <= 0x10ffff)
        s = (struct str){text, text_encode((uint32_t)n, text)};
    else
        run_fail(p->run, "%%c requires int or char");
    add_text(p, c, s);
}

static void add_value(struct percent *p, const struct conversion *c, struct value v)
{
    switch (c->type) {
    case 's':
        add_text(p, c, p->safe ? value_text(escape(p->run, v)) : to_text(p->run, v));
        break;
    case 'r':
    case 'a': {
        struct value text = value_of_str(to_repr(p->run, v));
        add_text(p, c, value_text(p->safe ? escape(p->run, text) : text));
        break;
    }
    case 'c':
        add_char(p, c, v);
        break;
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
        add_integer(p, c, v);
        break;
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
        add_float(p, c, v);
        break;
    default:
        run_fail(p->run, "unsupported format character '%c'", c->type);
    }
}

static void convert(struct percent *p)
{
    struct conversion c = {.precision = -1};
    struct value v = {.type = VALUE_MISSING};
    bool given;
    if (peek_char(p) == '(') {
        (void)next_char(p);
        v = keyed_value(p);
    }
    read_flags(p, &c);
    c.width = read_number(p, &given);
    if (c.width < 0) {
        c.left = true;
        c.width = -c.width;
    }
    if (peek_char(p) == '.') {
        (void)next_char(p);
        c.precision = read_number(p, &given);
        if (c.precision < 0)
            c.precision = 0;
    }
    while (peek_char(p) == 'l' || peek_char(p) == 'h' || peek_char(p) == 'L')
        (void)next_char(p);
    c.type = next_char(p);
    if (c.type == '%') {
        tb_addc(&p->tb, '%');
        return;
    }
    if (v.type == VALUE_MISSING)
        v = next_value(p);
    add_value(p, &c, v);
}

struct value format_percent(struct run *run, struct value format, struct value with)
{
    struct percent p = {
        .run = run, .format = value_text(format), .with = with, .safe = format.flags & VALUE_SAFE, .tb = {.run = run}};
    while (p.format.len) {
        const char *mark = memchr(p.format.data, '%', p.format.len);
        size_t n = mark ? (size_t)(mark - p.format.data) : p.format.len;
        tb_add(&p.tb, (struct str){p.format.data, n});
        if (!mark)
            break;
        p.format = (struct str){p.format.data + n + 1, p.format.len - n - 1};
        run_charge(run, 1);
        convert(&p);
    }
    bool mapping = with.type == VALUE_DICT || with.type == VALUE_LIST || with.type == VALUE_NAMESPACE;
    if (with.type == VALUE_TUPLE ? p.used < with.as.list->len : !p.used && !p.keyed && !mapping)
        run_fail(run, "not all arguments converted during string formatting");
    struct value v = value_of_str(tb_str(&p.tb));
    v.flags = format.flags & VALUE_SAFE;
    return v;
}
