#include "control/flow.h"

#include "store/ecosystem.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* What happens when the server dies, or its database, in the middle of the way. */

static struct flow flow;

static void setup(void)
{
    flow_init(&flow);
}

static void teardown(void)
{
    flow_dispose(&flow);
}

TestSuite(crash, .init = setup, .fini = teardown);

static const char *deadly;

static void die(void *ctx, const char *step)
{
    (void)ctx;
    if (strcmp(step, deadly) == 0)
        raise(SIGKILL);
}

/* A server of its own that makes one turn; true when it was killed at the step. */
static bool turn_in_child(const char *step)
{
    deadly = step;
    pid_t child = fork();
    if (child == 0) {
        struct commit_worker_options options = flow.options;
        struct pg_pool *pool = pg_pool_new(&(struct pg_pool_options){.url = flow.url,
                                                                     .size = 3,
                                                                     .connect_deadline_ms = 10000,
                                                                     .take_deadline_ms = 10000,
                                                                     .statement_ms = 30000});
        options.service.pool = pool;
        options.service.snapshots = snapshots_new(pool);
        options.service.hook = die;
        struct err err = {0};
        bool worked = false;
        int rc = commit_workers_step(commit_workers_new(&options), &worked, &err);
        _exit(rc ? 3 : 0);
    }
    int status;
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert(WIFSIGNALED(status) || WEXITSTATUS(status) == 0, "the child failed");
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

/* Nobody renews the claims of the dead. */
static void let_claims_end(void)
{
    flow_sql(&flow, "update deliveries set claimed_until = now() - interval '1 second' where claimed_by is not null");
}

Test(crash, the_third_one_quarantines_and_the_rest_go_on)
{
    const char *bad = flow_push(&flow, NULL);
    int64_t first = flow_receive_push(&flow, bad);
    int64_t rest = flow_receive(&flow, "ping", "72d3162e-cc78-11e3-81ab-4c9367dc0958", STR("{}"));
    flow_sql(&flow, "update deliveries set due_at = now() + interval '1 hour' where event = 'ping'");
    for (int i = 1; i <= 3; i++) {
        cr_assert(turn_in_child("fetched"));
        let_claims_end();
        cr_assert_eq(flow_delivery(&flow, first).attempts, i);
    }
    flow_sql(&flow, "update deliveries set due_at = now() where event = 'ping'");
    cr_assert_eq(flow_work(&flow), 1);
    flow_expect(&flow, first, "quarantined", "the worker ended without an outcome 3 times");
    cr_assert_eq(flow_delivery(&flow, first).attempts, 3);
    flow_expect(&flow, rest, "ignored", "ping");
    cr_assert_str_eq(flow_value(&flow, "select count(*) from versions"), "0");
}

Test(crash, at_each_step_the_outcome_is_reached_exactly_once)
{
    static const char *const steps[] = {"claimed", "fetched", "planned", "written", "committed"};
    flow_receive_push(&flow, flow_push(&flow, NULL));
    flow_work(&flow);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        int version = (int)i + 2;
        const char *head = flow_push(&flow, arena_printf(flow.arena,
                                                         "sed -i 's/name: full_name, type: varchar([0-9]*)/name: "
                                                         "full_name, type: varchar(%d)/' teams/sales/customers.yaml",
                                                         200 + version));
        int64_t id = flow_receive_push(&flow, head);
        cr_assert(turn_in_child(steps[i]), "%s", steps[i]);
        let_claims_end();
        cr_assert_eq(flow_work(&flow), strcmp(steps[i], "committed") == 0 ? 0 : 1, "%s", steps[i]);
        flow_expect(&flow, id, "merged", NULL);
        cr_assert_eq(flow_delivery(&flow, id).version, version, "%s", steps[i]);
        cr_assert_str_eq(flow_value(&flow, "select version from ecosystems"), arena_printf(flow.arena, "%d", version));
        cr_assert_str_eq(flow_value(&flow, "select count(*) from versions"), arena_printf(flow.arena, "%d", version));
        cr_assert_str_eq(flow_value(&flow, "select count(*) from objects where name = 'customers'"),
                         arena_printf(flow.arena, "%d", version));
        cr_assert_str_eq(flow_value(&flow, "select count(*) from audit where action = 'version.merge'"),
                         arena_printf(flow.arena, "%d", version));
    }
}

static int outages;

/* All connections but that of the test end, as when the database restarts. */
static void cut(void *ctx, const char *step)
{
    (void)ctx;
    if (strcmp(step, deadly) == 0 && outages-- > 0)
        flow_sql(&flow, "select pg_terminate_backend(pid) from pg_stat_activity "
                        "where pid <> pg_backend_pid() and datname = current_database()");
}

Test(crash, a_database_that_goes_away_in_mid_merge_leaves_nothing_half_and_the_merge_happens_once)
{
    static const char *const steps[] = {"claimed", "fetched", "planned", "written"};
    flow.options.service.hook = cut;
    struct commit_workers *workers = commit_workers_new(&flow.options);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        deadly = steps[i];
        outages = 1;
        int64_t id = flow_receive_push(&flow, flow_push(&flow, arena_printf(flow.arena, "echo %zu >> README.md", i)));
        bool worked = true;
        while (worked)
            cr_assert_eq(commit_workers_step(workers, &worked, &flow.err), 0, "%s", flow.err.text);
        if (strcmp(flow_delivery(&flow, id).state, "received") == 0) {
            cr_assert_str_eq(flow_value(&flow, "select count(*) from versions"), arena_printf(flow.arena, "%zu", i),
                             "%s", steps[i]);
            flow_sql(&flow, "update deliveries set due_at = now()");
            worked = true;
            while (worked)
                cr_assert_eq(commit_workers_step(workers, &worked, &flow.err), 0, "%s", flow.err.text);
        }
        flow_expect(&flow, id, "merged", NULL);
        cr_assert_eq(flow_delivery(&flow, id).version, (int)i + 1, "%s", steps[i]);
        cr_assert_eq(flow_delivery(&flow, id).crashes, 0, "%s", steps[i]);
    }
    commit_workers_free(workers);
}

static void lose_claim(void *ctx, const char *step)
{
    (void)ctx;
    if (strcmp(step, "planned") == 0)
        flow_sql(&flow, "update deliveries set claimed_by = 'another' where state = 'received'");
}

Test(crash, a_worker_that_lost_its_claim_writes_nothing)
{
    int64_t id = flow_receive_push(&flow, flow_push(&flow, NULL));
    flow.options.service.hook = lose_claim;
    struct commit_workers *workers = commit_workers_new(&flow.options);
    bool worked;
    cr_assert_eq(commit_workers_step(workers, &worked, &flow.err), 0, "%s", flow.err.text);
    commit_workers_free(workers);
    flow_expect(&flow, id, "received", NULL);
    cr_assert_str_eq(flow_value(&flow, "select count(*) from versions"), "0");
    let_claims_end();
    flow_work(&flow);
    flow_expect(&flow, id, "merged", NULL);
}
