#include "ingest/quarantine.h"

#include "pg/cluster.h"
#include "pg/pg.h"
#include "sql.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct arena *arena;
static struct pg *pg;
static int64_t stream;
static struct err err;
static struct pg_rows rows;

static void setup(void)
{
    arena = arena_new();
    pg = test_connect(test_empty_database(arena));
    cr_assert(eq(int, pg_script(pg, sql_install, &err), 0), "%s", err.text);
    cr_assert(eq(int,
                 pg_query(pg, arena,
                          "insert into yellow.streams (ecosystem, platform, name) values ('e', 'p', 's') returning id",
                          PG_ONE, &rows, &err),
                 0));
    stream = pg_integer(&rows, 0, 0);
}

static void teardown(void)
{
    pg_close(pg);
    arena_free(arena);
}

TestSuite(quarantine, .init = setup, .fini = teardown);

static struct quarantine_row bad(const char *dataset, int64_t line, struct str record)
{
    return (struct quarantine_row){.dataset = dataset,
                                   .object = "in/a.csv",
                                   .line = line,
                                   .column = "id",
                                   .reason = "\"12x\" is no int32",
                                   .record = record};
}

static void write_all(struct quarantine *quarantine)
{
    cr_assert(eq(int, quarantine_write(quarantine, pg, stream, 7, &err), 0), "%s", err.text);
}

static const char *one(const char *sql)
{
    cr_assert(eq(int, pg_query(pg, arena, sql, PG_ONE, &rows, &err), 0), "%s", err.text);
    return pg_text(&rows, 0, 0);
}

Test(quarantine, keeps_rows_with_place_and_reason_and_a_second_write_replaces_the_first)
{
    struct quarantine *quarantine = quarantine_new(arena, 5);
    struct quarantine_row row = bad("people", 3, STR("12x,b")), bare = {.dataset = "pets", .reason = "no"};
    cr_assert(eq(int, quarantine_add(quarantine, &row, &err), 0));
    cr_assert(eq(int, quarantine_add(quarantine, &bare, &err), 0));
    write_all(quarantine);
    write_all(quarantine);
    cr_expect(eq(str,
                 (char *)one("select string_agg(concat_ws('|', batch, number, dataset, coalesce(object, '-'), "
                             "coalesce(line, -1), coalesce(\"column\", '-'), reason, coalesce(record, '-')), ';' "
                             "order by number) from yellow.quarantine"),
                 "7|1|people|in/a.csv|3|id|\"12x\" is no int32|12x,b;7|2|pets|-|-1|-|no|-"));
    cr_expect(eq(i64, quarantine_count(quarantine, NULL), 2));
    cr_expect(eq(i64, quarantine_count(quarantine, "people"), 1));
    cr_expect(eq(i64, quarantine_count(quarantine, "cars"), 0));
}

Test(quarantine, escapes_what_is_no_text_and_cuts_long_records_between_characters)
{
    struct quarantine *quarantine = quarantine_new(arena, 5);
    char *lengthy = arena_alloc(arena, 6001);
    for (size_t i = 0; i < 6000; i += 3)
        memcpy(lengthy + i, "\xe2\x82\xac", 3);
    struct quarantine_row odd = bad("people", 1, (struct str){"a\0b\xff\xc3\xa9\xc3", 7}),
                          large = bad("people", 2, (struct str){lengthy, 6000});
    cr_assert(eq(int, quarantine_add(quarantine, &odd, &err), 0));
    cr_assert(eq(int, quarantine_add(quarantine, &large, &err), 0));
    write_all(quarantine);
    cr_expect(
        eq(str, (char *)one("select record from yellow.quarantine where number = 1"), "a\\x00b\\xff\xc3\xa9\\xc3"));
    cr_expect(eq(str, (char *)one("select octet_length(record) from yellow.quarantine where number = 2"), "4095"));
}

Test(quarantine, fails_over_its_limit_and_keeps_the_row_that_was_too_many)
{
    struct quarantine *quarantine = quarantine_new(arena, 1);
    struct quarantine_row first = bad("people", 3, STR("12x")), second = bad("people", 9, STR("13x"));
    cr_assert(eq(int, quarantine_add(quarantine, &first, &err), 0));
    cr_assert(eq(int, quarantine_add(quarantine, &second, &err), -ERR_INVALID));
    cr_expect(eq(str, err.text, "more than 1 bad rows in the batch, the last one in in/a.csv:9"));
    cr_expect(eq(str, err.hint, "their places and reasons are in yellow.quarantine of the merge database"));
    write_all(quarantine);
    cr_expect(eq(str, (char *)one("select count(*) from yellow.quarantine"), "2"));
}

Test(quarantine, holds_more_than_fits_its_memory)
{
    struct quarantine *quarantine = quarantine_new(arena, INT64_MAX);
    char record[4000];
    memset(record, 'x', sizeof record);
    for (int i = 1; i <= 3000; i++) {
        struct quarantine_row row = bad(i % 3 ? "people" : "pets", i, (struct str){record, sizeof record});
        cr_assert(eq(int, quarantine_add(quarantine, &row, &err), 0));
    }
    write_all(quarantine);
    cr_expect(
        eq(str,
           (char *)one("select concat_ws(' ', count(*), min(number), max(number), count(*) filter (where number = "
                       "line), sum(length(record))) from yellow.quarantine"),
           "3000 1 3000 3000 12000000"));
    cr_expect(eq(i64, quarantine_count(quarantine, "pets"), 1000));
}
