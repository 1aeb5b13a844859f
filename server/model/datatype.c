#include "model/datatype.h"

/* int8 has no SQL type of its own: smallint holds it. vector is kept as an array, which needs no extension; geography
 * has no such stand-in. */
const struct type_info type_infos[TYPE_BASE_COUNT] = {
    [TYPE_INT8] = {"int8", 0, {0}, "smallint", true, true},
    [TYPE_INT16] = {"int16", 0, {0}, "smallint", true, true},
    [TYPE_INT32] = {"int32", 0, {0}, "integer", true, true},
    [TYPE_INT64] = {"int64", 0, {0}, "bigint", true, true},
    [TYPE_FLOAT16] = {"float16", 0, {0}, "real", false, false},
    [TYPE_FLOAT32] = {"float32", 0, {0}, "real", false, false},
    [TYPE_FLOAT64] = {"float64", 0, {0}, "double precision", false, false},
    [TYPE_DECIMAL] = {"decimal", 2, {1000, 1000}, "numeric(%)", true, true},
    [TYPE_BOOLEAN] = {"boolean", 0, {0}, "boolean", false, true},
    [TYPE_DATE] = {"date", 0, {0}, "date", true, true},
    [TYPE_TIME] = {"time", 0, {0}, "time", false, true},
    [TYPE_TIMESTAMP] = {"timestamp", 0, {0}, "timestamp", true, true},
    [TYPE_TIMESTAMPTZ] = {"timestamptz", 0, {0}, "timestamptz", true, true},
    [TYPE_INTERVAL] = {"interval", 0, {0}, "interval", false, false},
    [TYPE_CHAR] = {"char", 1, {10485760, 0}, "character(%)", false, true},
    [TYPE_VARCHAR] = {"varchar", 1, {10485760, 0}, "character varying(%)", false, true},
    [TYPE_TEXT] = {"text", 0, {0}, "text", false, true},
    [TYPE_UUID] = {"uuid", 0, {0}, "uuid", false, true},
    [TYPE_JSON] = {"json", 0, {0}, "jsonb", false, false},
    [TYPE_BINARY] = {"binary", 0, {0}, "bytea", false, true},
    [TYPE_VECTOR] = {"vector", 1, {16000, 0}, "real[]", false, false},
    [TYPE_GEOGRAPHY] = {"geography", 0, {0}, NULL, false, false},
};

static int parse_arguments(const struct type_info *info, struct str whole, struct str text, struct datatype *out,
                           struct err *err)
{
    int64_t values[2] = {0};
    int n = 0;
    while (text.data) {
        struct str argument = str_trim(str_cut(&text, ','));
        if (n == info->arguments || !str_int64(argument, n == 0, info->max[n], &values[n]))
            return err_set(err, ERR_INVALID, "type \"" STR_FMT "\": %s takes %d number%s, at most %lld", STR_ARG(whole),
                           info->name, info->arguments, info->arguments == 1 ? "" : "s", (long long)info->max[0]);
        n++;
    }
    if (n != info->arguments)
        return err_set(err, ERR_INVALID, "type \"" STR_FMT "\": %s takes %d number%s", STR_ARG(whole), info->name,
                       info->arguments, info->arguments == 1 ? "" : "s");
    if (info == &type_infos[TYPE_DECIMAL] && values[1] > values[0])
        return err_set(err, ERR_INVALID, "type \"" STR_FMT "\": the scale is larger than the precision",
                       STR_ARG(whole));
    out->length = values[0];
    out->scale = values[1];
    return 0;
}

static int parse_base(struct str whole, struct str text, struct datatype *out, struct err *err)
{
    struct str rest = text, name = str_trim(str_cut(&rest, '('));
    for (int base = 0; base < TYPE_BASE_COUNT; base++) {
        const struct type_info *info = &type_infos[base];
        if (!name.len || name.data[0] != info->name[0] || !str_eqz(name, info->name))
            continue;
        out->base = (enum type_base)base;
        if (!rest.data && info->arguments == 0)
            return 0;
        rest = str_trim(rest);
        if (rest.data && info->arguments == 0)
            return err_set(err, ERR_INVALID, "type \"" STR_FMT "\": %s takes no length", STR_ARG(whole), info->name);
        if (rest.len && rest.data[rest.len - 1] == ')')
            return parse_arguments(info, whole, (struct str){rest.data, rest.len - 1}, out, err);
        if (rest.data)
            return err_set(err, ERR_INVALID, "type \"" STR_FMT "\" has no closing bracket", STR_ARG(whole));
        return err_set(err, ERR_INVALID, "type \"" STR_FMT "\": %s takes %d number%s", STR_ARG(whole), info->name,
                       info->arguments, info->arguments == 1 ? "" : "s");
    }
    return err_set(err, ERR_INVALID, "\"" STR_FMT "\" is no type", STR_ARG(whole));
}

int datatype_parse(struct str text, struct datatype *out, struct err *err)
{
    struct datatype type = {0};
    for (int base = 0; base < TYPE_BASE_COUNT; base++) /* as most are, and most models have very many */
        if (type_infos[base].arguments == 0 && str_eqz(text, type_infos[base].name)) {
            *out = (struct datatype){.base = (enum type_base)base};
            return 0;
        }
    struct str whole = str_trim(text), inner = whole;
    if (str_starts(whole, STR("array<")) && str_ends(whole, STR(">"))) {
        inner = str_trim((struct str){whole.data + 6, whole.len - 7});
        type.array = true;
        if (str_starts(inner, STR("array<")))
            return err_set(err, ERR_INVALID, "type \"" STR_FMT "\": an array of arrays is not supported",
                           STR_ARG(whole));
    }
    int rc = parse_base(whole, inner, &type, err);
    if (rc == 0)
        *out = type;
    return rc;
}

static const char *arguments(struct arena *arena, const struct datatype *type)
{
    const struct type_info *info = &type_infos[type->base];
    if (info->arguments == 2)
        return arena_printf(arena, "%lld,%lld", (long long)type->length, (long long)type->scale);
    return info->arguments == 1 ? arena_printf(arena, "%lld", (long long)type->length) : "";
}

const char *datatype_text(struct arena *arena, const struct datatype *type)
{
    const struct type_info *info = &type_infos[type->base];
    if (info->arguments == 0 && !type->array)
        return info->name;
    const char *base = info->arguments ? arena_printf(arena, "%s(%s)", info->name, arguments(arena, type)) : info->name;
    return type->array ? arena_printf(arena, "array<%s>", base) : base;
}

bool datatype_has_sql(const struct datatype *type)
{
    return type_infos[type->base].sql && !(type->array && type->base == TYPE_VECTOR);
}

const char *datatype_sql(struct arena *arena, const struct datatype *type)
{
    const char *sql = type_infos[type->base].sql;
    if (!datatype_has_sql(type))
        return NULL;
    const char *hole = strchr(sql, '%');
    if (hole)
        sql = arena_printf(arena, "%.*s%s%s", (int)(hole - sql), sql, arguments(arena, type), hole + 1);
    return type->array ? arena_printf(arena, "%s[]", sql) : sql;
}

bool datatype_orders(const struct datatype *type)
{
    return !type->array && type_infos[type->base].orders;
}

bool datatype_can_be_key(const struct datatype *type)
{
    return !type->array && type_infos[type->base].key;
}
