#include "ingest/verify.h"

#include "ingest/merge_kit.h"

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

TestSuite(ingest_verify, .fini = stop);

/* "equal 3" or "differs 3" with source rows, then one finding a line. */
static const char *verify(const char *rows)
{
    struct verify_options options = {.kind = merge_kit_kind(true), .limit = 10};
    struct verify_report report;
    const char *cause = NULL;
    struct buf *text = buf_new(kit.source.arena);
    kit.rows[0] = rows;
    int rc = verify_run(kit.source.arena, &kit.source.work, kit.source.pg, &kit.source.progress, &options, &report,
                        &cause, &kit.source.err);
    cr_assert(eq(int, rc, 0), "%s", kit.source.err.text);
    buf_addf(text, "%s %d/%d", report.equal ? "equal" : "differs", (int)report.datasets[0].source,
             (int)report.datasets[0].live);
    for (size_t i = 0; i < report.finding_count; i++)
        buf_addf(text, "\n%s %s", report.findings[i].kind, report.findings[i].text);
    return buf_text(text);
}

#define EXPECT(rows, text) cr_expect(eq(str, (char *)verify(rows), text))

Test(ingest_verify, a_table_that_equals_its_source_is_equal)
{
    for (int milestoned = 0; milestoned < 2; milestoned++) {
        start(milestoned, "id int32 key, name text null");
        merge_kit_run(&kit, true, "1|a\n2|b");
        merge_kit_run(&kit, true, "1|a\n3|\\N\n4|c");
        merge_kit_run(&kit, true, "1|x\n4|c");
        EXPECT("4|c\n1|x", "equal 2/2");
        if (!milestoned)
            stop();
    }
}

Test(ingest_verify, what_differs_is_said_with_its_key)
{
    start(true, "id int32 key, name text null");
    merge_kit_run(&kit, true, "1|a\n2|b\n3|c");
    EXPECT("2|x\n3|c\n4|d", "differs 3/3\ndiffers {\"id\":2}\nmissing {\"id\":4}\nextra {\"id\":1}");
}

Test(ingest_verify, rows_without_a_key_are_counted)
{
    start(false, "id int32 null, name text null");
    merge_kit_run(&kit, true, "1|a\n1|a\n\\N|\\N");
    EXPECT("1|a\n\\N|\\N\n1|a", "equal 3/3");
    EXPECT("1|a\n\\N|\\N\n\\N|\\N",
           "differs 3/3\nmissing {\"id\":null,\"name\":null}\nextra {\"id\":1,\"name\":\"a\"}");
}

static const char *const shapes[] = {"id int32 key, name text null", "id int32 null, name text null"};

/* Live and milestoned, with and without a key. */
#define EACH_SHAPE(milestoned, columns)                                                                                \
    for (int way_ = 0, milestoned = 0; way_ < 4; way_++, milestoned = way_ / 2)                                        \
        for (const char *columns = shapes[way_ % 2]; columns; columns = NULL)

Test(ingest_verify, tables_of_no_rows_are_equal_to_sources_of_none)
{
    EACH_SHAPE(milestoned, columns)
    {
        start(milestoned, columns);
        merge_kit_run(&kit, true, "");
        EXPECT("", "equal 0/0");
        merge_kit_run(&kit, true, "");
        EXPECT("", "equal 0/0");
        EXPECT("1|a", way_ % 2 ? "differs 1/0\nmissing {\"id\":1,\"name\":\"a\"}" : "differs 1/0\nmissing {\"id\":1}");
        merge_kit_run(&kit, true, "1|a\n2|b");
        EXPECT("1|a\n2|b", "equal 2/2");
        merge_kit_run(&kit, true, "");
        EXPECT("", "equal 0/0");
        if (way_ < 3)
            stop();
    }
}

Test(ingest_verify, a_table_that_was_made_anew_without_a_row_counts_from_there)
{
    EACH_SHAPE(milestoned, columns)
    {
        start(milestoned, columns);
        merge_kit_run(&kit, true, "1|a\n2|b");
        merge_kit_run(&kit, true, "1|a\n3|b");
        /* As the operation that drops tables leaves it. */
        source_kit_sql(&kit.source, "drop table acme__yellowlive.people; update yellow.streams set shape = null");
        merge_kit_run(&kit, true, "");
        EXPECT("", "equal 0/0");
        merge_kit_run(&kit, true, "5|c");
        EXPECT("5|c", "equal 1/1");
        if (way_ < 3)
            stop();
    }
}

