#include "cli/command.h"

#include "base/str.h"
#include "cli/config.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>

static struct err err;

static int find(const char *a, const char *b, const struct command **out, int *words)
{
    char *argv[] = {(char *)a, (char *)b, NULL};
    err = (struct err){0};
    return command_find(b ? 2 : 1, argv, out, words, &err);
}

Test(command, a_name_may_have_two_words)
{
    const struct command *command = NULL;
    int words = 0;
    cr_assert_eq(find("token", "create", &command, &words), 0, "%s", err.text);
    cr_assert_eq(command, &cmd_token_create);
    cr_assert_eq(words, 2);
    cr_assert_eq(find("version", NULL, &command, &words), 0, "%s", err.text);
    cr_assert_eq(command, &cmd_version);
    cr_assert_eq(words, 1);
}

Test(command, an_unknown_one_is_answered_with_the_nearest)
{
    static const struct {
        const char *a, *b, *text, *hint;
    } cases[] = {
        {"serv", NULL, "unknown command serv", "did you mean: yellow serve"},
        {"token", "creat", "unknown command token creat", "did you mean: yellow token create"},
        {"token", NULL, "token: a command is missing", "yellow token --help"},
        {"sing-a-song", NULL, "unknown command sing-a-song", "yellow help lists them"},
        {"git-fetcj", NULL, "unknown command git-fetcj", "yellow help lists them"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct command *command = NULL;
        int words = 0;
        cr_assert_eq(find(cases[i].a, cases[i].b, &command, &words), -ERR_USAGE);
        cr_assert_str_eq(err.text, cases[i].text);
        cr_assert_str_eq(err.hint, cases[i].hint);
    }
}

Test(command, the_table_is_complete_and_without_doubles)
{
    for (const struct command *const *c = command_table; *c; c++) {
        cr_assert((*c)->name && !(*c)->run != !(*c)->run_hidden, "%s", (*c)->name);
        cr_assert((*c)->run_hidden || (*c)->summary, "%s", (*c)->name);
        for (const struct command *const *d = command_table; d < c; d++)
            cr_assert_str_neq((*c)->name, (*d)->name);
        const struct cli_option *settings = config_options((*c)->settings);
        for (const struct cli_option *o = (*c)->options; o && o->name; o++)
            for (const struct cli_option *s = settings; s->name; s++)
                cr_assert_str_neq(o->name, s->name);
    }
}

static int main_of(const char *a, const char *b, const char *c)
{
    char *argv[] = {"yellow", (char *)a, (char *)b, (char *)c, NULL};
    int argc = 0;
    while (argv[argc])
        argc++;
    return command_main(argc, argv);
}

Test(command, exit_codes_tell_usage_from_the_rest, .init = cr_redirect_stderr)
{
    cr_assert_eq(main_of(NULL, NULL, NULL), 2);
    cr_assert_eq(main_of("nonsense", NULL, NULL), 2);
    cr_assert_eq(main_of("version", "x", NULL), 2);
    cr_assert_eq(main_of("migrate", NULL, NULL), 2);
    cr_assert_eq(main_of("token", "create", "--name=x"), 2);
    cr_assert_eq(main_of("migrate", "--database", "host=/nowhere"), 3);
    cr_assert_eq(main_of("migrate", "--config", "/nowhere"), 1);
}

Test(command, the_version_is_printed, .init = cr_redirect_stdout)
{
    cr_assert_eq(main_of("--version", NULL, NULL), 0);
    cr_assert_stdout_eq_str("yellow " YELLOW_VERSION "\n");
}

Test(command, help_shows_options_and_exit_codes, .init = cr_redirect_stdout)
{
    cr_assert_eq(main_of("token", "revoke", "--help"), 0);
    cr_assert_stdout_eq_str(
        "Usage: yellow token revoke NAME [options]\n\n  end a token now\n\nOptions:\n"
        "  --config FILE                a YAML file of settings\n"
        "  --database URL               PostgreSQL to use: postgresql://user@host:5432/name\n"
        "  --embedded-postgres DIR      a private PostgreSQL in DIR instead\n"
        "  --connect-deadline TIME      for connecting to the database\n"
        "  --help                       this text\n\n"
        "A setting comes from its flag, else from its environment variable, else from the file that --config or\n"
        "YELLOW_CONFIG names, else it has its default: yellow serve --check-config shows all of them.\n\n"
        "Exit codes: 0 done, 1 the model or the input is wrong, 2 usage, 3 the environment failed.\n");
}

Test(command, a_scope_that_no_route_asks_for_is_refused, .init = cr_redirect_stderr)
{
    char *argv[] = {"yellow", "token", "create", "--name=x", "--scope=sing", NULL};
    cr_assert_eq(command_main(5, argv), 2);
    (void)fflush(stderr);
    char text[400];
    size_t len = fread(text, 1, sizeof text - 1, cr_get_redirected_stderr());
    text[len] = '\0';
    static const char expected[] = "yellow: --scope: nothing asks for \"sing\"\nhint: one of: admin, ";
    cr_assert_eq(strncmp(text, expected, sizeof expected - 1), 0, "%s", text);
}
