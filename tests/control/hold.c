#include "control/hold.h"

#include "control/flow.h"
#include "control/poller.h"
#include "control/rollback.h"

#include <criterion/criterion.h>

static struct flow flow;

static int64_t push(const char *edit)
{
    int64_t id = flow_receive_push(&flow, flow_push(&flow, edit));
    (void)flow_work(&flow);
    return id;
}

static const char *head(void)
{
    return kit_sh(&flow.git, "cd work && git rev-parse HEAD");
}

static const char add_column[] = "sed -i '/{name: full_name/a\\      - {name: nick, type: varchar(9), nullable: true}' "
                                 "teams/sales/customers.yaml";
static const char widen[] = "sed -i '/full_name/s/varchar(100)/varchar(200)/' teams/sales/customers.yaml";
static const char comment[] = "echo '# more' >> teams/sales/customers.yaml";

/* Versions 1, the example, and 2, with one column more. */
static void setup(void)
{
    flow_init(&flow);
    flow_sql(&flow, "update ecosystems set forge = '{\"kind\": \"github\"}'");
    flow_expect(&flow, push(NULL), "merged", NULL);
    flow_expect(&flow, push(add_column), "merged", NULL);
}

static void teardown(void)
{
    flow_dispose(&flow);
}

TestSuite(hold, .init = setup, .fini = teardown);

static struct rollback_request to(int version)
{
    return (struct rollback_request){.pool = flow.pool,
                                     .snapshots = flow.snapshots,
                                     .library = flow.library,
                                     .ecosystem = "acme",
                                     .to = version,
                                     .reason = "nicknames are wrong",
                                     .actor = "ada",
                                     .request_id = "r1"};
}

struct writing {
    struct rollback rollback;
    struct rollback_result result;
};

static int write(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct writing *writing = ctx;
    return rollback_write(pg, arena, &writing->rollback, &writing->result, err);
}

static struct rollback_result roll_back(int version)
{
    struct rollback_request request = to(version);
    struct writing writing;
    cr_assert_eq(rollback_plan(&request, flow.arena, &writing.rollback, &flow.err), 0, "%s", flow.err.text);
    cr_assert_eq(pg_pool_transaction(flow.pool, flow.arena, write, &writing, &flow.err), 0, "%s", flow.err.text);
    rollback_dispose(&writing.rollback);
    snapshots_invalidate(flow.snapshots, "acme");
    (void)flow_work(&flow);
    return writing.result;
}

static int place(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    const char *commit = ctx;
    const struct hold_request request = {"acme", commit, "wait for Monday", "ada", NULL};
    struct hold_row row;
    bool fresh;
    return hold_place(pg, arena, &request, &row, &fresh, err);
}

static void hold(const char *commit)
{
    cr_assert_eq(pg_pool_transaction(flow.pool, flow.arena, place, (void *)(uintptr_t)commit, &flow.err), 0, "%s",
                 flow.err.text);
}

static int let_go(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    const struct hold_request request = {"acme", NULL, "", "bob", NULL};
    struct hold_row row;
    return hold_release(pg, arena, &request, *(int64_t *)ctx, &row, ctx, err);
}

/* The delivery that it asks for; 0: none. */
static int64_t release(int64_t id)
{
    cr_assert_eq(pg_pool_transaction(flow.pool, flow.arena, let_go, &id, &flow.err), 0, "%s", flow.err.text);
    (void)flow_work(&flow);
    return id;
}

static const char *status_of(const char *commit)
{
    return flow_value(&flow, arena_printf(flow.arena,
                                          "select content ->> 'state' || ', ' || (content ->> 'description') from "
                                          "forge_reports where subject = '%s'",
                                          commit));
}

#define HELD "held: rolled back to version 1: nicknames are wrong"
#define REASON HELD " (hold 1 of ada); POST .../holds/1/release merges the head of the branch"
#define IN_FORCE(version)                                                                                              \
    "select string_agg(kind || name || hash || path || line, ' ' order by kind, name) || "                             \
    "(select coalesce(string_agg(path || hash, ' ' order by path), '') from files where version_in <= " #version       \
    " and version_out >= " #version ") from objects where version_in <= " #version " and version_out >= " #version

