#include "control/pull.h"

#include "control/flow.h"
#include "control/hold.h"

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

/* What a webhook says beside the head. */
struct event {
    const char *forge, *base, *state, *action;
    const char *more;   /* other members, each with a comma after it */
    const char *labels; /* of the pull request, as JSON; NULL: the approving one */
};

/* A delivery of pull request 17, worked on. */
static int64_t tell(const char *head, const struct event *event)
{
    static int n;
    struct str body = str_from(arena_printf(
        flow.arena,
        "{%s\"action\":\"%s\",\"sender\":{\"login\":\"ada\"},\"pull_request\":{\"number\":17,\"state\":\"%s\",\"head\":"
        "{\"sha\":\"%s\",\"ref\":\"change\"},\"base\":{\"ref\":\"%s\"},\"labels\":%s}}",
        event->more ? event->more : "", event->action, event->state ? event->state : "open", head,
        event->base ? event->base : "main",
        event->labels ? event->labels : "[{\"name\":\"yellow-approve-breaking\"}]"));
    int64_t id = flow_receive_from(&flow, event->forge ? event->forge : "github", "pull_request",
                                   arena_printf(flow.arena, "pull-%d", ++n), body);
    (void)flow_work(&flow);
    return id;
}

static int64_t deliver(const char *head, const char *base, const char *state, const char *action, const char *label)
{
    const char *more = arena_printf(flow.arena, "\"label\":{\"name\":\"%s\"},", label);
    return tell(head, &(struct event){.base = base, .state = state, .action = action, .more = more});
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

static const char *approvals(void)
{
    return flow_value(&flow, "select coalesce(string_agg(approved_by || case when withdrawn_at is null then '' else "
                             "', withdrawn by ' || withdrawn_by end, '; ' order by id), 'none') from approvals");
}

#define BREAKING "pull request 17: breaking: needs approval"
#define APPROVED "pull request 17: breaking, and approved"
#define LABELLED "\"label\":{\"name\":\"yellow-approve-breaking\"},"

Test(pull, a_label_that_is_taken_off_takes_its_approval_along_until_it_is_in_force)
{
    const struct event on = {.action = "labeled", .more = LABELLED},
                       off = {.action = "unlabeled", .more = LABELLED, .labels = "[]"};
    const char *head = push(narrow);
    flow_expect(&flow, tell(head, &on), "planned", APPROVED);
    flow_expect(&flow, tell(head, &off), "planned", BREAKING);
    cr_assert_str_eq(shown("status", head, "state"), "failure");
    cr_assert_str_eq(approvals(), "github:ada, withdrawn by github:ada");
    cr_assert_str_eq(flow_value(&flow, "select string_agg(actor || ' ' || action, ', ' order by id) from audit where "
                                       "action like 'approval%'"),
                     "github:ada approval.add, github:ada approval.withdraw");
    kit_sh(&flow.git, "cd work && git checkout -q main && git merge -q --ff-only %s && git push -q origin main", head);
    int64_t id = flow_receive_push(&flow, head);
    (void)flow_work(&flow);
    flow_expect(&flow, id, "rejected", "1 error in the model; the version in force stays");
    /* put on again, it approves again, and what was rejected comes in force */
    flow_expect(&flow, tell(head, &on), "planned", APPROVED);
    cr_assert_str_eq(approvals(), "github:ada");
    cr_assert_str_eq(flow_value(&flow, "select version::text from approvals"), "2");
    (void)tell(head, &off);
    cr_assert_str_eq(approvals(), "github:ada");
}

Test(pull, a_label_goes_with_the_approval_that_it_gave_and_no_other)
{
    const char *head = push(narrow);
    flow_expect(&flow, tell(head, &(struct event){.action = "opened", .labels = "[]"}), "planned", BREAKING);
    const char *text = shown("comment", "17", "text"), *plan = strstr(text, "with plan `") + strlen("with plan `");
    flow_sql(&flow, arena_printf(flow.arena,
                                 "insert into approvals (ecosystem, plan, reason, approved_by) values "
                                 "('acme', '%.64s', 'by hand', 'admin')",
                                 plan));
    flow_expect(&flow, tell(head, &(struct event){.action = "unlabeled", .labels = "[]"}), "planned", APPROVED);
    cr_assert_str_eq(approvals(), "admin");
}

/* Old Gitea says that labels were changed, and not which. */
Test(pull, where_a_forge_does_not_say_which_label_was_put_on_it_is_the_one_that_was_not_there)
{
    const struct event opened_bare = {.forge = "gitea", .action = "opened", .labels = "[]"},
                       updated = {.forge = "gitea", .action = "label_updated"},
                       pushed = {.forge = "gitea", .action = "synchronized"},
                       cleared = {.forge = "gitea", .action = "label_cleared", .labels = "[]"};
    const char *head = push(narrow);
    flow_expect(&flow, tell(head, &opened_bare), "planned", BREAKING);
    flow_expect(&flow, tell(head, &updated), "planned", APPROVED);
    cr_assert_str_eq(approvals(), "gitea:ada");
    const char *later = push("sed -i 's/varchar(50)/varchar(40)/' teams/sales/customers.yaml");
    flow_expect(&flow, tell(later, &pushed), "planned", BREAKING);
    flow_expect(&flow, tell(later, &updated), "planned", BREAKING); /* another label: this one stood there before */
    flow_expect(&flow, tell(later, &cleared), "planned", BREAKING);
    cr_assert_str_eq(approvals(), "gitea:ada, withdrawn by gitea:ada");
    flow_expect(&flow, tell(later, &updated), "planned", APPROVED);
}

/* GitLab's events of a push and of a rebase tell labels as if they had just been put on. */
Test(pull, gitlabs_labels_are_new_where_they_did_not_stand_before)
{
    static const char label[] = "[{\"title\":\"yellow-approve-breaking\"}]";
    const struct {
        const char *attribute, *labels, *reason;
        bool later;
    } events[] = {
        {"\"action\":\"open\",", "[]", BREAKING, false},
        {"\"action\":\"update\",", label, APPROVED, false},
        {"\"action\":\"update\",\"oldrev\":\"da1560886d4f094c3e6c9ef40349f7d38b5d27d7\",", label, BREAKING, true},
        {"\"action\":\"update\",", label, BREAKING, true},
        {"\"action\":\"update\",", "[]", BREAKING, true},
        {"\"action\":\"update\",", label, APPROVED, true},
    };
    const char *head = push(narrow);
    bool moved = false;
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        if (events[i].later && !moved)
            head = push("sed -i 's/varchar(50)/varchar(40)/' teams/sales/customers.yaml");
        moved = events[i].later;
        struct str body = str_from(arena_printf(
            flow.arena,
            "{\"user\":{\"username\":\"bo\"},\"object_attributes\":{%s\"iid\":17,\"state\":\"opened\",\"source_"
            "branch\":"
            "\"change\",\"target_branch\":\"main\",\"last_commit\":{\"id\":\"%s\"}},\"labels\":%s,\"changes\":{"
            "\"labels\":{\"previous\":[],\"current\":%s}}}",
            events[i].attribute, head, events[i].labels, events[i].labels));
        int64_t id =
            flow_receive_from(&flow, "gitlab", "Merge Request Hook", arena_printf(flow.arena, "mr-%zu", i), body);
        (void)flow_work(&flow);
        flow_expect(&flow, id, "planned", events[i].reason);
    }
}

