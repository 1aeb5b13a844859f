#include "ingest/operation.h"

#include "ingest/merge_kit.h"

#include <criterion/criterion.h>

/* What operators ask for, done with batches on a real merge database. */

static struct merge_kit kit;

static void begin(bool milestoned)
{
    merge_kit_init(&kit, milestoned);
    source_kit_dataset(&kit.source, "people", NULL, NULL, "id int32 key, name varchar(20) null");
}

static void stop(void)
{
    merge_kit_dispose(&kit);
}

TestSuite(ingest_operation, .fini = stop);

static void ask(int64_t id, enum work_operation_kind kind)
{
    struct work_operation *operation = arena_alloc(kit.source.arena, sizeof *operation);
    *operation = (struct work_operation){.id = id, .kind = kind};
    kit.source.work.operation = operation;
}

static const char *state(void)
{
    return merge_kit_query(&kit, "select operation from yellow.streams");
}

Test(ingest_operation, a_resnapshot_of_additions_removes_what_the_source_does_not_have)
{
    begin(false);
    cr_expect_str_eq(merge_kit_run(&kit, false, "1|ann\n2|bob"), "2/2/0/0/0 rebuild");
    ask(7, WORK_RESNAPSHOT);
    cr_expect_str_eq(merge_kit_run(&kit, false, "2|bob\n3|eve"), "2/1/0/1/1 stage");
    cr_expect_str_eq(merge_kit_query(&kit, "select id, name, yellow_batch_id from acme__yellowlive.people order by 1"),
                     "2|bob|1\n3|eve|2");
    cr_expect_str_eq(state(), "7");
    cr_expect_eq(kit.out.operation, 7);
    /* its report was lost: it comes again with the next batch, and is not done again */
    cr_expect_str_eq(merge_kit_run(&kit, false, "4|joe"), "1/1/0/0/0 stage");
    cr_expect_eq(kit.out.operation, 7);
}

Test(ingest_operation, a_resnapshot_closes_rows_of_history)
{
    begin(true);
    (void)merge_kit_run(&kit, false, "1|ann\n2|bob");
    ask(7, WORK_RESNAPSHOT);
    cr_expect_str_eq(merge_kit_run(&kit, false, "2|bob"), "1/0/0/1/1 stage");
    cr_expect_str_eq(
        merge_kit_query(&kit, "select id, yellow_batch_in, yellow_batch_out from acme__yellowlive.people order by 1"),
        "1|1|1\n2|1|2147483647");
}

Test(ingest_operation, a_reset_looks_at_the_tables_again_and_forgets_bad_rows)
{
    begin(false);
    (void)merge_kit_run(&kit, false, "1|ann");
    source_kit_sql(&kit.source,
                   "insert into yellow.quarantine values (1, 2, 1, 'people', null, null, null, 'bad', 'x')");
    ask(3, WORK_RESET);
    cr_expect_str_eq(merge_kit_run(&kit, false, "2|bob"), "1/1/0/0/0 stage");
    cr_expect_str_eq(merge_kit_query(&kit, "select count(*) from yellow.quarantine"), "0");
    cr_expect_str_eq(state(), "3");
}

static int stop_here(void *ctx, struct err *err)
{
    (void)ctx;
    return err_set(err, ERR_INTERNAL, "not this time");
}

Test(ingest_operation, a_batch_that_fails_did_nothing_of_it)
{
    begin(false);
    (void)merge_kit_run(&kit, false, "1|ann");
    ask(7, WORK_RESNAPSHOT);
    kit.rows[0] = "2|eve";
    kit.on_staged = stop_here;
    cr_expect_lt(merge_kit_try(&kit, false), 0);
    cr_expect_str_eq(state(), "0");
    cr_expect_str_eq(merge_kit_table(&kit, 0), "1|ann|1");
}

