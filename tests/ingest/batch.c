#include "ingest/merge_kit.h"
#include "sql.h"

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

TestSuite(ingest_batch, .fini = stop);

#define EXPECT_RUN(whole, rows, text) cr_expect(eq(str, (char *)merge_kit_run(&kit, whole, rows), text))
#define EXPECT_TABLE(text) cr_expect(eq(str, (char *)merge_kit_table(&kit, 0), text))

Test(ingest_batch, the_worked_example_of_milestoned_rows)
{
    start(true, "id int32 key, name text null");
    merge_kit_run(&kit, true, "1|billy");
    EXPECT_TABLE("1|billy|1|2147483647");
    merge_kit_run(&kit, true, "1|billy\n2|laura");
    EXPECT_TABLE("1|billy|1|2147483647\n2|laura|2|2147483647");
    merge_kit_run(&kit, true, "1|william\n2|laura");
    EXPECT_TABLE("1|billy|1|2\n1|william|3|2147483647\n2|laura|2|2147483647");
    merge_kit_run(&kit, true, "2|laura");
    EXPECT_TABLE("1|billy|1|2\n1|william|3|3\n2|laura|2|2147483647");
    merge_kit_run(&kit, true, "1|billy\n2|laura");
    EXPECT_TABLE("1|billy|1|2\n1|billy|5|2147483647\n1|william|3|3\n2|laura|2|2147483647");
}

Test(ingest_batch, a_live_table_equals_the_source_and_unchanged_rows_keep_their_batch)
{
    start(false, "id int32 key, name text null");
    EXPECT_RUN(true, "1|billy\n2|laura\n3|\\N", "3/3/0/0/0 rebuild");
    EXPECT_RUN(true, "4|new\n1|billy\n2|\\N", "3/1/1/1/1 compare");
    EXPECT_TABLE("1|billy|1\n2|\\N|2\n4|new|2");
    EXPECT_RUN(true, "1|billy\n2|\\N\n4|new", "3/0/0/0/3 none");
    EXPECT_TABLE("1|billy|1\n2|\\N|2\n4|new|2");
}

Test(ingest_batch, a_source_without_order_or_with_a_broken_one_is_staged)
{
    start(true, "id int32 key, name text null");
    EXPECT_RUN(true, "1|a\n2|b\n3|c", "3/3/0/0/0 rebuild");
    kit.unsorted = true;
    EXPECT_RUN(true, "3|c\n4|d\n1|x", "3/1/1/1/1 stage");
    kit.unsorted = false;
    kit.shuffled = true;
    EXPECT_RUN(true, "5|e\n3|c\n1|x", "3/1/0/1/2 stage");
    EXPECT_TABLE("1|a|1|1\n1|x|2|2147483647\n2|b|1|1\n3|c|1|2147483647\n4|d|2|2\n5|e|3|2147483647");
}

/* Rows 1 to n, with an exception each tenth when changed. */
static const char *many(int n, int from, bool changed)
{
    struct buf *rows = buf_new(kit.source.arena);
    for (int i = from; i <= n; i++)
        buf_addf(rows, "%s%d|%s of %d", i > from ? "\n" : "", i, changed && i % 10 == 0 ? "the changed name" : "name",
                 i);
    return buf_text(rows);
}

Test(ingest_batch, a_large_table_is_compared_through_a_connection_of_its_own)
{
    for (int milestoned = 0; milestoned < 2; milestoned++) {
        start(milestoned, "id int32 key, name text");
        EXPECT_RUN(true, many(40000, 1, false), "40000/40000/0/0/0 rebuild");
        EXPECT_RUN(true, many(40000, 1, false), "40000/0/0/0/40000 none");
        EXPECT_RUN(true, many(60000, 20001, true), "40000/20000/2000/20000/18000 compare");
        EXPECT_RUN(true, many(60000, 20001, true), "40000/0/0/0/40000 none");
        kit.unsorted = true;
        EXPECT_RUN(true, many(60000, 20001, true), "40000/0/0/0/40000 none");
        EXPECT_RUN(true, many(60000, 20001, false), "40000/0/4000/0/36000 stage");
        cr_expect(
            eq(str,
               (char *)merge_kit_query(&kit, milestoned ? "select count(*), count(distinct id), min(id), max(id) from "
                                                          "acme__yellowlive.people where yellow_batch_out = 2147483647"
                                                        : "select count(*), count(distinct id), min(id), max(id) from "
                                                          "acme__yellowlive.people"),
               "40000|40000|20001|60000"));
        if (!milestoned)
            stop();
    }
}

