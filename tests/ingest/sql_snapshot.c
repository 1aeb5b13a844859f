#include "ingest/batch.h"
#include "ingest/source_kit.h"
#include "ingest/target.h"
#include "pg/cluster.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

static struct source_kit kit;

static void setup(void)
{
    source_kit_init(&kit, CAPTURE_SQL_SNAPSHOT, NULL);
}

static void teardown(void)
{
    source_kit_dispose(&kit);
}

TestSuite(sql_snapshot, .init = setup, .fini = teardown);

static void expect_rows(bool sorted, const char *rows)
{
    const char *text = source_kit_run(&kit, sorted, NULL);
    cr_assert_not_null(text, "%s", kit.err.text);
    cr_expect(eq(str, (char *)text, (char *)rows));
}

static void expect_failure(enum err_code code, const char *cause, const char *text)
{
    cr_assert_null(source_kit_run(&kit, false, NULL));
    cr_expect(eq(int, kit.err.code, code));
    cr_expect(eq(str, kit.err.text, (char *)text));
    cr_expect(eq(str, (char *)kit.ingest.cause, (char *)cause));
}

Test(sql_snapshot, a_table_arrives_as_it_is)
{
    source_kit_sql(&kit, "CREATE TABLE people (name varchar(20), id int NOT NULL, other json);"
                         "INSERT INTO people VALUES ('b', 2), (NULL, 1), ('', 3)");
    source_kit_dataset(&kit, "people", NULL, NULL, "id int32 key, name varchar(20) null");
    expect_rows(true, "1|NULL\n2|b\n3|");
    cr_expect(eq(u64, atomic_load(&kit.progress.rows), 3));
    expect_rows(false, "2|b\n1|NULL\n3|");
}

