#include "ingest/sql_cast.h"

#include "base/buf.h"
#include "ingest/builder.h"
#include "ingest/sql_fit.h"

#include <inttypes.h>
#include <string.h>

enum { OID_FIRST_OTHER = 16384 }; /* what is below is PostgreSQL's own */

/* Modifiers count the header of a value too. */
enum { MODIFIER_OFFSET = 4 };

static const struct {
    uint32_t oid, array;
} targets[TYPE_BASE_COUNT] = {
    [TYPE_INT8] = {OID_INT2, 1005},
    [TYPE_INT16] = {OID_INT2, 1005},
    [TYPE_INT32] = {OID_INT4, 1007},
    [TYPE_INT64] = {OID_INT8, 1016},
    [TYPE_FLOAT16] = {OID_FLOAT4, 1021},
    [TYPE_FLOAT32] = {OID_FLOAT4, 1021},
    [TYPE_FLOAT64] = {OID_FLOAT8, 1022},
    [TYPE_DECIMAL] = {OID_NUMERIC, 1231},
    [TYPE_BOOLEAN] = {OID_BOOL, 1000},
    [TYPE_DATE] = {OID_DATE, 1182},
    [TYPE_TIME] = {OID_TIME, 1183},
    [TYPE_TIMESTAMP] = {OID_TIMESTAMP, 1115},
    [TYPE_TIMESTAMPTZ] = {OID_TIMESTAMPTZ, 1185},
    [TYPE_INTERVAL] = {OID_INTERVAL, 1187},
    [TYPE_CHAR] = {OID_BPCHAR, 1014},
    [TYPE_VARCHAR] = {OID_VARCHAR, 1015},
    [TYPE_TEXT] = {OID_TEXT, 1009},
    [TYPE_UUID] = {OID_UUID, 2951},
    [TYPE_JSON] = {OID_JSONB, 3807},
    [TYPE_BINARY] = {OID_BYTEA, 1001},
    [TYPE_VECTOR] = {1021, 0},
};

/* What arrays are made of. */
static const struct {
    uint32_t array, oid;
    char category;
} elements[] = {
    {1005, OID_INT2, 'N'},     {1007, OID_INT4, 'N'},   {1016, OID_INT8, 'N'},      {1028, OID_OID, 'N'},
    {1021, OID_FLOAT4, 'N'},   {1022, OID_FLOAT8, 'N'}, {1231, OID_NUMERIC, 'N'},   {791, OID_MONEY, 'N'},
    {1182, OID_DATE, 'D'},     {1183, OID_TIME, 'D'},   {1115, OID_TIMESTAMP, 'D'}, {1185, OID_TIMESTAMPTZ, 'D'},
    {1187, OID_INTERVAL, 'T'}, {1014, OID_BPCHAR, 'S'}, {1015, OID_VARCHAR, 'S'},   {1009, OID_TEXT, 'S'},
    {3807, OID_JSONB, 'U'},
};

/* Whether each value of the source's type, with its modifier, is one of the target's of the same OID. */
static bool modifier_fits(const struct sql_column *from, const struct datatype *to)
{
    int32_t modifier = from->modifier - MODIFIER_OFFSET;
    switch (to->base) {
    case TYPE_VARCHAR:
    case TYPE_CHAR:
        return from->modifier >= 0 && modifier <= to->length;
    case TYPE_DECIMAL:
        return from->modifier >= 0 && sql_precision(from->modifier) == to->length &&
               sql_scale(from->modifier) == to->scale;
    default:
        return true;
    }
}

static bool is_same(const struct sql_column *from, const struct datatype *to)
{
    uint32_t oid = to->array ? targets[to->base].array : targets[to->base].oid;
    if (from->type != oid)
        return false;
    /* A shorter character(n) is padded by the cast; of a varchar, the shorter has the same form. */
    if (to->base == TYPE_CHAR || (to->array && to->base == TYPE_VARCHAR))
        return from->modifier - MODIFIER_OFFSET == to->length;
    return modifier_fits(from, to);
}

static void add_misfit(struct sql_cast *cast, const char *column, const char *condition, const char *reason)
{
    cast->misfits[cast->misfit_count++] = (struct sql_misfit){column, condition, reason};
}

static const char *quoted(struct arena *arena, const char *name)
{
    struct buf *sql = buf_new(arena);
    buf_adds(sql, "s.");
    builder_name(sql, name);
    return buf_text(sql);
}

/* How a misfit is told, with the type's name. */
static const struct {
    const char *before, *behind;
} reasons[UNFIT_WHY_COUNT] = {
    [UNFIT_KIND] = {"is no ", ""},
    [UNFIT_RANGE] = {"out of the range of ", ""},
    [UNFIT_LENGTH] = {"longer than ", ""},
    [UNFIT_LOSS] = {"does not fit ", " exactly"},
};

static struct sql_operand operand_of(const struct sql_column *from, const char *name)
{
    return (struct sql_operand){name, from->type, from->modifier, from->text, from->category};
}