Test(pull, a_pull_request_that_is_opened_with_the_label_is_approved_by_who_opened_it)
{
    const char *head = push(narrow);
    flow_expect(&flow, tell(head, &(struct event){.forge = "forgejo", .action = "opened"}), "planned", APPROVED);
    cr_assert_str_eq(approvals(), "forgejo:ada");
}

Test(pull, newer_gitea_and_forgejo_say_which_label_was_put_on)
{
    const char *head = push(narrow);
    const struct event other = {.forge = "forgejo",
                                .action = "label_updated",
                                .more = "\"changes\":{\"added_labels\":[{\"name\":\"x\"}]},"},
                       ours = {.forge = "forgejo",
                               .action = "label_updated",
                               .more = "\"changes\":{\"added_labels\":[{\"name\":\"yellow-approve-breaking\"}]},"};
    flow_expect(&flow, tell(head, &other), "planned", BREAKING);
    flow_expect(&flow, tell(head, &ours), "planned", APPROVED);
}

Test(pull, bitbucket_has_no_labels_and_its_comment_names_what_there_is)
{
    const char *head = push(narrow);
    flow_sql(&flow, "update ecosystems set forge = '{\"kind\": \"bitbucket\"}'");
    struct str body = str_from(
        arena_printf(flow.arena,
                     "{\"pullrequest\":{\"id\":17,\"state\":\"OPEN\",\"source\":{\"branch\":{\"name\":\"change\"},"
                     "\"commit\":{\"hash\":\"%.12s\"}},\"destination\":{\"branch\":{\"name\":\"main\"}}}}",
                     head));
    int64_t id = flow_receive_from(&flow, "bitbucket", "pullrequest:created", "b-1", body);
    (void)flow_work(&flow);
    flow_expect(&flow, id, "planned", BREAKING);
    const char *text = shown("comment", "17", "text");
    cr_assert_not_null(strstr(text, "\nTo let it pass: `POST .../approvals` with plan `"), "%s", text);
    cr_assert_null(strstr(text, "label"));
    cr_assert_str_eq(flow_value(&flow, "select count(*)::text from pull_labels"), "0");
}

