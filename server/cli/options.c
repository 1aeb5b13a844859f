#include "cli/options.h"

#include "base/str.h"
#include "base/vec.h"

static const struct cli_option *find(const struct cli_option *const *tables, struct str name)
{
    for (; *tables; tables++)
        for (const struct cli_option *option = *tables; option->name; option++)
            if (str_eqz(name, option->name))
                return option;
    return NULL;
}

static int unknown(const struct cli_option *const *tables, struct str name, struct err *err)
{
    const char *nearest = NULL;
    size_t best = 3;
    (void)err_set(err, ERR_USAGE, "unknown option --" STR_FMT, STR_ARG(name));
    for (; *tables; tables++)
        for (const struct cli_option *option = *tables; option->name; option++) {
            size_t distance = str_distance(name, str_from(option->name), 2);
            if (distance < best) {
                best = distance;
                nearest = option->name;
            }
        }
    return nearest ? err_hint(err, "did you mean --%s", nearest) : -ERR_USAGE;
}

static int check_required(const struct cli_option *const *tables, const struct cli_args *args, struct err *err)
{
    for (; *tables; tables++)
        for (const struct cli_option *option = *tables; option->name; option++)
            if ((option->flags & CLI_REQUIRED) && !cli_has(args, option->name))
                return err_set(err, ERR_USAGE, "--%s %s is needed", option->name, option->value);
    return 0;
}

int cli_parse(struct arena *arena, const struct cli_option *const *tables, int argc, char *const *argv,
              struct cli_args *out, struct err *err)
{
    vec(struct cli_given) given = {0};
    vec(const char *) operands = {0};
    bool options_end = false;
    *out = (struct cli_args){.arena = arena};
    for (int i = 0; i < argc; i++) {
        struct str name = str_from(argv[i]);
        if (options_end || name.len < 2 || name.data[0] != '-') {
            *vec_push(arena, &operands) = argv[i];
            continue;
        }
        if (str_eqz(name, "--")) {
            options_end = true;
            continue;
        }
        if (str_eqz(name, "--help") || str_eqz(name, "-h")) {
            out->help = true;
            return 0;
        }
        if (name.data[1] != '-')
            return err_set(err, ERR_USAGE, "unknown option %s", argv[i]);
        struct str value = {name.data + 2, name.len - 2};
        name = str_cut(&value, '=');
        const struct cli_option *option = find(tables, name);
        if (!option)
            return unknown(tables, name, err);
        if (!option->value && value.data)
            return err_set(err, ERR_USAGE, "--%s takes no value", option->name);
        if (option->value && !value.data) {
            if (++i == argc)
                return err_set(err, ERR_USAGE, "--%s needs a value: %s", option->name, option->value);
            value = str_from(argv[i]);
        }
        for (size_t j = 0; !(option->flags & CLI_MANY) && j < given.len; j++)
            if (given.items[j].option == option)
                return err_set(err, ERR_USAGE, "--%s is given twice", option->name);
        *vec_push(arena, &given) = (struct cli_given){option, value.data ? value.data : ""};
    }
    out->given = given.items;
    out->given_count = given.len;
    out->operands = operands.items;
    out->operand_count = operands.len;
    return check_required(tables, out, err);
}

const char *cli_value(const struct cli_args *args, const char *name)
{
    const char *value = NULL;
    for (size_t i = 0; i < args->given_count; i++)
        if (strcmp(args->given[i].option->name, name) == 0)
            value = args->given[i].value;
    return value;
}

bool cli_has(const struct cli_args *args, const char *name)
{
    return cli_value(args, name) != NULL;
}

size_t cli_values(const struct cli_args *args, const char *name, const char *const **out)
{
    const char **values = arena_calloc(args->arena, args->given_count + 1, sizeof *values);
    size_t n = 0;
    for (size_t i = 0; i < args->given_count; i++)
        if (strcmp(args->given[i].option->name, name) == 0)
            values[n++] = args->given[i].value;
    *out = values;
    return n;
}
