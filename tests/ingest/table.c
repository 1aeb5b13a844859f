#include "ingest/table.h"

#include "ingest/merge_kit.h"
#include "ingest/table_type.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct merge_kit kit;

static void start(bool milestoned, const char *columns)
{
    merge_kit_init(&kit, milestoned);
    source_kit_dataset(&kit.source, "people", NULL, NULL, columns);
}

static void stop(void)
{
    merge_kit_dispose(&kit);
}

/* The model changes. */
static void change(const char *columns)
{
    kit.source.work.dataset_count = 0;
    source_kit_dataset(&kit.source, "people", NULL, NULL, columns);
}

TestSuite(ingest_table, .fini = stop);

#define EXPECT_RUN(whole, rows, text) cr_expect(eq(str, (char *)merge_kit_run(&kit, whole, rows), text))
#define EXPECT_TABLE(text) cr_expect(eq(str, (char *)merge_kit_table(&kit, 0), text))
#define EXPECT_QUERY(sql, text) cr_expect(eq(str, (char *)merge_kit_query(&kit, sql), text))

static void expect_refused(const char *rows, const char *cause, const char *text)
{
    kit.rows[0] = rows;
    cr_expect(ne(int, merge_kit_try(&kit, true), 0));
    cr_expect(eq(str, (char *)kit.out.cause, (char *)cause));
    cr_expect(eq(str, kit.source.err.text, (char *)text));
}

static const char every_type[] =
    "id int64 key, a int8 null, b int16 null, c int32 null, d int64 null, e float16 null, f float32 null, g float64 "
    "null, h decimal(20,4) null, i boolean null, j date null, k time null, l timestamp null, m timestamptz null, n "
    "interval null, o char(5) null, p varchar(20) null, q text null, r uuid null, s json null, t binary null, u "
    "vector(2) null, v array<int32> null, w array<text> null";
static const char one_of_each[] =
    "1|1|2|3|4|1.5|2.5|3.5|12.34|t|2026-01-31|23:59:59.5|2026-01-31 10:00:00|2026-01-31 10:00:00+02|1 year 2 mons "
    "3 days 04:05:06.7|ab|\xc3\xa4\xc3\xb6|text|11111111-2222-3333-4444-555555555555|{\"a\": [1, null]}|\\x00ff|{1,2}|"
    "{1,NULL}|{a,\"b c\"}";
static const char none_of_any[] = "2|\\N|\\N|\\N|\\N|\\N|\\N|\\N|\\N|\\N|\\N|\\N|\\N|\\N|\\N|\\N|\\N|\\N|\\N|\\N|\\N|"
                                  "\\N|\\N|\\N";

Test(ingest_table, every_type_comes_through_every_way_and_is_equal_to_itself)
{
    for (int milestoned = 0; milestoned < 2; milestoned++) {
        start(milestoned, every_type);
        const char *both = arena_printf(kit.source.arena, "%s\n%s", one_of_each, none_of_any);
        EXPECT_RUN(true, both, "2/2/0/0/0 rebuild");
        EXPECT_RUN(true, both, "2/0/0/0/2 none");
        kit.unsorted = true;
        EXPECT_RUN(true, both, "2/0/0/0/2 none");
        EXPECT_RUN(false, both, "2/0/0/0/2 none");
        const char *swapped = arena_printf(kit.source.arena, "2%s\n1%s", one_of_each + 1, none_of_any + 1);
        EXPECT_RUN(true, swapped, "2/0/2/0/0 stage");
        kit.unsorted = false;
        EXPECT_RUN(true, both, "2/0/2/0/0 compare");
        EXPECT_QUERY(
            "select a, e, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w from acme__yellowlive.people where id "
            "= 1 order by 1 limit 1",
            "1|1.5|12.3400|t|2026-01-31|23:59:59.5|2026-01-31 10:00:00|2026-01-31 08:00:00+00|1 year 2 mons 3 "
            "days 04:05:06.7|ab   |\xc3\xa4\xc3\xb6|text|11111111-2222-3333-4444-555555555555|{\"a\": [1, "
            "null]}|\\x00ff|{1,2}|{1,NULL}|{a,\"b c\"}");
        if (!milestoned)
            stop();
    }
}

