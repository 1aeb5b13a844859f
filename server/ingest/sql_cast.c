#include "ingest/sql_cast.h"

#include "base/buf.h"
#include "ingest/builder.h"

/* OIDs of PostgreSQL's own types never change. */
enum {
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_JSON = 114,
    OID_FLOAT4 = 700,
    OID_FLOAT8 = 701,
    OID_BPCHAR = 1042,
    OID_VARCHAR = 1043,
    OID_DATE = 1082,
    OID_TIME = 1083,
    OID_TIMESTAMP = 1114,
    OID_TIMESTAMPTZ = 1184,
    OID_INTERVAL = 1186,
    OID_NUMERIC = 1700,
    OID_UUID = 2950,
    OID_JSONB = 3802
};

enum { OID_FIRST_OTHER = 16384 }; /* what is below is PostgreSQL's own */

/* Modifiers count the header of a value too. */
enum { MODIFIER_OFFSET = 4 };

/* What kind of loss a cast to the type could hide. */
enum loss { LOSS_NONE, LOSS_CUT, LOSS_ROUNDED };

static const struct {
    uint32_t oid, array;
    enum loss loss;
} targets[TYPE_BASE_COUNT] = {
    [TYPE_INT8] = {OID_INT2, 1005, LOSS_ROUNDED},
    [TYPE_INT16] = {OID_INT2, 1005, LOSS_ROUNDED},
    [TYPE_INT32] = {OID_INT4, 1007, LOSS_ROUNDED},
    [TYPE_INT64] = {OID_INT8, 1016, LOSS_ROUNDED},
    [TYPE_FLOAT16] = {OID_FLOAT4, 1021, LOSS_ROUNDED},
    [TYPE_FLOAT32] = {OID_FLOAT4, 1021, LOSS_ROUNDED},
    [TYPE_FLOAT64] = {OID_FLOAT8, 1022, LOSS_ROUNDED},
    [TYPE_DECIMAL] = {OID_NUMERIC, 1231, LOSS_ROUNDED},
    [TYPE_BOOLEAN] = {OID_BOOL, 1000, LOSS_ROUNDED},
    [TYPE_DATE] = {OID_DATE, 1182, LOSS_ROUNDED},
    [TYPE_TIME] = {OID_TIME, 1183, LOSS_ROUNDED},
    [TYPE_TIMESTAMP] = {OID_TIMESTAMP, 1115, LOSS_ROUNDED},
    [TYPE_TIMESTAMPTZ] = {OID_TIMESTAMPTZ, 1185, LOSS_ROUNDED},
    [TYPE_INTERVAL] = {OID_INTERVAL, 1187, LOSS_NONE},
    [TYPE_CHAR] = {OID_BPCHAR, 1014, LOSS_CUT},
    [TYPE_VARCHAR] = {OID_VARCHAR, 1015, LOSS_CUT},
    [TYPE_TEXT] = {OID_TEXT, 1009, LOSS_NONE},
    [TYPE_UUID] = {OID_UUID, 2951, LOSS_NONE},
    [TYPE_JSON] = {OID_JSONB, 3807, LOSS_NONE},
    [TYPE_BINARY] = {OID_BYTEA, 1001, LOSS_NONE},
    /* A vector is made of 32-bit numbers, whatever its source computed it with. */
    [TYPE_VECTOR] = {1021, 0, LOSS_NONE},
};

/* Casts between types of a kind that lose nothing (a number too large is an error of the cast itself). */
static const struct {
    uint32_t from, to;
} widenings[] = {
    {OID_INT2, OID_INT4},
    {OID_INT2, OID_INT8},
    {OID_INT2, OID_FLOAT4},
    {OID_INT2, OID_FLOAT8},
    {OID_INT2, OID_NUMERIC},
    {OID_INT4, OID_INT8},
    {OID_INT4, OID_FLOAT8},
    {OID_INT4, OID_NUMERIC},
    {OID_INT8, OID_NUMERIC},
    {OID_FLOAT4, OID_FLOAT8},
    {OID_DATE, OID_TIMESTAMP},
    {OID_DATE, OID_TIMESTAMPTZ},
    {OID_TIMESTAMP, OID_TIMESTAMPTZ},
    {OID_TIMESTAMPTZ, OID_TIMESTAMP},
};

