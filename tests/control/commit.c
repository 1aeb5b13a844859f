#include "control/commit.h"

#include "control/flow.h"
#include "control/inbox.h"

#include <criterion/criterion.h>
#include <pthread.h>

static struct flow flow;

static void setup(void)
{
    flow_init(&flow);
}

static void teardown(void)
{
    flow_dispose(&flow);
}

TestSuite(commit, .init = setup, .fini = teardown);

#define WIDER                                                                                                          \
    "sed -i 's/name: full_name, type: varchar([0-9]*)/name: full_name, type: varchar(%d)/' "                           \
    "teams/sales/customers.yaml"
#define BROKEN "sed -i 's/^name: customers$/nome: customers/' teams/sales/customers.yaml"

static const char *wider(int width)
{
    return arena_printf(flow.arena, WIDER, width);
}

Test(commit, a_push_becomes_a_version_with_its_objects_files_jobs_and_audit)
{
    const char *head = flow_push(&flow, NULL);
    int64_t id = flow_receive_push(&flow, head);
    cr_assert_eq(flow_work(&flow), 1);
    flow_expect(&flow, id, "merged", NULL);
    struct delivery_row row = flow_delivery(&flow, id);
    cr_assert_eq(row.version, 1);
    cr_assert_eq(row.attempts, 1);
    cr_assert_str_eq(row.commit_oid, head);
    cr_assert_str_eq(row.ref, "refs/heads/main");
    cr_assert_str_eq(flow_value(&flow, "select version from ecosystems"), "1");
    cr_assert_str_eq(flow_value(&flow, "select commit_oid from versions"), head);
    cr_assert_str_eq(flow_value(&flow, "select author from versions"), "Ann Author");
    cr_assert_str_eq(flow_value(&flow, "select count(*) from objects where kind = 'Ecosystem' and version_in = 1"),
                     "1");
    cr_assert_str_eq(flow_value(&flow, "select count(*) from files where path like 'transforms/%.sql'"), "2");
    cr_assert_str_eq(flow_value(&flow, "select count(*) > 5 from jobs where version_in = 1"), "t");
    cr_assert_str_eq(flow_value(&flow, "select string_agg(action, ' ' order by id) from audit"),
                     "delivery.merged version.merge");
}

Test(commit, a_change_of_one_dataset_touches_one_object_and_nothing_else)
{
    flow_receive_push(&flow, flow_push(&flow, NULL));
    flow_work(&flow);
    flow_sql(&flow, "create table was as select kind, name, version_in, xmin::text as x from objects");
    flow_sql(&flow, "create table jobs_were as select id, xmin::text as x from jobs");
    int64_t id = flow_receive_push(&flow, flow_push(&flow, wider(180)));
    flow_work(&flow);
    flow_expect(&flow, id, "merged", NULL);
    cr_assert_str_eq(flow_value(&flow, "select string_agg(kind || ' ' || name || ' ' || version_in, ',') from objects "
                                       "where version_in = 2"),
                     "Datastore customers 2");
    cr_assert_str_eq(flow_value(&flow, "select string_agg(kind || ' ' || name || ' ' || version_in, ',') from objects "
                                       "where version_out = 1"),
                     "Datastore customers 1");
    cr_assert_str_eq(flow_value(&flow, "select string_agg(w.name, ',') from was w join objects o using (kind, name, "
                                       "version_in) where o.xmin::text <> w.x"),
                     "customers");
    cr_assert_str_eq(
        flow_value(&flow, "select count(*) from jobs_were w join jobs j using (id) where j.xmin::text <> w.x"), "0");
    cr_assert_str_eq(flow_value(&flow, "select plan -> 'objects' -> 'changed' -> 0 -> 'changes' ->> 0 from versions "
                                       "where version = 2"),
                     "{\"to\": \"varchar(180)\", \"why\": null, \"from\": \"varchar(100)\", \"pointer\": "
                     "\"/datasets/people/columns/full_name/type\", \"breaking\": false}");
}