Test(hold, a_rollback_makes_a_version_with_exactly_the_older_content_and_holds_the_branch)
{
    const char *bad = head();
    struct rollback_result result = roll_back(1);
    cr_assert_eq(result.version, 3);
    cr_assert_str_eq(flow_value(&flow, IN_FORCE(3)), flow_value(&flow, IN_FORCE(1)));
    cr_assert_str_neq(flow_value(&flow, IN_FORCE(3)), flow_value(&flow, IN_FORCE(2)));
    cr_assert_str_eq(flow_value(&flow, "select version || author || ': ' || message || rolled_back_to || (select "
                                       "commit_oid = v.commit_oid from versions where version = 1) from versions v "
                                       "where version = 3"),
                     "3ada: rolled back to version 1: nicknames are wrong1true");
    /* the plan of it is kept, and who let its breaking change pass */
    cr_assert_str_eq(flow_value(&flow,
                                "select plan -> 'objects' -> 'changed' -> 0 -> 'changes' -> 0 ->> 'pointer' from "
                                "versions where version = 3"),
                     "/datasets/people/columns/nick");
    cr_assert_str_eq(flow_value(&flow,
                                "select v.plan #>> '{approval,by}' || version || reason from versions v join approvals "
                                "using (version) where version = 3"),
                     "ada3rolled back to version 1: nicknames are wrong");
    cr_assert_str_eq(flow_value(&flow, "select actor || request_id || (before ->> 'version') || (after ->> 'to') from "
                                       "audit where action = 'version.rollback'"),
                     "adar121");
    flow_expect(&flow, result.delivery, "held", REASON);
    cr_assert_str_eq(status_of(bad), "pending, " HELD);
    cr_assert_str_eq(flow_value(&flow, "select head_oid from ecosystems"), bad);
}

Test(hold, what_is_held_is_not_merged_again_by_a_redelivery_a_poll_a_replay_or_a_newer_head)
{
    int64_t again, first = flow_receive_push(&flow, head());
    (void)flow_work(&flow);
    (void)roll_back(1);
    cr_assert_eq(delivery_redeliver(flow.pg, flow.arena, "acme", first, &again, &flow.err), 0);
    (void)flow_work(&flow);
    flow_expect(&flow, again, "held", REASON);
    struct poller poller = {.service = &flow.options.service, .interval_ms = 1};
    bool worked;
    flow_sql(&flow, "update ecosystems set poll_at = now() - interval '1 hour'");
    cr_assert_eq(poller_step(&poller, &worked, &flow.err), 0);
    cr_assert(worked);
    cr_assert_eq(flow_work(&flow), 0, "polling made a delivery of a head that is decided");
    flow_expect(&flow, push(comment), "held", REASON);
    /* a forced push of the same content under another id would bring it back */
    kit_sh(&flow.git, "cd work && git commit -q --amend -m again && git push -qf origin main");
    int64_t id = flow_receive_push(&flow, head());
    (void)flow_work(&flow);
    flow_expect(&flow, id, "held", REASON);
    cr_assert_str_eq(flow_value(&flow, "select max(version) from versions"), "3");
}

Test(hold, a_wrong_model_is_rejected_held_or_not)
{
    (void)roll_back(1);
    int64_t id = push("sed -i 's/container: crm-db/container: crm-bd/' teams/sales/customers.yaml");
    flow_expect(&flow, id, "rejected", "1 error in the model; the version in force stays");
}

Test(hold, the_way_back_to_the_old_commit_is_in_force_already)
{
    const char *good = flow_value(&flow, "select commit_oid from versions where version = 1");
    (void)roll_back(1);
    kit_sh(&flow.git, "cd work && git reset -q --hard %s && git push -qf origin main", good);
    int64_t id = flow_receive_push(&flow, good);
    (void)flow_work(&flow);
    flow_expect(&flow, id, "merged", arena_printf(flow.arena, "commit %s is in force already", good));
    cr_assert_eq(flow_delivery(&flow, id).version, 3);
}

