#include "pg/cluster.h"

#include "pg/pg.h"
#include "sql.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

Test(install, makes_what_is_kept_beside_the_data_and_does_nothing_the_second_time)
{
    struct arena *arena = arena_new();
    struct pg *pg = test_connect(test_empty_database(arena));
    struct pg_rows rows;
    struct err err = {0};
    for (int i = 0; i < 2; i++)
        cr_assert(eq(int, pg_script(pg, sql_install, &err), 0), "%s", err.text);
    cr_assert(eq(int,
                 pg_query(pg, arena, "select count(*) from pg_tables where schemaname = 'yellow'", PG_ONE, &rows, &err),
                 0));
    cr_expect(eq(i64, pg_integer(&rows, 0, 0), 9));
    pg_close(pg);
    arena_free(arena);
}
