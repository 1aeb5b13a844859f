#include "base/file.h"
#include "pg/cluster.h"
#include "store/job_kit.h"

#include <criterion/criterion.h>

/* Each statement of the store is a file that psql can prepare against the migrated tables. */

static int prepare(void *ctx, const char *relative, const char *full, struct err *err)
{
    struct pg *pg = ctx;
    struct arena *arena = arena_new();
    struct str text;
    int rc = file_read(arena, full, 1 << 20, &text, err);
    if (!rc) {
        PGresult *result = PQprepare(pg_raw(pg), relative, text.data, 0, NULL);
        cr_expect_eq(PQresultStatus(result), PGRES_COMMAND_OK, "%s: %s", relative, PQresultErrorMessage(result));
        PQclear(result);
    }
    arena_free(arena);
    return rc;
}

Test(sql, every_statement_prepares_on_a_migrated_database)
{
    struct err err = {0};
    struct arena *arena = arena_new();
    struct pg *pg = test_connect(test_database(arena));
    cr_assert_eq(file_walk(SOURCE_DIR "/server/store/sql", prepare, pg, &err), 0, "%s", err.text);
    pg_close(pg);
    arena_free(arena);
}