Test(commit, a_commit_that_changes_nothing_of_the_model_is_a_version_with_an_empty_plan)
{
    flow_receive_push(&flow, flow_push(&flow, NULL));
    flow_receive_push(&flow, flow_push(&flow, "echo more >> README.md"));
    flow_work(&flow);
    int64_t id = flow_receive_push(&flow, flow_push(&flow, "echo yet more >> README.md"));
    flow_work(&flow);
    flow_expect(&flow, id, "merged", NULL);
    cr_assert_str_eq(flow_value(&flow, "select count(*) from objects where version_in > 1"), "0");
    cr_assert_str_eq(flow_value(&flow, "select sum(value::integer) from versions, jsonb_each_text(plan -> 'summary') "
                                       "where version = 2"),
                     "0");
}

/* The first finding of a code, or NULL. */
static const json_t *finding_of(const json_t *findings, const char *code)
{
    size_t i;
    json_t *finding;
    json_array_foreach(findings, i, finding)
    {
        if (strcmp(json_text(finding, "code"), code) == 0)
            return finding;
    }
    return NULL;
}

Test(commit, a_rejected_commit_keeps_its_findings_and_leaves_the_version_in_force)
{
    flow_receive_push(&flow, flow_push(&flow, NULL));
    flow_work(&flow);
    int64_t id = flow_receive_push(&flow, flow_push(&flow, BROKEN));
    flow_work(&flow);
    struct delivery_row row = flow_delivery(&flow, id);
    cr_assert_str_eq(row.state, "rejected");
    cr_assert_eq(row.version, 0);
    const json_t *unknown = finding_of(row.findings, "unknown-key");
    cr_assert_not_null(unknown);
    cr_assert_str_eq(json_text(unknown, "path"), "teams/sales/customers.yaml");
    cr_assert_str_eq(json_text(unknown, "severity"), "error");
    cr_assert_gt(json_integer_value(json_object_get(unknown, "line")), 0);
    cr_assert_gt(json_integer_value(json_object_get(unknown, "column")), 0);
    cr_assert_str_eq(flow_value(&flow, "select version from ecosystems"), "1");
    cr_assert_str_eq(flow_value(&flow, "select count(*) from versions"), "1");
    cr_assert_str_eq(flow_value(&flow, "select count(*) from objects where version_in > 1 or version_out < 2147483647"),
                     "0");
    id = flow_receive_push(&flow, flow_push(&flow, "git checkout -q HEAD~1 -- teams"));
    flow_work(&flow);
    flow_expect(&flow, id, "merged", NULL);
}

Test(commit, a_symlink_and_a_submodule_are_findings_by_name)
{
    int64_t id = flow_receive_push(&flow, flow_push(&flow, "ln -s /etc/passwd teams/evil.yaml"));
    flow_work(&flow);
    struct delivery_row row = flow_delivery(&flow, id);
    cr_assert_str_eq(row.state, "rejected");
    cr_assert_str_eq(row.reason, "1 error in the model; the version in force stays");
    json_t *first = json_array_get(row.findings, 0);
    cr_assert_str_eq(json_text(first, "path"), "teams/evil.yaml");
    cr_assert_str_eq(json_text(first, "code"), "refused-file");
}

Test(commit, a_folder_that_is_not_there_is_a_finding)
{
    flow_sql(&flow, "update ecosystems set path = 'nowhere'");
    int64_t id = flow_receive_push(&flow, flow_push(&flow, NULL));
    flow_work(&flow);
    struct delivery_row row = flow_delivery(&flow, id);
    cr_assert_str_eq(row.state, "rejected");
    cr_assert_str_eq(json_text(json_array_get(row.findings, 0), "code"), "unreadable-tree");
}