Test(pull, bitbuckets_pull_request_from_a_fork_says_what_to_do)
{
    static const char text[] =
        "pull request 7 cannot be planned: its head is in eve/data-model, and bitbucket keeps the "
        "heads of forks there alone; push its branch to the registered repository and open it from "
        "there";
    /* a branch of the same name is here, and is none of its business */
    const char *head = push(widen);
    struct str body = str_from(arena_printf(flow.arena,
                                            "{\"pullrequest\":{\"id\":7,\"state\":\"OPEN\",\"source\":{\"commit\":{"
                                            "\"hash\":\"%.12s\"},\"branch\":{\"name\":"
                                            "\"change\"},\"repository\":{\"full_name\":\"eve/"
                                            "data-model\"}},\"destination\":{\"branch\":{\"name\":\"main\"},"
                                            "\"repository\":{\"full_name\":\"acme/data-model\"}}}}",
                                            head));
    int64_t id = flow_receive_from(&flow, "bitbucket", "pullrequest:created", "fork", body);
    (void)flow_work(&flow);
    flow_expect(&flow, id, "rejected", text);
    cr_assert_str_eq(shown("comment", "7", "text"),
                     arena_printf(flow.arena, "**Yellow: acme**, commit %.12s\n\n%s\n", head, text));
}