Test(ingest_table, every_type_that_may_be_a_key_is_one)
{
    start(true, "a int8 key, b int16 key, c int32 key, d int64 key, h decimal(20,4) key, i boolean key, j date key, "
                "k time key, l timestamp key, m timestamptz key, o char(5) key, p varchar(20) key, q text key, "
                "r uuid key, t binary key, z text null");
    const char *const key = "1|2|3|4|12.34|t|2026-01-31|23:59|2026-01-31 10:00|2026-01-31 10:00Z|ab|cd|ef|"
                            "11111111-2222-3333-4444-555555555555|\\x00ff";
    EXPECT_RUN(true, arena_printf(kit.source.arena, "%s|x", key), "1/1/0/0/0 rebuild");
    EXPECT_RUN(true, arena_printf(kit.source.arena, "%s|y", key), "1/0/1/0/0 compare");
    EXPECT_RUN(false, arena_printf(kit.source.arena, "%s|z", key), "1/0/1/0/0 stage");
    EXPECT_QUERY("select z, yellow_batch_in, yellow_batch_out from acme__yellowlive.people order by z",
                 "x|1|1\ny|2|2\nz|3|2147483647");
}

Test(ingest_table, tables_follow_a_model_that_grows)
{
    start(true, "id int32 key, name varchar(5), pay decimal(6,2) null, n int16 null");
    EXPECT_RUN(true, "1|abc|1.50|7\n2|x|2.25|8", "2/2/0/0/0 rebuild");
    cr_expect(kit.out.datasets[0].ddl);
    change("id int64 key, name text null, pay decimal(10,4) null, n int32 null, more json null");
    EXPECT_RUN(true, "1|abc|1.50|7|\\N\n2|\\N|2.25|8|{}", "2/0/1/0/1 stage");
    cr_expect(kit.out.datasets[0].ddl);
    EXPECT_TABLE("1|abc|1.5000|7|1|2147483647|\\N\n2|\\N|2.2500|8|2|2147483647|{}\n2|x|2.2500|8|1|1|\\N");
    EXPECT_RUN(true, "1|abc|1.50|7|\\N\n2|\\N|2.25|8|{}", "2/0/0/0/2 none");
    cr_expect(not(kit.out.datasets[0].ddl));
    /* A column leaves, and comes back. */
    change("id int64 key, pay decimal(10,4) null, more json null");
    EXPECT_RUN(true, "1|1.50|\\N\n3|1|\\N", "2/1/0/1/1 compare");
    change("id int64 key, name text null, pay decimal(10,4) null, more json null");
    EXPECT_RUN(true, "1|abc|1.50|\\N\n3|n|1|\\N", "2/0/1/0/1 compare");
    EXPECT_QUERY("select id, name, yellow_batch_in from acme__yellowlive.people where yellow_batch_out = 2147483647 "
                 "order by id",
                 "1|abc|1\n3|n|5");
}

Test(ingest_table, views_stay_with_owner_and_grants_when_a_column_gets_wider)
{
    start(false, "id int32 key, name varchar(5)");
    merge_kit_run(&kit, true, "1|abc");
    source_kit_sql(&kit.source,
                   "create role owner_of_views; create role reader; create schema v;"
                   "create view v.\"a view\" with (security_barrier) as select id, name from "
                   "acme__yellowlive.people; create view v.b as select * from v.\"a view\";"
                   "grant usage on schema v to owner_of_views; grant select on v.\"a view\" to owner_of_views; alter "
                   "view v.b owner to owner_of_views; grant select on v.b to reader");
    change("id int64 key, name varchar(9)");
    EXPECT_RUN(true, "1|abcdefg", "1/0/1/0/0 stage");
    EXPECT_QUERY("select id, name from v.b", "1|abcdefg");
    EXPECT_QUERY("select viewowner, has_table_privilege('reader', 'v.b', 'select') from pg_views where viewname = 'b'",
                 "owner_of_views|t");
    EXPECT_QUERY("select reloptions from pg_class where relname = 'a view'", "{security_barrier=true}");
    source_kit_sql(&kit.source, "drop schema v cascade; drop role owner_of_views; drop role reader");
}