Test(commit, a_burst_of_500_pushes_ends_in_one_merge_of_the_last_head)
{
    enum { COUNT = 500 };
    char *commits = kit_sh(&flow.git,
                           "cd work && git add -A && git commit -q -m base && for i in $(seq %d); do "
                           "git commit -q --allow-empty -m $i; done && git push -q -f origin HEAD:main && "
                           "git log --reverse --format=%%H -n %d",
                           COUNT, COUNT);
    struct str rest = str_from(commits);
    int64_t ids[COUNT];
    const char *last = NULL;
    for (int i = 0; i < COUNT; i++) {
        struct str oid = str_cut(&rest, '\n');
        last = arena_strndup(flow.arena, oid.data, oid.len);
        ids[i] = flow_receive_push(&flow, last);
    }
    cr_assert_eq(flow_work(&flow), COUNT);
    cr_assert_str_eq(flow_value(&flow, "select count(*) from versions"), "1");
    cr_assert_str_eq(flow_value(&flow, "select commit_oid from versions"), last);
    cr_assert_str_eq(flow_value(&flow, "select count(*) from deliveries where state = 'superseded' and version = 1"),
                     "499");
    flow_expect(&flow, ids[0], "superseded", arena_printf(flow.arena, "superseded by %s", last));
    flow_expect(&flow, ids[COUNT - 1], "merged", arena_printf(flow.arena, "commit %s is in force already", last));
    cr_assert_eq(flow_delivery(&flow, ids[COUNT - 1]).version, 1);
}

Test(commit, an_older_push_of_a_rejected_head_is_superseded_and_the_head_rejected_with_the_findings)
{
    const char *old = flow_push(&flow, NULL), *head = flow_push(&flow, BROKEN);
    int64_t first = flow_receive_push(&flow, old), second = flow_receive_push(&flow, head);
    flow_work(&flow);
    flow_expect(&flow, first, "superseded", arena_printf(flow.arena, "superseded by %s, which was rejected", head));
    flow_expect(&flow, second, "rejected", arena_printf(flow.arena, "commit %s was rejected", head));
    cr_assert_gt(json_array_size(flow_delivery(&flow, second).findings), 0);
    cr_assert_str_eq(flow_value(&flow, "select count(*) from versions"), "0");
}

Test(commit, a_commit_that_was_pushed_away_is_superseded_and_the_forced_head_merges)
{
    const char *away = flow_push(&flow, wider(130));
    int64_t first = flow_receive_push(&flow, away);
    flow_work(&flow);
    flow_expect(&flow, first, "merged", NULL);
    const char *forced =
        kit_sh(&flow.git, "cd work && git commit -q --amend -m other && git push -q -f origin HEAD:main "
                          "&& git rev-parse HEAD");
    int64_t second = flow_receive_push(&flow, away), third = flow_receive_push(&flow, forced);
    flow_work(&flow);
    flow_expect(&flow, second, "superseded", arena_printf(flow.arena, "commit %s is no longer on branch main", away));
    flow_expect(&flow, third, "merged", NULL);
    cr_assert_eq(flow_delivery(&flow, third).version, 2);
}

Test(commit, a_commit_that_the_forge_does_not_show_yet_is_waited_for_and_then_given_up)
{
    static const char unseen[] = "1234567812345678123456781234567812345678";
    flow_push(&flow, NULL);
    int64_t id = flow_receive_push(&flow, unseen);
    for (int attempt = 1; attempt <= 2; attempt++) {
        cr_assert_eq(flow_work(&flow), 1);
        flow_expect(&flow, id, "received", "commit 1234567812345678123456781234567812345678 is not on branch main yet");
        flow_sql(&flow, "update deliveries set due_at = now()");
    }
    flow_work(&flow);
    flow_expect(&flow, id, "superseded", "commit 1234567812345678123456781234567812345678 is no longer on branch main");
    cr_assert_eq(flow_delivery(&flow, id).crashes, 0);
}