Test(ingest_verify, a_table_that_was_truncated_by_hand_says_so)
{
    EACH_SHAPE(milestoned, columns)
    {
        start(milestoned, columns);
        merge_kit_run(&kit, true, "1|a\n2|b");
        merge_kit_run(&kit, true, "1|a");
        source_kit_sql(&kit.source, "truncate acme__yellowlive.people");
        cr_expect(eq(str, (char *)verify("1|a"),
                     arena_printf(kit.source.arena,
                                  "differs 1/0\ncounts 0 live rows, the batches counted 1%s\nmissing {\"id\":1%s}",
                                  milestoned ? "\ncounts 0 rows that ended, the batches counted 1" : "",
                                  way_ % 2 ? ",\"name\":\"a\"" : "")));
        if (way_ < 3)
            stop();
    }
}

Test(ingest_verify, tables_whose_rows_were_all_put_aside_are_equal)
{
    static const char *const strict[] = {"id int32 key, name text null", "id int32, name text null"};
    for (int way = 0; way < 4; way++) {
        start(way / 2, strict[way % 2]);
        kit.source.store.capture.type = CAPTURE_CSV_S3; /* which may have some */
        kit.source.store.capture.csv.bad_rows = 2;
        cr_expect(eq(str, (char *)merge_kit_run(&kit, true, "\\N|a\n\\N|b"), "2/0/0/0/0 rebuild"));
        cr_expect(eq(i64, kit.out.counts.quarantined, 2));
        EXPECT("\\N|a\n\\N|b", "equal 0/0");
        merge_kit_run(&kit, true, "1|a\n\\N|b");
        EXPECT("1|a\n\\N|b", "equal 1/1");
        merge_kit_run(&kit, true, "\\N|b");
        EXPECT("\\N|b", "equal 0/0");
        source_kit_sql(&kit.source, "delete from yellow.quarantine where batch = 3");
        EXPECT("", "differs 0/0\ncounts counts do not add up in batch 3");
        if (way < 3)
            stop();
    }
}

Test(ingest_verify, history_that_was_meddled_with_is_seen)
{
    start(true, "id int32 key, name text null");
    merge_kit_run(&kit, true, "1|a\n2|b");
    merge_kit_run(&kit, true, "1|x\n2|b");
    source_kit_sql(&kit.source, "update acme__yellowlive.people set yellow_batch_out = 2 where name = 'a'; insert into "
                                "acme__yellowlive.people values (9, 'z', 5, 4), (8, 'live', 1, 2147483647)");
    EXPECT("1|x\n2|b", "differs 2/3\n"
                       "history 1 rows end before they begin\n"
                       "history a row is of batch 5, the last committed is 2\n"
                       "history two rows at a time: {\"id\":1}\n"
                       "counts 3 live rows, the batches counted 2\n"
                       "counts 2 rows that ended, the batches counted 1\n"
                       "extra {\"id\":8}");
}