Test(sql_snapshot, every_type_arrives_in_the_targets_form_with_and_without_a_cast)
{
    static const struct {
        const char *source, *model, *value, *expected;
    } cases[] = {
        {"int2", "int8", "-128", NULL},
        {"int4", "int8", "127", NULL},
        {"int2", "int16", "-32768", NULL},
        {"int4", "int32", "2147483647", NULL},
        {"int2", "int32", "7", NULL},
        {"numeric", "int32", "7", NULL},
        {"text", "int32", "007", "7"},
        {"int8", "int64", "-9223372036854775808", NULL},
        {"oid", "int64", "4294967295", NULL},
        {"float4", "float16", "1.5", NULL},
        {"float4", "float32", "3.4028235e+38", NULL},
        {"float8", "float32", "0.5", NULL},
        {"float8", "float64", "0.1", NULL},
        {"float4", "float64", "0.5", NULL},
        {"float8", "float64", "NaN", NULL},
        {"numeric(10,2)", "decimal(10,2)", "-12345678.90", NULL},
        {"numeric(8,1)", "decimal(10,2)", "1.5", "1.50"},
        {"numeric", "decimal(40,20)", "99999999999999999999.00000000000000000001", NULL},
        {"int8", "decimal(20,0)", "9223372036854775807", NULL},
        {"float8", "decimal(10,2)", "0.25", NULL},
        {"bool", "boolean", "t", NULL},
        {"int4", "boolean", "1", "t"},
        {"date", "date", "0044-03-15 BC", NULL},
        {"timestamp", "date", "2026-01-31 00:00:00", "2026-01-31"},
        {"date", "date", "infinity", NULL},
        {"time(3)", "time", "23:59:59.999", NULL},
        {"timestamp", "timestamp", "2026-01-31 12:00:00.000001", NULL},
        {"date", "timestamp", "2026-01-31", "2026-01-31 00:00:00"},
        {"timestamptz", "timestamp", "2026-01-31 12:00:00+02", "2026-01-31 10:00:00"},
        {"timestamptz", "timestamptz", "2026-01-31 12:00:00.123456+02", "2026-01-31 10:00:00.123456+00"},
        {"interval", "interval", "1 year 2 mons 3 days 04:05:06.789", NULL},
        {"char(3)", "char(3)", "ab", "ab "},
        {"char(2)", "char(5)", "ab", "ab   "},
        {"varchar(3)", "char(3)", "äöü", NULL},
        {"varchar(3)", "varchar(20)", "äöü", NULL},
        {"text", "varchar(3)", "äöü", NULL},
        {"varchar", "text", "a\tb", NULL},
        {"name", "varchar(64)", "n", NULL},
        {"inet", "text", "10.0.0.1", "10.0.0.1/32"},
        {"uuid", "uuid", "01234567-89ab-cdef-0123-456789abcdef", NULL},
        {"text", "uuid", "01234567-89ab-cdef-0123-456789abcdef", NULL},
        {"jsonb", "json", "{\"a\": [1, null, \"x\"]}", NULL},
        {"json", "json", "{\"b\":1,  \"a\":2}", "{\"a\": 2, \"b\": 1}"},
        {"bytea", "binary", "\\x00ff", NULL},
        {"float4[]", "vector(3)", "{1,2.5,-3}", NULL},
        {"float8[]", "vector(2)", "{0.1,2}", NULL},
        {"int4[]", "array<int32>", "{1,NULL,3}", NULL},
        {"int2[]", "array<int64>", "{1,-2}", NULL},
        {"varchar(5)[]", "array<varchar(5)>", "{a,\"b c\"}", NULL},
        {"text[]", "array<varchar(5)>", "{abcde}", NULL},
        {"numeric[]", "array<decimal(6,2)>", "{1.50,NULL}", NULL},
        {"timestamptz[]", "array<timestamptz>", "{\"2026-01-31 10:00:00+00\"}", NULL},
    };
    struct buf *create = buf_new(kit.arena), *values = buf_new(kit.arena), *nulls = buf_new(kit.arena),
               *columns = buf_new(kit.arena), *expected = buf_new(kit.arena);
    size_t n = sizeof cases / sizeof *cases;
    for (size_t i = 0; i < n; i++) {
        buf_addf(create, ", c%zu %s", i, cases[i].source);
        buf_addf(values, ", '%s'", cases[i].value);
        buf_adds(nulls, ", NULL");
        buf_addf(columns, ", c%zu %s null", i, cases[i].model);
        buf_addf(expected, "|%s", cases[i].expected ? cases[i].expected : cases[i].value);
    }
    for (size_t i = 0; i < n; i++)
        buf_addf(expected, "%sNULL", i ? "|" : "\n2|");
    source_kit_sql(&kit, arena_printf(kit.arena, "CREATE TABLE t (id int%s); INSERT INTO t VALUES (1%s), (2%s)",
                                      buf_text(create), buf_text(values), buf_text(nulls)));
    source_kit_dataset(&kit, "t", "public.t", NULL, arena_printf(kit.arena, "id int32 key%s", buf_text(columns)));
    expect_rows(true, arena_printf(kit.arena, "1%s", buf_text(expected)));
}

