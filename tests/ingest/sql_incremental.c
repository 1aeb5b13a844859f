#include "ingest/source_kit.h"
#include "ingest/watermark.h"
#include "pg/cluster.h"

#include <criterion/criterion.h>
#include <criterion/hooks.h>
#include <criterion/new/assert.h>
#include <criterion/options.h>

/* What is read depends on which transactions are running in the whole cluster. */
ReportHook(PRE_ALL)(struct criterion_test_set *tests)
{
    (void)tests;
    criterion_options.jobs = 1;
}

static struct source_kit kit;
static const char *mark;
static struct pg *other;

static void setup(void)
{
    source_kit_init(&kit, CAPTURE_SQL_INCREMENTAL, NULL);
    other = test_connect(kit.url);
    source_kit_sql(&kit, "ALTER SYSTEM SET autovacuum = off");
    source_kit_sql(&kit, "SELECT pg_reload_conf()");
    mark = NULL;
}

static void teardown(void)
{
    pg_close(other);
    source_kit_dispose(&kit);
}

TestSuite(sql_incremental, .init = setup, .fini = teardown);

static void batch(const char *rows)
{
    const char *text = source_kit_run(&kit, false, &mark);
    cr_assert_not_null(text, "%s", kit.err.text);
    cr_expect(eq(str, (char *)text, (char *)rows));
}

static void expect_failure(enum err_code code, const char *cause, const char *text)
{
    const char *before = mark;
    cr_assert_null(source_kit_run(&kit, false, &mark));
    cr_expect(eq(int, kit.err.code, code));
    cr_expect(eq(str, kit.err.text, (char *)text));
    cr_expect(eq(str, (char *)kit.ingest.cause, (char *)cause));
    cr_expect(eq(ptr, (void *)mark, (void *)before));
}

static void other_sql(const char *sql)
{
    cr_assert(eq(int, pg_script(other, sql, &kit.err), 0), "%s", kit.err.text);
}

static const char *value_of(const char *dataset)
{
    struct watermark watermark;
    cr_assert(eq(int, watermark_read(kit.arena, mark, &watermark, &kit.err), 0), "%s", kit.err.text);
    const char *value = watermark_find(&watermark, dataset)->value;
    return value ? value : "none";
}

static void make_table(bool keyed)
{
    source_kit_sql(&kit, "CREATE TABLE t (id int NOT NULL, at timestamptz NOT NULL);"
                         "INSERT INTO t VALUES (1, '2026-01-01 10:00Z'), (2, '2026-01-01 10:00Z')");
    source_kit_dataset(&kit, "t", NULL, "at", keyed ? "id int32 key, at timestamptz" : "id int32, at timestamptz");
}

#define TEN "2026-01-01 10:00:00+00"

Test(sql_incremental, each_batch_has_the_rows_that_came_or_changed_and_the_newest_one_too)
{
    make_table(true);
    batch("1|" TEN "\n2|" TEN);
    cr_expect(eq(str, (char *)value_of("t"), TEN));
    batch("");
    source_kit_sql(&kit, "INSERT INTO t VALUES (3, '2026-01-01 11:00:00.000001Z')");
    batch("3|2026-01-01 11:00:00.000001+00");
    cr_expect(eq(str, (char *)value_of("t"), "2026-01-01 11:00:00.000001+00"));
    source_kit_sql(&kit, "UPDATE t SET at = '2026-01-01 12:00Z' WHERE id = 1; DELETE FROM t WHERE id = 3");
    batch("1|2026-01-01 12:00:00+00");
    batch("");
    cr_expect(eq(str, (char *)value_of("t"), "2026-01-01 12:00:00+00"));
}

Test(sql_incremental, a_row_with_a_value_as_large_as_the_watermark_or_smaller_is_not_lost)
{
    make_table(true);
    batch("1|" TEN "\n2|" TEN);
    source_kit_sql(&kit, "INSERT INTO t VALUES (3, '" TEN "'), (4, '2025-01-01 10:00:00+00')");
    batch("3|" TEN "\n4|2025-01-01 10:00:00+00");
    cr_expect(eq(str, (char *)value_of("t"), TEN));
}

Test(sql_incremental, a_late_commit_arrives_in_the_next_batch_with_its_subtransactions)
{
    make_table(true);
    other_sql("BEGIN; INSERT INTO t VALUES (3, '" TEN "'); SAVEPOINT a; INSERT INTO t VALUES (4, '" TEN "'); "
              "RELEASE a; SAVEPOINT b; INSERT INTO t VALUES (5, '" TEN "')");
    source_kit_sql(&kit, "INSERT INTO t VALUES (6, '2026-01-01 11:00Z')");
    batch("1|" TEN "\n2|" TEN "\n6|2026-01-01 11:00:00+00");
    /* With a key, what ran beside the late one may come again. */
    batch("6|2026-01-01 11:00:00+00");
    other_sql("COMMIT");
    batch("3|" TEN "\n4|" TEN "\n5|" TEN "\n6|2026-01-01 11:00:00+00");
    batch("");
}

