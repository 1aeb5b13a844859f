#include "pg/migrate.h"

#include "base/crypto.h"
#include "pg/cluster.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>

#define MIGRATION(path_, text)                                                                                         \
    {                                                                                                                  \
        .path = (path_), .data = { "" text, sizeof(text) - 1 }                                                         \
    }

static const struct embed_file files[] = {
    MIGRATION("dashboard/index.html", "<html>"),
    MIGRATION("migrations/0001_first.sql", "CREATE TABLE first (a int);"),
    MIGRATION("migrations/0002_second.sql", "CREATE TABLE second (a int);\nINSERT INTO second VALUES (1);\n"),
    MIGRATION("migrations/README.md", "not one"),
    MIGRATION("templates/0003_x.sql", "not one either"),
};
enum { FILES = sizeof files / sizeof *files };

static struct arena *arena;
static const char *url;
static struct pg *pg;
static struct err err;

static void setup(void)
{
    arena = arena_new();
    url = test_empty_database(arena);
    pg = test_connect(url);
    err = (struct err){0};
}

static void teardown(void)
{
    pg_close(pg);
    arena_free(arena);
}

TestSuite(migrate, .init = setup, .fini = teardown);

struct told {
    int count;
    char names[200];
};

static void tell(void *ctx, int version, const char *name)
{
    struct told *told = ctx;
    size_t len = strlen(told->names);
    told->count++;
    (void)snprintf(told->names + len, sizeof told->names - len, "%d %s;", version, name);
}

static int64_t number(const char *sql)
{
    struct pg_rows rows;
    cr_assert_eq(pg_query(pg, arena, sql, PG_ONE, &rows, &err), 0, "%s", err.text);
    return pg_integer(&rows, 0, 0);
}

Test(migrate, migrations_are_applied_once_and_in_order)
{
    struct told told = {0};
    cr_assert_eq(pg_migrate(pg, arena, files, FILES, tell, &told, &err), 0, "%s", err.text);
    cr_assert_str_eq(told.names, "1 first;2 second;");
    cr_assert_eq(pg_migrate(pg, arena, files, FILES, tell, &told, &err), 0, "%s", err.text);
    cr_assert_eq(told.count, 2);
    cr_assert_eq(number("SELECT count(*) FROM second"), 1);
    cr_assert_eq(number("SELECT count(*) FROM schema_migrations WHERE applied_at IS NOT NULL"), 2);
}

Test(migrate, a_failing_migration_leaves_nothing_and_names_its_line)
{
    static const struct embed_file bad[] = {
        MIGRATION("migrations/0001_good.sql", "CREATE TABLE good ();"),
        MIGRATION("migrations/0002_bad.sql", "CREATE TABLE bad ();\nCREATE TABLE nothing.here ();"),
    };
    struct told told = {0};
    cr_assert_eq(pg_migrate(pg, arena, bad, 2, tell, &told, &err), -ERR_INTERNAL);
    cr_assert_str_eq(err.text, "migration 0002_bad: line 2: database: schema \"nothing\" does not exist (3F000)");
    cr_assert_str_eq(told.names, "1 good;");
    cr_assert_eq(number("SELECT count(*) FROM pg_class WHERE relname IN ('good', 'bad')"), 1);
}

Test(migrate, a_migration_cannot_end_its_transaction)
{
    static const struct embed_file bad[] = {MIGRATION("migrations/0001_bad.sql", "COMMIT;")};
    cr_assert_eq(pg_migrate(pg, arena, bad, 1, NULL, NULL, &err), -ERR_INTERNAL);
    cr_assert_str_eq(err.text, "migration 0001_bad ends its transaction");
}

Test(migrate, a_migration_that_was_changed_after_it_was_applied_is_refused)
{
    static const struct embed_file changed[] = {
        MIGRATION("migrations/0001_first.sql", "CREATE TABLE first (a bigint);"),
    };
    cr_assert_eq(pg_migrate(pg, arena, files, 2, NULL, NULL, &err), 0, "%s", err.text);
    cr_assert_eq(pg_migrate(pg, arena, changed, 1, NULL, NULL, &err), -ERR_CONFLICT);
    cr_assert_str_eq(err.text, "migration 0001_first was changed after it was applied");
    cr_assert_str_eq(err.hint, "restore its text, and put the change in a new migration");
}