Test(pull, what_is_closed_leaves_the_mirrors_of_servers_that_were_not_told)
{
    static const char refs[] = "git --git-dir git/acme.git for-each-ref --format='%%(refname)' | tr '\\n' ' '";
    const char *head = push(widen);
    flow_expect(&flow, opened(head), "planned", "pull request 17: passes");
    struct commit_service service = flow.options.service;
    struct ecosystem_row row = {.name = "acme", .branch = "main", .repo = ""};
    cr_assert_eq(pull_prune(&service, flow.arena, &row, &flow.err), 0, "%s", flow.err.text);
    cr_assert_not_null(strstr(kit_sh(&flow.git, refs), "refs/heads/change"));
    flow_sql(&flow, "update pulls set open = false"); /* another server was told */
    cr_assert_eq(pull_prune(&service, flow.arena, &row, &flow.err), 0, "%s", flow.err.text);
    cr_assert_null(strstr(kit_sh(&flow.git, refs), "refs/heads/change"));
    cr_assert_not_null(strstr(kit_sh(&flow.git, refs), "refs/heads/main"));
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

/* --- what was planned and what is merged --- */

/* Merges the branch "change" into main, as the forge would; the outcome of its delivery. */
static int64_t merge(const char *how)
{
    kit_sh(&flow.git, "cd work && git checkout -q main && %s && git push -q origin main", how);
    int64_t id = flow_receive_push(&flow, kit_sh(&flow.git, "cd work && git rev-parse HEAD"));
    (void)flow_work(&flow);
    return id;
}

/* Another version, which changes nothing that the pull requests change. */
static void move_base(void)
{
    kit_sh(&flow.git,
           "cd work && git stash -q -u 2>/dev/null; git checkout -q main && %s && git commit -qam other && "
           "git push -q origin main",
           "sed -i 's/priority: low/priority: medium/' teams/marketing/campaign-report.yaml");
    int64_t id = flow_receive_push(&flow, kit_sh(&flow.git, "cd work && git rev-parse HEAD"));
    (void)flow_work(&flow);
    flow_expect(&flow, id, "merged", NULL);
}

static size_t replan(void)
{
    bool worked = true;
    size_t turns = 0;
    struct commit_service service = flow.options.service;
    while (worked) {
        cr_assert_eq(pull_step(&service, &worked, &flow.err), 0, "%s", flow.err.text);
        turns += worked;
    }
    return turns;
}

Test(pull, a_plan_that_was_shown_is_applied_exactly_however_the_forge_merges)
{
    static const char *const ways[] = {"git merge -q --ff-only change", "git merge -q --no-ff -m merged change",
                                       "git merge -q --squash change && git commit -qm squashed"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        const char *edit = arena_printf(flow.arena,
                                        "git reset -q --hard main && sed -i '/full_name/s/varchar([0-9]*)/"
                                        "varchar(%zu)/' teams/sales/customers.yaml",
                                        300 + i);
        flow_expect(&flow, opened(push(edit)), "planned", "pull request 17: passes");
        const char *plan = flow_value(&flow, "select plan from pulls where number = '17'");
        flow_expect(&flow, merge(ways[i]), "merged", "the plan of pull request 17 was applied exactly");
        cr_assert_str_eq(flow_value(&flow, "select plan ->> 'id' from versions order by version desc limit 1"), plan);
        cr_assert_str_eq(flow_value(&flow,
                                    "select planned ->> 'pull' || (planned ->> 'exact') || (planned ->> 'base' = "
                                    "(version - 1)::text) from versions order by version desc limit 1"),
                         "17truetrue");
    }
    cr_assert_str_eq(shown("status", kit_sh(&flow.git, "cd work && git rev-parse HEAD"), "description"),
                     "version 4 is in force, exactly as planned");
}

Test(pull, a_base_that_moved_is_said_with_the_new_plan)
{
    const char *head = push(widen);
    flow_expect(&flow, opened(head), "planned", "pull request 17: passes");
    move_base();
    int64_t id = merge("git merge -q --squash change && git commit -qm squashed");
    const char *plan = flow_value(&flow, "select plan ->> 'id' from versions where version = 3");
    const char *text = arena_printf(
        flow.arena, "the plan of pull request 17 was made against version 1; version 2 was in force: new plan %s",
        plan);
    flow_expect(&flow, id, "merged", text);
    cr_assert_str_eq(
        flow_value(&flow, "select planned ->> 'exact' || (planned ->> 'base') from versions where version = 3"),
        "false1");
    cr_assert_str_eq(shown("comment", "17", "text"),
                     arena_printf(flow.arena, "**Yellow: acme**, version 3 is in force: %s.\n", text));
    cr_assert_str_eq(shown("status", kit_sh(&flow.git, "cd work && git rev-parse HEAD"), "description"),
                     "version 3 is in force, by a new plan");
}

Test(pull, open_pull_requests_are_planned_again_when_another_version_comes_and_told_of_what_differs)
{
    const char *head = push(widen);
    flow_expect(&flow, opened(head), "planned", "pull request 17: passes");
    const char *told =
        flow_value(&flow, "select string_agg(changed_at::text, ' ') from forge_reports where subject = '17'");
    cr_assert_eq(replan(), 0);
    move_base();
    cr_assert_eq(replan(), 1);
    cr_assert_eq(replan(), 0);
    cr_assert_str_eq(flow_value(&flow, "select base from pulls"), "2");
    /* the outcome is the same: nobody is told again */
    cr_assert_str_eq(
        flow_value(&flow, "select string_agg(changed_at::text, ' ') from forge_reports where subject = '17'"), told);
    flow_expect(&flow, merge("git merge -q --no-ff -m merged change"), "merged",
                "the plan of pull request 17 was applied exactly");
    cr_assert_eq(replan(), 0);
}

Test(pull, what_another_version_does_to_a_pull_request_is_told)
{
    const char *head = push(narrow);
    flow_expect(&flow, opened(head), "planned", "pull request 17: breaking: needs approval");
    /* main does the same by itself */
    kit_sh(&flow.git, "cd work && git checkout -q main && git merge -q --squash change && git commit -qm same && "
                      "git push -q origin main");
    flow_sql(&flow, "insert into approvals (ecosystem, plan, approved_by) select 'acme', plan, 'ada' from pulls");
    flow_sql(&flow, "update pulls set version = 0"); /* as if nobody could tell that it is this one */
    flow_expect(&flow, flow_receive_push(&flow, kit_sh(&flow.git, "cd work && git rev-parse HEAD")), "received", NULL);
    (void)flow_work(&flow);
    flow_sql(&flow, "update pulls set version = null");
    cr_assert_eq(replan(), 1);
    cr_assert_str_eq(shown("status", head, "description"), "passes: nothing changes");
    cr_assert_str_eq(shown("status", head, "state"), "success");
}

Test(pull, a_breaking_one_that_is_planned_again_names_the_plan_that_is_to_be_approved_now)
{
    const char *head = push(narrow);
    flow_expect(&flow, opened(head), "planned", "pull request 17: breaking: needs approval");
    const char *before = flow_value(&flow, "select plan from pulls");
    move_base();
    cr_assert_eq(replan(), 1);
    const char *plan = flow_value(&flow, "select plan from pulls"), *text = shown("comment", "17", "text");
    cr_assert_str_neq(plan, before);
    cr_assert_not_null(strstr(text, arena_printf(flow.arena,
                                                 "To let it pass: put the label `yellow-approve-breaking` on, or `POST "
                                                 ".../approvals` with plan `%s`.",
                                                 plan)),
                       "%s", text);
}

static int place_tx(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    const struct hold_request request = {"acme", ctx, "wait for Monday", "ada", NULL};
    struct hold_row row;
    bool fresh;
    return hold_place(pg, arena, &request, &row, &fresh, err);
}

static int release_tx(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    const struct hold_request request = {"acme", NULL, "", "bob", NULL};
    struct hold_row row;
    int64_t delivery;
    return hold_release(pg, arena, &request, *(int64_t *)ctx, &row, &delivery, err);
}

static void hold(const char *commit)
{
    cr_assert_eq(pg_pool_transaction(flow.pool, flow.arena, place_tx, (void *)(uintptr_t)commit, &flow.err), 0, "%s",
                 flow.err.text);
}

static void release(int64_t id)
{
    cr_assert_eq(pg_pool_transaction(flow.pool, flow.arena, release_tx, &id, &flow.err), 0, "%s", flow.err.text);
    (void)flow_work(&flow);
}

Test(pull, a_hold_that_a_merge_would_wait_for_is_said_and_goes_when_it_is_released)
{
    static const char held[] =
        "\nBranch main is held by ada: wait for Monday (hold 1). What is merged comes in force when "
        "that is released.\n";
    const char *head = push(widen);
    flow_expect(&flow, opened(head), "planned", "pull request 17: passes");
    hold(NULL);
    cr_assert_eq(replan(), 1);
    cr_assert_eq(replan(), 0);
    cr_assert_str_eq(shown("status", head, "description"), "passes; held: wait for Monday");
    cr_assert_str_eq(shown("status", head, "state"), "success");
    cr_assert_not_null(strstr(shown("comment", "17", "text"), held));
    /* one that comes while it stands says it at once */
    flow_expect(&flow, opened(head), "planned", "pull request 17: passes; held: wait for Monday");
    cr_assert_not_null(strstr(shown("comment", "17", "text"), held));
    release(1);
    cr_assert_eq(replan(), 1);
    cr_assert_str_eq(shown("status", head, "description"), "passes");
    cr_assert_null(strstr(shown("comment", "17", "text"), "held"));
    /* a commit that it is made on */
    hold(kit_sh(&flow.git, "cd work && git rev-parse origin/main"));
    cr_assert_eq(replan(), 1);
    cr_assert_not_null(
        strstr(shown("comment", "17", "text"), ", which it is made on, is held by ada: wait for Monday"));
    /* and one that it has nothing to do with */
    release(2);
    hold("0123456789012345678901234567890123456789");
    cr_assert_eq(replan(), 1);
    cr_assert_str_eq(shown("status", head, "description"), "passes");
}

Test(pull, a_closed_pull_request_is_not_planned_again)
{
    const char *head = push(widen);
    flow_expect(&flow, opened(head), "planned", "pull request 17: passes");
    flow_expect(&flow, deliver(head, "main", "closed", "closed", "x"), "ignored", "pull request 17 is closed");
    move_base();
    cr_assert_eq(replan(), 0);
}

Test(pull, the_head_of_a_fork_is_fetched_from_where_the_forge_keeps_it_and_goes_when_it_is_closed)
{
    const char *main = kit_sh(&flow.git, "cd work && git rev-parse origin/main");
    kit_sh(&flow.git,
           "cd work && git checkout -q -B theirs && %s && git commit -qam fork && git push -qf origin "
           "HEAD:refs/pull/17/head",
           widen);
    const char *head = kit_sh(&flow.git, "cd work && git rev-parse HEAD");
    static const char refs[] = "git --git-dir git/acme.git for-each-ref --format='%%(refname)' | tr '\\n' ' '";
    int64_t id = opened(head); /* no branch "change" is there */
    flow_expect(&flow, id, "planned", "pull request 17: passes");
    cr_assert_str_eq(flow_value(&flow, "select head_branch from pulls"), "refs/pull/17/head");
    cr_assert_not_null(strstr(kit_sh(&flow.git, refs), "refs/pull/17/head"));
    flow_expect(&flow, deliver(head, "main", "closed", "closed", "x"), "ignored", "pull request 17 is closed");
    cr_assert_null(strstr(kit_sh(&flow.git, refs), "refs/pull/17/head"));
    cr_assert_str_eq(kit_sh(&flow.git, "cd work && git rev-parse origin/main"), main);
}