Test(sql_incremental, without_a_key_each_row_comes_exactly_once_as_soon_as_no_older_transaction_runs)
{
    make_table(false);
    batch("1|" TEN "\n2|" TEN);
    other_sql("BEGIN; INSERT INTO t VALUES (3, '" TEN "'); SAVEPOINT a; INSERT INTO t VALUES (4, '" TEN "')");
    source_kit_sql(&kit, "INSERT INTO t VALUES (6, '2026-01-01 11:00Z')");
    batch("");
    batch("");
    source_kit_sql(&kit, "INSERT INTO t VALUES (7, '2026-01-01 11:00Z')");
    other_sql("COMMIT");
    batch("3|" TEN "\n4|" TEN "\n6|2026-01-01 11:00:00+00\n7|2026-01-01 11:00:00+00");
    batch("");
}

Test(sql_incremental, the_first_batch_of_a_table_without_a_key_leaves_running_transactions_neighbours_to_the_next)
{
    make_table(false);
    other_sql("BEGIN; INSERT INTO t VALUES (3, '" TEN "')");
    source_kit_sql(&kit, "INSERT INTO t VALUES (6, '" TEN "')");
    batch("1|" TEN "\n2|" TEN);
    other_sql("ROLLBACK");
    batch("6|" TEN);
    batch("");
}

Test(sql_incremental, prepared_transactions_count_as_running)
{
    struct pg_rows rows;
    make_table(false);
    cr_assert(eq(int, pg_query(other, kit.arena, "SHOW max_prepared_transactions", PG_ONE, &rows, &kit.err), 0));
    if (pg_integer(&rows, 0, 0) == 0)
        cr_skip("the cluster takes no prepared transactions");
    other_sql("BEGIN; INSERT INTO t VALUES (3, '" TEN "'); PREPARE TRANSACTION 'late'");
    batch("1|" TEN "\n2|" TEN);
    other_sql("COMMIT PREPARED 'late'");
    batch("3|" TEN);
}

Test(sql_incremental, an_overlap_bounds_what_is_looked_at_and_finds_late_commits_within_it)
{
    make_table(true);
    kit.store.capture.overlap = "5m";
    batch("1|" TEN "\n2|" TEN);
    source_kit_sql(&kit, "INSERT INTO t VALUES (3, '2026-01-01 09:55Z'), (4, '2026-01-01 09:54:59.999999Z')");
    batch("3|2026-01-01 09:55:00+00");
}

Test(sql_incremental, several_datasets_go_on_each_from_its_own_value)
{
    struct capturing *capture;
    make_table(true);
    source_kit_sql(&kit, "CREATE TABLE u (n bigint NOT NULL); INSERT INTO u VALUES (-5), (7)");
    source_kit_dataset(&kit, "u", NULL, "n", "n int64 key");
    cr_assert(eq(int, source_kit_begin(&kit, &capture), 0), "%s", kit.err.text);
    cr_expect(eq(str, (char *)source_kit_rows(&kit, capture, 0, true), "1|" TEN "\n2|" TEN));
    cr_expect(eq(str, (char *)source_kit_rows(&kit, capture, 1, true), "-5\n7"));
    mark = capture_sql_incremental.watermark(capture);
    capture_sql_incremental.end(capture);
    cr_expect(eq(str, (char *)value_of("t"), TEN));
    cr_expect(eq(str, (char *)value_of("u"), "7"));
}

