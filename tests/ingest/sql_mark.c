#include "ingest/sql_mark.h"

#include "ingest/batch.h"
#include "ingest/source_kit.h"
#include "pg/cluster.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

/* Batches of a real source whose tables may be as they were: source and target are one database, so that a test can ask
 * whether they are equal. */

static struct source_kit kit;
static struct pg *target;
static struct batch_outcome out;

static void setup(void)
{
    source_kit_init(&kit, CAPTURE_SQL_SNAPSHOT, NULL);
    target = test_connect(kit.url);
    sql_mark_rows_min = 1;
    kit.work.batch = 0;
    source_kit_sql(&kit, "create table people (id integer primary key, name varchar(20), n integer)");
    source_kit_sql(&kit, "insert into people select i, 'p' || i, i from generate_series(1, 50) i");
    source_kit_sql(&kit, "analyze people");
    source_kit_dataset(&kit, "people", "public.people", NULL, "id int32 key, name varchar(20) null, n int32 null");
}

static void teardown(void)
{
    pg_close(target);
    source_kit_dispose(&kit);
}

TestSuite(sql_mark, .init = setup, .fini = teardown);

/* What a query says, as text. */
static const char *value(const char *sql)
{
    struct pg_rows rows;
    cr_assert(eq(int, pg_query(kit.pg, kit.arena, sql, PG_ONE, &rows, &kit.err), 0), "%s: %s", sql, kit.err.text);
    return pg_text(&rows, 0, 0);
}

/* A batch, after which the table is as its source; "read/inserted/updated/deleted/unchanged", and whether the source's
 * rows were read. */
static void batch(const char *counts, bool scanned)
{
    kit.work.batch++;
    kit.work.fence++;
    kit.err = (struct err){0};
    uint64_t bytes = atomic_load(&kit.progress.bytes);
    cr_assert(
        eq(int,
           batch_run_kind(kit.arena, &kit.work, &capture_sql_snapshot, &target, &kit.progress, NULL, &out, &kit.err),
           0),
        "%s", kit.err.text);
    const struct counts *c = &out.counts;
    const char *text = arena_printf(kit.arena, "%d/%d/%d/%d/%d", (int)c->read, (int)c->inserted, (int)c->updated,
                                    (int)c->deleted, (int)c->unchanged);
    cr_expect(eq(str, (char *)text, (char *)counts));
    cr_expect(eq(int, atomic_load(&kit.progress.bytes) != bytes, scanned), "batch %d", (int)kit.work.batch);
    cr_expect(eq(
        str,
        (char *)value("select count(*)::text from ((select id, name, n from people except all select id, name, n from "
                      "acme__yellowlive.people) union all (select id, name, n from acme__yellowlive.people "
                      "except all select id, name, n from people)) d"),
        "0"));
}

Test(sql_mark, a_table_without_a_newer_row_and_without_one_less_is_not_read_again)
{
    batch("50/50/0/0/0", true);
    batch("50/0/0/0/50", false);
    batch("50/0/0/0/50", false);
    cr_expect(eq(str, (char *)out.datasets[0].way, "none"));
    cr_expect(eq(str,
                 (char *)value("select string_agg(distinct yellow_batch_id::text, ',') from acme__yellowlive.people"),
                 "1"));
}

Test(sql_mark, each_kind_of_change_is_seen)
{
    static const struct {
        const char *change, *counts;
    } cases[] = {
        {"update people set n = n + 1 where id = 7", "50/0/1/0/49"},
        {"delete from people where id = 8", "49/0/0/1/49"},
        {"insert into people values (8, 'p8', 8)", "50/1/0/0/49"},
        {"delete from people where id = 9; insert into people values (90, 'p9', 9)", "50/1/0/1/49"},
        {"begin; savepoint a; update people set name = null where id = 10; release a; commit", "50/0/1/0/49"},
        {"alter table people drop column n; alter table people add column n integer default 5", "50/0/49/0/1"},
        {"alter table people rename column name to x; alter table people add column name varchar(20)", "50/0/49/0/1"},
        {"truncate people; insert into people select i, 'q', i from generate_series(1, 50) i", "50/1/48/1/1"},
        {"alter table people rename to former; create table public.people as table former; delete from people where id "
         "= 3",
         "49/0/0/1/49"},
        {"update people set n = n", "49/0/0/0/49"},
    };
    batch("50/50/0/0/0", true);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        source_kit_sql(&kit, cases[i].change);
        source_kit_sql(&kit, "analyze people");
        batch(cases[i].counts, true);
    }
}

Test(sql_mark, what_maintenance_moves_or_freezes_is_no_change)
{
    batch("50/50/0/0/0", true);
    source_kit_sql(&kit, "vacuum full people");
    batch("50/0/0/0/50", false);
    source_kit_sql(&kit, "vacuum freeze people");
    batch("50/0/0/0/50", false);
}

Test(sql_mark, a_transaction_that_runs_while_a_batch_reads_is_not_lost_when_it_commits_later)
{
    struct pg *late = test_connect(kit.url);
    cr_assert(eq(
        int,
        pg_script(late, "begin; delete from people where id = 1; insert into people values (100, 'late', 1)", &kit.err),
        0));
    batch("50/50/0/0/0", true);
    batch("50/0/0/0/50", false); /* its rows are still to come, and the one that it takes is still there */
    cr_assert(eq(int, pg_script(late, "commit", &kit.err), 0));
    batch("50/1/0/1/49", true);
    pg_close(late);
}

Test(sql_mark, rows_that_somebody_took_out_of_the_target_come_back)
{
    batch("50/50/0/0/0", true);
    source_kit_sql(&kit, "delete from acme__yellowlive.people where id = 4");
    batch("50/1/0/0/49", true);
}

Test(sql_mark, a_view_and_a_table_with_row_security_are_read_each_time)
{
    batch("50/50/0/0/0", true);
    source_kit_sql(&kit, "alter table people enable row level security");
    batch("50/0/0/0/50", true);
    source_kit_sql(&kit, "alter table people rename to behind; create view public.people as table behind");
    batch("50/0/0/0/50", true);
}

Test(sql_mark, a_mark_of_another_source_or_batch_is_none)
{
    batch("50/50/0/0/0", true);
    source_kit_sql(&kit, "update yellow.marks set source = 'another'");
    batch("50/0/0/0/50", true);
    source_kit_sql(&kit, "update yellow.marks set batch = batch - 1");
    batch("50/0/0/0/50", true);
    batch("50/0/0/0/50", false);
}

Test(sql_mark, a_small_table_keeps_none)
{
    sql_mark_rows_min = 51;
    batch("50/50/0/0/0", true);
    batch("50/0/0/0/50", true);
    cr_expect(eq(str, (char *)value("select count(*)::text from yellow.marks"), "0"));
}
