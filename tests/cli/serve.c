#include "cli/serve.h"

#include "base/file.h"
#include "base/log.h"
#include "pg/cluster.h"
#include "store/token.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

static struct arena *arena;
static struct err err;
static char folder[32];

/* Log lines, and a way to wait for one. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct buf logged;

static void keep(void *ctx, struct str line)
{
    (void)ctx;
    (void)pthread_mutex_lock(&lock);
    buf_add_str(&logged, line);
    (void)pthread_cond_broadcast(&changed);
    (void)pthread_mutex_unlock(&lock);
}

static void wait_for(const char *event)
{
    (void)pthread_mutex_lock(&lock);
    while (!strstr(buf_text(&logged), event))
        (void)pthread_cond_wait(&changed, &lock);
    (void)pthread_mutex_unlock(&lock);
}

static void setup(void)
{
    arena = arena_new();
    (void)snprintf(folder, sizeof folder, "/tmp/yellow-test-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    log_set_sink(keep, NULL);
}

static void teardown(void)
{
    log_set_sink(NULL, NULL);
    buf_dispose(&logged);
    (void)file_remove_tree(folder, ERR_IGNORED);
    arena_free(arena);
}

TestSuite(serve, .init = setup, .fini = teardown);

static void load(struct config *config, const char *database, const char *token_file)
{
    const struct cli_option *const tables[] = {config_options(CONFIG_OF_DATABASE | CONFIG_OF_SERVE), NULL};
    static const char *const env[] = {NULL};
    char *argv[] = {(char *)"--database", (char *)database, (char *)"--admin-token-file", (char *)token_file};
    struct cli_args args;
    cr_assert_eq(cli_parse(arena, tables, 4, argv, &args, &err), 0, "%s", err.text);
    cr_assert_eq(config_load(&args, env, config, &err), 0, "%s", err.text);
}

Test(serve, the_first_start_migrates_and_writes_the_admin_token_and_the_second_does_not)
{
    const char *url = test_empty_database(arena), *file = arena_printf(arena, "%s/token", folder);
    struct config config;
    struct serve_database database;
    struct token_row *rows;
    unsigned char hash[SHA256_SIZE];
    size_t count;
    struct str text;
    struct stat st;
    struct pg *pg = NULL;
    load(&config, url, file);
    cr_assert_eq(serve_database_start(&database, &config, &err), 0, "%s", err.text);
    cr_assert(atomic_load(&database.ready));
    cr_assert_eq(stat(file, &st), 0);
    cr_assert_eq(st.st_mode & 07777, 0600);
    cr_assert_eq(file_read(arena, file, 100, &text, &err), 0, "%s", err.text);
    cr_assert_eq(pg_pool_take(database.pool, &pg, &err), 0, "%s", err.text);
    cr_assert_eq(token_list(pg, arena, false, &rows, &count, &err), 0, "%s", err.text);
    cr_assert_eq(count, 1);
    cr_assert_str_eq(rows[0].name, "admin");
    cr_assert_str_eq(rows[0].scopes[0], "admin");
    cr_assert(token_hash(str_trim(text), hash));
    cr_assert_eq(memcmp(hash, rows[0].hash, SHA256_SIZE), 0);
    pg_pool_give(database.pool, pg);
    serve_database_stop(&database);

    cr_assert_eq(file_remove_tree(file, &err), 0);
    cr_assert_eq(serve_database_start(&database, &config, &err), 0, "%s", err.text);
    cr_assert_eq(stat(file, &st), -1);
    serve_database_stop(&database);
    cr_assert_null(strstr(buf_text(&logged), "yel_"));
}

Test(serve, a_token_file_that_cannot_be_written_leaves_no_token)
{
    struct config config;
    struct serve_database database;
    struct pg_rows rows;
    const char *url = test_empty_database(arena);
    load(&config, url, "/nowhere/token");
    cr_assert_lt(serve_database_start(&database, &config, &err), 0);
    struct pg *pg = test_connect(url);
    cr_assert_eq(pg_query(pg, arena, "SELECT count(*) FROM tokens", PG_ONE, &rows, &err), 0, "%s", err.text);
    cr_assert_eq(pg_integer(&rows, 0, 0), 0);
    pg_close(pg);
}

Test(serve, a_database_that_is_away_at_the_start_is_migrated_when_it_comes)
{
    struct config config;
    struct serve_database database;
    struct pg_embedded *cluster = NULL;
    struct pg *pg = NULL;
    cr_assert_eq(chmod(folder, 0755), 0);
    const char *dir = arena_printf(arena, "%s/c", folder);
    load(&config, arena_printf(arena, "postgresql://yellow@/yellow?host=%s/run", dir),
         arena_printf(arena, "%s/token", folder));
    cr_assert_eq(serve_database_start(&database, &config, &err), 0, "%s", err.text);
    cr_assert_not(atomic_load(&database.ready));
    cr_assert_eq(pg_pool_take(database.pool, &pg, &err), -ERR_UNAVAILABLE);

    cr_assert_eq(pg_embedded_start(&(struct pg_embedded_options){.dir = dir, .no_sync = true}, &cluster, &err), 0, "%s",
                 err.text);
    wait_for("\"event\":\"database ready\"");
    cr_assert(atomic_load(&database.ready));
    cr_assert_eq(pg_pool_take(database.pool, &pg, &err), 0, "%s", err.text);
    cr_assert_eq(pg_query(pg, arena, "SELECT 1 FROM tokens", PG_ONE, NULL, &err), 0, "%s", err.text);
    pg_pool_give(database.pool, pg);
    serve_database_stop(&database);
    pg_embedded_stop(cluster);
}

Test(serve, a_database_newer_than_the_program_ends_the_start)
{
    struct config config;
    struct serve_database database;
    const char *url = test_database(arena);
    struct pg *pg = test_connect(url);
    cr_assert_eq(pg_script(pg,
                           "INSERT INTO schema_migrations SELECT max(version) + 1, 'later', '' FROM "
                           "schema_migrations",
                           &err),
                 0, "%s", err.text);
    pg_close(pg);
    load(&config, url, "");
    cr_assert_eq(serve_database_start(&database, &config, &err), -ERR_CONFLICT);
    cr_assert_str_eq(err.hint, "the database is newer than the program: run a newer yellow");
}