Test(ingest_operation, a_drop_is_a_batch_that_leaves_no_table_and_a_later_one_makes_it_anew)
{
    begin(false);
    (void)merge_kit_run(&kit, true, "1|ann");
    ask(7, WORK_DROP);
    kit.rows[0] = "1|ann";
    cr_assert_eq(merge_kit_try(&kit, true), 0, "%s", kit.source.err.text);
    cr_expect_eq(kit.out.batch, 2);
    cr_expect_str_eq(merge_kit_query(&kit, "select to_regclass('acme__yellowlive.people') is null"), "t");
    cr_expect_str_eq(merge_kit_query(&kit, "select batch, shape is null, operation from yellow.streams"), "2|t|7");
    kit.source.work.operation = NULL;
    cr_expect_str_eq(merge_kit_run(&kit, true, "1|ann"), "1/1/0/0/0 rebuild");
}

Test(ingest_operation, what_somebody_else_made_on_a_table_stops_its_drop)
{
    begin(false);
    (void)merge_kit_run(&kit, true, "1|ann");
    source_kit_sql(&kit.source, "create view mine as select * from acme__yellowlive.people");
    ask(7, WORK_DROP);
    cr_expect_lt(merge_kit_try(&kit, true), 0);
    cr_expect_not_null(strstr(kit.source.err.text, "table \"acme__yellowlive\".\"people\""), "%s", kit.source.err.text);
    cr_expect_str_eq(merge_kit_table(&kit, 0), "1|ann|1");
}

Test(ingest_operation, a_number_below_the_last_is_of_a_restored_server_and_is_done)
{
    begin(false);
    (void)merge_kit_run(&kit, false, "1|ann\n2|bob");
    source_kit_sql(&kit.source, "update yellow.streams set operation = 90");
    ask(7, WORK_RESNAPSHOT);
    cr_expect_str_eq(merge_kit_run(&kit, false, "2|bob"), "1/0/0/1/1 stage");
    cr_expect_str_eq(state(), "7");
}

/* As a backup after batch 1 has it, with an attempt at batch 2 that it caught, while the server runs batch 5. */
static void restore(void)
{
    (void)merge_kit_run(&kit, true, "1|ann\n2|bob");
    source_kit_sql(&kit.source, "insert into yellow.batches (stream, batch, state, fence) values (1, 2, 'failed', 2)");
    kit.source.work.batch = 4;
}

Test(ingest_operation, a_merge_database_that_is_behind_says_what_to_do)
{
    begin(true);
    restore();
    kit.rows[0] = "1|ann";
    cr_expect_eq(merge_kit_try(&kit, true), -ERR_CONFLICT);
    cr_expect_str_eq(kit.out.cause, "merge-behind");
    cr_expect_str_eq(kit.source.err.text,
                     "stream \"customers\": its last batch in the merge database is 1, the server is about to run 5");
    cr_expect_str_eq(kit.source.err.hint,
                     "it was restored or emptied: `yellow stream reset` goes on from what it has, `yellow stream "
                     "resnapshot` reads all of the source again");
    ask(7, WORK_REWIND); /* to a place of batches that are gone, perhaps */
    kit.source.work.batch = 4;
    cr_expect_eq(merge_kit_try(&kit, true), -ERR_CONFLICT);
    cr_expect_str_eq(merge_kit_query(&kit, "select batch, (select count(*) from yellow.restored) from yellow.streams"),
                     "1|0");
}

Test(ingest_operation, a_merge_database_that_is_behind_goes_on_after_a_reset)
{
    begin(true);
    restore();
    ask(7, WORK_RESET);
    cr_expect_str_eq(merge_kit_run(&kit, true, "1|ann\n3|eve"), "2/1/0/1/1 compare");
    cr_expect_str_eq(merge_kit_table(&kit, 0), "1|ann|1|2147483647\n2|bob|1|4\n3|eve|5|2147483647");
    cr_expect_str_eq(merge_kit_query(&kit, "select batch, state from yellow.batches order by batch"),
                     "1|committed\n5|committed");
    cr_expect_str_eq(merge_kit_query(&kit, "select first, last from yellow.restored"), "2|4");
    kit.source.work.operation = NULL;
    cr_expect_str_eq(merge_kit_run(&kit, true, "1|ann\n3|eve"), "2/0/0/0/2 none");
}

