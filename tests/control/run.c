#include "control/run.h"

#include "model/cause.h"
#include "pg/cluster.h"
#include "store/batch.h"
#include "store/job_kit.h"

#include <criterion/criterion.h>
#include <pthread.h>

static struct arena *arena;
static struct pg *pg;
static struct pg_pool *pool;
static struct run_caller caller;
static struct err err;
static const struct job_key customers = {"acme", JOB_STREAM, "Live", "customers"};

static void setup(void)
{
    arena = arena_new();
    const char *url = test_database(arena);
    pg = test_connect(url);
    pool = pg_pool_new(&(struct pg_pool_options){
        .url = url, .size = 4, .connect_deadline_ms = 5000, .take_deadline_ms = 5000, .statement_ms = 20000});
    caller = (struct run_caller){.pool = pool, .actor = "airflow", .request_id = "req-1", .lease_ms = 60000};
    err = (struct err){0};
    kit_ecosystem(pg, "acme");
    struct job jobs[] = {kit_stream("Live", "customers"), kit_stream("Live", "orders")};
    kit_apply(pg, "acme", 1, jobs, 2);
}

static void teardown(void)
{
    pg_pool_free(pool);
    pg_close(pg);
    arena_free(arena);
}

TestSuite(run, .init = setup, .fini = teardown);

static struct run_row start(void)
{
    struct run_result result;
    cr_assert_eq(run_start(&caller, arena, &customers, &result, &err), 0, "%s", err.text);
    return result.run;
}

static struct run_report committed(int64_t fence)
{
    return (struct run_report){.fence = fence,
                               .outcome = EVENT_COMMIT,
                               .counts = STR("{\"read\": 3}"),
                               .watermark = "w1",
                               .hash = "hash-of-commit"};
}

static struct run_report failed(int64_t fence)
{
    return (struct run_report){.fence = fence,
                               .outcome = EVENT_FAIL,
                               .cause = "source-unreachable",
                               .message = "no route to crm.example.net",
                               .hash = "hash-of-failure"};
}

static int finish(int64_t run, struct run_report report, struct run_result *result)
{
    err = (struct err){0};
    return run_finish(&caller, arena, "acme", run, &report, result, &err);
}

static int heartbeat(int64_t run, int64_t fence, bool ingested, struct run_result *result)
{
    struct run_heartbeat beat = {.fence = fence, .ingested = ingested, .progress = STR("{\"rows\": 7}")};
    err = (struct err){0};
    return run_heartbeat(&caller, arena, "acme", run, &beat, result, &err);
}

static void expire(void)
{
    (void)kit_value(pg, arena,
                    "update runs set lease_until = clock_timestamp() - interval '1 second' "
                    "where state = 'running'");
}

/* Everything that a refused report must not change. */
static const char *everything(void)
{
    return kit_value(pg, arena,
                     "select (select string_agg(j::text, ' ' order by id) from jobs j) || "
                     "(select string_agg(r::text, ' ' order by id) from runs r) || "
                     "(select string_agg(b::text, ' ' order by job, batch) from batches b) || "
                     "(select count(*) from audit)");
}

static struct job_row job(void)
{
    struct job_row row;
    cr_assert_eq(job_store_get(pg, arena, &customers, &row, &err), 0, "%s", err.text);
    return row;
}

Test(run, the_first_run_gets_fence_one_and_batch_one)
{
    struct run_row run = start();
    cr_assert_eq(run.fence, 1);
    cr_assert_eq(run.batch, 1);
    cr_assert_eq(run.attempt, 1);
    cr_assert_str_eq(run.state, "running");
    cr_assert_str_eq(run.started_by, "airflow");
    cr_assert_str_eq(run.batch_state, "started");
    cr_assert_str_eq(job().state, "running");
    cr_assert_eq(job().run.id, run.id);
    cr_assert_str_eq(kit_value(pg, arena,
                               "select actor || ' ' || action || ' ' || object || ' ' || before::text || "
                               "after::text || request_id from audit"),
                     arena_printf(arena,
                                  "airflow run.start stream Live/customers {\"state\": \"idle\"}{\"run\": %lld, "
                                  "\"batch\": 1, \"state\": \"running\"}req-1",
                                  (long long)run.id));
}

Test(run, a_second_run_is_refused_with_the_live_one)
{
    struct run_row live = start();
    struct run_result result;
    cr_assert_eq(run_start(&caller, arena, &customers, &result, &err), -ERR_CONFLICT);
    cr_assert_str_eq(
        err.text, arena_printf(arena, "stream Live/customers has a live run: %lld, started by airflow, lease until %s",
                               (long long)live.id, live.lease_until));
    cr_assert_str_eq(result.code, "run-live");
    cr_assert_eq(result.run.id, live.id);
}