Test(ingest_batch, additions_replace_rows_by_key_and_the_last_one_counts)
{
    start(false, "id int32 key, name text null");
    EXPECT_RUN(false, "1|a\n1|b\n2|c", "3/2/0/0/1 rebuild");
    EXPECT_TABLE("1|b|1\n2|c|1");
    EXPECT_RUN(false, "2|x\n3|y\n2|d\n1|b", "4/1/1/0/2 stage");
    EXPECT_TABLE("1|b|1\n2|d|2\n3|y|2");
    EXPECT_RUN(false, "", "0/0/0/0/0 none");
}

Test(ingest_batch, additions_without_a_key_are_appended)
{
    start(true, "id int32 null, name text null");
    EXPECT_RUN(false, "1|a\n1|a", "2/2/0/0/0 rebuild");
    EXPECT_RUN(false, "1|a\n\\N|\\N", "2/2/0/0/0 append");
    EXPECT_TABLE("\\N|\\N|2|2147483647\n1|a|1|2147483647\n1|a|1|2147483647\n1|a|2|2147483647");
}

Test(ingest_batch, rows_without_a_key_are_matched_whole_and_as_often_as_they_are_there)
{
    start(false, "a int32 null, b text null, c json null");
    EXPECT_RUN(true, "1|x|{}\n1|x|{}\n\\N|\\N|\\N\n2|y|[1]", "4/4/0/0/0 rebuild");
    EXPECT_RUN(true, "1|x|{}\n\\N|\\N|\\N\n\\N|\\N|\\N\n2|y|[2]", "4/2/0/2/2 stage");
    EXPECT_TABLE("\\N|\\N|\\N|1\n\\N|\\N|\\N|2\n1|x|{}|1\n2|y|[2]|2");
    EXPECT_RUN(true, "2|y|[2]\n1|x|{}\n\\N|\\N|\\N\n\\N|\\N|\\N", "4/0/0/0/4 none");
}

Test(ingest_batch, history_without_a_key_ends_one_row_of_its_like)
{
    start(true, "a int32 null, b text null");
    EXPECT_RUN(true, "1|x\n1|x\n2|y", "3/3/0/0/0 rebuild");
    EXPECT_RUN(true, "1|x\n3|z", "2/1/0/2/1 stage");
    EXPECT_TABLE("1|x|1|1\n1|x|1|2147483647\n2|y|1|1\n3|z|2|2147483647");
}

Test(ingest_batch, a_key_that_is_there_twice_in_a_snapshot_is_bad_data)
{
    start(false, "id int32 key, name text null");
    kit.rows[0] = "1|a\n2|b\n1|c";
    cr_expect(eq(int, merge_kit_try(&kit, true), -ERR_INVALID));
    cr_expect(eq(str, (char *)kit.out.cause, "bad-data-over-limit"));
    cr_expect(
        eq(str, kit.source.err.text,
           "dataset \"people\": the key was there before in the same snapshot: more than 0 bad rows in the batch"));
    cr_expect(eq(str, (char *)merge_kit_query(&kit, "select state, cause, attempts from yellow.batches"),
                 "failed|bad-data-over-limit|1"));
    cr_expect(eq(str, (char *)merge_kit_query(&kit, "select batch, dataset, reason, record from yellow.quarantine"),
                 "1|people|the key was there before in the same snapshot|{\"id\":1,\"name\":\"c\"}"));
    EXPECT_RUN(true, "1|a\n2|b", "2/2/0/0/0 rebuild");
    kit.rows[0] = "2|b\n2|c";
    cr_expect(eq(int, merge_kit_try(&kit, true), -ERR_INVALID));
    EXPECT_TABLE("1|a|1\n2|b|1");
    kit.source.store.capture.type = CAPTURE_CSV_S3;
    kit.source.store.capture.csv.bad_rows = 1;
    EXPECT_RUN(true, "2|b\n2|c", "2/0/0/1/1 stage");
    EXPECT_TABLE("2|b|1");
    cr_expect(eq(i64, kit.out.counts.quarantined, 1));
}

