#include "control/operation.h"

#include "control/run.h"
#include "pg/cluster.h"
#include "store/job_kit.h"
#include "store/object.h"
#include "store/version.h"

#include <criterion/criterion.h>

static struct arena *arena;
static struct pg *pg;
static struct pg_pool *pool;
static struct err err;
static struct operation_request request;
static struct operation_result result;
static struct run_caller caller;

static int model_tx(struct pg *c, struct arena *a, void *ctx, struct err *why)
{
    static const char text[] =
        "kind: Datastore\nname: orders\nteam: usa/sales\n"
        "capture: {type: sql-incremental, container: c, credential: r, schedule: external, watermark: at}\n"
        "datasets: [{name: lines, columns: [{name: id, type: int32, key: true}, {name: at, type: timestamp}]}]\n"
        "---\nkind: Datastore\nname: log\nteam: usa/sales\n"
        "capture: {type: csv-s3, container: c, credential: r, schedule: external}\n"
        "datasets: [{name: entries, prefix: x, columns: [{name: id, type: int32}]}]\n";
    struct model_file files[] = {{"model.yaml", {text, sizeof text - 1}}};
    struct findings findings = {.arena = a};
    const struct model *model = model_load(a, files, 1, &findings);
    struct version_row row = {.version = 1, .commit_oid = "0123456789012345678901234567890123456789"};
    row.findings = json_own(a, json_array());
    int rc = version_add(c, a, "acme", &row, json_own(a, json_object()), why);
    (void)ctx;
    return rc ? rc : object_apply(c, a, "acme", 1, NULL, model, why);
}

static void setup(void)
{
    arena = arena_new();
    const char *url = test_database(arena);
    pg = test_connect(url);
    pool = pg_pool_new(&(struct pg_pool_options){
        .url = url, .size = 4, .connect_deadline_ms = 5000, .take_deadline_ms = 5000, .statement_ms = 20000});
    kit_ecosystem(pg, "acme");
    struct job jobs[] = {kit_stream("Live", "customers"), kit_stream("Live", "orders"), kit_stream("Live", "log"),
                         kit_transformer("Live", "mask")};
    kit_apply(pg, "acme", 1, jobs, 4);
    cr_assert_eq(pg_transaction(pg, arena, model_tx, NULL, &err), 0, "%s", err.text);
    (void)kit_value(pg, arena, "update ecosystems set version = 1");
    err = (struct err){0};
    caller = (struct run_caller){.pool = pool, .actor = "airflow", .lease_ms = 60000};
    request = (struct operation_request){.pool = pool,
                                         .snapshots = snapshots_new(pool),
                                         .actor = "ann",
                                         .request_id = "req-1",
                                         .key = {"acme", JOB_STREAM, "Live", "customers"}};
}

static void teardown(void)
{
    snapshots_free(request.snapshots);
    pg_pool_free(pool);
    pg_close(pg);
    arena_free(arena);
}

TestSuite(operation, .init = setup, .fini = teardown);

static int apply(enum operation operation)
{
    request.operation = operation;
    err = (struct err){0};
    return operation_apply(&request, arena, &result, &err);
}

static struct run_row start(void)
{
    struct run_result run;
    cr_assert_eq(run_start(&caller, arena, &request.key, &run, &err), 0, "%s", err.text);
    return run.run;
}

static const char *watermark = "w7"; /* that a commit reports */

static void finish(const struct run_row *run, enum event outcome, int64_t operation)
{
    struct run_result ignored;
    struct run_report report = {.fence = run->fence,
                                .outcome = outcome,
                                .counts = STR("{}"),
                                .watermark = outcome == EVENT_COMMIT ? watermark : NULL,
                                .cause = outcome == EVENT_FAIL ? "source-error" : NULL,
                                .message = outcome == EVENT_FAIL ? "no" : NULL,
                                .hash = arena_printf(arena, "%lld", (long long)run->id),
                                .operation = operation};
    cr_assert_eq(run_finish(&caller, arena, "acme", run->id, &report, &ignored, &err), 0, "%s", err.text);
}