Test(ingest_operation, an_emptied_merge_database_goes_on_after_a_resnapshot_that_failed_once)
{
    begin(false);
    kit.source.work.batch = 4;
    ask(7, WORK_RESNAPSHOT);
    kit.on_staged = stop_here;
    kit.rows[0] = "1|ann";
    cr_expect_lt(merge_kit_try(&kit, false), 0);
    cr_expect_str_neq(kit.out.cause, "merge-behind");
    kit.on_staged = NULL;
    kit.source.work.batch = 4;
    cr_expect_str_eq(merge_kit_run(&kit, false, "1|ann"), "1/1/0/0/0 rebuild");
    cr_expect_str_eq(merge_kit_table(&kit, 0), "1|ann|5");
    cr_expect_str_eq(merge_kit_query(&kit, "select first, last from yellow.restored"), "1|4");
}

Test(ingest_operation, a_table_that_somebody_dropped_comes_back_with_a_resnapshot)
{
    begin(false);
    (void)merge_kit_run(&kit, true, "1|ann\n2|bob");
    source_kit_sql(&kit.source, "drop table acme__yellowlive.people");
    kit.rows[0] = "1|ann\n2|bob";
    cr_expect_neq(merge_kit_try(&kit, true), 0);
    cr_expect_str_eq(kit.source.err.hint, "was the table dropped or altered by hand? re-snapshot the stream");
    ask(7, WORK_RESNAPSHOT);
    cr_expect_str_eq(merge_kit_run(&kit, true, "1|ann\n2|bob"), "2/2/0/0/0 rebuild");
    cr_expect_str_eq(merge_kit_run(&kit, true, "1|ann\n2|bob"), "2/0/0/0/2 none");
}

Test(ingest_operation, a_column_that_somebody_dropped_comes_back_with_a_resnapshot)
{
    begin(false);
    (void)merge_kit_run(&kit, true, "1|ann\n2|bob");
    source_kit_sql(&kit.source, "alter table acme__yellowlive.people drop column name");
    kit.rows[0] = "1|ann\n2|bob";
    cr_expect_neq(merge_kit_try(&kit, true), 0);
    ask(7, WORK_RESNAPSHOT);
    cr_expect_str_eq(merge_kit_run(&kit, true, "1|ann\n2|bob"), "2/0/2/0/0 stage");
}

/* Additions go on from the watermark: what the table had would never be read again, and nobody would be told. */
Test(ingest_operation, a_table_of_additions_that_somebody_dropped_is_not_begun_anew_without_its_rows)
{
    begin(false);
    (void)merge_kit_run(&kit, false, "1|ann\n2|bob");
    source_kit_sql(&kit.source, "drop table acme__yellowlive.people");
    ask(7, WORK_RESET);
    kit.rows[0] = "3|eve";
    cr_expect_eq(merge_kit_try(&kit, false), -ERR_NOT_FOUND);
    cr_expect_str_eq(kit.source.err.text,
                     "dataset \"people\": table \"acme__yellowlive\".\"people\" is gone, and rows that it had");
    cr_expect_str_eq(kit.source.err.hint, "re-snapshot the stream: it reads all of the source again");
    cr_expect_str_eq(kit.out.cause, "target-error");
    ask(8, WORK_RESNAPSHOT);
    cr_expect_str_eq(merge_kit_run(&kit, false, "1|ann\n2|bob\n3|eve"), "3/3/0/0/0 rebuild");
}

/* It goes with the column that somebody renamed, and shows that one for ever. */
Test(ingest_operation, a_view_over_a_column_that_somebody_renamed_shows_the_new_one_after_a_resnapshot)
{
    const struct work_view view = {.ecosystem = "acme",
                                   .platform = "YellowLive",
                                   .workspace = "marketing",
                                   .group = "now",
                                   .store = "customers",
                                   .schema = "acme__yellowlive__marketing",
                                   .role = "acme__renamed__reader",
                                   .name = "now__customers__people"};
    begin(false);
    kit.source.work.views = &view;
    kit.source.work.view_count = 1;
    (void)merge_kit_run(&kit, true, "1|ann");
    source_kit_sql(&kit.source, "alter table acme__yellowlive.people rename column name to gone");
    ask(7, WORK_RESNAPSHOT);
    cr_expect_str_eq(merge_kit_run(&kit, true, "1|eve"), "1/0/1/0/0 stage");
    cr_expect_str_eq(merge_kit_query(&kit, "select id, name from acme__yellowlive__marketing.now__customers__people"),
                     "1|eve");
}