Test(ingest_verify, rows_that_were_moved_in_time_are_seen_though_all_sums_are_right)
{
    static const char *const moves[][2] = {
        {"update # set yellow_batch_out = 1 where name = 'a'",
         "batch 2: 0 rows came, 0 changed, 1 went; it counted 0, 0, 0\n"
         "history batch 3: 1 rows came, 0 changed, 0 went; it counted 0, 1, 0"},
        {"update # set yellow_batch_in = 4 where name = 'x'",
         "batch 3: 0 rows came, 0 changed, 1 went; it counted 0, 1, 0\n"
         "history batch 4: 1 rows came, 0 changed, 1 went; it counted 0, 0, 1"},
        {"update # set yellow_batch_in = 2 where name = 'b'",
         "batch 1: 1 rows came, 0 changed, 0 went; it counted 2, 0, 0\n"
         "history batch 2: 1 rows came, 0 changed, 0 went; it counted 0, 0, 0"},
        {"update # set yellow_batch_out = 2 where name = 'b'",
         "batch 3: 0 rows came, 1 changed, 1 went; it counted 0, 1, 0\n"
         "history batch 4: 0 rows came, 0 changed, 0 went; it counted 0, 0, 1"},
    };
    start(true, "id int32 key, name text null");
    merge_kit_run(&kit, true, "1|a\n2|b");
    merge_kit_run(&kit, true, "1|a\n2|b");
    merge_kit_run(&kit, true, "1|x\n2|b");
    merge_kit_run(&kit, true, "1|x");
    EXPECT("1|x", "equal 1/1");
    for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
        const char *hash = strchr(moves[i][0], '#');
        source_kit_sql(&kit.source, "create table kept as table acme__yellowlive.people");
        source_kit_sql(&kit.source, arena_printf(kit.source.arena, "%.*sacme__yellowlive.people%s",
                                                 (int)(hash - moves[i][0]), moves[i][0], hash + 1));
        cr_expect(
            eq(str, (char *)verify("1|x"), arena_printf(kit.source.arena, "differs 1/1\nhistory %s", moves[i][1])),
            "%s", moves[i][0]);
        source_kit_sql(&kit.source, "truncate acme__yellowlive.people; insert into acme__yellowlive.people table kept; "
                                    "drop table kept");
    }
    EXPECT("1|x", "equal 1/1");
}

Test(ingest_verify, a_live_row_of_another_batch_is_seen)
{
    start(false, "id int32 key, name text null");
    merge_kit_run(&kit, true, "1|a\n2|b");
    merge_kit_run(&kit, true, "1|x\n2|b");
    source_kit_sql(&kit.source, "update acme__yellowlive.people set yellow_batch_id = 2");
    EXPECT("1|x\n2|b", "differs 2/2\nhistory batch 2: 2 rows are of it; it counted 0 inserted, 1 updated");
}

Test(ingest_verify, history_without_a_key_is_counted_by_batch)
{
    start(true, "id int32 null, name text null");
    merge_kit_run(&kit, true, "1|a\n1|a\n2|b");
    merge_kit_run(&kit, true, "1|a\n3|c");
    EXPECT("1|a\n3|c", "equal 2/2");
    source_kit_sql(&kit.source, "update acme__yellowlive.people set yellow_batch_in = 1 where id = 3");
    EXPECT("1|a\n3|c", "differs 2/2\nhistory batch 1: 4 rows came, 0 changed, 0 went; it counted 3, 0, 0\n"
                       "history batch 2: 0 rows came, 0 changed, 2 went; it counted 1, 0, 2");
}

Test(ingest_verify, a_ledger_with_a_gap_is_seen)
{
    start(false, "id int32 key, name text null");
    merge_kit_run(&kit, true, "1|a");
    merge_kit_run(&kit, true, "1|b");
    source_kit_sql(&kit.source, "delete from yellow.batches where batch = 1");
    EXPECT("1|b", "differs 1/1\n"
                  "batches the last committed batch is 2, and 1 are committed from 2 on\n"
                  "counts 1 live rows, the batches counted 0");
}

Test(ingest_verify, a_stream_that_never_ran_is_not_found)
{
    struct verify_report report;
    const char *cause = NULL;
    start(false, "id int32 key");
    kit.rows[0] = "1";
    merge_kit_run(&kit, true, "1");
    kit.source.work.name = "other";
    cr_expect(eq(int,
                 verify_run(kit.source.arena, &kit.source.work, kit.source.pg, &kit.source.progress,
                            &(struct verify_options){.without_source = true}, &report, &cause, &kit.source.err),
                 -ERR_NOT_FOUND));
    cr_expect(eq(str, kit.source.err.text, "stream \"other\" has no committed batch in the merge database"));
    cr_expect(eq(str, kit.source.err.hint, "run one first"));
    source_kit_sql(&kit.source, "drop schema yellow cascade");
    cr_expect(eq(int,
                 verify_run(kit.source.arena, &kit.source.work, kit.source.pg, &kit.source.progress,
                            &(struct verify_options){.without_source = true}, &report, &cause, &kit.source.err),
                 -ERR_NOT_FOUND));
    cr_expect(eq(str, kit.source.err.text, "stream \"other\" has no committed batch in the merge database"));
}