struct racer {
    pthread_barrier_t *barrier;
    int rc;
    int64_t run;
};

static void *race(void *ctx)
{
    struct racer *racer = ctx;
    struct arena *own = arena_new();
    struct run_result result;
    struct err why = {0};
    (void)pthread_barrier_wait(racer->barrier);
    racer->rc = run_start(&caller, own, &customers, &result, &why);
    racer->run = result.run.id;
    arena_free(own);
    return NULL;
}

Test(run, of_two_that_ask_at_once_exactly_one_wins)
{
    for (int round = 0; round < 10; round++) {
        pthread_barrier_t barrier;
        pthread_t threads[2];
        struct racer racers[2] = {{.barrier = &barrier}, {.barrier = &barrier}};
        (void)pthread_barrier_init(&barrier, NULL, 2);
        for (int i = 0; i < 2; i++)
            (void)pthread_create(&threads[i], NULL, race, &racers[i]);
        for (int i = 0; i < 2; i++)
            (void)pthread_join(threads[i], NULL);
        cr_assert((racers[0].rc == 0) != (racers[1].rc == 0), "%d and %d", racers[0].rc, racers[1].rc);
        cr_assert_eq(racers[0].rc + racers[1].rc, -ERR_CONFLICT);
        cr_assert_eq(racers[0].run, racers[1].run, "the loser is told of the winner's run");
        struct run_result result;
        cr_assert_eq(finish(racers[0].run, committed(round + 1), &result), 0, "%s", err.text);
        (void)pthread_barrier_destroy(&barrier);
    }
    cr_assert_str_eq(kit_value(pg, arena, "select count(*) || ' ' || max(fence) || ' ' || max(batch) from runs"),
                     "10 10 10");
}

Test(run, a_commit_closes_the_batch_and_moves_the_watermark)
{
    struct run_row run = start();
    struct run_result result;
    cr_assert_eq(heartbeat(run.id, 1, true, &result), 0, "%s", err.text);
    cr_assert_str_eq(job().batch_state, "ingested");
    cr_assert_eq(finish(run.id, committed(1), &result), 0, "%s", err.text);
    cr_assert_str_eq(result.run.state, "committed");
    cr_assert_eq(result.repeated, false);
    struct job_row row = job();
    cr_assert_str_eq(row.state, "idle");
    cr_assert_str_eq(row.batch_state, "committed");
    cr_assert_str_eq(row.watermark, "w1");
    cr_assert_not_null(row.last_commit_at);
    cr_assert_eq(row.run.id, 0);
    struct batch_row *batches;
    size_t count;
    cr_assert_eq(batch_store_list(pg, arena, row.id, 0, 10, &batches, &count, &err), 0);
    cr_assert_eq(count, 1);
    cr_assert_str_eq(batches[0].state, "committed");
    cr_assert_not_null(batches[0].ingested_at);
    cr_assert_not_null(batches[0].committed_at);
    cr_assert_str_eq(batches[0].counts.data, "{\"read\": 3}");
    run = start();
    cr_assert_eq(run.batch, 2);
    cr_assert_eq(run.fence, 2);
    cr_assert_str_eq(kit_value(pg, arena, "select string_agg(action, ' ' order by id) from audit"),
                     "run.start run.ingested run.commit run.start");
}

Test(run, a_failed_batch_is_run_again_as_the_same_batch)
{
    struct run_result result;
    struct run_row run = start();
    cr_assert_eq(finish(run.id, failed(1), &result), 0, "%s", err.text);
    cr_assert_str_eq(job().state, "failed");
    cr_assert_str_eq(job().cause, "source-unreachable");
    cr_assert_str_eq(job().message, "no route to crm.example.net");
    run = start();
    cr_assert_eq(run.fence, 2);
    cr_assert_eq(run.batch, 1);
    cr_assert_eq(run.attempt, 2);
    cr_assert_null(job().cause);
    cr_assert_str_eq(run.batch_state, "started");
}

Test(run, a_cancelled_run_leaves_the_job_idle_and_its_batch_open)
{
    struct run_result result;
    struct run_row run = start();
    struct run_report report = {.fence = 1, .outcome = EVENT_CANCEL, .cause = cause_cancelled, .hash = "h"};
    cr_assert_eq(finish(run.id, report, &result), 0, "%s", err.text);
    cr_assert_str_eq(result.run.state, "cancelled");
    cr_assert_str_eq(job().state, "idle");
    cr_assert_null(job().cause);
    cr_assert_str_eq(job().batch_state, "failed");
    cr_assert_eq(start().batch, 1);
}