/* Each index of the table: whether it is the primary key, unique, and its condition. */
static const char *indexes(void)
{
    return merge_kit_query(&kit, "select x.indisprimary, x.indisunique, pg_get_expr(x.indpred, x.indrelid) "
                                 "from pg_index x join pg_class c on c.oid = x.indrelid where c.relname = 'people'");
}

Test(ingest_batch, a_first_load_that_the_database_waits_for_goes_into_the_index_as_it_comes)
{
    start(false, "id int32 key, name text null");
    kit.look_bytes = 20; /* after the second row */
    EXPECT_RUN(true, "1|a\n2|b\n3|c\n4|d", "4/4/0/0/0 rebuild");
    EXPECT_TABLE("1|a|1\n2|b|1\n3|c|1\n4|d|1");
    cr_expect(eq(str, (char *)indexes(), "t|t|\\N"));
    EXPECT_RUN(true, "1|a\n2|x\n4|d\n5|e", "4/1/1/1/2 compare");
    EXPECT_TABLE("1|a|1\n2|x|2\n4|d|1\n5|e|2");
}

Test(ingest_batch, keys_out_of_order_take_the_early_index_off_until_the_end)
{
    start(true, "id int32 key, name text null");
    kit.look_bytes = 1;
    kit.unsorted = true;
    kit.source.store.capture.type = CAPTURE_CSV_S3;
    kit.source.store.capture.csv.bad_rows = 2;
    EXPECT_RUN(true, "1|a\n2|b\n5|c\n3|d\n5|e\n6|f\n1|g", "7/5/0/0/0 rebuild");
    EXPECT_TABLE("1|a|1|2147483647\n2|b|1|2147483647\n3|d|1|2147483647\n5|c|1|2147483647\n6|f|1|2147483647");
    cr_expect(eq(i64, kit.out.counts.quarantined, 2));
    cr_expect(eq(str, (char *)indexes(), "f|t|(yellow_batch_out = 2147483647)"));
}

Test(ingest_batch, an_early_primary_key_that_is_taken_off_comes_back)
{
    start(false, "id varchar(5) key, name text null");
    kit.look_bytes = 1;
    kit.unsorted = true;
    EXPECT_RUN(false, "b|1\nc|2\na|3\nb|4", "4/3/0/0/1 rebuild");
    cr_expect(eq(str, (char *)indexes(), "t|t|\\N"));
    EXPECT_TABLE("a|3|1\nb|4|1\nc|2|1");
}

Test(ingest_batch, a_null_where_the_model_has_none_is_bad_data)
{
    start(false, "id int32 key, name text");
    kit.source.store.capture.type = CAPTURE_CSV_S3;
    kit.source.store.capture.csv.bad_rows = 2;
    EXPECT_RUN(true, "1|a\n\\N|b\n2|\\N\n3|d", "4/2/0/0/0 rebuild");
    EXPECT_TABLE("1|a|1\n3|d|1");
    cr_expect(eq(
        str, (char *)merge_kit_query(&kit, "select \"column\", reason, record from yellow.quarantine order by number"),
        "id|null in a column of the key|{\"id\":null,\"name\":\"b\"}\n"
        "name|null in a column that is not nullable|{\"id\":2,\"name\":null}"));
}

