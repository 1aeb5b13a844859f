#include "ingest/sql_fit.h"

#include <inttypes.h>
#include <string.h>

enum { FLOAT_DIGITS = 308 }; /* before the point, at most */

/* What kinds of sources the conditions tell apart. */
enum kind { KIND_INTEGER, KIND_FLOAT, KIND_DECIMAL, KIND_TEXT, KIND_TIME, KIND_OTHER };

/* A source's value as what the conditions are about. */
struct value {
    struct arena *arena;
    enum kind kind;
    const char *name; /* an expression of the kind: numbers in texts and JSON are read as numeric */
    uint32_t type;
    int32_t modifier;
    const char *text;
    struct sql_fit fit;
};

static void add(struct value *value, enum sql_unfit_why why, bool fails, const char *condition)
{
    value->fit.unfit[value->fit.count++] = (struct sql_unfit){condition, why, fails};
}

/* Bits of the integers of the model and of sources. */
static int bits_of(enum type_base base)
{
    return base == TYPE_INT8 ? 8 : base == TYPE_INT16 ? 16 : base == TYPE_INT32 ? 32 : 64;
}

static int bits_of_oid(uint32_t oid)
{
    return oid == OID_INT2 ? 16 : oid == OID_INT4 ? 32 : 64;
}

/* The first number above those of so many bits with a sign. */
static const char *above(int bits)
{
    return bits == 8 ? "128" : bits == 16 ? "32768" : bits == 32 ? "2147483648" : "9223372036854775808";
}

static bool is_number(const struct value *value)
{
    return value->kind == KIND_INTEGER || value->kind == KIND_FLOAT || value->kind == KIND_DECIMAL;
}

/* The forms that files may have, too (encode.h), less what only a text's own cast tells. */
static void read_as_number(struct value *value, const char *form)
{
    value->name = arena_printf(value->arena, "%s::text", value->name);
    add(value, UNFIT_KIND, true,
        arena_printf(value->arena, "%s !~* '^[[:space:]]*%s[[:space:]]*$'", value->name, form));
    value->name = arena_printf(value->arena, "%s::numeric", value->name);
    value->kind = KIND_DECIMAL;
    value->type = OID_NUMERIC;
    value->modifier = -1;
}

static void fit_integer(struct value *v, const struct datatype *to)
{
    int bits = bits_of(to->base);
    if (v->kind == KIND_TEXT)
        read_as_number(v, "[-+]?[0-9]+");
    if (!is_number(v) || (v->kind == KIND_INTEGER && bits_of_oid(v->type) <= bits))
        return;
    add(v, UNFIT_RANGE, true,
        arena_printf(v->arena, "%s < -%s or %s >= %s", v->name, above(bits), v->name, above(bits)));
    if (v->kind != KIND_INTEGER)
        add(v, UNFIT_LOSS, true, arena_printf(v->arena, "pg_catalog.trunc(%s) <> %s", v->name, v->name));
}

static void fit_decimal(struct value *v, const struct datatype *to)
{
    static const int digits[] = {[16] = 5, [32] = 10, [64] = 19};
    int64_t before = to->length - to->scale;
    if (v->kind == KIND_FLOAT && before > FLOAT_DIGITS)
        before = FLOAT_DIGITS;
    if (v->kind == KIND_TEXT)
        read_as_number(v, "([-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)(e[-+]?[0-9]+)?|nan)");
    if (!is_number(v))
        return;
    bool limited = v->kind == KIND_DECIMAL && v->modifier >= 0;
    bool in_range = v->kind == KIND_INTEGER ? digits[bits_of_oid(v->type)] <= before
                                            : limited && sql_precision(v->modifier) - sql_scale(v->modifier) <= before;
    if (!in_range)
        add(v, UNFIT_RANGE, true,
            arena_printf(v->arena, "(%s >= 1e%" PRId64 " or %s <= -1e%" PRId64 ")%s", v->name, before, v->name, before,
                         v->kind == KIND_INTEGER ? "" : arena_printf(v->arena, " and (%s)::text <> 'NaN'", v->name)));
    /* 999.999 may be rounded out of the range. */
    if (v->kind == KIND_DECIMAL && !(limited && sql_scale(v->modifier) <= to->scale))
        add(v, UNFIT_LOSS, true,
            arena_printf(v->arena, "pg_catalog.round(%s, %" PRId64 ") is distinct from %s", v->name, to->scale,
                         v->name));
    if (v->kind == KIND_FLOAT)
        add(v, UNFIT_LOSS, true,
            arena_printf(v->arena, "pg_catalog.round(%s::numeric, %" PRId64 ")::%s is distinct from %s", v->name,
                         to->scale, v->text, v->name));
}

