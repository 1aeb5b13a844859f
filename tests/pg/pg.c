#include "pg/pg.h"

#include "pg/cluster.h"

#include <criterion/criterion.h>

static struct arena *arena;
static struct pg *pg;
static struct err err;

static void setup(void)
{
    arena = arena_new();
    pg = test_connect(test_cluster_url());
    err = (struct err){0};
}

static void teardown(void)
{
    pg_close(pg);
    arena_free(arena);
}

TestSuite(pg, .init = setup, .fini = teardown);

Test(pg, parameters_come_back_as_they_went_in)
{
    struct pg_rows rows;
    const char bytes[] = {0, 1, '\'', '\\', (char)0xff};
    const char *const items[] = {"a", "", "b,c", "d\"e\\f", "NULL", "{}", NULL};
    const char *const *back;
    cr_assert_eq(pg_query(pg, arena, "SELECT $1::text, $2::text, $3::bigint, $4::boolean, $5::bytea, $6::text[], ''",
                          PG_ONE, &rows, &err, PG_TEXT("it's é"), PG_NULL, pg_int(arena, INT64_MIN), pg_bool(true),
                          PG_BYTES(((struct str){bytes, sizeof bytes})), pg_text_array(arena, items, 7)),
                 0, "%s", err.text);
    cr_assert_str_eq(pg_text(&rows, 0, 0), "it's é");
    cr_assert(pg_is_null(&rows, 0, 1));
    cr_assert_null(pg_text(&rows, 0, 1));
    cr_assert_null(pg_str(&rows, 0, 1).data);
    cr_assert_eq(pg_int64(&rows, 0, 1), 0);
    cr_assert_eq(pg_int64(&rows, 0, 2), INT64_MIN);
    cr_assert(pg_is_true(&rows, 0, 3));
    struct str got = pg_bytes(arena, &rows, 0, 4);
    cr_assert_eq(got.len, sizeof bytes);
    cr_assert_eq(memcmp(got.data, bytes, sizeof bytes), 0);
    cr_assert_eq(pg_array_texts(arena, &rows, 0, 5, &back), 7);
    for (int i = 0; i < 6; i++)
        cr_assert_str_eq(back[i], items[i]);
    cr_assert_null(back[6]);
    cr_assert_str_eq(pg_text(&rows, 0, 6), "");
}