Test(commit, a_commit_that_an_earlier_fetch_did_not_show_is_fetched_again_and_not_taken_for_pushed_away)
{
    const char *shown = flow_push(&flow, NULL);
    const char *late = kit_sh(&flow.git, "cd work && git commit -q --allow-empty -m late && git rev-parse HEAD");
    int64_t first = flow_receive_push(&flow, shown), second = flow_receive_push(&flow, late);
    flow_work(&flow);
    flow_expect(&flow, first, "merged", NULL);
    flow_expect(&flow, second, "received", arena_printf(flow.arena, "commit %s is not on branch main yet", late));
    kit_sh(&flow.git, "cd work && git push -q -f origin HEAD:main");
    flow_sql(&flow, "update deliveries set due_at = now()");
    flow_work(&flow);
    flow_expect(&flow, second, "merged", NULL);
    cr_assert_eq(flow_delivery(&flow, second).version, 2);
}

Test(commit, a_refusal_of_the_database_is_no_lost_claim_and_is_said)
{
    flow_receive_push(&flow, flow_push(&flow, NULL));
    flow_work(&flow);
    flow_sql(&flow, "create unique index one_version on versions (ecosystem)");
    int64_t id = flow_receive_push(&flow, flow_push(&flow, wider(150)));
    flow_work(&flow);
    struct delivery_row row = flow_delivery(&flow, id);
    cr_assert_str_eq(row.state, "received");
    cr_assert(row.reason && strstr(row.reason, "(23505)"), "%s", row.reason);
    cr_assert_eq(row.crashes, 1);
    cr_assert_not(row.claimed);
}

Test(commit, the_model_of_another_folder_is_merged_although_its_commit_is_in_force)
{
    kit_sh(&flow.git, "cd work && mkdir a && "
                      "find . -mindepth 1 -maxdepth 1 ! -name a ! -name .git -exec mv {} a/ \\; ; "
                      "cp -r a b && cd b && " BROKEN);
    flow_sql(&flow, "update ecosystems set path = 'a'");
    const char *head = flow_push(&flow, NULL);
    int64_t first = flow_receive_push(&flow, head);
    flow_work(&flow);
    flow_expect(&flow, first, "merged", NULL);
    flow_sql(&flow, "update ecosystems set path = 'b', revision = 2, head_oid = null, head_at = null, "
                    "head_delivery = null");
    int64_t second = flow_receive_push(&flow, head);
    flow_work(&flow);
    cr_assert_str_eq(flow_delivery(&flow, second).state, "rejected");
    flow_sql(&flow, "update ecosystems set path = 'a', revision = 3, head_oid = null, head_at = null, "
                    "head_delivery = null");
    int64_t third = flow_receive_push(&flow, head);
    flow_work(&flow);
    flow_expect(&flow, third, "merged", arena_printf(flow.arena, "commit %s is in force already", head));
}

Test(commit, a_branch_that_is_gone_rejects_and_leaves_the_version)
{
    const char *head = flow_push(&flow, NULL);
    flow_receive_push(&flow, head);
    flow_work(&flow);
    kit_sh(&flow.git, "git -C origin.git branch -m main other");
    int64_t id = flow_receive_push(&flow, head);
    flow_work(&flow);
    flow_expect(&flow, id, "rejected", "branch 'main' is not in the repository; the version in force stays");
    cr_assert_str_eq(flow_value(&flow, "select version from ecosystems"), "1");
}

Test(commit, the_head_in_force_is_not_merged_again)
{
    const char *old = flow_push(&flow, NULL), *head = flow_push(&flow, wider(140));
    flow_receive_push(&flow, head);
    flow_work(&flow);
    int64_t again = flow_receive_push(&flow, head), older = flow_receive_push(&flow, old);
    flow_work(&flow);
    flow_expect(&flow, again, "merged", arena_printf(flow.arena, "commit %s is in force already", head));
    cr_assert_eq(flow_delivery(&flow, again).version, 1);
    flow_expect(&flow, older, "superseded", arena_printf(flow.arena, "superseded by %s", head));
    cr_assert_str_eq(flow_value(&flow, "select count(*) from versions"), "1");
}