Test(hold, what_is_held_is_in_force_nowhere)
{
    struct snapshot *before, *held;
    (void)roll_back(1);
    snapshots_invalidate(flow.snapshots, "acme");
    cr_assert_eq(snapshots_get(flow.snapshots, "acme", 0, &before, &flow.err), 0);
    flow_expect(&flow, push(widen), "held", REASON);
    cr_assert_eq(snapshots_get(flow.snapshots, "acme", 0, &held, &flow.err), 0);
    cr_expect_eq(held->version, 3);
    cr_expect_eq(held, before);
    snapshot_release(before);
    snapshot_release(held);
    cr_expect_eq(snapshots_get(flow.snapshots, "acme", 4, &held, &flow.err), -ERR_NOT_FOUND);
}

Test(hold, a_release_merges_the_newest_head_once)
{
    struct rollback_result result = roll_back(1);
    flow_expect(&flow, push(widen), "held", REASON);
    int64_t id = release(result.hold.id);
    flow_expect(&flow, id, "merged", NULL);
    cr_assert_eq(flow_delivery(&flow, id).version, 4);
    cr_assert_str_eq(status_of(head()), "success, version 4 is in force");
    cr_assert_eq(release(result.hold.id), 0);
    cr_assert_str_eq(flow_value(&flow, "select released_by from holds"), "bob");
    cr_assert_str_eq(
        flow_value(&flow, "select string_agg(action, ' ' order by id) from audit where object like 'hold%'"),
        "hold.release");
    flow_expect(&flow, push(comment), "merged", NULL);
}

Test(hold, a_held_commit_holds_what_is_made_on_it_and_nothing_else)
{
    const char *good = head();
    flow_expect(&flow, push(comment), "merged", NULL);
    kit_sh(&flow.git, "cd work && %s && git commit -qam bad", widen);
    const char *bad = head();
    hold(bad);
    kit_sh(&flow.git, "cd work && git push -q origin main");
    int64_t id = flow_receive_push(&flow, bad);
    (void)flow_work(&flow);
    flow_expect(&flow, id, "held",
                "held: wait for Monday (hold 1 of ada); POST .../holds/1/release merges the head of the branch");
    cr_assert_str_eq(status_of(bad), "pending, held: wait for Monday");
    flow_expect(&flow, push(comment), "held",
                "held: wait for Monday (hold 1 of ada); POST .../holds/1/release merges the head of the branch");
    kit_sh(&flow.git, "cd work && git reset -q --hard %s && %s && git commit -qam other && git push -qf origin main",
           good, comment);
    id = flow_receive_push(&flow, head());
    (void)flow_work(&flow);
    flow_expect(&flow, id, "merged", NULL);
}

Test(hold, an_older_push_that_is_worked_on_first_is_held_with_the_head)
{
    hold(NULL);
    const char *older = flow_push(&flow, comment), *newer = flow_push(&flow, comment);
    int64_t first = flow_receive_push(&flow, older), second = flow_receive_push(&flow, newer);
    (void)flow_work(&flow);
    const char *reason =
        "held: wait for Monday (hold 1 of ada); POST .../holds/1/release merges the head of the branch";
    flow_expect(&flow, first, "held", reason);
    flow_expect(&flow, second, "held", reason);
    cr_assert_str_eq(flow_delivery(&flow, first).commit_oid, older);
}

/* A merge was planned, and before it was written somebody rolled back. */
static void roll_back_meanwhile(void *ctx, const char *step)
{
    int *times = ctx;
    if (strcmp(step, "planned") != 0 || (*times)++)
        return;
    struct rollback_request request = to(1);
    struct writing writing;
    cr_assert_eq(rollback_plan(&request, flow.arena, &writing.rollback, &flow.err), 0, "%s", flow.err.text);
    cr_assert_eq(pg_pool_transaction(flow.pool, flow.arena, write, &writing, &flow.err), 0, "%s", flow.err.text);
    rollback_dispose(&writing.rollback);
}

Test(hold, a_rollback_overtakes_a_merge_under_way)
{
    int times = 0;
    flow.options.service.hook = roll_back_meanwhile;
    flow.options.service.hook_ctx = &times;
    commit_workers_free(flow.workers);
    flow.workers = commit_workers_new(&flow.options);
    flow_expect(&flow, push(widen), "held", REASON);
    cr_assert_str_eq(flow_value(&flow, "select string_agg(version || ':' || coalesce(rolled_back_to::text, '-'), ' ' "
                                       "order by version) from versions"),
                     "1:- 2:- 3:1");
}

