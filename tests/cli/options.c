#include "cli/options.h"

#include <criterion/criterion.h>

static const struct cli_option first[] = {
    {"name", "NAME", "a name", CLI_REQUIRED},
    {"scope", "SCOPE", "a scope", CLI_MANY},
    {0},
};
static const struct cli_option second[] = {
    {"json", NULL, "as JSON", 0},
    {0},
};
static const struct cli_option *const tables[] = {first, second, NULL};

static struct arena *arena;
static struct err err;

static void setup(void)
{
    arena = arena_new();
}

static void teardown(void)
{
    arena_free(arena);
}

TestSuite(options, .init = setup, .fini = teardown);

static int parse(struct cli_args *args, const char *a, const char *b, const char *c, const char *d)
{
    char *argv[] = {(char *)a, (char *)b, (char *)c, (char *)d, NULL};
    int argc = 0;
    while (argv[argc])
        argc++;
    err = (struct err){0};
    return cli_parse(arena, tables, argc, argv, args, &err);
}

Test(options, values_come_after_a_space_or_an_equals_sign)
{
    struct cli_args args;
    const char *const *scopes;
    cr_assert_eq(parse(&args, "--name=bob", "--scope", "a", "--scope=b=c"), 0, "%s", err.text);
    cr_assert_str_eq(cli_value(&args, "name"), "bob");
    cr_assert_eq(cli_values(&args, "scope", &scopes), 2);
    cr_assert_str_eq(scopes[0], "a");
    cr_assert_str_eq(scopes[1], "b=c");
    cr_assert_not(cli_has(&args, "json"));
    cr_assert_eq(parse(&args, "--name=", "--json", NULL, NULL), 0, "%s", err.text);
    cr_assert_str_eq(cli_value(&args, "name"), "");
    cr_assert(cli_has(&args, "json"));
}

Test(options, what_is_no_option_is_an_operand)
{
    struct cli_args args;
    cr_assert_eq(parse(&args, "dir", "--name=x", "--", "--json"), 0, "%s", err.text);
    cr_assert_eq(args.operand_count, 2);
    cr_assert_str_eq(args.operands[0], "dir");
    cr_assert_str_eq(args.operands[1], "--json");
    cr_assert_eq(parse(&args, "-", "--name=x", NULL, NULL), 0, "%s", err.text);
    cr_assert_str_eq(args.operands[0], "-");
}

Test(options, help_wins_over_what_is_missing)
{
    struct cli_args args;
    cr_assert_eq(parse(&args, "--json", "-h", NULL, NULL), 0);
    cr_assert(args.help);
}

Test(options, mistakes_are_named)
{
    static const struct {
        const char *argv[3], *text, *hint;
    } cases[] = {
        {{"--nam", "x"}, "unknown option --nam", "did you mean --name"},
        {{"--completely-else"}, "unknown option --completely-else", ""},
        {{"-x"}, "unknown option -x", ""},
        {{"--name"}, "--name needs a value: NAME", ""},
        {{"--name=x", "--name=y"}, "--name is given twice", ""},
        {{"--name=x", "--json=1"}, "--json takes no value", ""},
        {{"--json"}, "--name NAME is needed", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cli_args args;
        cr_assert_eq(parse(&args, cases[i].argv[0], cases[i].argv[1], cases[i].argv[2], NULL), -ERR_USAGE);
        cr_assert_str_eq(err.text, cases[i].text);
        cr_assert_str_eq(err.hint, cases[i].hint);
    }
}
