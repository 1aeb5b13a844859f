#include "cli/command.h"
#include "pg/cluster.h"
#include "store/repository.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <stdlib.h>

static struct arena *arena;
static const char *url;
static struct err err;

static void setup(void)
{
    arena = arena_new();
    url = test_database(arena);
    err = (struct err){0};
    setenv("YELLOW_DATABASE", url, 1);
    setenv("HOOK_SECRET", "sixteen bytes or more", 1);
    cr_redirect_stdout();
    cr_redirect_stderr();
}

static void teardown(void)
{
    arena_free(arena);
}

TestSuite(cli_ecosystem, .init = setup, .fini = teardown);

static int yellow(const char *const *words)
{
    char *argv[16] = {(char *)"yellow"};
    int argc = 1;
    for (; *words; words++)
        argv[argc++] = (char *)*words;
    return command_main(argc, argv);
}
#define YELLOW(...) yellow((const char *const[]){__VA_ARGS__, NULL})

static struct ecosystem_row get(const char *name)
{
    struct ecosystem_row row;
    struct pg *pg = test_connect(url);
    cr_assert_eq(ecosystem_get(pg, arena, name, &row, &err), 0, "%s", err.text);
    pg_close(pg);
    return row;
}

Test(cli_ecosystem, add_registers_and_replace_changes)
{
    cr_assert_eq(YELLOW("ecosystem", "add", "acme", "--url", "file:///srv/acme.git", "--secret-env", "HOOK_SECRET"), 0);
    struct ecosystem_row row = get("acme");
    cr_assert_str_eq(row.url, "file:///srv/acme.git");
    cr_assert_str_eq(row.branch, "main");
    cr_assert_str_eq(json_text(json_array_get(row.secrets, 0), "env"), "HOOK_SECRET");
    cr_assert_eq(YELLOW("ecosystem", "add", "acme", "--url", "file:///srv/b.git", "--secret-env", "HOOK_SECRET"), 1);
    cr_assert_str_eq(get("acme").url, "file:///srv/acme.git");
    cr_assert_eq(YELLOW("ecosystem", "add", "acme", "--url", "file:///srv/b.git", "--secret-env", "HOOK_SECRET",
                        "--branch", "release", "--path", "model", "--replace"),
                 0);
    row = get("acme");
    cr_assert_str_eq(row.url, "file:///srv/b.git");
    cr_assert_str_eq(row.branch, "release");
    cr_assert_str_eq(row.path, "model");
    cr_assert_eq(row.revision, 2);
    fflush(stdout);
    cr_assert_stdout_eq_str("added acme: file:///srv/acme.git, branch main\n"
                            "changed acme: file:///srv/b.git, branch release\n");
}

Test(cli_ecosystem, all_that_is_wrong_is_told_at_once_and_nothing_stored)
{
    cr_assert_eq(
        YELLOW("ecosystem", "add", "acme", "--url", "gopher://x/y", "--path", "../up", "--secret-env", "NOT_SET"), 1);
    fflush(stderr);
    struct ecosystem_row *rows;
    size_t n;
    struct pg *pg = test_connect(url);
    cr_assert_eq(ecosystem_list(pg, arena, "", 9, &rows, &n, &err), 0, "%s", err.text);
    cr_assert_eq(n, 0);
    pg_close(pg);
    cr_assert_eq(YELLOW("ecosystem", "add", "acme"), 2);
}

Test(cli_ecosystem, list_shows_them_by_name)
{
    cr_assert_eq(YELLOW("ecosystem", "add", "bolt", "--url", "file:///b", "--secret-env", "HOOK_SECRET"), 0);
    cr_assert_eq(YELLOW("ecosystem", "add", "acme", "--url", "file:///a", "--secret-env", "HOOK_SECRET"), 0);
    cr_assert_eq(YELLOW("ecosystem", "list"), 0);
    fflush(stdout);
    cr_assert_stdout_eq_str("added bolt: file:///b, branch main\n"
                            "added acme: file:///a, branch main\n"
                            "acme                     version 0      file:///a, branch main\n"
                            "bolt                     version 0      file:///b, branch main\n");
}

Test(cli_ecosystem, another_repository_is_added_beside_the_ecosystems_own)
{
    struct ecosystem_row row;
    cr_assert_eq(YELLOW("ecosystem", "add", "acme", "--beside", "sales", "--url", "https://x.net/acme/sales.git",
                        "--secret-env", "HOOK_SECRET"),
                 1, "there is no acme");
    cr_assert_eq(
        YELLOW("ecosystem", "add", "acme", "--url", "https://x.net/acme/model.git", "--secret-env", "HOOK_SECRET"), 0);
    cr_assert_eq(YELLOW("ecosystem", "add", "acme", "--beside", "sales", "--url", "https://x.net/acme/sales.git",
                        "--secret-env", "HOOK_SECRET"),
                 0);
    cr_assert_neq(YELLOW("ecosystem", "add", "acme", "--beside", "evil", "--url", "https://y.net/acme/model.git",
                         "--secret-env", "HOOK_SECRET"),
                  0, "an owner is registered once");
    struct pg *pg = test_connect(url);
    cr_assert_eq(repository_get(pg, arena, "acme", "sales", &row, &err), 0, "%s", err.text);
    cr_assert_str_eq(row.repository, "acme/sales");
    cr_assert(row.shared);
    cr_assert_eq(repository_get(pg, arena, "acme", "evil", &row, &err), -ERR_NOT_FOUND);
    cr_assert_str_eq(err.text, "ecosystem acme has no repository evil");
    pg_close(pg);
}