Test(hold, a_merge_overtakes_a_rollback_which_has_to_plan_again)
{
    struct rollback_request request = to(1);
    struct writing writing;
    cr_assert_eq(rollback_plan(&request, flow.arena, &writing.rollback, &flow.err), 0, "%s", flow.err.text);
    flow_expect(&flow, push(widen), "merged", NULL);
    cr_assert_eq(pg_pool_transaction(flow.pool, flow.arena, write, &writing, &flow.err), -ERR_STALE);
    cr_assert_str_eq(flow.err.text, "version 3 of ecosystem acme came meanwhile");
    rollback_dispose(&writing.rollback);
    cr_assert_str_eq(flow_value(&flow, "select count(*) from holds"), "0");
}

Test(hold, streams_of_the_newer_version_are_retired_and_those_that_went_with_it_come_back)
{
    static const char streams[] =
        "select string_agg(name || ':' || state || ':' || coalesce(retired_in, 0), ' ' order by name) from jobs where "
        "store = 'campaigns' and kind = 'stream'";
    flow_expect(&flow, push("git rm -q teams/marketing/campaign-report.yaml"), "merged", NULL);
    cr_assert_str_eq(flow_value(&flow, streams), "campaigns.campaigns:retired:3 campaigns.clicks:retired:3");
    (void)roll_back(2);
    cr_assert_str_eq(flow_value(&flow, streams), "campaigns.campaigns:idle:0 campaigns.clicks:idle:0");
    (void)roll_back(3);
    cr_assert_str_eq(flow_value(&flow, streams), "campaigns.campaigns:retired:5 campaigns.clicks:retired:5");
    cr_assert_str_eq(flow_value(&flow, "select count(*) from holds where released_at is null"), "1");
}

Test(hold, two_rollbacks_in_a_row_leave_one_hold_and_one_release)
{
    (void)roll_back(1); /* version 3 */
    hold(NULL);         /* somebody's own, number 2 */
    struct rollback_result second = roll_back(2);
    cr_assert_eq(second.hold.id, 3);
    cr_assert_str_eq(
        flow_value(&flow, "select string_agg(id || coalesce(released_by, '-'), ' ' order by id) from holds"),
        "1ada 2- 3-");
    cr_assert_str_eq(flow_value(&flow,
                                "select string_agg(object || (after ->> 'reason'), ' ') from audit where action = "
                                "'hold.release'"),
                     "hold 1the rollback to version 2 holds instead");
    cr_assert_eq(release(1), 0);
    cr_assert_neq(release(2), 0);
    cr_assert_str_eq(flow_value(&flow, "select version from ecosystems"), "4"); /* the rollback's own hold stands */
    flow_expect(&flow, release(3), "merged", arena_printf(flow.arena, "commit %s is in force already", head()));
}

Test(hold, what_cannot_be_rolled_back_to_says_why)
{
    struct rollback rollback;
    struct rollback_request request = to(2);
    cr_assert_eq(rollback_plan(&request, flow.arena, &rollback, &flow.err), -ERR_CONFLICT);
    cr_assert_str_eq(flow.err.text, "version 2 is in force");
    request = to(7);
    cr_assert_eq(rollback_plan(&request, flow.arena, &rollback, &flow.err), -ERR_NOT_FOUND);
    cr_assert_str_eq(flow.err.text, "ecosystem acme has no version 7");
    (void)roll_back(1);
    request = to(1);
    cr_assert_eq(rollback_plan(&request, flow.arena, &rollback, &flow.err), -ERR_CONFLICT);
    cr_assert_str_eq(flow.err.text, "version 3 has the content of version 1");
    cr_assert_eq(pg_pool_transaction(flow.pool, flow.arena, place, (void *)(uintptr_t) "main", &flow.err),
                 -ERR_INVALID);
    cr_assert_str_eq(flow.err.text, "a commit is named by its full id, 40 hexadecimal digits");
}