/* Of one element of the array, or of a text that is one, under the name e.v. False: nobody knows what it is made of. */
static bool element_of(struct arena *arena, const struct sql_column *from, struct sql_operand *out)
{
    if (from->category == 'S') {
        *out = (struct sql_operand){"e.v", OID_TEXT, -1, "text", 'S'};
        return true;
    }
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
        if (elements[i].array == from->type) {
            size_t len = strlen(from->text);
            *out =
                (struct sql_operand){"e.v", elements[i].oid, from->modifier,
                                     arena_strndup(arena, from->text, len > 2 ? len - 2 : len), elements[i].category};
            return true;
        }
    return false;
}

static struct sql_fit array_fit(struct arena *arena, const char *name, const struct sql_column *from,
                                const struct work_column *to)
{
    struct datatype type = to->type;
    struct sql_operand element;
    struct sql_fit fit = {0};
    type.array = false;
    if (type.base == TYPE_VECTOR)
        type = (struct datatype){.base = TYPE_FLOAT32};
    if (element_of(arena, from, &element)) {
        fit = sql_fit(arena, &element, &type, datatype_sql(arena, &type));
        for (size_t i = 0; i < fit.count; i++)
            fit.unfit[i].condition =
                arena_printf(arena, "exists (select from pg_catalog.unnest(%s%s) e (v) where %s)", name,
                             from->category == 'S' ? "::text::text[]" : "", fit.unfit[i].condition);
    } else if (from->category == 'A') {
        fit.unfit[fit.count++] = (struct sql_unfit){
            arena_printf(arena, "%s::%s::%s is distinct from %s", name, to->sql, from->text, name), UNFIT_LOSS, false};
    }
    return fit;
}

/* A vector is made of 32-bit numbers, whatever its source computed it with. */
static void fit_vector(struct arena *arena, const char *name, const struct datatype *type, const char *sql,
                       struct sql_fit *fit)
{
    size_t kept = 0;
    for (size_t i = 0; i < fit->count; i++)
        if (fit->unfit[i].why != UNFIT_LOSS)
            fit->unfit[kept++] = fit->unfit[i];
    fit->count = kept;
    fit->unfit[fit->count++] =
        (struct sql_unfit){arena_printf(arena,
                                        "pg_catalog.cardinality(%s::%s) <> %" PRId64
                                        " or pg_catalog.array_ndims(%s::%s) > 1 or exists (select from "
                                        "pg_catalog.unnest(%s::%s) e (v) where e.v is null)",
                                        name, sql, type->length, name, sql, name, sql),
                           UNFIT_LOSS, false};
}

static struct sql_fit fit_of(struct arena *arena, const char *name, const struct sql_column *from,
                             const struct work_column *to)
{
    bool list = to->type.array || to->type.base == TYPE_VECTOR;
    struct sql_operand whole = operand_of(from, name);
    struct sql_fit fit = list ? array_fit(arena, name, from, to) : sql_fit(arena, &whole, &to->type, to->sql);
    if (to->type.base == TYPE_VECTOR)
        fit_vector(arena, name, &to->type, to->sql, &fit);
    return fit;
}

/* The cast, which is an error for some values that do not fit: it is not tried on those. */
static const char *guarded(struct arena *arena, const struct sql_fit *fit, const char *value)
{
    struct buf *sql = buf_new(arena);
    size_t last = fit->count;
    while (last && !fit->unfit[last - 1].fails)
        last--;
    for (size_t i = 0; i < last; i++)
        buf_addf(sql, "%swhen %s then null ", i ? "" : "case ", fit->unfit[i].condition);
    buf_addf(sql, last ? "else %s end" : "%s", value);
    return buf_text(sql);
}

struct sql_cast sql_cast_column(struct arena *arena, const struct sql_column *from, const struct work_column *to)
{
    struct sql_cast cast = {0};
    const char *name = quoted(arena, from->name), *type = datatype_text(arena, &to->type);
    enum type_base base = to->type.base;
    cast.plain = is_same(from, &to->type);
    cast.generated = from->generated;
    cast.extension = from->type >= OID_FIRST_OTHER;
    if (!to->nullable && !from->not_null)
        add_misfit(&cast, to->name, arena_printf(arena, "%s is null", name), "null where the model says not null");
    /* PostgreSQL has no type as small as these. */
    bool smaller = base == TYPE_INT8 || base == TYPE_FLOAT16 || base == TYPE_VECTOR;
    struct sql_fit fit = cast.plain && !smaller ? (struct sql_fit){0} : fit_of(arena, name, from, to);
    for (size_t i = 0; i < fit.count; i++)
        add_misfit(
            &cast, to->name, fit.unfit[i].condition,
            arena_printf(arena, "%s%s%s", reasons[fit.unfit[i].why].before, type, reasons[fit.unfit[i].why].behind));
    cast.value = cast.plain ? name : guarded(arena, &fit, arena_printf(arena, "%s::%s", name, to->sql));
    return cast;
}