Test(commit, an_asked_merge_takes_the_head_whatever_it_is)
{
    const char *head = flow_push(&flow, NULL);
    int64_t id;
    cr_assert_eq(inbox_ask_merge(flow.pg, flow.arena, "acme", &id, &flow.err), 0, "%s", flow.err.text);
    flow_work(&flow);
    flow_expect(&flow, id, "merged", NULL);
    cr_assert_str_eq(flow_delivery(&flow, id).commit_oid, head);
}

Test(commit, an_unreachable_repository_is_tried_again_with_backoff_and_no_crash_counts)
{
    const char *head = flow_push(&flow, NULL);
    kit_sh(&flow.git, "mv origin.git elsewhere.git");
    int64_t id = flow_receive_push(&flow, head);
    for (int attempt = 1; attempt <= 5; attempt++) {
        cr_assert_eq(flow_work(&flow), 1);
        struct delivery_row row = flow_delivery(&flow, id);
        cr_assert_str_eq(row.state, "received");
        cr_assert_not_null(row.reason);
        cr_assert_eq(row.attempts, attempt);
        cr_assert_eq(row.crashes, 0);
        cr_assert_str_eq(flow_value(&flow, "select due_at > now() + interval '20 seconds' from deliveries"), "t");
        flow_sql(&flow, "update deliveries set due_at = now()");
    }
    kit_sh(&flow.git, "mv elsewhere.git origin.git");
    flow_work(&flow);
    flow_expect(&flow, id, "merged", NULL);
}

Test(commit, after_a_day_of_failing_it_is_given_up)
{
    const char *head = flow_push(&flow, NULL);
    kit_sh(&flow.git, "rm -rf origin.git");
    int64_t id = flow_receive_push(&flow, head);
    flow_sql(&flow, "update deliveries set received_at = now() - interval '25 hours'");
    flow_work(&flow);
    struct delivery_row row = flow_delivery(&flow, id);
    cr_assert_str_eq(row.state, "rejected");
    cr_assert(str_starts(str_from(row.reason), STR("given up after 1 attempts: ")), "%s", row.reason);
}

Test(commit, backoff_doubles_up_to_its_maximum)
{
    struct commit_workers *workers =
        commit_workers_new(&(struct commit_worker_options){.backoff_ms = 1000, .backoff_max_ms = 10000});
    static const int64_t most[] = {1000, 2000, 4000, 8000, 10000, 10000};
    for (int attempts = 1; attempts <= 6; attempts++)
        for (int i = 0; i < 50; i++) {
            int64_t wait = commit_workers_backoff(workers, attempts);
            cr_assert(wait >= most[attempts - 1] / 2 && wait <= most[attempts - 1], "%lld", (long long)wait);
        }
    commit_workers_free(workers);
}

static void configure_anew(void *ctx, const char *step)
{
    (void)ctx;
    if (strcmp(step, "planned") == 0)
        flow_sql(&flow, "update ecosystems set revision = revision + 1");
}

Test(commit, a_configuration_that_changes_meanwhile_is_looked_at_again)
{
    int64_t id = flow_receive_push(&flow, flow_push(&flow, NULL));
    flow.options.service.hook = configure_anew;
    struct commit_workers *workers = commit_workers_new(&flow.options);
    bool worked;
    cr_assert_eq(commit_workers_step(workers, &worked, &flow.err), 0, "%s", flow.err.text);
    commit_workers_free(workers);
    flow_expect(&flow, id, "received", "ecosystem acme was configured anew meanwhile");
    flow_sql(&flow, "update deliveries set due_at = now()");
    flow_work(&flow);
    flow_expect(&flow, id, "merged", NULL);
}