/* A decimal number becomes the nearest float. A binary one, an integer or a wider float, has to be one already. */
static void fit_float(struct value *v, const struct datatype *to, const char *sql)
{
    bool is_double = to->base == TYPE_FLOAT64;
    const char *most = to->base == TYPE_FLOAT16 ? "65520"
                       : is_double              ? "1.797693134862315808e308"
                                                : "3.40282356779733662e38";
    const char *least = is_double ? "2.48e-324" : "7.01e-46";
    if (v->kind == KIND_TEXT && to->base == TYPE_FLOAT16) {
        v->kind = KIND_FLOAT;
        v->type = OID_FLOAT4;
        v->name = arena_printf(v->arena, "%s::text::real", v->name);
    }
    if (!is_number(v) || (v->kind == KIND_INTEGER && bits_of_oid(v->type) == 16))
        return;
    bool same = v->type == OID_FLOAT4 || (v->type == OID_FLOAT8 && is_double);
    bool smaller = v->kind == KIND_DECIMAL || (v->kind == KIND_FLOAT && !same);
    if (to->base == TYPE_FLOAT16 || smaller)
        add(v, UNFIT_RANGE, true,
            arena_printf(
                v->arena, "(%s >= %s or %s <= -%s%s) and (%s)::text not in ('NaN', 'Infinity', '-Infinity')", v->name,
                most, v->name, most,
                smaller ? arena_printf(v->arena, " or %s <> 0 and pg_catalog.abs(%s) < %s", v->name, v->name, least)
                        : "",
                v->name));
    if (v->kind == KIND_FLOAT && !same)
        add(v, UNFIT_LOSS, false,
            arena_printf(v->arena, "%s::%s::%s is distinct from %s", v->name, sql, v->text, v->name));
    if (v->kind != KIND_INTEGER || (v->type == OID_INT4 && is_double))
        return;
    if (v->type != OID_INT4) /* the last float whose way back is one */
        add(v, UNFIT_LOSS, false,
            arena_printf(v->arena, "%s > %s", v->name, is_double ? "9223372036854774784" : "9223371487098961920"));
    add(v, UNFIT_LOSS, false, arena_printf(v->arena, "%s::%s::bigint is distinct from %s", v->name, sql, v->name));
}

static void fit_text(struct value *v, const struct datatype *to)
{
    bool limited = (v->type == OID_VARCHAR || v->type == OID_BPCHAR) && v->modifier >= 0;
    if (limited && v->modifier - 4 <= to->length)
        return;
    add(v, UNFIT_LENGTH, false,
        arena_printf(v->arena,
                     to->base == TYPE_CHAR ? "pg_catalog.char_length(pg_catalog.rtrim(%s::text)) > %" PRId64
                                           : "pg_catalog.char_length(%s::text) > %" PRId64,
                     v->name, to->length));
}

/* A text with more than the type keeps: digits behind the microsecond, a zone, a time of day, a date. */
static void fit_time_text(struct value *v, const struct datatype *to)
{
    struct arena *arena = v->arena;
    const char *text = arena_printf(arena, "%s::text", v->name);
    if (to->base == TYPE_TIME)
        add(v, UNFIT_KIND, true,
            arena_printf(arena,
                         "%s !~* '^[[:space:]]*[0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]*)?)?[[:space:]]*([ap]m)?"
                         "[[:space:]]*$'",
                         text));
    if (to->base == TYPE_DATE) /* dates alone may lie where there are no timestamps */
        add(v, UNFIT_LOSS, false,
            arena_printf(arena,
                         "%s ~ '[0-9][[:space:]Tt]+[0-9]|:' and %s::timestamptz is distinct from (%s::date::timestamp "
                         "at time zone 'UTC')",
                         text, text, text));
    if (to->base == TYPE_TIMESTAMP)
        add(v, UNFIT_LOSS, false,
            arena_printf(arena, "%s::timestamptz is distinct from (%s::timestamp at time zone 'UTC')", text, text));
    add(v, UNFIT_LOSS, false, arena_printf(arena, "%s ~ '[.][0-9]{6}[0-9]*[1-9]'", text));
}