static bool is_widening(uint32_t from, uint32_t to)
{
    for (size_t i = 0; i < sizeof widenings / sizeof *widenings; i++)
        if (widenings[i].from == from && widenings[i].to == to)
            return true;
    return false;
}

/* Whether each value of the source's type, with its modifier, is one of the target's of the same OID. */
static bool modifier_fits(const struct sql_column *from, const struct datatype *to)
{
    int32_t modifier = from->modifier - MODIFIER_OFFSET;
    switch (to->base) {
    case TYPE_VARCHAR:
    case TYPE_CHAR:
        return from->modifier >= 0 && modifier <= to->length;
    case TYPE_DECIMAL: /* precision in the upper half; the scale is signed, in 11 bits, since version 15 */
        return from->modifier >= 0 && modifier >> 16 == to->length && (((modifier & 0x7ff) ^ 1024) - 1024) == to->scale;
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

static bool is_text(uint32_t oid)
{
    return oid == OID_VARCHAR || oid == OID_BPCHAR;
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

/* The condition under which the cast changes the value; NULL: it never does, or an error of the cast says so. */
static const char *loss_condition(struct arena *arena, const char *name, const struct sql_column *from,
                                  const struct work_column *to)
{
    const struct datatype *type = &to->type;
    enum loss loss = targets[type->base].loss;
    /* Numbers, dates, times of the day; texts are read by the target type's own rules. */
    bool comparable = from->category == 'N' || from->category == 'D' || from->category == 'A';
    if (loss == LOSS_CUT && !type->array)
        return is_text(from->type) && from->modifier >= 0 && from->modifier - MODIFIER_OFFSET <= type->length
                   ? NULL
                   : arena_printf(arena, "pg_catalog.char_length(%s::text) > %lld", name, (long long)type->length);
    if (type->base == TYPE_VECTOR)
        return arena_printf(arena, "pg_catalog.cardinality(%s::%s) <> %lld", name, to->sql, (long long)type->length);
    if (loss == LOSS_NONE || !comparable || (!type->array && is_widening(from->type, targets[type->base].oid)))
        return NULL;
    /* A numeric of no larger scale is not rounded. */
    if (!type->array && from->type == OID_NUMERIC && type->base == TYPE_DECIMAL && from->modifier >= 0 &&
        ((((from->modifier - MODIFIER_OFFSET) & 0x7ff) ^ 1024) - 1024) <= type->scale)
        return NULL;
    return arena_printf(arena, "%s::%s::%s is distinct from %s", name, to->sql, from->text, name);
}

struct sql_cast sql_cast_column(struct arena *arena, const struct sql_column *from, const struct work_column *to)
{
    struct sql_cast cast = {0};
    const char *name = quoted(arena, from->name), *type = datatype_text(arena, &to->type);
    cast.plain = is_same(from, &to->type);
    cast.generated = from->generated;
    cast.extension = from->type >= OID_FIRST_OTHER;
    cast.value = cast.plain ? name : arena_printf(arena, "%s::%s", name, to->sql);
    if (!to->nullable && !from->not_null)
        add_misfit(&cast, to->name, arena_printf(arena, "%s is null", name), "null where the model says not null");
    const char *condition = !cast.plain || to->type.base == TYPE_VECTOR ? loss_condition(arena, name, from, to) : NULL;
    if (condition)
        add_misfit(&cast, to->name, condition,
                   arena_printf(arena,
                                targets[to->type.base].loss == LOSS_CUT && !to->type.array ? "longer than %s"
                                                                                           : "does not fit %s exactly",
                                type));
    if (to->type.base == TYPE_INT8)
        add_misfit(&cast, to->name,
                   arena_printf(arena, to->type.array ? "-128 > any (%s) or 127 < any (%s)" : "%s < -128 or %s > 127",
                                name, name),
                   arena_printf(arena, "out of the range of %s", type));
    return cast;
}