Test(ingest_batch, what_fails_leaves_everything_as_it_was_and_the_batch_runs_again)
{
    start(false, "id int32 key, name text null");
    kit.watermark = "7";
    EXPECT_RUN(true, "1|a", "1/1/0/0/0 rebuild");
    kit.watermark = "8";
    kit.rows[0] = "1|b\n2|c\n!";
    cr_expect(eq(int, merge_kit_try(&kit, true), -ERR_UNAVAILABLE));
    cr_expect(eq(str, kit.source.err.text, "dataset \"people\": the source went away"));
    cr_expect(eq(str, (char *)kit.out.cause, "source-error"));
    EXPECT_TABLE("1|a|1");
    cr_expect(eq(str, (char *)merge_kit_query(&kit, "select batch, watermark, fence from yellow.streams"), "1|7|2"));
    EXPECT_RUN(true, "1|b\n2|c", "2/1/1/0/0 compare");
    cr_expect(eq(str,
                 (char *)merge_kit_query(&kit, "select batch, state, attempts, fence, watermark, cause from "
                                               "yellow.batches order by batch"),
                 "1|committed|1|1|7|\\N\n2|committed|2|3|8|\\N"));
}

Test(ingest_batch, a_batch_that_is_committed_is_found_and_not_done_again)
{
    start(false, "id int32 key, name text null");
    kit.watermark = "w";
    EXPECT_RUN(true, "1|a", "1/1/0/0/0 rebuild");
    kit.source.work.batch--;
    kit.watermark = "other";
    EXPECT_RUN(true, "2|b", "1/1/0/0/0 rebuild");
    cr_expect(kit.out.found);
    cr_expect(eq(str, (char *)kit.out.watermark, "w"));
    EXPECT_TABLE("1|a|1");
}

Test(ingest_batch, an_older_run_changes_nothing)
{
    start(false, "id int32 key, name text null");
    EXPECT_RUN(true, "1|a", "1/1/0/0/0 rebuild");
    kit.source.work.fence = -1;
    kit.rows[0] = "1|b";
    cr_expect(eq(int, merge_kit_try(&kit, true), -ERR_CONFLICT));
    cr_expect(eq(str, (char *)kit.out.cause, "lost"));
    cr_expect(eq(str, kit.source.err.text, "stream \"customers\": a newer run has it"));
    EXPECT_TABLE("1|a|1");
}

static int raise_fence(void *ctx, struct err *err)
{
    struct pg *other = NULL;
    (void)ctx;
    int rc = pg_connect(kit.source.url, 10000, &other, err);
    if (!rc)
        rc = pg_script(other, "update yellow.streams set fence = fence + 1", err);
    pg_close(other);
    return rc;
}

Test(ingest_batch, a_run_that_is_overtaken_before_its_commit_changes_nothing)
{
    start(false, "id int32 key, name text null");
    EXPECT_RUN(true, "1|a", "1/1/0/0/0 rebuild");
    kit.on_staged = raise_fence;
    kit.rows[0] = "1|b";
    cr_expect(eq(int, merge_kit_try(&kit, true), -ERR_CONFLICT));
    cr_expect(eq(str, (char *)kit.out.cause, "lost"));
    EXPECT_TABLE("1|a|1");
    cr_expect(eq(str, (char *)merge_kit_query(&kit, "select batch, state, cause from yellow.batches order by batch"),
                 "1|committed|\\N\n2|started|\\N"));
}

Test(ingest_batch, what_a_stopped_run_holds_is_taken_from_it)
{
    start(false, "id int32 key, name text null");
    EXPECT_RUN(true, "1|a", "1/1/0/0/0 rebuild");
    kit.rows[0] = "!";
    cr_expect(eq(int, merge_kit_try(&kit, true), -ERR_UNAVAILABLE)); /* the batch was begun once */
    struct pg *stopped = NULL;
    cr_assert(eq(int, pg_connect(kit.source.url, 10000, &stopped, &kit.source.err), 0));
    cr_assert(eq(int,
                 pg_script(stopped,
                           "begin; select pg_advisory_xact_lock(1497713740, id::int) from yellow.streams; "
                           "delete from acme__yellowlive.people; update yellow.streams set batch = 2",
                           &kit.source.err),
                 0));
    EXPECT_RUN(true, "1|b", "1/0/1/0/0 compare");
    EXPECT_TABLE("1|b|2");
    cr_expect(eq(int, pg_script(stopped, "commit", &kit.source.err), -ERR_UNAVAILABLE));
    pg_close(stopped);
}