Test(commit, threads_work_through_what_comes_and_stop)
{
    flow.options.count = 3;
    struct commit_workers *workers = commit_workers_new(&flow.options);
    const char *head = flow_push(&flow, NULL);
    int64_t id = flow_receive_push(&flow, head);
    cr_assert_eq(commit_workers_start(workers, &flow.err), 0, "%s", flow.err.text);
    for (int i = 0; i < 2000 && strcmp(flow_delivery(&flow, id).state, "received") == 0; i++) {
        flow_sql(&flow, "select pg_sleep(0.01)");
        commit_workers_wake(workers);
    }
    commit_workers_free(workers);
    flow_expect(&flow, id, "merged", NULL);
}

static pthread_barrier_t fetched, stopped;

static void stop_here(void *ctx, const char *step)
{
    (void)ctx;
    if (strcmp(step, "fetched") == 0) {
        pthread_barrier_wait(&fetched);
        pthread_barrier_wait(&stopped);
    }
}

Test(commit, what_is_in_work_when_the_server_stops_is_given_back_and_no_crash)
{
    pthread_barrier_init(&fetched, NULL, 2);
    pthread_barrier_init(&stopped, NULL, 2);
    flow.options.count = 1;
    flow.options.service.hook = stop_here;
    struct commit_workers *workers = commit_workers_new(&flow.options);
    int64_t id = flow_receive_push(&flow, flow_push(&flow, NULL));
    cr_assert_eq(commit_workers_start(workers, &flow.err), 0, "%s", flow.err.text);
    pthread_barrier_wait(&fetched);
    cr_assert_not(commit_workers_stop(workers, 0));
    pthread_barrier_wait(&stopped);
    commit_workers_free(workers);
    flow_expect(&flow, id, "received", "the server was stopped in the middle of it");
    cr_assert_eq(flow_delivery(&flow, id).crashes, 0);
    cr_assert_str_eq(flow_value(&flow, "select count(*) from versions"), "0");
    flow_work(&flow);
    flow_expect(&flow, id, "merged", NULL);
    cr_assert(commit_workers_stop(flow.workers, 0));
}

Test(commit, threads_that_compete_give_each_delivery_one_outcome_and_merge_once)
{
    enum { COUNT = 40 };
    const char *head = flow_push(&flow, NULL);
    for (int i = 0; i < COUNT; i++)
        flow_receive_push(&flow, head);
    flow.options.count = 4;
    struct commit_workers *workers = commit_workers_new(&flow.options);
    cr_assert_eq(commit_workers_start(workers, &flow.err), 0, "%s", flow.err.text);
    const char *open = "1";
    for (int i = 0; i < 3000 && strcmp(open, "0") != 0; i++) {
        open = flow_value(&flow, "select count(*) from deliveries, pg_sleep(0.01) where state = 'received'");
        commit_workers_wake(workers);
    }
    commit_workers_free(workers);
    cr_assert_str_eq(flow_value(&flow, "select count(*) from deliveries where state = 'merged' and version = 1 and "
                                       "attempts = 1 and crashes = 0"),
                     "40");
    cr_assert_str_eq(flow_value(&flow, "select count(*) from versions"), "1");
    cr_assert_str_eq(flow_value(&flow, "select count(*) from audit where action = 'delivery.merged'"), "40");
}

Test(commit, an_assembly_that_is_not_there_rejects_before_anything_is_rendered)
{
    int64_t id = flow_receive_push(
        &flow, flow_push(&flow, "sed -i 's/^assembly: .*/assembly: no-such-assembly/' platform/psp.yaml"));
    flow_work(&flow);
    struct delivery_row row = flow_delivery(&flow, id);
    cr_assert_str_eq(row.state, "rejected");
    bool named = false;
    size_t i;
    json_t *finding;
    json_array_foreach(row.findings, i, finding)
    {
        named |= strstr(json_text(finding, "text"), "no-such-assembly") != NULL;
    }
    cr_assert(named);
}