static const char *audit(void)
{
    return kit_value(pg, arena,
                     "select actor || ' ' || action || ' ' || object || ' ' || before || ' ' || after from audit order "
                     "by id desc limit 1");
}

Test(operation, a_paused_stream_gets_no_run_until_it_is_resumed)
{
    cr_assert_eq(apply(OPERATION_PAUSE), 0, "%s", err.text);
    cr_expect_str_eq(result.job.state, "paused");
    cr_expect_str_eq(result.does.items[0], "nothing starts stream Live/customers until it is resumed");
    cr_expect_str_eq(audit(), "ann stream.pause stream Live/customers {\"state\": \"idle\"} {\"state\": \"paused\"}");
    struct run_result run = {0};
    cr_expect_eq(run_start(&caller, arena, &request.key, &run, &err), -ERR_CONFLICT);
    cr_expect_str_eq(run.code, "job-paused");
    cr_expect_str_eq(err.text, "stream Live/customers is paused: it cannot start");
    cr_expect_str_eq(err.hint, "`yellow stream resume` lets it run again");
    cr_expect_eq(apply(OPERATION_PAUSE), -ERR_CONFLICT);
    cr_expect_str_eq(result.code, "illegal-move");
    cr_assert_eq(apply(OPERATION_RESUME), 0, "%s", err.text);
    cr_expect_str_eq(result.job.state, "idle");
    cr_expect_str_eq(result.does.items[0], "stream Live/customers runs again as it is scheduled: */5 * * * *, UTC");
    (void)start();
}

Test(operation, a_run_under_way_ends_a_paused_stream_stays_paused)
{
    struct run_row run = start();
    cr_assert_eq(apply(OPERATION_PAUSE), 0, "%s", err.text);
    cr_expect_str_eq(result.does.items[1], "its run 1 goes on to its end");
    cr_assert_eq(apply(OPERATION_RESUME), 0);
    cr_expect_str_eq(result.job.state, "running");
    cr_assert_eq(apply(OPERATION_PAUSE), 0);
    finish(&run, EVENT_FAIL, 0);
    cr_expect_str_eq(kit_value(pg, arena, "select state || coalesce(cause, '') from jobs where name = 'customers'"),
                     "paused");
}

Test(operation, a_dry_run_says_it_and_does_nothing)
{
    const char *rows = "select md5(string_agg(j::text, ',' order by id)) || (select count(*) from audit) from jobs j";
    const char *before = kit_value(pg, arena, rows);
    request.dry_run = true;
    cr_assert_eq(apply(OPERATION_PAUSE), 0);
    cr_expect_eq(result.does.len, 1);
    cr_expect_str_eq(result.job.state, "idle");
    cr_assert_eq(apply(OPERATION_RESNAPSHOT), 0, "%s", err.text);
    cr_expect_str_eq(result.does.items[0], "the next batch of stream Live/customers reads all that its source has, "
                                           "whatever was read before");
    cr_expect_eq(apply(OPERATION_CANCEL), -ERR_CONFLICT);
    cr_expect_str_eq(kit_value(pg, arena, rows), before);
}

Test(operation, run_now_is_asked_for_and_met_by_a_run)
{
    cr_assert_eq(apply(OPERATION_RUN), 0, "%s", err.text);
    cr_expect_str_eq(result.job.run_requested_by, "ann");
    (void)start();
    cr_expect_eq(apply(OPERATION_RUN), -ERR_CONFLICT);
    cr_expect_str_eq(err.text, "stream Live/customers has a live run: 1");
    cr_expect_str_eq(result.code, "run-live");
}

Test(operation, a_live_run_is_told_to_stop_by_its_heartbeat)
{
    cr_expect_eq(apply(OPERATION_CANCEL), -ERR_CONFLICT);
    cr_expect_str_eq(result.code, "no-run");
    struct run_row run = start();
    cr_assert_eq(apply(OPERATION_CANCEL), 0, "%s", err.text);
    cr_expect_str_eq(result.does.items[0], "run 1 is told to stop, by its next heartbeat at the latest");
    struct run_result beat;
    struct run_heartbeat heartbeat = {.fence = run.fence};
    cr_assert_eq(run_heartbeat(&caller, arena, "acme", run.id, &heartbeat, &beat, &err), 0);
    cr_expect_str_eq(beat.run.cancel_requested_by, "ann");
    cr_expect_str_eq(audit(), "ann stream.cancel stream Live/customers {\"state\": \"running\"} "
                              "{\"state\": \"running\", \"cancel_requested\": 1}");
}