Test(sql_snapshot, what_a_cast_would_change_without_a_word_is_quarantined_and_over_the_limit)
{
    static const struct {
        const char *source, *model, *value, *reason;
    } cases[] = {
        {"text", "varchar(3)", "'abcd'", "longer than varchar(3)"},
        {"varchar(9)", "char(3)", "'abcd'", "longer than char(3)"},
        {"numeric", "decimal(5,2)", "1.005", "does not fit decimal(5,2) exactly"},
        {"numeric", "int32", "1.5", "does not fit int32 exactly"},
        {"float8", "float32", "0.1", "does not fit float32 exactly"},
        {"timestamp", "date", "'2026-01-31 12:00'", "does not fit date exactly"},
        {"int4", "boolean", "2", "does not fit boolean exactly"},
        {"int2", "int8", "128", "out of the range of int8"},
        {"int2[]", "array<int8>", "'{1,-129}'", "out of the range of array<int8>"},
        {"text[]", "array<varchar(2)>", "'{ok,not}'", "longer than array<varchar(2)>"},
        {"text", "int32", "'12x'", "is no int32"},
        {"jsonb", "int32", "'\"1\"'", "is no int32"},
        {"int8", "int32", "2147483648", "out of the range of int32"},
        {"numeric", "decimal(5,2)", "1000", "out of the range of decimal(5,2)"},
        {"real[]", "vector(3)", "'{1,2}'", "does not fit vector(3) exactly"},
        {"text", "text", "NULL", "null where the model says not null"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        source_kit_sql(&kit, arena_printf(kit.arena,
                                          "DROP TABLE IF EXISTS t; CREATE TABLE t (id int NOT NULL, c %s);"
                                          "INSERT INTO t VALUES (1, %s)",
                                          cases[i].source, cases[i].value));
        kit.work.dataset_count = 0;
        source_kit_dataset(&kit, "t", NULL, NULL,
                           arena_printf(kit.arena, "id int32 key, c %s%s", cases[i].model,
                                        i + 1 < sizeof cases / sizeof *cases ? " null" : ""));
        expect_failure(ERR_INVALID, "bad-data-over-limit",
                       arena_printf(kit.arena,
                                    "column \"c\": %s: more than 0 bad rows in the batch, the last one "
                                    "in t",
                                    cases[i].reason));
        cr_expect(eq(i64, quarantine_count(kit.ingest.quarantine, "t"), 1));
    }
}

Test(sql_snapshot, a_row_under_the_limit_is_left_out_and_the_others_arrive)
{
    struct capturing *capture;
    source_kit_sql(&kit, "CREATE TABLE t (id int, c text); INSERT INTO t VALUES (1, 'ok'), (2, 'too long'), (3, 'ok')");
    source_kit_dataset(&kit, "t", NULL, NULL, "id int32 key, c varchar(3)");
    kit.ingest.quarantine = quarantine_new(kit.arena, 1);
    cr_assert(eq(int, source_kit_begin(&kit, &capture), 0), "%s", kit.err.text);
    cr_expect(eq(str, (char *)source_kit_rows(&kit, capture, 0, true), "1|ok\n3|ok"));
    cr_expect(eq(i64, quarantine_count(kit.ingest.quarantine, "t"), 1));
    capture_sql_snapshot.end(capture);
}

Test(sql_snapshot, keys_come_in_byte_order_whatever_the_sources_order_is)
{
    source_kit_sql(&kit, "CREATE COLLATION german (provider = icu, locale = 'de');"
                         "CREATE TABLE t (k text COLLATE german NOT NULL, n char(3) NOT NULL, i int);"
                         "INSERT INTO t VALUES ('b', 'x'), ('B', 'x'), ('ä', 'x'), ('a', 'b'), ('a', 'B'), ('€', 'x'), "
                         "('𝄞', 'x'), ('', 'x')");
    source_kit_dataset(&kit, "t", NULL, NULL, "k text key, n char(3) key, i int32 null");
    expect_rows(true, "|x  |NULL\nB|x  |NULL\na|B  |NULL\na|b  |NULL\nb|x  |NULL\nä|x  |NULL\n€|x  |NULL\n𝄞|x  |NULL");
}

Test(sql_snapshot, a_source_in_another_encoding_arrives_as_utf8_in_its_order)
{
    source_kit_dispose(&kit);
    source_kit_init(&kit, CAPTURE_SQL_SNAPSHOT, "LATIN9");
    /* The euro sign is 0xA4 in LATIN9, below 0xE4, and above it in Unicode. */
    source_kit_sql(&kit, "CREATE TABLE t (k varchar(5) NOT NULL); INSERT INTO t VALUES ('€'), ('ä'), ('z')");
    source_kit_dataset(&kit, "t", NULL, NULL, "k varchar(5) key");
    expect_rows(true, "z\nä\n€");
}

Test(sql_snapshot, a_source_without_an_encoding_gives_utf8_or_nothing)
{
    source_kit_dispose(&kit);
    source_kit_init(&kit, CAPTURE_SQL_SNAPSHOT, "SQL_ASCII");
    source_kit_sql(&kit, "CREATE TABLE t (k varchar(5) NOT NULL); INSERT INTO t VALUES ('€'), ('ä'), ('z')");
    source_kit_dataset(&kit, "t", NULL, NULL, "k varchar(5) key");
    expect_rows(true, "z\nä\n€");
    source_kit_sql(&kit, "INSERT INTO t VALUES (E'\\xe4')");
    expect_failure(ERR_INTERNAL, "source-error", "t of crm-db: database: a value does not fit its type (22021)");
    cr_expect(eq(str, kit.err.hint, "a text of the source is not in its encoding; of SQL_ASCII, not UTF-8"));
}

Test(sql_snapshot, names_of_tables_are_taken_as_written)
{
    static const char long_name[] = "a_table_with_a_name_of_sixty_three_bytes_which_is_the_longest_on";
    cr_assert(eq(sz, strlen(long_name) - 1, 63));
    source_kit_sql(&kit, arena_printf(kit.arena,
                                      "CREATE SCHEMA \"My Schema\"; CREATE TABLE \"My Schema\".\"T \"\"x\"\"\" (a int);"
                                      "INSERT INTO \"My Schema\".\"T \"\"x\"\"\" VALUES (1);"
                                      "CREATE TABLE %s (a int); INSERT INTO %s VALUES (2);"
                                      "CREATE TABLE \"People\" (a int); INSERT INTO \"People\" VALUES (3)",
                                      long_name + 1, long_name + 1));
    static const struct {
        const char *table, *rows;
    } cases[] = {{"My Schema.T \"x\"", "1"},
                 {"\"My Schema\".\"T \"\"x\"\"\"", "1"},
                 {long_name + 1, "2"},
                 {"public.People", "3"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        kit.work.dataset_count = 0;
        source_kit_dataset(&kit, "t", cases[i].table, NULL, "a int32 null");
        expect_rows(false, cases[i].rows);
    }
    kit.work.dataset_count = 0;
    source_kit_dataset(&kit, "t", "people", NULL, "a int32 null");
    expect_failure(ERR_CONFLICT, "schema-changed", "crm-db has no table people");
}

Test(sql_snapshot, a_table_of_1600_columns_and_one_without_rows)
{
    struct buf *create = buf_new(kit.arena), *columns = buf_new(kit.arena), *expected = buf_new(kit.arena);
    for (int i = 1; i < 1600; i++) {
        buf_addf(create, ", c%d int2", i);
        buf_addf(columns, ", c%d int16 null", i);
        buf_adds(expected, "|NULL");
    }
    source_kit_sql(&kit, arena_printf(kit.arena, "CREATE TABLE wide (id int NOT NULL%s); CREATE TABLE empty (a int);",
                                      buf_text(create)));
    source_kit_dataset(&kit, "wide", NULL, NULL, arena_printf(kit.arena, "id int32 key%s", buf_text(columns)));
    expect_rows(true, "");
    source_kit_sql(&kit, "INSERT INTO wide (id) VALUES (1)");
    expect_rows(true, arena_printf(kit.arena, "1%s", buf_text(expected)));
}

Test(sql_snapshot, partitions_children_views_and_materialized_views_are_read_whole)
{
    source_kit_sql(&kit, "CREATE TABLE p (id int NOT NULL) PARTITION BY RANGE (id);"
                         "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);"
                         "CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (10) TO (20);"
                         "INSERT INTO p VALUES (1), (11); CREATE TABLE i (id int NOT NULL);"
                         "CREATE TABLE i1 () INHERITS (i); INSERT INTO i VALUES (1); INSERT INTO i1 VALUES (11);"
                         "CREATE VIEW v AS SELECT * FROM p; CREATE MATERIALIZED VIEW m AS SELECT * FROM p");
    static const char *const tables[] = {"p", "i", "v", "m"};
    for (size_t i = 0; i < 4; i++) {
        kit.work.dataset_count = 0;
        source_kit_dataset(&kit, "t", tables[i], NULL, "id int32 key");
        expect_rows(true, "1\n11");
    }
}

Test(sql_snapshot, domains_are_read_as_their_base_types)
{
    source_kit_sql(&kit, "CREATE DOMAIN code AS varchar(5); CREATE DOMAIN strict AS code NOT NULL;"
                         "CREATE TABLE t (a strict, b code); INSERT INTO t VALUES ('x', 'y')");
    source_kit_dataset(&kit, "t", NULL, NULL, "a varchar(5), b varchar(5) null");
    expect_rows(false, "x|y");
}

Test(sql_snapshot, all_datasets_are_of_one_snapshot)
{
    struct capturing *capture;
    source_kit_sql(&kit, "CREATE TABLE a (id int); CREATE TABLE b (id int); INSERT INTO a VALUES (1); "
                         "INSERT INTO b VALUES (1)");
    source_kit_dataset(&kit, "a", NULL, NULL, "id int32 key");
    source_kit_dataset(&kit, "b", NULL, NULL, "id int32 key");
    cr_assert(eq(int, source_kit_begin(&kit, &capture), 0), "%s", kit.err.text);
    cr_expect(eq(str, (char *)source_kit_rows(&kit, capture, 0, false), "1"));
    source_kit_sql(&kit, "INSERT INTO a VALUES (2); INSERT INTO b VALUES (2)");
    cr_expect(eq(str, (char *)source_kit_rows(&kit, capture, 1, false), "1"));
    cr_expect(eq(str, (char *)source_kit_rows(&kit, capture, 0, false), "1"));
    capture_sql_snapshot.end(capture);
}

Test(sql_snapshot, nobody_truncates_or_rewrites_a_table_in_mid_batch)
{
    struct capturing *capture;
    source_kit_sql(&kit, "CREATE TABLE a (id int); CREATE TABLE b (id int); INSERT INTO b VALUES (1)");
    source_kit_dataset(&kit, "a", NULL, NULL, "id int32 key");
    source_kit_dataset(&kit, "b", NULL, NULL, "id int32 key");
    cr_assert(eq(int, source_kit_begin(&kit, &capture), 0), "%s", kit.err.text);
    source_kit_sql(&kit, "SET lock_timeout = 1");
    cr_expect(eq(int, pg_script(kit.pg, "TRUNCATE b", &kit.err), -ERR_BUSY));
    cr_expect(eq(int, pg_script(kit.pg, "ALTER TABLE b ALTER id TYPE bigint", &kit.err), -ERR_BUSY));
    cr_expect(eq(str, (char *)source_kit_rows(&kit, capture, 1, false), "1"));
    capture_sql_snapshot.end(capture);
}

Test(sql_snapshot, a_column_that_went_or_changed_its_type_is_a_changed_schema)
{
    source_kit_sql(&kit, "CREATE TABLE people (id int NOT NULL, born date)");
    source_kit_dataset(&kit, "people", "public.people", NULL, "id int32 key, born date null, name text null");
    expect_failure(ERR_CONFLICT, "schema-changed", "public.people of crm-db has no column \"name\"");
    cr_expect(eq(str, kit.err.hint, "compare the source's table with the model's dataset \"people\""));
    source_kit_sql(&kit, "ALTER TABLE people ADD name text, ALTER born TYPE boolean USING true");
    expect_failure(ERR_INTERNAL, "schema-changed",
                   "public.people of crm-db: database: cannot cast type boolean to date (42846)");
}

Test(sql_snapshot, who_refuses_and_who_is_away_is_told_apart)
{
    source_kit_sql(&kit, "CREATE TABLE t (id int); CREATE ROLE stranger LOGIN");
    source_kit_dataset(&kit, "t", NULL, NULL, "id int32 null");
    (void)setenv("YELLOW_CREDENTIAL_CRM_READER_USERNAME", "stranger", 1);
    expect_failure(ERR_INTERNAL, "source-error", "crm-db: database: permission denied for table t (42501)");
    cr_expect(eq(str, kit.err.hint, "grant SELECT on it to the credential's user"));
    source_kit_sql(&kit, "ALTER ROLE stranger NOLOGIN");
    cr_assert_null(source_kit_run(&kit, false, NULL));
    cr_expect(eq(str, (char *)kit.ingest.cause, "credential-refused"));
    cr_expect_not_null(strstr(kit.err.text, "role \"stranger\" is not permitted to log in"), "%s", kit.err.text);
    source_kit_sql(&kit, "DROP ROLE stranger");
    (void)unsetenv("YELLOW_CREDENTIAL_CRM_READER_PASSWORD");
    cr_assert_null(source_kit_run(&kit, false, NULL));
    cr_expect(eq(str, (char *)kit.ingest.cause, "configuration"));
    (void)setenv("YELLOW_CREDENTIAL_CRM_READER_PASSWORD", "secret", 1);
    kit.container.host = "/nowhere";
    cr_assert_null(source_kit_run(&kit, false, NULL));
    cr_expect(eq(str, (char *)kit.ingest.cause, "source-unreachable"));
    cr_expect_null(strstr(kit.err.text, "secret"));
}

Test(sql_snapshot, a_source_that_goes_away_in_mid_read_is_unreachable)
{
    struct capturing *capture;
    struct rows *rows;
    struct str tuple;
    bool is_sorted;
    source_kit_sql(&kit, "CREATE TABLE t AS SELECT i AS id, repeat('x', 1000) AS c FROM generate_series(1, 100000) i");
    source_kit_dataset(&kit, "t", NULL, NULL, "id int32 key, c text");
    cr_assert(eq(int, source_kit_begin(&kit, &capture), 0), "%s", kit.err.text);
    cr_assert(eq(int, capture_sql_snapshot.rows(capture, 0, false, &rows, &is_sorted, &kit.err), 0));
    cr_assert(eq(int, rows->next(rows, &tuple, &kit.err), 1));
    source_kit_sql(&kit, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
                         "WHERE query LIKE 'copy %' AND datname = current_database()");
    int rc;
    while ((rc = rows->next(rows, &tuple, &kit.err)) > 0)
        ;
    cr_expect(eq(int, rc, -ERR_UNAVAILABLE));
    cr_expect(eq(str, (char *)kit.ingest.cause, "source-unreachable"));
    rows->close(rows);
    capture_sql_snapshot.end(capture);
}

Test(sql_snapshot, a_stop_ends_the_read)
{
    struct capturing *capture;
    struct rows *rows;
    struct str tuple;
    bool is_sorted;
    source_kit_sql(&kit, "CREATE VIEW t AS SELECT i AS id FROM generate_series(1, 100000000) i");
    source_kit_dataset(&kit, "t", NULL, NULL, "id int32 key");
    cr_assert(eq(int, source_kit_begin(&kit, &capture), 0), "%s", kit.err.text);
    cr_assert(eq(int, capture_sql_snapshot.rows(capture, 0, false, &rows, &is_sorted, &kit.err), 0));
    cr_assert(eq(int, rows->next(rows, &tuple, &kit.err), 1));
    progress_stop(&kit.progress, "SIGTERM");
    int rc;
    while ((rc = rows->next(rows, &tuple, &kit.err)) > 0)
        ;
    cr_expect(eq(int, rc, -ERR_CANCELLED));
    cr_expect_not_null(strstr(kit.err.text, "SIGTERM"), "%s", kit.err.text);
    cr_expect(eq(str, (char *)kit.ingest.cause, "cancelled"));
    rows->close(rows);
    capture_sql_snapshot.end(capture);
}

Test(sql_snapshot, a_transformers_output_is_read_from_its_schema)
{
    kit.store.capture.type = CAPTURE_TRANSFORMER;
    kit.work.name = "mask-customers";
    source_kit_dataset(&kit, "masked", "not.used", NULL, "id int32 key");
    cr_assert_null(source_kit_run(&kit, false, NULL));
    cr_expect(eq(str, (char *)kit.ingest.cause, "transform-failed"));
    cr_expect(eq(str, kit.err.text, "crm-db has no table masked"));
}

Test(sql_snapshot, columns_that_the_source_computes_arrive_too)
{
    source_kit_sql(&kit, "CREATE TABLE people (id int NOT NULL, twice int GENERATED ALWAYS AS (id * 2) STORED);"
                         "INSERT INTO people VALUES (2), (1)");
    source_kit_dataset(&kit, "people", NULL, NULL, "id int32 key, twice int32 null");
    expect_rows(false, "2|4\n1|2");
    expect_rows(true, "1|2\n2|4");
}

/* Enough rows that the source is still sending when the second row with the key is met. */
static int connect_again(void *ctx, struct pg **out, struct err *err)
{
    return pg_connect(ctx, 10000, out, err);
}

Test(sql_snapshot, a_key_that_comes_twice_is_bad_data_in_a_later_batch_too)
{
    struct batch_outcome out;
    struct batch_options options = {.reconnect = connect_again, .ctx = (void *)(uintptr_t)kit.url};
    struct pg *target = test_connect(kit.url);
    source_kit_sql(&kit, "CREATE TABLE people (id int NOT NULL, name text);"
                         "INSERT INTO people SELECT n, repeat('x', 100) FROM generate_series(1, 50000) n");
    source_kit_dataset(&kit, "people", NULL, NULL, "id int32 key, name text null");
    kit.work.fence = 1;
    cr_assert(eq(int, batch_run(kit.arena, &kit.work, &target, &kit.progress, &options, &out, &kit.err), 0), "%s",
              kit.err.text);
    source_kit_sql(&kit, "INSERT INTO people VALUES (5, 'again')");
    kit.work.batch = 2;
    kit.work.fence = 2;
    cr_expect(eq(int, batch_run(kit.arena, &kit.work, &target, &kit.progress, &options, &out, &kit.err), -ERR_INVALID));
    cr_expect(eq(str, (char *)out.cause, "bad-data-over-limit"), "%s", kit.err.text);
    pg_close(target);
}

Test(sql_snapshot, what_a_role_or_a_database_sets_changes_nothing)
{
    static const char *const set[] = {"search_path = nowhere",
                                      "statement_timeout = 2000",
                                      "timezone = 'Asia/Tokyo'",
                                      "datestyle = 'SQL, DMY'",
                                      "intervalstyle = 'sql_standard'",
                                      "extra_float_digits = -15",
                                      "bytea_output = 'escape'",
                                      "row_security = off",
                                      "standard_conforming_strings = off",
                                      "default_transaction_read_only = on",
                                      "transform_null_equals = on",
                                      "default_transaction_isolation = 'serializable'",
                                      "idle_in_transaction_session_timeout = 1",
                                      "lock_timeout = 1"};
    struct pg *merge = NULL;
    struct pg_rows rows;
    source_kit_sql(&kit, "CREATE TABLE people (id int NOT NULL, at timestamptz, local timestamp, f float8, b bytea, "
                         "p interval, t text);"
                         "INSERT INTO people VALUES (1, '2024-03-01 12:00:00+00', '2024-03-01 12:00:00', "
                         "0.30000000000000004, '\\x00ff', '1 day 02:03:04', 'a\\b')");
    for (size_t i = 0; i < sizeof set / sizeof *set; i++)
        source_kit_sql(&kit, arena_printf(kit.arena, "ALTER DATABASE %s SET %s", PQdb(pg_raw(kit.pg)), set[i]));
    source_kit_dataset(
        &kit, "people", NULL, NULL,
        "id int32 key, at timestamp null, local timestamptz null, f float64 null, b binary null, p interval "
        "null, t text null");
    expect_rows(true, "1|2024-03-01 12:00:00|2024-03-01 12:00:00+00|0.30000000000000004|\\x00ff|1 day 02:03:04|a\\b");
    cr_assert(eq(int, target_connect(kit.arena, &kit.container, &kit.credential, "y", &merge, &kit.err), 0), "%s",
              kit.err.text);
    cr_assert(eq(int,
                 pg_query(merge, kit.arena,
                          "select concat_ws(' ', current_setting('search_path'), current_setting("
                          "'statement_timeout'), current_setting('timezone'), current_setting("
                          "'default_transaction_read_only'), current_setting('default_transaction_isolation'), "
                          "current_setting('row_security'), current_setting('transform_null_equals'), "
                          "current_setting('idle_in_transaction_session_timeout'), current_setting("
                          "'standard_conforming_strings'))",
                          PG_ONE, &rows, &kit.err),
                 0));
    cr_expect(eq(str, (char *)pg_text(&rows, 0, 0), "\"\" 0 UTC off read committed on off 0 on"));
    pg_close(merge);
}

/* Each is a better match than what PostgreSQL has for the names that Yellow's own queries use: it has none that takes
 * just text[], two names or the row of this table. */
Test(sql_snapshot, functions_that_somebody_puts_into_public_are_not_called)
{
    source_kit_sql(&kit,
                   "GRANT ALL ON SCHEMA public TO public; CREATE TABLE people (id int NOT NULL, name varchar(40));"
                   "CREATE TABLE salaries (id int NOT NULL, name varchar(40));"
                   "INSERT INTO people VALUES (1, 'a'); INSERT INTO salaries VALUES (7, 'secret');"
                   "CREATE FUNCTION public.unnest(text[]) RETURNS SETOF text AS $$ SELECT 'salaries' $$ LANGUAGE sql;"
                   "CREATE FUNCTION public.format(text, name, name) RETURNS text AS $$ SELECT 'public.salaries' $$ "
                   "LANGUAGE sql;"
                   "CREATE FUNCTION public.to_jsonb(people) RETURNS text AS $$ SELECT 1 / 0 $$ LANGUAGE sql;"
                   "CREATE FUNCTION public.char_length(varchar) RETURNS int AS $$ SELECT 1 / 0 $$ LANGUAGE sql");
    source_kit_dataset(&kit, "people", NULL, NULL, "id int32 key, name varchar(20) null");
    expect_rows(true, "1|a");
    source_kit_sql(&kit, "CREATE VIEW seen AS SELECT * FROM people");
    source_kit_dataset(&kit, "seen", NULL, NULL, "id int32 null, name varchar(20) null");
    kit.work.dataset_count = 2;
    struct capturing *capture = NULL;
    source_kit_batch(&kit, NULL);
    cr_assert(eq(int, source_kit_begin(&kit, &capture), 0), "%s", kit.err.text);
    cr_expect(eq(str, (char *)source_kit_rows(&kit, capture, 1, false), "1|a"), "%s", kit.err.text);
    capture_sql_snapshot.end(capture);
}

Test(sql_snapshot, what_a_view_calls_finds_its_own_tables)
{
    source_kit_sql(&kit, "CREATE TABLE rates (r int); INSERT INTO rates VALUES (3);"
                         "CREATE FUNCTION rate() RETURNS int AS $$ BEGIN RETURN (SELECT r FROM rates); END $$ "
                         "LANGUAGE plpgsql; CREATE VIEW people AS SELECT coalesce(rate(), 0) AS id, 'x'::text AS name");
    source_kit_dataset(&kit, "people", NULL, NULL, "id int32 null, name text null");
    expect_rows(false, "3|x");
}

Test(sql_snapshot, a_table_without_a_schema_is_the_users_own_before_that_of_public)
{
    source_kit_sql(&kit, "CREATE TABLE people (id int NOT NULL, name text); INSERT INTO people VALUES (1, 'public')");
    source_kit_dataset(&kit, "people", NULL, NULL, "id int32 key, name text null");
    expect_rows(true, "1|public");
    source_kit_sql(&kit, arena_printf(kit.arena,
                                      "CREATE SCHEMA \"%s\"; CREATE TABLE \"%s\".people (id int NOT NULL, "
                                      "name text); INSERT INTO \"%s\".people VALUES (2, 'own')",
                                      PQuser(pg_raw(kit.pg)), PQuser(pg_raw(kit.pg)), PQuser(pg_raw(kit.pg))));
    expect_rows(true, "2|own");
}