Test(migrate, a_database_newer_than_the_program_is_refused)
{
    cr_assert_eq(pg_migrate(pg, arena, files, FILES, NULL, NULL, &err), 0, "%s", err.text);
    cr_assert_eq(pg_migrate(pg, arena, files, 2, NULL, NULL, &err), -ERR_CONFLICT);
    cr_assert_str_eq(err.text, "the database has migration 0002_second and this program ends at 0001");
    cr_assert_str_eq(err.hint, "the database is newer than the program: run a newer yellow");
}

Test(migrate, a_gap_is_refused)
{
    static const struct embed_file gap[] = {MIGRATION("migrations/0001_first.sql", ""),
                                            MIGRATION("migrations/0003_third.sql", "")};
    cr_assert_eq(pg_migrate(pg, arena, gap, 2, NULL, NULL, &err), -ERR_INTERNAL);
    cr_assert_str_eq(err.text, "migration migrations/0003_third.sql stands where 0002 is expected");
    cr_assert_eq(pg_migrate(pg, arena, files, FILES, NULL, NULL, &err), 0, "%s", err.text);
    cr_assert_eq(pg_script(pg, "DELETE FROM schema_migrations WHERE version = 1", &err), 0);
    cr_assert_eq(pg_migrate(pg, arena, files, FILES, NULL, NULL, &err), -ERR_CONFLICT);
    cr_assert_str_eq(err.text, "schema_migrations has version 2 where 1 is expected");
}

static void *migrate_beside(void *arg)
{
    struct told *told = arg;
    struct arena *own = arena_new();
    struct err failure = {0};
    struct pg *other = NULL;
    if (pg_connect(url, 10000, &other, &failure) != 0 ||
        pg_migrate(other, own, files, FILES, tell, told, &failure) != 0)
        told->count = -1;
    pg_close(other);
    arena_free(own);
    return NULL;
}

Test(migrate, of_two_at_once_one_migrates_and_the_other_finds_nothing_to_do)
{
    struct told told = {0};
    struct pg_rows rows;
    pthread_t thread;
    /* The first one, played by hand: it holds the lock until the other waits for it. */
    cr_assert_eq(pg_script(pg, "BEGIN; SELECT pg_advisory_xact_lock(133475519590263)", &err), 0, "%s", err.text);
    cr_assert_eq(pthread_create(&thread, NULL, migrate_beside, &told), 0);
    do {
        cr_assert_eq(pg_query(pg, arena, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted",
                              PG_ONE, &rows, &err),
                     0, "%s", err.text);
    } while (pg_integer(&rows, 0, 0) == 0);
    cr_assert_eq(pg_script(pg,
                           "CREATE TABLE schema_migrations (version int PRIMARY KEY, name text NOT NULL, "
                           "checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now()); "
                           "CREATE TABLE first (a int); CREATE TABLE second (a int)",
                           &err),
                 0, "%s", err.text);
    for (int i = 1; i <= 2; i++) {
        char checksum[SHA256_HEX_SIZE];
        crypto_sha256_hex(files[i].data, checksum);
        cr_assert_eq(pg_query(pg, arena, "INSERT INTO schema_migrations VALUES ($1, $2, $3)", PG_NONE, NULL, &err,
                              pg_int(arena, i), PG_TEXT("x"), PG_TEXT(checksum)),
                     0, "%s", err.text);
    }
    cr_assert_eq(pg_script(pg, "COMMIT", &err), 0, "%s", err.text);
    (void)pthread_join(thread, NULL);
    cr_assert_eq(told.count, 0);
}

Test(migrate, many_at_once_apply_each_migration_once)
{
    struct told told[4] = {0};
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, migrate_beside, &told[i]), 0);
    for (int i = 0; i < 4; i++)
        (void)pthread_join(threads[i], NULL);
    cr_assert_eq(told[0].count + told[1].count + told[2].count + told[3].count, 2);
    cr_assert_eq(number("SELECT count(*) FROM second"), 1);
}