Test(run, the_same_report_twice_is_one_report)
{
    struct run_result first, second;
    struct run_row run = start();
    cr_assert_eq(finish(run.id, committed(1), &first), 0, "%s", err.text);
    const char *before = everything();
    cr_assert_eq(finish(run.id, committed(1), &second), 0, "%s", err.text);
    cr_assert(second.repeated);
    cr_assert_str_eq(second.run.finished_at, first.run.finished_at);
    cr_assert_str_eq(everything(), before);
    (void)start();
    before = everything();
    cr_assert_eq(finish(run.id, committed(1), &second), 0, "%s", err.text);
    cr_assert_str_eq(everything(), before);
}

Test(run, another_report_after_the_first_is_refused_with_the_state)
{
    struct run_result result;
    struct run_row run = start();
    cr_assert_eq(finish(run.id, committed(1), &result), 0, "%s", err.text);
    const char *before = everything();
    cr_assert_eq(finish(run.id, failed(1), &result), -ERR_CONFLICT);
    cr_assert_str_eq(err.text, arena_printf(arena, "run %lld is committed: it cannot fail", (long long)run.id));
    cr_assert_str_eq(result.code, "illegal-move");
    cr_assert_eq(heartbeat(run.id, 1, false, &result), -ERR_CONFLICT);
    cr_assert_str_eq(err.text, arena_printf(arena, "run %lld is committed: it cannot heartbeat", (long long)run.id));
    cr_assert_str_eq(everything(), before);
}

Test(run, a_stale_fence_changes_nothing)
{
    struct run_result result;
    struct run_row old = start();
    expire();
    struct run_row run = start();
    cr_assert_eq(run.fence, 2);
    const char *before = everything();
    cr_assert_eq(finish(old.id, committed(1), &result), -ERR_CONFLICT);
    cr_assert_str_eq(err.text, arena_printf(arena,
                                            "run %lld is lost and its fence 1 is older than that of stream "
                                            "Live/customers, 2",
                                            (long long)old.id));
    cr_assert_str_eq(err.hint, "stop: another run took over");
    cr_assert_str_eq(result.code, "stale-fence");
    cr_assert_eq(heartbeat(old.id, 1, true, &result), -ERR_CONFLICT);
    cr_assert_eq(finish(run.id, committed(1), &result), -ERR_CONFLICT);
    cr_assert_str_eq(err.text, arena_printf(arena, "fence 1 is not that of run %lld", (long long)run.id));
    cr_assert_eq(heartbeat(run.id, 3, false, &result), -ERR_CONFLICT);
    cr_assert_str_eq(everything(), before);
}

Test(run, a_heartbeat_extends_the_lease_and_is_not_audited)
{
    struct run_result result;
    struct run_row run = start();
    (void)kit_value(pg, arena, "update runs set lease_until = clock_timestamp() + interval '1 second'");
    int64_t revision = job().revision;
    cr_assert_eq(heartbeat(run.id, 1, false, &result), 0, "%s", err.text);
    cr_assert_str_eq(kit_value(pg, arena, "select lease_until > clock_timestamp() + interval '50 seconds' from runs"),
                     "t");
    cr_assert_str_eq(result.run.progress.data, "{\"rows\": 7}");
    cr_assert_eq(job().revision, revision);
    cr_assert_str_eq(kit_value(pg, arena, "select count(*) from audit"), "1");
}

static void note(void *ctx, const char *ecosystem)
{
    const char **seen = ctx;
    *seen = arena_strdup(arena, ecosystem);
}

Test(run, a_run_whose_lease_passed_is_lost_and_its_batch_is_taken_up_again)
{
    const char *seen = NULL;
    struct run_row run = start();
    cr_assert_eq(run_lose_expired(pool, note, &seen, &err), 0);
    cr_assert_null(seen);
    expire();
    cr_assert_eq(run_lose_expired(pool, note, &seen, &err), 0, "%s", err.text);
    cr_assert_str_eq(seen, "acme");
    struct job_row row = job();
    cr_assert_str_eq(row.state, "lost");
    cr_assert_str_eq(row.cause, "lost");
    cr_assert_str_eq(row.batch_state, "started");
    cr_assert_eq(strncmp(row.message, "no heartbeat by 20", 18), 0);
    cr_assert_str_eq(kit_value(pg, arena, "select actor || ' ' || action from audit order by id desc limit 1"),
                     "yellow run.lost");
    struct run_row again = start();
    cr_assert_eq(again.batch, run.batch);
    cr_assert_eq(again.attempt, 2);
}