Test(ingest_table, a_column_that_is_wider_than_the_model_stays_as_it_is_and_takes_its_values)
{
    for (int milestoned = 0; milestoned < 2; milestoned++) {
        start(milestoned, "id int64 key, price decimal(9,4), ratio float64, code char(4), n array<int64>");
        EXPECT_RUN(true, "1|1.2345|0.1|ab|{1}\n2|2|0.2|cd|{2}", "2/2/0/0/0 rebuild");
        change("id int32 key, price decimal(6,2), ratio float32, code char(2), n array<int16>");
        EXPECT_RUN(true, "1|1.2345|0.1|ab|{1}\n2|3|0.2|cd|{2}", "2/0/1/0/1 compare");
        EXPECT_RUN(true, "1|1.2345|0.1|ab|{1}\n2|3|0.2|cd|{2}", "2/0/0/0/2 none");
        EXPECT_RUN(false, "3|4|0.3|ef|{4}", "1/1/0/0/0 stage");
        EXPECT_QUERY("select string_agg(format_type(atttypid, atttypmod), ' ' order by attnum) from pg_attribute where "
                     "attrelid = 'acme__yellowlive.people'::regclass and attnum between 1 and 5",
                     "bigint numeric(9,4) double precision character(4) bigint[]");
        change("id int64 key, price decimal(9,4), ratio float64, code char(4), n array<int64>");
        EXPECT_RUN(false, "3|4|0.3|ef|{4}", "1/0/0/0/1 none");
        if (!milestoned)
            stop();
    }
}

Test(ingest_table, a_shape_that_cannot_follow_is_refused_and_changes_nothing)
{
    start(false, "id int32 key, name text null, n int32 null");
    EXPECT_RUN(true, "1|a|2", "1/1/0/0/0 rebuild");
    change("id int32 key, name text null, n uuid null");
    expect_refused("1|b|", "schema-changed",
                   "table \"acme__yellowlive\".\"people\" cannot follow the model: column \"n\" is integer there and "
                   "uuid in the model");
    cr_expect(eq(str, kit.source.err.hint,
                 "undo the change in the model, or drop the stream's tables so that it loads anew"));
    change("id int32 key, name text key, n int32 null");
    expect_refused("1|b|2", "schema-changed",
                   "table \"acme__yellowlive\".\"people\" cannot follow the model: its key is not (\"id\", \"name\")");
    change("id int32 null, name text null, n int32 null");
    expect_refused("1|b|2", "schema-changed",
                   "table \"acme__yellowlive\".\"people\" cannot follow the model: it has a key, the model none");
    change("id int32 key, name text null, n int32 null, o int32");
    expect_refused("1|b|2|3", "schema-changed",
                   "dataset \"people\": table \"acme__yellowlive\".\"people\" cannot follow the model: a new column is "
                   "not nullable and there are rows without it");
    kit.source.work.milestoned = true;
    expect_refused(
        "1|b|2|3", "schema-changed",
        "table \"acme__yellowlive\".\"people\" cannot follow the model: it keeps no history, the platform is "
        "milestoned");
    kit.source.work.milestoned = false;
    EXPECT_TABLE("1|a|2|1");
    EXPECT_QUERY("select attempts, state, cause from yellow.batches where batch = 2", "5|failed|schema-changed");
    change("id int32 key, name text null, n int32 null");
    EXPECT_RUN(true, "1|b|2", "1/0/1/0/0 compare");
}