Test(sql_incremental, the_watermark_is_exact_in_every_type)
{
    static const struct {
        const char *type, *sql, *values, *expected;
    } cases[] = {
        {"int16", "smallint", "(-3), (-300)", "-3"},
        {"int64", "bigint", "(9223372036854775807), (-1)", "9223372036854775807"},
        {"int32", "integer", "(255), (256)", "256"},
        {"decimal(40,20)", "numeric", "(9.00000000000000000001), (10), ('NaN')", "10.00000000000000000000"},
        {"date", "date", "('0044-03-15 BC'), ('0044-03-16 BC')", "0044-03-16 BC"},
        {"date", "timestamp", "('2026-01-31'), ('infinity')", "2026-01-31"},
        {"timestamp", "timestamp", "('1999-12-31 23:59:59.999999'), ('infinity'), ('-infinity')",
         "1999-12-31 23:59:59.999999"},
        {"timestamptz", "timestamptz", "('2026-01-31 12:00:00.000001+05:30')", "2026-01-31 06:30:00.000001+00"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        source_kit_sql(&kit, arena_printf(kit.arena,
                                          "DROP TABLE IF EXISTS w; CREATE TABLE w (w %s NOT NULL);"
                                          "INSERT INTO w VALUES %s",
                                          cases[i].sql, cases[i].values));
        kit.work.dataset_count = 0;
        source_kit_dataset(&kit, "w", NULL, "w", arena_printf(kit.arena, "w %s key", cases[i].type));
        mark = NULL;
        cr_assert_not_null(source_kit_run(&kit, false, &mark), "%s", kit.err.text);
        cr_expect(eq(str, (char *)value_of("w"), (char *)cases[i].expected));
        /* The text says the same again: from it on, itself included. */
        cr_assert(eq(int, watermark_rewind(kit.arena, mark, value_of("w"), &mark, &kit.err), 0));
        const char *rows = source_kit_run(&kit, false, &mark);
        cr_assert_not_null(rows, "%s", kit.err.text);
        cr_expect_not_null(strstr(rows, cases[i].expected), "%s", rows);
        cr_expect(eq(str, (char *)value_of("w"), (char *)cases[i].expected));
    }
}

Test(sql_incremental, a_rewound_watermark_reads_again_from_the_value_on)
{
    make_table(true);
    source_kit_sql(&kit, "INSERT INTO t VALUES (3, '2026-01-01 11:00Z'), (4, '2026-01-01 09:00Z')");
    batch("1|" TEN "\n2|" TEN "\n3|2026-01-01 11:00:00+00\n4|2026-01-01 09:00:00+00");
    cr_assert(eq(int, watermark_rewind(kit.arena, mark, "2026-01-01 10:00", &mark, &kit.err), 0));
    batch("1|" TEN "\n2|" TEN "\n3|2026-01-01 11:00:00+00");
    batch("");
    /* What came since is read, too, whatever its value is; a value behind all leaves nothing out. */
    source_kit_sql(&kit, "INSERT INTO t VALUES (5, '2026-01-01 08:00Z')");
    cr_assert(eq(int, watermark_rewind(kit.arena, mark, "2026-01-01 11:00", &mark, &kit.err), 0));
    batch("3|2026-01-01 11:00:00+00\n5|2026-01-01 08:00:00+00");
    source_kit_sql(&kit, "INSERT INTO t VALUES (6, '2026-01-01 08:00Z')");
    cr_assert(eq(int, watermark_rewind(kit.arena, mark, "2027-01-01 11:00", &mark, &kit.err), 0));
    batch("6|2026-01-01 08:00:00+00");
    batch("");
    /* By hand: from there on, and nothing else. */
    source_kit_sql(&kit, "INSERT INTO t VALUES (7, '2026-01-01 08:00Z')");
    mark = "2026-01-01 10:30";
    batch("3|2026-01-01 11:00:00+00");
    batch("");
    mark = "tomorrow or so";
    expect_failure(ERR_INTERNAL, "source-error", "t of crm-db: database: a value does not fit its type (22007)");
}

Test(sql_incremental, after_a_failover_rows_with_a_key_are_read_again_and_others_need_a_decision)
{
    make_table(true);
    batch("1|" TEN "\n2|" TEN);
    struct watermark watermark;
    cr_assert(eq(int, watermark_read(kit.arena, mark, &watermark, &kit.err), 0));
    watermark.source = "7000000000000000000/00000001/5";
    mark = watermark_write(kit.arena, &watermark);
    batch("1|" TEN "\n2|" TEN);
    batch("");
    kit.datasets[0].key_count = 0;
    mark = watermark_write(kit.arena, &watermark);
    expect_failure(ERR_CONFLICT, "source-error",
                   "t of crm-db: the source is another one than that of the last batch, and without a key nobody can "
                   "tell which rows were read");
}

Test(sql_incremental, a_partition_that_is_attached_is_read_whole)
{
    source_kit_sql(&kit, "CREATE TABLE p (id int NOT NULL) PARTITION BY RANGE (id)");
    source_kit_dataset(&kit, "p", NULL, "id", "id int32");
    batch("");
    source_kit_sql(&kit, "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10); INSERT INTO p VALUES (1);"
                         "CREATE TABLE p2 (id int NOT NULL); INSERT INTO p2 VALUES (11)");
    batch("1");
    source_kit_sql(&kit, "ALTER TABLE p ATTACH PARTITION p2 FOR VALUES FROM (10) TO (20)");
    batch("11");
    source_kit_sql(&kit, "INSERT INTO p VALUES (2), (12)");
    batch("2\n12");
    batch("");
}

Test(sql_incremental, a_table_under_the_name_of_another_is_read_whole_with_a_key_and_refused_without)
{
    make_table(true);
    source_kit_sql(&kit, "CREATE TABLE n (LIKE t); INSERT INTO n VALUES (5, '2020-01-01 00:00Z')");
    batch("1|" TEN "\n2|" TEN);
    const char *before = mark;
    source_kit_sql(&kit, "ALTER TABLE t RENAME TO o; ALTER TABLE n RENAME TO t");
    batch("5|2020-01-01 00:00:00+00");
    mark = before;
    kit.datasets[0].key_count = 0;
    expect_failure(ERR_CONFLICT, "schema-changed",
                   "t of crm-db: the table was replaced since the last batch, and without a key nobody can tell which "
                   "rows were read");
}

Test(sql_incremental, a_view_needs_an_overlap_and_a_key)
{
    make_table(true);
    source_kit_sql(&kit, "CREATE VIEW v AS SELECT * FROM t");
    kit.work.dataset_count = 0;
    source_kit_dataset(&kit, "v", NULL, "at", "id int32 key, at timestamptz");
    expect_failure(ERR_INVALID, "configuration",
                   "v of crm-db: no table, so rows that were committed late are only found by an overlap");
    kit.store.capture.overlap = "1h";
    batch("1|" TEN "\n2|" TEN);
    source_kit_sql(&kit, "INSERT INTO t VALUES (3, '2026-01-01 09:00Z'), (4, '2026-01-01 08:59:59Z')");
    batch("1|" TEN "\n2|" TEN "\n3|2026-01-01 09:00:00+00");
    kit.datasets[0].key_count = 0;
    expect_failure(ERR_INVALID, "configuration",
                   "v of crm-db: no table, so rows that were committed late are only found by an overlap, and only "
                   "with a key");
}

Test(sql_incremental, a_null_watermark_fails_the_batch_and_is_never_passed_over)
{
    source_kit_sql(&kit, "CREATE TABLE t (id int NOT NULL, at timestamptz); CREATE VIEW v AS SELECT * FROM t");
    source_kit_dataset(&kit, "t", NULL, "at", "id int32 key, at timestamptz");
    batch("");
    source_kit_sql(&kit, "INSERT INTO t VALUES (1, NULL)");
    expect_failure(ERR_INVALID, "bad-data-over-limit",
                   "column \"at\": null where the model says not null: more than 0 bad rows in the "
                   "batch, the last one in t");
    kit.work.dataset_count = 0;
    kit.store.capture.overlap = "1h";
    source_kit_dataset(&kit, "v", NULL, "at", "id int32 key, at timestamptz");
    mark = "{\"datasets\":{\"v\":{\"value\":\"2026-01-01\"}}}";
    cr_assert_null(source_kit_run(&kit, false, &mark));
    cr_expect(eq(str, (char *)kit.ingest.cause, "bad-data-over-limit"));
}

Test(sql_incremental, rows_come_in_the_order_of_the_key_when_asked)
{
    make_table(true);
    source_kit_sql(&kit, "INSERT INTO t VALUES (-1, '2026-01-01 11:00Z')");
    cr_expect(eq(str, (char *)source_kit_run(&kit, true, &mark), "-1|2026-01-01 11:00:00+00\n1|" TEN "\n2|" TEN));
}

Test(sql_incremental, a_dataset_without_a_key_that_left_is_not_added_once_more_when_it_comes_back)
{
    source_kit_sql(&kit, "CREATE TABLE u (id int NOT NULL, at timestamptz NOT NULL); INSERT INTO u VALUES (1, now())");
    make_table(true);
    batch("1|" TEN "\n2|" TEN);
    source_kit_dataset(&kit, "u", NULL, "at", "id int32, at timestamptz");
    kit.datasets[0] = kit.datasets[1];
    kit.work.dataset_count = 1;
    const char *before = mark;
    /* A new one: there is no table, or none with rows. */
    cr_assert_not_null(source_kit_run(&kit, false, &mark), "%s", kit.err.text);
    source_kit_sql(&kit, "CREATE SCHEMA acme__yellowlive; CREATE TABLE acme__yellowlive.u (id int)");
    mark = before;
    cr_assert_not_null(source_kit_run(&kit, false, &mark), "%s", kit.err.text);
    source_kit_sql(&kit, "INSERT INTO acme__yellowlive.u VALUES (1)");
    mark = before;
    expect_failure(ERR_CONFLICT, "schema-changed",
                   "u of crm-db: the last batch did not read it and its table has rows, and without a key nobody can "
                   "tell which of the source's rows these are");
}