/* It stood still between its claim and the statement that ends what older runs have open. */
Test(ingest_batch, what_a_newer_run_holds_is_not_taken_from_it)
{
    start(false, "id int32 key, name text null");
    EXPECT_RUN(true, "1|a", "1/1/0/0/0 rebuild");
    struct pg *newer = NULL;
    cr_assert(eq(int, pg_connect(kit.source.url, 10000, &newer, &kit.source.err), 0));
    cr_assert(eq(int, pg_script(newer, "update yellow.streams set fence = 9", &kit.source.err), 0));
    for (int fence = 8; fence <= 9; fence++) {
        struct pg_rows rows;
        cr_assert(eq(int, pg_script(newer, "begin; select pg_advisory_xact_lock(1497713740, 1)", &kit.source.err), 0));
        cr_assert(eq(int,
                     pg_query(kit.source.pg, kit.source.arena, sql_ledger_free, PG_ONE, &rows, &kit.source.err,
                              pg_int(kit.source.arena, 1), pg_int(kit.source.arena, fence)),
                     0));
        cr_expect(eq(int, pg_script(newer, "commit", &kit.source.err), fence < 9 ? 0 : -ERR_UNAVAILABLE));
    }
    pg_close(newer);
}

static int stop_it(void *ctx, struct err *err)
{
    (void)ctx;
    (void)err;
    progress_stop(&kit.source.progress, "SIGTERM");
    return 0;
}

static int look_at_phase(void *ctx, struct err *err)
{
    (void)ctx;
    (void)err;
    cr_expect(eq(str, (char *)phase_names[atomic_load(&kit.source.progress.phase)], "merge"));
    return 0;
}

Test(ingest_batch, behind_the_last_row_of_the_source_it_merges)
{
    start(false, "id int32 key, name text null");
    kit.on_staged = look_at_phase;
    EXPECT_RUN(true, "1|a", "1/1/0/0/0 rebuild");
    EXPECT_RUN(true, "1|b", "1/0/1/0/0 compare");
}

Test(ingest_batch, a_stop_is_a_cancelled_batch)
{
    start(false, "id int32 key, name text null");
    EXPECT_RUN(true, "1|a", "1/1/0/0/0 rebuild");
    kit.rows[0] = "1|b";
    kit.on_staged = stop_it;
    for (int i = 0; i < 2; i++) { /* while it runs, and before it */
        cr_expect(eq(int, merge_kit_try(&kit, true), -ERR_CANCELLED));
        cr_expect(eq(str, kit.source.err.text, "stopped: SIGTERM"));
        cr_expect(eq(str, (char *)kit.out.cause, "cancelled"));
        EXPECT_TABLE("1|a|1");
    }
    cr_expect(eq(str, (char *)merge_kit_query(&kit, "select state, cause, message from yellow.batches where batch = 2"),
                 "failed|cancelled|stopped: SIGTERM"));
}

Test(ingest_batch, tables_and_schemas_whose_names_are_shortened_are_listed)
{
    merge_kit_init(&kit, false);
    source_kit_dataset(&kit.source, "people__of_a_name_that_is_not_its_own", NULL, NULL, "id int32 key");
    kit.source.work.platform = "a-platform_";
    (void)merge_kit_run(&kit, true, "1");
    (void)merge_kit_run(&kit, true, "1");
    cr_expect(eq(str,
                 (char *)merge_kit_query(&kit, "select name, array_to_string(parts, ' ') from yellow.names order by 2"),
                 arena_printf(kit.source.arena, "%s|%s a-platform_\n%s|%s people__of_a_name_that_is_not_its_own",
                              kit.source.datasets[0].schema, kit.source.work.ecosystem, kit.source.datasets[0].table,
                              kit.source.work.store->name)));
}