Test(operation, an_open_batch_is_reset_by_the_next_run)
{
    cr_expect_eq(apply(OPERATION_RESET), -ERR_CONFLICT);
    cr_expect_str_eq(err.text, "stream Live/customers has no open batch");
    struct run_row run = start();
    cr_expect_eq(apply(OPERATION_RESET), -ERR_CONFLICT);
    cr_expect_str_eq(result.code, "run-live");
    finish(&run, EVENT_FAIL, 0);
    cr_assert_eq(apply(OPERATION_RESET), 0, "%s", err.text);
    cr_expect_str_eq(result.does.items[0],
                     "batch 1, failed with the cause source-error, starts from nothing with the next run");
    cr_expect_str_eq(result.job.state, "idle");
    int64_t id = operation_id(&result.job);
    cr_expect_gt(id, 0);
    run = start();
    finish(&run, EVENT_FAIL, 0); /* it was not done */
    cr_expect_eq(apply(OPERATION_RESNAPSHOT), -ERR_CONFLICT);
    cr_expect_str_eq(result.code, "pending");
    run = start();
    finish(&run, EVENT_COMMIT, id);
    cr_expect_str_eq(kit_value(pg, arena, "select operation from jobs where name = 'customers'"), "");
}

Test(operation, what_was_asked_for_after_a_run_began_stays_for_the_next)
{
    cr_assert_eq(apply(OPERATION_RESNAPSHOT), 0, "%s", err.text);
    int64_t first = operation_id(&result.job);
    struct run_row run = start();
    cr_assert_eq(apply(OPERATION_WITHDRAW), 0);
    cr_assert_eq(apply(OPERATION_RESNAPSHOT), 0);
    finish(&run, EVENT_COMMIT, first);
    cr_expect_neq(*kit_value(pg, arena, "select operation from jobs where name = 'customers'"), '\0');
}

Test(operation, a_rewind_goes_to_a_watermark_or_a_batch_where_rows_can_be_read_again)
{
    request.watermark = "2026-01-01";
    cr_expect_eq(apply(OPERATION_REWIND), -ERR_INVALID);
    cr_expect_str_eq(err.text, "stream Live/customers has no watermark: each batch reads all that there is");
    request.key.name = "log";
    cr_expect_eq(apply(OPERATION_REWIND), -ERR_INVALID);
    cr_expect_str_eq(err.text,
                     "dataset \"entries\" of stream Live/log has no key: rows read again would be there twice");
    request.key.name = "orders";
    request.watermark = NULL;
    cr_expect_eq(apply(OPERATION_REWIND), -ERR_INVALID);
    request.batch = 1;
    cr_expect_eq(apply(OPERATION_REWIND), -ERR_INVALID);
    cr_expect_str_eq(err.text, "batch 1 of stream Live/orders is not committed");
    struct run_row run = start();
    finish(&run, EVENT_COMMIT, 0);
    cr_assert_eq(apply(OPERATION_REWIND), 0, "%s", err.text);
    cr_expect_str_eq(result.does.items[0],
                     "the next batch of stream Live/orders reads from watermark w7 on; it was w7");
    request.key = (struct job_key){"acme", JOB_TRANSFORMER, "Live", "mask"};
    cr_expect_eq(apply(OPERATION_REWIND), -ERR_INVALID);
}