Test(ingest_table, names_may_be_anything_of_63_bytes)
{
    for (int milestoned = 0; milestoned < 2; milestoned++) {
        start(milestoned, "id text key, n int32 null, b text null");
        struct work_column *columns = (struct work_column *)kit.source.datasets[0].columns;
        columns[0].name = "select \"x\"; drop table '1' -- \\ \xc3\xa4\xe2\x82\xac %s $1 {}()[].,;:<>?!@#^";
        columns[1].name = "\xf0\x9f\x98\x80 \t\n a name of 63 bytes with what nobody types, as it is----";
        columns[2].name = "ctid_of t.s";
        cr_assert(eq(sz, strlen(columns[1].name), 63));
        kit.source.datasets[0].schema = "a \"schema\"; --";
        kit.source.datasets[0].table = "Table.With.\"Dots\" and 'quotes' $$ as long as it may be 63 bytes";
        cr_assert(eq(sz, strlen(kit.source.datasets[0].table), 63));
        cr_assert(strlen(columns[0].name) <= 63, "%zu", strlen(columns[0].name));
        EXPECT_RUN(true, "b|1|x\na|2|y", "2/2/0/0/0 rebuild");
        EXPECT_RUN(true, "b|1|z\nc|2|y", "2/1/1/1/0 compare");
        EXPECT_RUN(false, "d|1|z\nc|3|y", "2/1/1/0/0 stage");
        columns[1].type.base = TYPE_INT64;
        columns[1].sql = "bigint";
        EXPECT_RUN(true, "d|1|z", "1/0/0/2/1 stage");
        if (!milestoned)
            stop();
    }
}

Test(ingest_table, a_column_that_every_table_has_is_refused)
{
    start(false, "id int32 key, xmin int32 null");
    expect_refused("1|2", "configuration",
                   "dataset \"people\": column \"xmin\": PostgreSQL has one of this name in every table");
}

Test(ingest_table, columns_may_have_the_names_that_statements_use)
{
    start(false, "t int32 key, s int32 null, r int32 null, q int32 null, p int32 null, n int32 null, c int32 null, h "
                 "int32 null, place int32 null, hash int32 null, nth int32 null");
    kit.unsorted = true;
    EXPECT_RUN(true, "1|1|1|1|1|1|1|1|1|1|1", "1/1/0/0/0 rebuild");
    EXPECT_RUN(true, "1|1|1|1|2|1|1|1|1|1|1\n2|1|1|1|1|1|1|1|1|1|1", "2/1/1/0/0 stage");
    kit.rows[0] = "1|1|1|1|2|1|1|1|1|1|1\n1|1|1|1|1|1|1|1|1|1|1";
    cr_expect(eq(int, merge_kit_try(&kit, true), -ERR_INVALID), "%s", kit.source.err.text);
    EXPECT_RUN(false, kit.rows[0], "2/0/1/0/1 stage");
}

Test(ingest_table, a_name_that_postgresql_would_cut_is_refused)
{
    start(false, "id int32 key");
    kit.source.datasets[0].table = "1234567890123456789012345678901234567890123456789012345678901234";
    expect_refused("1", "configuration",
                   "dataset \"people\": table \"1234567890123456789012345678901234567890123456789012345678901234\": a "
                   "name of 64 bytes, PostgreSQL keeps 63");
}

/* id, then columns up to n in all. */
static const char *wide(int n)
{
    struct buf *columns = buf_new(kit.source.arena);
    buf_adds(columns, "id int32 key");
    for (int i = 1; i < n; i++)
        buf_addf(columns, ", c%d int16 null", i);
    return buf_text(columns);
}

static const char *wide_row(int n, int id, int value)
{
    struct buf *row = buf_new(kit.source.arena);
    buf_addf(row, "%d", id);
    for (int i = 1; i < n; i++)
        buf_addf(row, "|%d", value);
    return buf_text(row);
}

Test(ingest_table, a_table_has_as_many_columns_as_postgresql_keeps)
{
    for (int milestoned = 0; milestoned < 2; milestoned++) {
        int most = milestoned ? 1598 : 1599;
        start(milestoned, "id int32 key");
        change(wide(most));
        const char *first = wide_row(most, 1, 5), *second = wide_row(most, 2, 5), *changed = wide_row(most, 2, 6);
        EXPECT_RUN(true, arena_printf(kit.source.arena, "%s\n%s", first, second), "2/2/0/0/0 rebuild");
        EXPECT_RUN(true, arena_printf(kit.source.arena, "%s\n%s", first, changed), "2/0/1/0/1 compare");
        EXPECT_RUN(false, second, "1/0/1/0/0 stage");
        if (!milestoned)
            stop();
    }
    change(wide(1599));
    expect_refused("1", "configuration",
                   "dataset \"people\": 1599 columns and 2 of Yellow's, a table of PostgreSQL has 1600 at most");
}

