#include "cli/config.h"

#include "base/file.h"
#include "cli/database.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <unistd.h>

static struct arena *arena;
static struct err err;
static struct config config;
static char folder[32];
static const char *file;

static void setup(void)
{
    arena = arena_new();
    (void)snprintf(folder, sizeof folder, "/tmp/yellow-test-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    file = arena_printf(arena, "%s/c.yaml", folder);
}

static void teardown(void)
{
    (void)file_remove_tree(folder, ERR_IGNORED);
    arena_free(arena);
}

TestSuite(config, .init = setup, .fini = teardown);

/* Flags separated by spaces, variables as an array, the text of the file or NULL. */
static int load(const char *flags, const char *const *env, const char *yaml)
{
    static const char *const nothing[] = {NULL};
    const struct cli_option *const tables[] = {config_options(CONFIG_OF_DATABASE | CONFIG_OF_SERVE), NULL};
    char *argv[16];
    int argc = 0;
    struct cli_args args;
    struct str rest = str_from(flags);
    err = (struct err){0};
    if (yaml) {
        cr_assert_eq(file_write(file, str_from(yaml), 0600, &err), 0, "%s", err.text);
        argv[argc++] = arena_printf(arena, "--config=%s", file);
    }
    while (rest.len) {
        struct str word = str_cut(&rest, ' ');
        argv[argc++] = arena_strndup(arena, word.data, word.len);
    }
    cr_assert_eq(cli_parse(arena, tables, argc, argv, &args, &err), 0, "%s", err.text);
    return config_load(&args, env ? env : nothing, &config, &err);
}

Test(config, a_flag_wins_over_the_environment_that_over_the_file_that_over_the_default)
{
    const char *const env[] = {"YELLOW_PORT=2", "YELLOW_WORKERS=20", "YELLOW_PORTS=9", "YELLOW_LISTEN=", NULL};
    cr_assert_eq(load("--port 1", env, "workers: 5\nhttp:\n  port: 3\n  body_memory: 64MiB\n"), 0, "%s", err.text);
    cr_assert_eq(config_number(&config, CONFIG_PORT), 1);
    cr_assert_str_eq(config.values[CONFIG_PORT].origin, "flag --port");
    cr_assert_eq(config_number(&config, CONFIG_WORKERS), 20);
    cr_assert_str_eq(config.values[CONFIG_WORKERS].origin, "environment YELLOW_WORKERS");
    cr_assert_eq(config_number(&config, CONFIG_BODY_MEMORY), 67108864);
    cr_assert_str_eq(config.values[CONFIG_BODY_MEMORY].origin, arena_printf(arena, "file %s:4", file));
    cr_assert_eq(config_number(&config, CONFIG_CLAIM_LEASE), 60000);
    cr_assert_str_eq(config.values[CONFIG_CLAIM_LEASE].origin, "default");
    cr_assert_str_eq(config_text(&config, CONFIG_LISTEN), "127.0.0.1");
}

Test(config, the_environment_may_name_the_file)
{
    const char *const env[] = {arena_printf(arena, "YELLOW_CONFIG=%s", file), NULL};
    cr_assert_eq(file_write(file, STR("state: /srv\n"), 0600, &err), 0);
    cr_assert_eq(load("", env, NULL), 0, "%s", err.text);
    cr_assert_str_eq(config_text(&config, CONFIG_STATE), "/srv");
}

Test(config, mistakes_name_the_flag_the_variable_or_the_place_in_the_file)
{
    const struct {
        const char *flags, *env, *yaml;
        int rc;
        const char *text;
    } cases[] = {
        {"--port x", NULL, NULL, -ERR_USAGE, "--port: \"x\" is not a number"},
        {"--port 65536", NULL, NULL, -ERR_USAGE, "--port: 65536 is out of range: 0 to 65535"},
        {"--body-memory 32MiB", NULL, NULL, -ERR_USAGE, "--body-memory: 32MiB is out of range: 64MiB to 64GiB"},
        {"--header-deadline 2h", NULL, NULL, -ERR_USAGE, "--header-deadline: 2h is out of range: 1ms to 10m"},
        {"--run-lease 5", NULL, NULL, -ERR_USAGE, "--run-lease: \"5\" is not a time such as 500ms, 30s, 5m or 2h"},
        {"--body-memory 5MB", NULL, NULL, -ERR_USAGE,
         "--body-memory: \"5MB\" is not a size such as 512KiB, 25MiB or 1GiB"},
        {"--body-memory 99999999999TiB", NULL, NULL, -ERR_USAGE,
         "--body-memory: \"99999999999TiB\" is not a size such as 512KiB, 25MiB or 1GiB"},
        {"", "YELLOW_LOG_LEVEL=loud", NULL, -ERR_INVALID,
         "YELLOW_LOG_LEVEL: \"loud\" is none of: debug info warn error"},
        {"", NULL, "http:\n  prot: 1\n", -ERR_INVALID, "FILE:2:3: unknown setting http.prot"},
        {"", NULL, "http: 1\n", -ERR_INVALID, "FILE:1:7: http holds settings, not a value"},
        {"", NULL, "workers: [1]\n", -ERR_INVALID, "FILE:1:10: workers: not a single value"},
        {"", NULL, "workers: many\n", -ERR_INVALID, "FILE:1:10: workers: \"many\" is not a number"},
        {"", NULL, "- 1\n", -ERR_INVALID, "FILE:1:1: not a mapping of settings"},
        {"--config /nowhere/c", NULL, NULL, -ERR_NOT_FOUND, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *const env[] = {cases[i].env, NULL};
        cr_assert_eq(load(cases[i].flags, env, cases[i].yaml), cases[i].rc, "case %zu: %s", i, err.text);
        const char *wanted = cases[i].text;
        if (wanted && strncmp(wanted, "FILE", 4) == 0)
            wanted = arena_printf(arena, "%s%s", file, wanted + 4);
        if (wanted)
            cr_assert_str_eq(err.text, wanted);
    }
}

Test(config, explaining_shows_where_values_come_from_and_no_secret)
{
    struct buf *out = buf_new(arena);
    cr_assert_eq(load("--database postgresql://u:sesame@h/d --port 99", NULL, NULL), 0, "%s", err.text);
    config_explain(arena, &config, false, out);
    cr_assert_null(strstr(buf_text(out), "sesame"));
    cr_assert_eq(strncmp(buf_text(out), "database.url                 set                      flag --database\n", 69),
                 0);
    cr_assert_not_null(strstr(buf_text(out), "\nhttp.port                    99                       flag --port\n"));
    buf_cut(out, 0);
    config_explain(arena, &config, true, out);
    cr_assert_null(strstr(buf_text(out), "sesame"));
    cr_assert_not_null(strstr(buf_text(out), "{\"setting\":\"http.port\",\"value\":\"99\",\"origin\":\"flag --port\","
                                             "\"flag\":\"port\",\"environment\":\"YELLOW_PORT\"}"));
}

Test(config, every_setting_has_a_name_of_each_kind_and_a_good_default)
{
    cr_assert_eq(load("", NULL, NULL), 0, "%s", err.text);
    for (size_t i = 0; i < CONFIG_COUNT; i++) {
        const struct config_setting *s = &config_settings[i];
        cr_assert(s->flag && s->path && s->doc && s->operand && s->value && s->groups);
        cr_assert(str_starts(str_from(s->env), STR("YELLOW_")));
        for (size_t j = 0; j < i; j++) {
            cr_assert_str_neq(s->flag, config_settings[j].flag);
            cr_assert_str_neq(s->env, config_settings[j].env);
            cr_assert_str_neq(s->path, config_settings[j].path);
        }
    }
}

Test(config, one_database_is_chosen)
{
    const char *dir = NULL;
    const char *const env[] = {"YELLOW_DATABASE=postgresql:///x", NULL};
    cr_assert_eq(load("", NULL, NULL), 0);
    cr_assert_eq(database_choose(&config, &dir, &err), -ERR_USAGE);
    cr_assert_str_eq(err.text, "no database is set");
    cr_assert_eq(load("--embedded-postgres /d", env, NULL), 0);
    cr_assert_eq(database_choose(&config, &dir, &err), 0);
    cr_assert_str_eq(dir, "/d");
    cr_assert_eq(load("", env, "database: {embedded: /d}\n"), 0);
    cr_assert_eq(database_choose(&config, &dir, &err), 0);
    cr_assert_null(dir);
    cr_assert_eq(load("--embedded-postgres /d --database postgresql:///x", NULL, NULL), 0);
    cr_assert_eq(database_choose(&config, &dir, &err), -ERR_USAGE);
    cr_assert_str_eq(err.text,
                     "both a database and an embedded one are set (flag --database, flag --embedded-postgres)");
}
