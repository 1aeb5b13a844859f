#include "control/pull.h"

#include "control/flow.h"

#include <criterion/criterion.h>

static struct flow flow;

static void setup(void)
{
    flow_init(&flow);
    flow_sql(&flow, "update ecosystems set forge = '{\"kind\": \"github\"}'");
    flow_receive_push(&flow, flow_push(&flow, NULL));
    (void)flow_work(&flow);
}

static void teardown(void)
{
    flow_dispose(&flow);
}

TestSuite(pull, .init = setup, .fini = teardown);

static const char narrow[] = "sed -i '/full_name/s/varchar(100)/varchar(50)/' teams/sales/customers.yaml";
static const char widen[] = "sed -i '/full_name/s/varchar(100)/varchar(200)/' teams/sales/customers.yaml";

/* Commits the edit to the branch "change" and pushes it; its commit. */
static const char *push(const char *edit)
{
    kit_sh(&flow.git,
           "cd work && git checkout -q -B change && %s && git commit -qam change && git push -qf origin change", edit);
    return kit_sh(&flow.git, "cd work && git rev-parse HEAD");
}

/* A delivery of pull request 17 after the action, worked on. */
static int64_t deliver(const char *head, const char *base, const char *state, const char *action, const char *label)
{
    static int n;
    struct str body = str_from(arena_printf(
        flow.arena,
        "{\"action\":\"%s\",\"label\":{\"name\":\"%s\"},\"sender\":{\"login\":\"ada\"},\"pull_request\":{\"number\":17,"
        "\"state\":\"%s\",\"head\":{\"sha\":\"%s\",\"ref\":\"change\"},\"base\":{\"ref\":\"%s\"},\"labels\":[{\"name\":"
        "\""
        "yellow-approve-breaking\"}]}}",
        action, label, state, head, base));
    int64_t id = flow_receive(&flow, "pull_request", arena_printf(flow.arena, "pull-%d", ++n), body);
    (void)flow_work(&flow);
    return id;
}

static int64_t opened(const char *head)
{
    return deliver(head, "main", "open", "synchronize", "x");
}

/* What the forge is to show of kind for subject. */
static const char *shown(const char *kind, const char *subject, const char *member)
{
    return flow_value(&flow,
                      arena_printf(flow.arena,
                                   "select coalesce(max(content ->> '%s'), 'nothing') from forge_reports where kind = "
                                   "'%s' and subject = '%s'",
                                   member, kind, subject));
}

Test(pull, the_head_of_a_pull_request_is_planned_and_told_and_nothing_comes_in_force)
{
    const char *head = push(widen);
    int64_t id = opened(head);
    flow_expect(&flow, id, "planned", "pull request 17: passes");
    struct delivery_row row = flow_delivery(&flow, id);
    cr_assert_str_eq(row.commit_oid, head);
    cr_assert_str_eq(row.ref, "refs/heads/change");
    cr_assert_str_eq(shown("status", head, "state"), "success");
    cr_assert_str_eq(shown("status", head, "description"), "passes");
    const char *text = shown("comment", "17", "text");
    cr_assert_not_null(strstr(text, "\"varchar(100)\" -> \"varchar(200)\""), "%s", text);
    cr_assert_str_eq(flow_value(&flow, "select count(*) from versions"), "1");
    /* the same again changes nothing that is told */
    const char *before = flow_value(&flow, "select string_agg(changed_at::text, ' ') from forge_reports");
    flow_expect(&flow, opened(head), "planned", "pull request 17: passes");
    cr_assert_str_eq(flow_value(&flow, "select string_agg(changed_at::text, ' ') from forge_reports"), before);
}

Test(pull, a_wrong_model_is_a_failure_with_its_findings)
{
    const char *head = push("sed -i 's/container: crm-db/container: crm-bd/' teams/sales/customers.yaml");
    int64_t id = opened(head);
    flow_expect(&flow, id, "planned", "pull request 17: 1 error in the model");
    cr_assert_str_eq(shown("status", head, "state"), "failure");
    cr_assert_not_null(strstr(shown("comment", "17", "text"), "[dangling-reference]"));
    cr_assert_eq(json_array_size(flow_delivery(&flow, id).findings), 1);
}

