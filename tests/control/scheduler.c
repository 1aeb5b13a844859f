#include "control/scheduler.h"

#include "base/file.h"
#include "base/time.h"
#include "control/run.h"
#include "pg/cluster.h"
#include "store/job_kit.h"
#include "store/schedule.h"
#include "store/token.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* A whole scheduler on a real database, with a script in the place of `yellow job run`. What it does is written to a
 * fifo, which the tests wait on: nobody sleeps. */

static struct arena *arena;
static struct pg *pg;
static struct err err;
static struct pg_pool *pool;
static struct snapshots *snapshots;
static struct scheduler *scheduler;
static struct scheduler_options options;
static char folder[64];
static const char *url;
static int fifo = -1;
static FILE *lines;

static void setup(void)
{
    arena = arena_new();
    err = (struct err){0};
    strcpy(folder, "/tmp/yellow-scheduler-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    url = test_database(arena);
    pg = test_connect(url);
    pool = pg_pool_new(&(struct pg_pool_options){
        .url = url, .size = 4, .connect_deadline_ms = 5000, .take_deadline_ms = 5000, .statement_ms = 20000});
    snapshots = snapshots_new(pool);
    kit_ecosystem(pg, "acme");
    const char *path = arena_printf(arena, "%s/fifo", folder);
    cr_assert_eq(mkfifo(path, 0600), 0);
    fifo = open(path, O_RDWR | O_CLOEXEC); /* both ends: no end of file between two children */
    lines = fdopen(fifo, "r");
    setenv("FIFO", path, 1);
    options = (struct scheduler_options){
        .pool = pool,
        .snapshots = snapshots,
        .limits = {.jobs = 2, .per_source = 2, .per_target = 8, .retry_ms = 50, .retry_max_ms = 400, .age_ms = 300000},
        .run_lease_ms = 60000,
        .url = "http://127.0.0.1:1",
        .state_dir = folder,
    };
}

static void teardown(void)
{
    scheduler_free(scheduler);
    snapshots_free(snapshots);
    pg_pool_free(pool);
    pg_close(pg);
    fclose(lines);
    (void)file_remove_tree(folder, ERR_IGNORED);
    arena_free(arena);
}

TestSuite(scheduler, .init = setup, .fini = teardown);

/* The child: what it is called with is $1 and on. */
static void start_with(const char *script)
{
    const char *path = arena_printf(arena, "%s/child", folder);
    cr_assert_eq(file_write(path, str_from(arena_printf(arena, "#!/bin/sh\n%s\n", script)), 0700, &err), 0);
    options.program = path;
    scheduler = scheduler_new(&options);
    cr_assert_eq(scheduler_start(scheduler, &err), 0, "%s", err.text);
}

/* The next line that a child wrote, without its end. */
static const char *line(void)
{
    char text[4096];
    cr_assert_not_null(fgets(text, sizeof text, lines));
    text[strcspn(text, "\n")] = '\0';
    return arena_strdup(arena, text);
}

/* Until the statement gives the value; the scheduler's own waits set the pace. */
static void wait_for(const char *sql, const char *want)
{
    int64_t until = time_monotonic_ms() + 20000;
    while (strcmp(kit_value(pg, arena, sql), want) != 0) {
        cr_assert_lt(time_monotonic_ms(), until, "%s: %s, not %s", sql, kit_value(pg, arena, sql), want);
        (void)poll(NULL, 0, 5);
    }
}

static void apply(struct job *jobs, size_t n)
{
    kit_apply(pg, "acme", 1, jobs, n);
}

static int64_t start_run(const char *actor, enum job_kind kind, const char *name)
{
    struct run_result result = {0};
    struct run_caller caller = {.pool = pool, .actor = actor, .lease_ms = 60000};
    struct job_key key = {"acme", kind, "Live", name};
    cr_assert_eq(run_start(&caller, arena, &key, &result, &err), 0, "%s", err.text);
    return result.run.id;
}

/* A run as the child would take it, by the name of the scheduler's token. */
static int64_t take_run_of(enum job_kind kind, const char *name)
{
    return start_run(kit_value(pg, arena, "select name from tokens where revoked_at is null"), kind, name);
}

static int64_t take_run(const char *name)
{
    return take_run_of(JOB_STREAM, name);
}

Test(scheduler, a_stream_that_never_ran_is_started_with_its_name_a_token_and_nothing_of_the_server)
{
    struct job jobs[] = {kit_stream("Live", "customers")};
    apply(jobs, 1);
    setenv("YELLOW_DATABASE", "postgresql://secret", 1);
    setenv("YELLOW_CREDENTIALS", "/mnt/credentials", 1);
    start_with("echo \"$*\" > $FIFO; echo \"$YELLOW_URL $YELLOW_CREDENTIALS $YELLOW_DATABASE\" > $FIFO;"
               "cat $YELLOW_TOKEN_FILE > $FIFO; echo > $FIFO; stat -c %a $YELLOW_TOKEN_FILE > $FIFO; exit 3");
    cr_expect_str_eq(line(), "job run --ecosystem acme --platform Live --stream customers");
    cr_expect_str_eq(line(), "http://127.0.0.1:1 /mnt/credentials ");
    const char *token = line();
    cr_expect_eq(strlen(token), TOKEN_TEXT_SIZE - 1, "%s", token);
    cr_expect_str_eq(line(), "600");
    cr_expect_str_eq(kit_value(pg, arena, "select scopes from tokens where revoked_at is null"), "{run:write}");
    unsetenv("YELLOW_DATABASE");
    unsetenv("YELLOW_CREDENTIALS");
}

Test(scheduler, the_token_ends_with_the_scheduler)
{
    struct job jobs[] = {kit_stream("Live", "customers")};
    apply(jobs, 1);
    start_with("echo up > $FIFO");
    cr_expect_str_eq(line(), "up");
    scheduler_stop(scheduler, 1000);
    cr_expect_str_eq(kit_value(pg, arena, "select count(*) from tokens where revoked_at is null"), "0");
    cr_expect_eq(access(arena_printf(arena, "%s/scheduler-token-1", folder), F_OK), -1);
    cr_expect_str_eq(kit_value(pg, arena, "select count(*) from schedule_claims"), "0");
}

/* It never gets a run, so it stays due: the pause between two tries grows, and it is never there twice. */
Test(scheduler, a_process_that_ends_without_a_run_is_tried_again_after_a_pause)
{
    struct job jobs[] = {kit_stream("Live", "customers")};
    apply(jobs, 1);
    start_with("echo $$ > $FIFO; exit 1");
    int64_t begun = time_monotonic_ms();
    for (int i = 0; i < 4; i++)
        (void)line();
    cr_expect_geq(time_monotonic_ms() - begun, 50 + 100 + 200);
}

Test(scheduler, limits_hold_and_places_are_taken_again)
{
    struct job jobs[5];
    for (int i = 0; i < 5; i++)
        jobs[i] = kit_stream("Live", arena_printf(arena, "s%d", i));
    apply(jobs, 5);
    options.limits.retry_ms = options.limits.retry_max_ms = 600000;
    start_with("echo $8 > $FIFO; while [ ! -e $FIFO.$8 ]; do sleep 0.02; done");
    const char *first = line(), *second = line();
    wait_for("select count(*) from schedule_claims", "2");
    for (int i = 0; i < 3; i++) {
        (void)fclose(fopen(arena_printf(arena, "%s/fifo.%s", folder, first), "w"));
        first = second;
        second = line();
        wait_for("select count(*) from schedule_claims", "2");
    }
    (void)fclose(fopen(arena_printf(arena, "%s/fifo.%s", folder, first), "w"));
    (void)fclose(fopen(arena_printf(arena, "%s/fifo.%s", folder, second), "w"));
    wait_for("select count(*) from schedule_claims", "0");
}

Test(scheduler, a_child_that_the_kernel_or_itself_ends_for_memory_is_out_of_memory)
{
    struct job jobs[] = {kit_stream("Live", "customers")};
    apply(jobs, 1);
    options.limits.retry_ms = options.limits.retry_max_ms = 600000;
    start_with("echo up > $FIFO; while [ ! -e $FIFO.go ]; do sleep 0.02; done; exit 137");
    cr_expect_str_eq(line(), "up");
    (void)take_run("customers");
    (void)fclose(fopen(arena_printf(arena, "%s/fifo.go", folder), "w"));
    wait_for("select state || ' ' || cause from jobs", "failed out-of-memory");
    cr_expect_str_eq(kit_value(pg, arena, "select message from jobs"),
                     "it needed more memory than limits.memory, 1073741824 bytes");
    cr_expect_str_eq(kit_value(pg, arena, "select state from batches"), "failed");
    cr_expect_str_eq(kit_value(pg, arena, "select actor || ' ' || action from audit order by id desc limit 1"),
                     "scheduler run.fail");
}

#if !defined(__SANITIZE_ADDRESS__)
Test(scheduler, the_size_of_a_job_is_its_childs_limit)
{
    struct job jobs[] = {kit_stream("Live", "customers")};
    jobs[0].priority = PRIORITY_LOW;
    apply(jobs, 1);
    start_with("ulimit -d > $FIFO; nproc > $FIFO; nice > $FIFO");
    cr_expect_str_eq(line(), "1048576");
    cr_expect_str_eq(line(), "1");
    cr_expect_str_eq(line(), "10");
}
#endif

Test(scheduler, a_child_that_is_killed_leaves_no_lease_behind)
{
    struct job jobs[] = {kit_stream("Live", "customers")};
    apply(jobs, 1);
    start_with("echo $$ > $FIFO; exec sleep 1000");
    int pid = atoi(line());
    (void)take_run("customers");
    cr_assert_eq(kill(pid, SIGKILL), 0);
    wait_for("select message from runs order by id limit 1", "its process was killed by signal 9");
    cr_expect_str_eq(kit_value(pg, arena, "select cause from runs order by id limit 1"), "lost");
    int again = atoi(line()); /* as the same batch, after the pause */
    cr_expect_neq(again, pid);
}

Test(scheduler, a_transformers_child_that_is_killed_leaves_no_lease_of_its_output_behind)
{
    struct job jobs[] = {kit_stream("Live", "masked"), kit_stream("Live", "other")};
    jobs[0].schedule = jobs[1].schedule = "external";
    struct job transformer = kit_transformer("Live", "mask");
    transformer.store = "masked";
    transformer.schedule = "*/5 * * * *";
    struct job all[] = {jobs[0], jobs[1], transformer};
    apply(all, 3);
    start_with("echo $$ > $FIFO; exec sleep 1000");
    int pid = atoi(line());
    (void)take_run_of(JOB_TRANSFORMER, "mask");
    (void)take_run("masked");
    (void)take_run("other");
    cr_assert_eq(kill(pid, SIGKILL), 0);
    wait_for(
        "select string_agg(j.name || ' ' || r.state, ', ' order by j.name) from runs r join jobs j on j.id = r.job "
        "where j.name <> 'mask'",
        "masked failed, other running");
}

Test(scheduler, run_now_starts_what_nothing_else_would)
{
    struct job jobs[] = {kit_stream("Live", "customers")};
    jobs[0].schedule = "external";
    apply(jobs, 1);
    start_with("echo $8 > $FIFO");
    (void)kit_value(pg, arena, "update jobs set run_requested_at = clock_timestamp(), changed_at = now()");
    scheduler_wake(scheduler);
    cr_expect_str_eq(line(), "customers");
}

Test(scheduler, a_lease_that_another_process_holds_is_respected)
{
    struct job jobs[] = {kit_stream("Live", "customers"), kit_stream("Live", "orders")};
    apply(jobs, 2);
    struct run_result result = {0};
    struct run_caller caller = {.pool = pool, .actor = "airflow", .lease_ms = 60000};
    struct job_key key = {"acme", JOB_STREAM, "Live", "customers"};
    cr_assert_eq(run_start(&caller, arena, &key, &result, &err), 0, "%s", err.text);
    options.limits.retry_ms = options.limits.retry_max_ms = 1;
    start_with("echo $8 > $FIFO");
    for (int i = 0; i < 5; i++)
        cr_expect_str_eq(line(), "orders");
}

Test(scheduler, a_job_that_another_scheduler_claimed_is_its_own_and_its_places_count)
{
    struct job jobs[] = {kit_stream("Live", "customers"), kit_stream("Live", "orders")};
    apply(jobs, 2);
    (void)kit_value(
        pg, arena,
        "insert into schedule_claims select id, 'other', null, 'acme/yellow-ny', now() + interval '1 minute' "
        "from jobs where name = 'customers'");
    options.limits.retry_ms = options.limits.retry_max_ms = 1;
    start_with("echo $8 > $FIFO");
    for (int i = 0; i < 5; i++)
        cr_expect_str_eq(line(), "orders");
    scheduler_stop(scheduler, 1000);
    cr_expect_str_eq(kit_value(pg, arena, "select scheduler from schedule_claims"), "other");
    struct schedule_claim *others;
    size_t count;
    cr_assert_eq(schedule_store_others(pg, arena, "me", &others, &count, &err), 0);
    cr_expect_eq(count, 1);
    cr_expect_str_eq(others[0].target, "acme/yellow-ny");
}

Test(scheduler, a_claim_that_nobody_renews_is_free_again)
{
    struct job jobs[] = {kit_stream("Live", "customers")};
    apply(jobs, 1);
    (void)kit_value(pg, arena, "insert into schedule_claims select id, 'other', null, 'x', now() from jobs");
    start_with("echo $8 > $FIFO");
    cr_expect_str_eq(line(), "customers");
}

/* All that is written down is of three hours ahead, where the clock was. */
Test(scheduler, nothing_waits_until_a_clock_that_was_put_back_is_there_again)
{
    struct job jobs[] = {kit_stream("Live", "committed"), kit_stream("Live", "claimed"), kit_stream("Live", "failed"),
                         kit_stream("Live", "asked")};
    jobs[3].schedule = "external";
    apply(jobs, 4);
    (void)kit_value(
        pg, arena,
        "with ahead (at) as (select now() + interval '3 hours'), run as ("
        "insert into runs (job, fence, batch, attempt, state, started_by, started_at, heartbeat_at, "
        "lease_until, finished_at) select id, 1, 1, 1, case name when 'failed' then 'failed' else 'committed' "
        "end, 'before', at, at, at, at from jobs, ahead where name <> 'claimed' returning job), claim as ("
        "insert into schedule_claims select id, 'dead', null, 'x', at + interval '1 minute' from jobs, ahead "
        "where name = 'claimed') update jobs set fence = 1, changed_at = at, state = case name when 'failed' "
        "then 'failed' else state end, run_requested_at = case name when 'asked' then at end from ahead "
        "where name <> 'claimed'");
    options.limits.jobs = 4;
    options.limits.retry_ms = options.limits.retry_max_ms = 600000;
    start_with("echo $8 > $FIFO; exec sleep 1000");
    const char *started[4];
    for (int i = 0; i < 4; i++)
        started[i] = line();
    for (size_t j = 0; j < 4; j++) {
        int times = 0;
        for (int i = 0; i < 4; i++)
            times += strcmp(started[i], jobs[j].name) == 0;
        cr_expect_eq(times, 1, "%s", jobs[j].name);
    }
}

/* Where it read its book before another scheduler did a whole run. */
Test(scheduler, a_job_that_ran_since_is_not_claimed)
{
    struct job jobs[] = {kit_stream("Live", "customers")};
    bool got = true;
    apply(jobs, 1);
    int64_t job = atoll(kit_value(pg, arena, "select id from jobs")),
            run = start_run("airflow", JOB_STREAM, "customers");
    (void)kit_value(pg, arena, "update runs set state = 'committed'");
    struct schedule_claim claim = {.job = job, .target = "acme/yellow-ny"};
    cr_assert_eq(schedule_store_claim(pg, arena, "me", &claim, 1, 60000, &got, &err), 0, "%s", err.text);
    cr_expect_not(got);
    claim.run = run;
    cr_assert_eq(schedule_store_claim(pg, arena, "me", &claim, 1, 60000, &got, &err), 0, "%s", err.text);
    cr_expect(got);
}

Test(scheduler, a_stop_asks_children_to_end_and_then_ends_them)
{
    struct job jobs[] = {kit_stream("Live", "customers"), kit_stream("Live", "orders")};
    apply(jobs, 2);
    start_with("trap 'echo asked > $FIFO; exit 0' TERM; [ $8 = orders ] && trap '' TERM; echo up > $FIFO;"
               "while :; do sleep 0.05; done");
    cr_expect_str_eq(line(), "up");
    cr_expect_str_eq(line(), "up");
    scheduler_stop(scheduler, 500);
    cr_expect_str_eq(line(), "asked");
    cr_expect_str_eq(kit_value(pg, arena, "select count(*) from schedule_claims"), "0");
}

Test(scheduler, a_run_that_is_asked_to_stop_gets_sigterm)
{
    struct job jobs[] = {kit_stream("Live", "customers")};
    apply(jobs, 1);
    start_with("trap 'echo asked > $FIFO; exit 0' TERM; echo up > $FIFO; while :; do sleep 0.05; done");
    cr_expect_str_eq(line(), "up");
    int64_t run = take_run("customers");
    (void)kit_value(pg, arena,
                    arena_printf(arena, "update runs set cancel_requested_at = now() where id = %lld", (long long)run));
    (void)kit_value(pg, arena, "update jobs set changed_at = clock_timestamp()");
    scheduler_wake(scheduler);
    cr_expect_str_eq(line(), "asked");
}

/* The scheduler is another process here, and killed: nothing of it lives on. */
Test(scheduler, children_die_with_it)
{
    struct job jobs[] = {kit_stream("Live", "customers")};
    apply(jobs, 1);
    pid_t pid = fork();
    if (pid == 0) {
        options.pool = pg_pool_new(&(struct pg_pool_options){
            .url = url, .size = 4, .connect_deadline_ms = 5000, .take_deadline_ms = 5000, .statement_ms = 20000});
        options.snapshots = snapshots_new(options.pool);
        start_with("echo $$ > $FIFO; exec sleep 1000");
        for (;;)
            (void)pause();
    }
    int child = atoi(line());
    cr_assert_gt(child, 0);
    cr_assert_eq(kill(child, 0), 0);
    cr_assert_eq(kill(pid, SIGKILL), 0);
    int64_t until = time_monotonic_ms() + 10000;
    while (kill(child, 0) == 0 && time_monotonic_ms() < until) {
        char state = 'Z'; /* nobody reaps orphans in some containers */
        FILE *stat = fopen(arena_printf(arena, "/proc/%d/stat", child), "r");
        if (stat) {
            (void)fscanf(stat, "%*d %*s %c", &state);
            fclose(stat);
        }
        if (state == 'Z')
            return;
    }
    cr_expect_lt(time_monotonic_ms(), until);
}
