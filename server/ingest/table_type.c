#include "ingest/table_type.h"

#include "base/str.h"

/* Names of one type, the first as the catalog writes it; among families, the wider stands later. */
enum family { FAMILY_NONE, FAMILY_INTEGER, FAMILY_FLOAT, FAMILY_TEXT, FAMILY_NUMERIC, FAMILY_CHAR };
static const struct sql_type {
    const char *name, *alias;
    enum family family;
    enum type_base base; /* of a family of numbers or characters */
} types[] = {
    {"smallint", "", FAMILY_INTEGER, TYPE_INT16},
    {"integer", "", FAMILY_INTEGER, TYPE_INT32},
    {"bigint", "", FAMILY_INTEGER, TYPE_INT64},
    {"real", "", FAMILY_FLOAT, TYPE_FLOAT32},
    {"double precision", "", FAMILY_FLOAT, TYPE_FLOAT64},
    {"character varying", "", FAMILY_TEXT, TYPE_VARCHAR},
    {"text", "", FAMILY_TEXT, TYPE_TEXT},
    {"numeric", "", FAMILY_NUMERIC, TYPE_DECIMAL},
    {"character", "", FAMILY_CHAR, TYPE_CHAR},
    {"time without time zone", "time", FAMILY_NONE, TYPE_BASE_COUNT},
    {"timestamp without time zone", "timestamp", FAMILY_NONE, TYPE_BASE_COUNT},
    {"timestamp with time zone", "timestamptz", FAMILY_NONE, TYPE_BASE_COUNT},
};

struct parsed {
    struct str name;
    const struct sql_type *type; /* NULL: one that has no family and no alias */
    int64_t argument[2];         /* INT64_MAX: without limit */
    bool array;
};

static struct parsed parse(const char *text)
{
    struct parsed out = {.argument = {INT64_MAX, 0}};
    struct str rest = str_from(text);
    if (str_ends(rest, STR("[]"))) {
        out.array = true;
        rest.len -= 2;
    }
    if (str_ends(rest, STR(")")))
        rest.len--;
    out.name = str_cut(&rest, '(');
    for (int i = 0; i < 2 && rest.data; i++) {
        struct str argument = str_cut(&rest, ',');
        (void)str_int64(argument, 0, INT64_MAX, &out.argument[i]);
    }
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (str_eqz(out.name, types[i].name) || (*types[i].alias && str_eqz(out.name, types[i].alias)))
            out.type = &types[i];
    return out;
}

static enum type_follow follow(struct parsed a, struct parsed b)
{
    bool equal = a.argument[0] == b.argument[0] && a.argument[1] == b.argument[1];
    if (a.array != b.array)
        return TYPE_REFUSE;
    if (!a.type || !b.type)
        return str_eq(a.name, b.name) && equal ? TYPE_SAME : TYPE_REFUSE;
    if (a.type == b.type && equal)
        return TYPE_SAME;
    if (a.type->family != b.type->family)
        return TYPE_REFUSE;
    switch (a.type->family) {
    case FAMILY_INTEGER:
    case FAMILY_FLOAT:
        return a.type < b.type ? TYPE_WIDEN : TYPE_REFUSE;
    case FAMILY_TEXT: /* text is a varchar without limit, and both have the same bytes */
        return a.type == b.type  ? a.argument[0] < b.argument[0] ? TYPE_WIDEN : TYPE_SAME
               : a.type < b.type ? TYPE_WIDEN
                                 : TYPE_SAME;
    case FAMILY_CHAR: /* values are as long as their type */
        return a.argument[0] < b.argument[0] ? TYPE_WIDEN : TYPE_REFUSE;
    case FAMILY_NUMERIC: /* room before the point and after it */
        return a.argument[1] <= b.argument[1] && a.argument[0] - a.argument[1] <= b.argument[0] - b.argument[1]
                   ? TYPE_WIDEN
                   : TYPE_REFUSE;
    case FAMILY_NONE:
        break;
    }
    return TYPE_REFUSE;
}

enum type_follow table_type_follow(const char *there, const char *wanted)
{
    struct parsed a = parse(there), b = parse(wanted);
    enum type_follow there_to_wanted = follow(a, b);
    return there_to_wanted == TYPE_REFUSE && follow(b, a) == TYPE_WIDEN ? TYPE_KEEP : there_to_wanted;
}

bool table_type_keep(const char *there, struct datatype *type)
{
    struct parsed parsed = parse(there);
    if (!parsed.type || parsed.type->family == FAMILY_NONE || parsed.array != type->array)
        return false;
    bool sized = parsed.type->family == FAMILY_NUMERIC || parsed.type->family == FAMILY_CHAR;
    if (sized && parsed.argument[0] == INT64_MAX)
        return false;
    type->base = parsed.type->base;
    type->length = sized ? parsed.argument[0] : 0;
    type->scale = sized ? parsed.argument[1] : 0;
    return true;
}