Test(ingest_table, wide_tables_without_a_key_are_matched_too)
{
    start(false, "id int32 null");
    change(wide(1599) + strlen("id int32 key, "));
    EXPECT_RUN(true, wide_row(1598, 1, 5), "1/1/0/0/0 rebuild");
    EXPECT_RUN(true, wide_row(1598, 1, 6), "1/1/0/1/0 stage");
    EXPECT_RUN(true, wide_row(1598, 1, 6), "1/0/0/0/1 none");
}

Test(ingest_table, a_dataset_without_rows_has_a_table_without_rows)
{
    start(false, "id int32 key, name text null");
    EXPECT_RUN(true, "", "0/0/0/0/0 rebuild");
    EXPECT_TABLE("");
    EXPECT_RUN(true, "", "0/0/0/0/0 none");
    EXPECT_RUN(true, "1|a", "1/1/0/0/0 compare");
    EXPECT_RUN(true, "", "0/0/0/1/0 compare");
}

Test(ingest_table, an_unchanged_snapshot_writes_nothing_to_the_table)
{
    for (int unsorted = 0; unsorted < 2; unsorted++) {
        start(true, "id int32 key, name text null");
        EXPECT_RUN(true, "1|a\n2|b", "2/2/0/0/0 rebuild");
        const char *state = "select pg_relation_filenode('acme__yellowlive.people'), pg_relation_size("
                            "'acme__yellowlive.people'), string_agg(xmin || ' ' || xmax || ' ' || ctid, ',') from "
                            "acme__yellowlive.people",
                   *before = merge_kit_query(&kit, state);
        kit.unsorted = unsorted;
        EXPECT_RUN(true, "1|a\n2|b", "2/0/0/0/2 none");
        cr_expect(eq(str, (char *)merge_kit_query(&kit, state), (char *)before));
        if (!unsorted)
            stop();
    }
}

Test(ingest_table, types_follow_when_every_value_fits)
{
    static const struct {
        const char *there, *wanted;
        enum type_follow follow;
    } cases[] = {
        {"integer", "integer", TYPE_SAME},
        {"smallint", "bigint", TYPE_WIDEN},
        {"bigint", "integer", TYPE_KEEP},
        {"integer", "text", TYPE_REFUSE},
        {"real", "double precision", TYPE_WIDEN},
        {"character varying(5)", "character varying(6)", TYPE_WIDEN},
        {"character varying(5)", "character varying(4)", TYPE_SAME},
        {"character varying(5)", "text", TYPE_WIDEN},
        {"text", "character varying(5)", TYPE_SAME},
        {"character(3)", "character(4)", TYPE_WIDEN},
        {"character(3)", "character(2)", TYPE_KEEP},
        {"numeric(6,2)", "numeric(8,4)", TYPE_WIDEN},
        {"numeric(6,2)", "numeric(7,4)", TYPE_REFUSE},
        {"numeric(6,2)", "numeric(6,1)", TYPE_REFUSE},
        {"numeric(8,4)", "numeric(6,2)", TYPE_KEEP},
        {"bigint[]", "integer[]", TYPE_KEEP},
        {"timestamp without time zone", "timestamp", TYPE_SAME},
        {"timestamp with time zone", "timestamptz", TYPE_SAME},
        {"timestamp with time zone", "timestamp", TYPE_REFUSE},
        {"time without time zone[]", "time[]", TYPE_SAME},
        {"integer[]", "bigint[]", TYPE_WIDEN},
        {"integer[]", "integer", TYPE_REFUSE},
        {"uuid", "uuid", TYPE_SAME},
        {"uuid", "jsonb", TYPE_REFUSE},
    };
    start(false, "id int32 key");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect(eq(int, (int)table_type_follow(cases[i].there, cases[i].wanted), (int)cases[i].follow), "%s to %s",
                  cases[i].there, cases[i].wanted);
}