Test(operation, a_rewind_to_what_was_not_read_is_refused_unless_somebody_asks_to_skip_it)
{
    request.key.name = "orders";
    request.watermark = "2026-01-01";
    cr_expect_eq(apply(OPERATION_REWIND), -ERR_CONFLICT);
    cr_expect_str_eq(result.code, "skips");
    cr_expect_str_eq(err.text,
                     "nothing of dataset \"lines\" of stream Live/orders was read: a rewind to 2026-01-01 would "
                     "leave out what lies between");
    watermark = "{\"datasets\":{\"lines\":{\"value\":\"2026-02-01 12:00:00\"}},\"source\":\"7/1/5\",\"horizon\":\"9\"}";
    struct run_row run = start();
    finish(&run, EVENT_COMMIT, 0);
    cr_assert_eq(apply(OPERATION_REWIND), 0, "%s", err.text);
    cr_expect_eq(result.does.len, 2);
    cr_assert_eq(apply(OPERATION_WITHDRAW), 0);
    request.watermark = "2026-02-01T12:00:00.000001";
    request.dry_run = true;
    cr_expect_eq(apply(OPERATION_REWIND), -ERR_CONFLICT);
    cr_expect_str_eq(err.text,
                     "dataset \"lines\" of stream Live/orders was read up to 2026-02-01 12:00:00: a rewind to "
                     "2026-02-01T12:00:00.000001 would leave out what lies between");
    cr_expect_str_eq(err.hint, "if that is what you want, ask for it: --skip, or \"skip\": true");
    request.skip = true;
    cr_assert_eq(apply(OPERATION_REWIND), 0, "%s", err.text);
    cr_expect_str_eq(
        result.does.items[0],
        "dataset \"lines\" of stream Live/orders was read up to 2026-02-01 12:00:00: what it has before "
        "2026-02-01T12:00:00.000001 and no batch has read is left out for ever; how much that is, only the "
        "source knows");
    request.dry_run = false;
    cr_assert_eq(apply(OPERATION_REWIND), 0, "%s", err.text);
    cr_expect_not_null(strstr(audit(), "\"skip\": true"), "%s", audit());
    cr_assert_eq(apply(OPERATION_WITHDRAW), 0);
    request.watermark = "tomorrow or so";
    cr_expect_eq(apply(OPERATION_REWIND), -ERR_INVALID);
    cr_expect_str_eq(err.text, "\"tomorrow or so\" is no date or time");
}

Test(operation, only_what_is_retired_is_dropped_and_never_what_came_back)
{
    cr_expect_eq(apply(OPERATION_DROP), -ERR_CONFLICT);
    cr_expect_str_eq(err.text, "stream Live/customers is idle: only what is retired can be dropped");
    struct job rest[] = {kit_stream("Live", "orders"), kit_stream("Live", "customers")};
    kit_apply(pg, "acme", 2, rest, 1);
    cr_assert_eq(apply(OPERATION_DROP), 0, "%s", err.text);
    cr_expect(operation_is_drop(&result.job));
    int64_t id = operation_id(&result.job);
    kit_apply(pg, "acme", 3, rest, 2);
    cr_expect_str_eq(kit_value(pg, arena, "select operation from jobs where name = 'customers'"), "");
    kit_apply(pg, "acme", 4, rest, 1);
    cr_assert_eq(apply(OPERATION_DROP), 0, "%s", err.text);
    id = operation_id(&result.job);
    struct run_row run = start();
    finish(&run, EVENT_COMMIT, id);
    cr_expect_str_eq(
        kit_value(pg, arena, "select state || coalesce(operation::text, '') from jobs where name = 'customers'"),
        "retired");
    struct run_result refused = {0};
    cr_expect_eq(run_start(&caller, arena, &request.key, &refused, &err), -ERR_CONFLICT);
    cr_expect_str_eq(refused.code, "job-retired");
}

static int not_known(void *ctx, const struct job_row *job, struct err *why)
{
    (void)ctx;
    (void)job;
    return err_set(why, ERR_STALE, "it changed");
}

Test(operation, a_caller_that_knows_an_older_state_changes_nothing)
{
    request.precondition = not_known;
    cr_expect_eq(apply(OPERATION_PAUSE), -ERR_STALE);
    cr_expect_str_eq(kit_value(pg, arena, "select state from jobs where name = 'customers'"), "idle");
}