static void fit_time(struct value *v, const struct datatype *to, const char *sql)
{
    bool stamp = to->base == TYPE_TIMESTAMP || to->base == TYPE_TIMESTAMPTZ;
    if (v->kind == KIND_TEXT) {
        fit_time_text(v, to);
        return;
    }
    if (v->kind != KIND_TIME || to->base == TYPE_INTERVAL)
        return;
    if (stamp && v->type == OID_DATE)
        add(v, UNFIT_RANGE, true,
            arena_printf(v->arena, "%s >= '294277-01-01' and %s <> 'infinity'", v->name, v->name));
    else if (!stamp || (v->type != OID_TIMESTAMP && v->type != OID_TIMESTAMPTZ))
        add(v, UNFIT_LOSS, false,
            arena_printf(v->arena, "%s::%s::%s is distinct from %s", v->name, sql, v->text, v->name));
}

static enum kind kind_of(const struct sql_operand *from)
{
    switch (from->type) {
    case OID_INT2:
    case OID_INT4:
    case OID_INT8:
        return KIND_INTEGER;
    case OID_FLOAT4:
    case OID_FLOAT8:
        return KIND_FLOAT;
    case OID_NUMERIC:
        return KIND_DECIMAL;
    default:
        return from->category == 'S' ? KIND_TEXT : strchr("DT", from->category) ? KIND_TIME : KIND_OTHER;
    }
}

/* What is a number under another name: an oid, that of a table, money, a number in jsonb. */
static void look_through(struct value *v, const struct sql_operand *from)
{
    if (from->type == OID_JSONB) {
        add(v, UNFIT_KIND, true, arena_printf(v->arena, "pg_catalog.jsonb_typeof(%s) <> 'number'", v->name));
        v->name = arena_printf(v->arena, "%s::numeric", v->name);
    } else if (from->type == OID_MONEY) {
        v->name = arena_printf(v->arena, "%s::numeric", v->name);
    } else if (from->category == 'N') {
        v->kind = KIND_INTEGER;
        v->type = OID_INT8;
        v->name = arena_printf(v->arena, "%s::bigint", v->name);
        return;
    } else {
        return;
    }
    v->kind = KIND_DECIMAL;
    v->type = OID_NUMERIC;
    v->modifier = -1;
}

struct sql_fit sql_fit(struct arena *arena, const struct sql_operand *from, const struct datatype *to, const char *sql)
{
    struct value v = {.arena = arena,
                      .kind = kind_of(from),
                      .name = from->name,
                      .type = from->type,
                      .modifier = from->modifier,
                      .text = from->text};
    switch (to->base) {
    case TYPE_INT8:
    case TYPE_INT16:
    case TYPE_INT32:
    case TYPE_INT64:
    case TYPE_DECIMAL:
    case TYPE_FLOAT16:
    case TYPE_FLOAT32:
    case TYPE_FLOAT64:
        if (v.kind == KIND_OTHER)
            look_through(&v, from);
        if (to->base == TYPE_DECIMAL)
            fit_decimal(&v, to);
        else if (to->base <= TYPE_INT64)
            fit_integer(&v, to);
        else
            fit_float(&v, to, sql);
        break;
    case TYPE_BOOLEAN:
        if (is_number(&v))
            add(&v, UNFIT_LOSS, false, arena_printf(arena, "%s not in (0, 1)", v.name));
        break;
    case TYPE_DATE:
    case TYPE_TIME:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ:
    case TYPE_INTERVAL:
        fit_time(&v, to, sql);
        break;
    case TYPE_CHAR:
    case TYPE_VARCHAR:
        fit_text(&v, to);
        break;
    default: /* it is this, or none */
        break;
    }
    return v.fit;
}