Test(pull, the_label_that_is_put_on_approves_the_plan_of_the_head_and_of_no_later_one)
{
    const char *head = push(narrow);
    /* a label that stands there already says nothing */
    flow_expect(&flow, opened(head), "planned", "pull request 17: breaking: needs approval");
    cr_assert_str_eq(shown("status", head, "state"), "failure");
    cr_assert_not_null(strstr(shown("comment", "17", "text"), "put the label `yellow-approve-breaking` on"));
    flow_expect(&flow, deliver(head, "main", "open", "labeled", "other"), "planned",
                "pull request 17: breaking: needs approval");
    flow_expect(&flow, deliver(head, "main", "open", "labeled", "yellow-approve-breaking"), "planned",
                "pull request 17: breaking, and approved");
    cr_assert_str_eq(shown("status", head, "state"), "success");
    cr_assert_str_eq(flow_value(&flow, "select approved_by || ': ' || reason from approvals"),
                     "github:ada: label yellow-approve-breaking on pull request 17");
    const char *later = push("sed -i 's/varchar(50)/varchar(40)/' teams/sales/customers.yaml");
    flow_expect(&flow, opened(later), "planned", "pull request 17: breaking: needs approval");
    /* what was approved is what a merge of it finds */
    kit_sh(&flow.git, "cd work && git checkout -q main && git merge -q --ff-only %s && git push -q origin main", head);
    int64_t id = flow_receive_push(&flow, head);
    (void)flow_work(&flow);
    flow_expect(&flow, id, "merged", NULL);
    cr_assert_str_eq(flow_value(&flow, "select plan -> 'approval' ->> 'by' from versions where version = 2"),
                     "github:ada");
}

Test(pull, what_is_not_to_be_planned_says_why)
{
    const char *old = push(widen);
    flow_expect(&flow, deliver(old, "main", "closed", "closed", "x"), "ignored", "pull request 17 is closed");
    flow_expect(&flow, deliver(old, "next", "open", "opened", "x"), "ignored",
                "pull request 17 is into next; the ecosystem follows main");
    flow_expect(&flow, deliver("main", "main", "open", "opened", "x"), "rejected",
                "the payload's head of the pull request is not a commit id");
    flow_expect(&flow, opened(old), "planned", "pull request 17: passes");
    const char *head = push("echo '# more' >> ecosystem.yaml");
    flow_expect(&flow, opened(old), "superseded", arena_printf(flow.arena, "branch change is at %s", head));
    kit_sh(&flow.git, "cd work && git push -q origin :change");
    flow_expect(&flow, opened(head), "rejected",
                "pull request 17 cannot be planned: branch 'change' is not in the repository");
}

Test(pull, a_short_head_is_resolved)
{
    const char *head = push(widen);
    int64_t id = opened(arena_strndup(flow.arena, head, 12));
    flow_expect(&flow, id, "planned", "pull request 17: passes");
    cr_assert_str_eq(flow_delivery(&flow, id).commit_oid, head);
}

Test(pull, a_head_that_nobody_has_yet_is_waited_for)
{
    push(widen);
    int64_t id = opened("0123456789abcdef0123456789abcdef01234567");
    struct delivery_row row = flow_delivery(&flow, id);
    cr_assert_str_eq(row.state, "received");
    cr_assert_str_eq(row.reason, "commit 0123456789abcdef0123456789abcdef01234567 is not on branch change yet");
    for (int i = 0; i < 2; i++) {
        flow_sql(&flow, "update deliveries set due_at = now() where state = 'received'");
        (void)flow_work(&flow);
    }
    flow_expect(&flow, id, "rejected",
                "pull request 17 cannot be planned: commit 0123456789abcdef0123456789abcdef01234567 is not in the "
                "repository");
}