Test(ingest_batch, a_database_that_is_not_in_utf_8_is_refused)
{
    merge_kit_init(&kit, false);
    source_kit_dispose(&kit.source);
    source_kit_init(&kit.source, CAPTURE_SQL_SNAPSHOT, "LATIN1");
    source_kit_dataset(&kit.source, "people", NULL, NULL, "id int32 key");
    cr_expect(eq(int, merge_kit_try(&kit, true), -ERR_INVALID));
    cr_expect(eq(str, (char *)kit.out.cause, "configuration"));
    cr_expect(eq(str, kit.source.err.hint, "create it with: encoding 'UTF8' template template0"));
}

/* A newer run has the batch, and has put rows of its own aside; then the connection of this one goes. */
static int overtake_and_fail(void *ctx, struct err *err)
{
    struct pg *other = NULL;
    (void)ctx;
    int rc = pg_connect(kit.source.url, 10000, &other, err);
    if (!rc)
        rc = pg_script(other,
                       "update yellow.streams set fence = fence + 1;"
                       "insert into yellow.quarantine values (1, 1, 1, 'people', null, null, null, 'theirs', 'x')",
                       err);
    pg_close(other);
    return rc ? rc : err_set(err, ERR_UNAVAILABLE, "the connection was lost");
}

Test(ingest_batch, an_overtaken_run_that_fails_leaves_the_quarantine_of_the_newer_one)
{
    start(false, "id int32 key, name text null");
    kit.source.store.capture.type = CAPTURE_CSV_S3;
    kit.source.store.capture.csv.bad_rows = 1;
    kit.on_staged = overtake_and_fail;
    kit.rows[0] = "1|a\n\\N|b";
    cr_expect(eq(int, merge_kit_try(&kit, true), -ERR_UNAVAILABLE));
    cr_expect(eq(str, (char *)kit.out.cause, "lost"));
    cr_expect(eq(str, (char *)merge_kit_query(&kit, "select reason from yellow.quarantine"), "theirs"));
    cr_expect(eq(str, (char *)merge_kit_query(&kit, "select state, cause from yellow.batches"), "started|\\N"));
}

static int look_at_lock(void *ctx, struct err *err)
{
    (void)ctx;
    (void)err;
    cr_expect(eq(str,
                 (char *)merge_kit_query(&kit, "select mode from pg_locks where pid = pg_backend_pid() and relation = "
                                               "'acme__yellowlive.people'::regclass and mode = 'RowExclusiveLock'"),
                 "RowExclusiveLock"));
    return 0;
}

/* A VACUUM FULL or CLUSTER between reading and writing would give other rows the places of those that end. */
Test(ingest_batch, a_table_under_comparison_is_not_rewritten_by_somebody_else)
{
    start(false, "id int32 key, name text");
    EXPECT_RUN(true, many(40000, 1, false), "40000/40000/0/0/0 rebuild");
    kit.on_staged = look_at_lock;
    EXPECT_RUN(true, many(40000, 1, false), "40000/0/0/0/40000 none");
}

/* Whoever counts on a row that was read would count on one that is not there. */
Test(ingest_batch, a_trigger_that_keeps_rows_back_fails_the_batch)
{
    start(false, "id int32 key, name text");
    (void)merge_kit_run(&kit, true, "1|a\n2|b");
    source_kit_sql(&kit.source,
                   "create function public.keep() returns trigger language plpgsql as $$ begin if new.id > 1 then "
                   "return null; end if; return new; end $$; create trigger keep before insert on "
                   "acme__yellowlive.people for each row execute function public.keep()");
    kit.rows[0] = "1|x\n2|y\n3|c";
    for (int unsorted = 0; unsorted < 2; unsorted++) {
        kit.unsorted = unsorted;
        cr_expect_eq(merge_kit_try(&kit, true), -ERR_CONFLICT);
        cr_expect_str_eq(kit.out.cause, "target-error");
        cr_expect_str_eq(kit.source.err.text,
                         unsorted
                             ? "dataset \"people\": table \"acme__yellowlive\".\"people\" took 1 of 2 rows: a trigger "
                               "keeps the others back"
                             : "dataset \"people\": table \"acme__yellowlive\".\"people\" took 1 of 3 rows: a trigger "
                               "keeps the others back");
    }
    cr_expect_str_eq(merge_kit_table(&kit, 0), "1|a|1\n2|b|1");
}