Test(run, a_clock_that_is_put_back_prolongs_no_lease)
{
    const char *seen = NULL;
    (void)start();
    (void)kit_value(pg, arena,
                    "update runs set heartbeat_at = heartbeat_at + interval '3 hours', "
                    "lease_until = lease_until + interval '3 hours'");
    cr_assert_eq(run_lose_expired(pool, note, &seen, &err), 0, "%s", err.text);
    cr_assert_null(seen);
    cr_assert_str_eq(
        kit_value(pg, arena,
                  "select state || ' ' || (lease_until < clock_timestamp() + interval '61 seconds') || ' ' || "
                  "(lease_until > clock_timestamp() + interval '30 seconds') from runs"),
        "running true true");
    expire();
    cr_assert_eq(run_lose_expired(pool, note, &seen, &err), 0, "%s", err.text);
    cr_assert_str_eq(seen, "acme");
}

Test(run, whoever_meets_an_expired_run_makes_it_lost)
{
    struct run_result result;
    struct run_row run = start();
    expire();
    cr_assert_eq(heartbeat(run.id, 1, false, &result), -ERR_CONFLICT);
    cr_assert_str_eq(err.text, arena_printf(arena, "run %lld is lost: it cannot heartbeat", (long long)run.id));
    cr_assert_str_eq(job().state, "lost");
    cr_assert_str_eq(kit_value(pg, arena, "select state from runs"), "lost");
}

Test(run, a_lost_run_may_still_report_while_no_newer_one_started)
{
    struct run_result result;
    const char *seen;
    struct run_row run = start();
    expire();
    cr_assert_eq(run_lose_expired(pool, note, &seen, &err), 0);
    cr_assert_eq(finish(run.id, committed(1), &result), 0, "%s", err.text);
    cr_assert_str_eq(job().state, "idle");
    cr_assert_str_eq(job().batch_state, "committed");
    cr_assert_null(job().cause);
    cr_assert_eq(start().batch, 2);
}

Test(run, a_retired_job_takes_no_run_but_its_last_one_may_finish)
{
    struct run_result result;
    struct run_row run = start();
    struct job jobs[] = {kit_stream("Live", "orders")};
    kit_apply(pg, "acme", 2, jobs, 1);
    cr_assert_eq(finish(run.id, committed(1), &result), 0, "%s", err.text);
    cr_assert_str_eq(job().state, "retired");
    cr_assert_str_eq(job().batch_state, "committed");
    cr_assert_eq(run_start(&caller, arena, &customers, &result, &err), -ERR_CONFLICT);
    cr_assert_str_eq(err.text, "stream Live/customers is retired: it cannot start");
    cr_assert_str_eq(result.code, "job-retired");
}

Test(run, a_start_asked_twice_with_one_key_is_one_run)
{
    struct run_result first, second;
    caller.key = "k1";
    caller.request_hash = "h1";
    caller.token_id = 5;
    cr_assert_eq(run_start(&caller, arena, &customers, &first, &err), 0, "%s", err.text);
    cr_assert_eq(run_start(&caller, arena, &customers, &second, &err), 0, "%s", err.text);
    cr_assert(second.repeated);
    cr_assert_eq(second.run.id, first.run.id);
    cr_assert_str_eq(kit_value(pg, arena, "select count(*) from runs"), "1");
    caller.request_hash = "h2";
    cr_assert_eq(run_start(&caller, arena, &customers, &second, &err), -ERR_INVALID);
}

Test(run, every_move_that_the_table_does_not_hold_is_refused)
{
    static const char *const states[] = {"",        "idle",    "running",  "failed",    "lost",
                                         "retired", "started", "ingested", "committed", "cancelled"};
    for (enum machine machine = MACHINE_JOB; machine <= MACHINE_BATCH; machine++)
        for (size_t s = 0; s < sizeof states / sizeof *states; s++)
            for (enum event event = EVENT_START; event <= EVENT_REVIVE; event++) {
                const char *to = NULL;
                const struct transition *found = transition_find(machine, states[s], event);
                int rc = transition_move(machine, "x", states[s], event, &to, &err);
                cr_assert_eq(rc, found ? 0 : -ERR_CONFLICT);
                cr_assert_eq(to, found ? found->to : NULL);
            }
    for (size_t i = 0; i < transition_count; i++)
        cr_assert_eq(transition_find(transitions[i].machine, transitions[i].from, transitions[i].event),
                     &transitions[i], "move %zu is there twice", i);
}

Test(run, each_cause_says_what_to_do)
{
    for (size_t i = 0; i < cause_count; i++) {
        cr_assert_eq(cause_find(causes[i].name), &causes[i]);
        cr_assert(*causes[i].text && *causes[i].hint);
    }
    cr_assert_null(cause_find("bad-luck"));
    cr_assert_null(cause_find(NULL));
}
