#include "control/law.h"
#include "control/flow.h"

#include <criterion/criterion.h>

static struct flow flow;

static void setup(void)
{
    flow_init(&flow);
}

static void teardown(void)
{
    flow_dispose(&flow);
}

TestSuite(law, .init = setup, .fini = teardown);

/* What the registered repository is called from now on. */
static void call(const char *name, const char *branch)
{
    flow_sql(&flow, arena_printf(flow.arena,
                                 "update ecosystems set repository = '%s', branch = '%s', revision = revision + 1, "
                                 "head_oid = null, head_at = null, head_delivery = null",
                                 name, branch));
}

/* The codes of a delivery's findings. */
static const char *codes(int64_t id)
{
    return flow_value(&flow, arena_printf(flow.arena,
                                          "select string_agg(f ->> 'code', ' ') from deliveries, "
                                          "jsonb_array_elements(findings) f where id = %lld",
                                          (long long)id));
}

static const char raise[] = "sed -i 's/priority: medium/priority: high/' teams/marketing/marketing.yaml";

Test(law, a_first_version_comes_from_the_repository_that_the_ecosystem_names)
{
    call("acme/other", "main");
    int64_t id = flow_receive_push(&flow, flow_push(&flow, NULL));
    (void)flow_work(&flow);
    flow_expect(&flow, id, "rejected", "1 error in the model; the version in force stays");
    cr_assert_str_eq(codes(id), "not-owner");
    cr_assert_str_eq(flow_value(&flow, "select count(*)::text from versions"), "0");
    call("acme/data-model", "main");
    id = flow_receive_push(&flow, flow_push(&flow, "touch nothing.txt"));
    (void)flow_work(&flow);
    flow_expect(&flow, id, "merged", NULL);
}

Test(law, a_repository_that_is_no_owner_changes_nothing)
{
    static const char *const others[] = {"acme/other", "Acme/data-model", "acme/data-model ", "acme/d\xd0\xb0ta-model"};
    int64_t id = flow_receive_push(&flow, flow_push(&flow, NULL));
    (void)flow_work(&flow);
    flow_expect(&flow, id, "merged", NULL);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        call(others[i], "main");
        id = flow_receive_push(&flow, flow_push(&flow, i ? arena_printf(flow.arena, "touch %zu.txt", i) : raise));
        (void)flow_work(&flow);
        flow_expect(&flow, id, "rejected", "1 error in the model; the version in force stays");
        cr_assert_str_eq(codes(id), "not-owner", "%s", others[i]);
    }
    call("acme/data-model", "main");
    id = flow_receive_push(&flow, flow_push(&flow, "touch last.txt"));
    (void)flow_work(&flow);
    flow_expect(&flow, id, "merged", NULL);
}

Test(law, a_commit_of_several_owners_parts_is_refused_and_those_of_one_pass)
{
    int64_t id = flow_receive_push(&flow, flow_push(&flow, "sed -i '/name: eu/{n;s#acme/data-model#acme/eu#}' "
                                                           "ecosystem.yaml"));
    (void)flow_work(&flow);
    flow_expect(&flow, id, "merged", NULL);
    id = flow_receive_push(&flow, flow_push(&flow, "sed -i 's/PUB, IP]/PUB, IP, CPI]/' zones/eu.yaml && "
                                                   "sed -i 's/priority: medium/priority: low/' "
                                                   "teams/marketing/marketing.yaml"));
    (void)flow_work(&flow);
    flow_expect(&flow, id, "rejected", "2 errors in the model; the version in force stays");
    cr_assert_str_eq(codes(id), "not-owner several-owners");
    id = flow_receive_push(&flow, flow_push(&flow, "git checkout -q HEAD~1 -- zones/eu.yaml"));
    (void)flow_work(&flow);
    flow_expect(&flow, id, "merged", NULL);
}

Test(law, what_is_wrong_and_what_is_not_allowed_come_together)
{
    int64_t id = flow_receive_push(&flow, flow_push(&flow, NULL));
    (void)flow_work(&flow);
    call("acme/other", "main");
    id = flow_receive_push(&flow, flow_push(&flow, "sed -i 's/container: crm-db/container: crm-bd/' "
                                                   "teams/sales/customers.yaml"));
    (void)flow_work(&flow);
    flow_expect(&flow, id, "rejected", "2 errors in the model; the version in force stays");
    cr_assert_str_eq(codes(id), "not-owner dangling-reference");
}

Test(law, a_model_of_another_name_than_the_registered_one_is_a_warning)
{
    int64_t id = flow_receive_push(&flow, flow_push(&flow, "sed -i 's/^name: acme$/name: acmo/' ecosystem.yaml"));
    (void)flow_work(&flow);
    flow_expect(&flow, id, "merged", NULL);
    const json_t *finding = json_array_get(flow_delivery(&flow, id).findings, 0);
    cr_assert_str_eq(json_text(finding, "code"), "ecosystem-name");
    cr_assert_str_eq(json_text(finding, "text"), "ecosystem acmo is registered as acme");
    cr_assert_str_eq(json_text(finding, "hint"), "give both the same name");
}

#define PEOPLE "teams/sales/customers.yaml"

/* Pushes the edit, works, and gives its delivery. */
static int64_t push(const char *edit)
{
    int64_t id = flow_receive_push(&flow, flow_push(&flow, edit));
    (void)flow_work(&flow);
    return id;
}

/* The plan that a rejected delivery's finding asks to approve. */
static const char *asked_plan(int64_t id)
{
    return flow_value(&flow, arena_printf(flow.arena,
                                          "select substring(f ->> 'hint' from 'approve plan ([0-9a-f]{64})') from "
                                          "deliveries, jsonb_array_elements(findings) f where id = %lld limit 1",
                                          (long long)id));
}

struct approving {
    const char *plan;
    int64_t delivery;
};

static int approve_tx(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct approving *approving = ctx;
    struct approval_row row;
    return law_approve(pg, arena, "acme", approving->plan, "agreed", "boss", "r-1", &row, &approving->delivery, err);
}

static int64_t approve(const char *plan)
{
    struct approving approving = {.plan = plan};
    cr_assert_eq(pg_transaction(flow.pg, flow.arena, approve_tx, &approving, &flow.err), 0, "%s", flow.err.text);
    return approving.delivery;
}

static const char narrow[] = "sed -i '/full_name/s/varchar(100)/varchar(50)/' " PEOPLE;

Test(law, a_breaking_change_is_refused_until_its_plan_is_approved)
{
    flow_expect(&flow, push(NULL), "merged", NULL);
    int64_t id = push(narrow);
    flow_expect(&flow, id, "rejected", "1 error in the model; the version in force stays");
    cr_assert_str_eq(codes(id), "breaking-type");
    const char *plan = asked_plan(id);
    int64_t delivery = approve(plan);
    cr_assert_gt(delivery, id);
    (void)flow_work(&flow);
    flow_expect(&flow, delivery, "merged", NULL);
    cr_assert_str_eq(codes(delivery), "approved-breaking");
    cr_assert_str_eq(flow_value(&flow, "select plan ->> 'id' from versions where version = 2"), plan);
    cr_assert_str_eq(flow_value(&flow, "select plan -> 'approval' ->> 'by' from versions where version = 2"), "boss");
    cr_assert_str_eq(flow_value(&flow, "select version::text from approvals"), "2");
    cr_assert_str_eq(flow_value(&flow, "select actor || ' ' || (after ->> 'reason') from audit where action = "
                                       "'approval.add'"),
                     "boss agreed");
    cr_assert_eq(approve(plan), 0, "a second approval merges nothing");
}

static int withdraw_tx(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct approval_row row;
    return law_withdraw_one(pg, arena, "acme", *(int64_t *)ctx, "ada", "r-2", &row, err);
}

static int withdraw(int64_t id)
{
    return pg_transaction(flow.pg, flow.arena, withdraw_tx, &id, &flow.err);
}

Test(law, an_approval_that_is_in_force_stays)
{
    flow_expect(&flow, push(NULL), "merged", NULL);
    (void)approve(asked_plan(push(narrow)));
    (void)flow_work(&flow);
    cr_assert_eq(withdraw(1), -ERR_CONFLICT);
    cr_assert_str_eq(flow.err.text, "version 2 is in force by approval 1");
    cr_assert_str_eq(flow.err.hint, "POST .../rollbacks takes the content of a version back");
    cr_assert_eq(withdraw(2), -ERR_NOT_FOUND);
    cr_assert_str_eq(flow.err.text, "ecosystem acme has no approval 2");
}

static void withdraw_meanwhile(void *ctx, const char *step)
{
    int *times = ctx;
    if (strcmp(step, "planned") == 0 && (*times)++ == 0)
        cr_assert_eq(withdraw(1), 0, "%s", flow.err.text);
}

Test(law, an_approval_that_is_withdrawn_while_its_plan_is_written_lets_nothing_pass)
{
    int times = 0;
    flow_expect(&flow, push(NULL), "merged", NULL);
    int64_t delivery = approve(asked_plan(push(narrow)));
    flow.options.service.hook = withdraw_meanwhile;
    flow.options.service.hook_ctx = &times;
    commit_workers_free(flow.workers);
    flow.workers = commit_workers_new(&flow.options);
    (void)flow_work(&flow);
    flow_expect(&flow, delivery, "rejected", "1 error in the model; the version in force stays");
    cr_assert_eq(times, 2);
    cr_assert_str_eq(codes(delivery), "breaking-type");
    cr_assert_str_eq(flow_value(&flow, "select count(*) from versions"), "1");
}

Test(law, an_approval_is_bound_to_the_exact_plan_and_its_base)
{
    flow_expect(&flow, push(NULL), "merged", NULL);
    const char *plan = asked_plan(push(narrow));
    /* other content under the approval of the first */
    (void)flow_push(&flow, "sed -i 's/varchar(50)/varchar(40)/' " PEOPLE);
    int64_t delivery = approve(plan);
    (void)flow_work(&flow);
    flow_expect(&flow, delivery, "rejected", "1 error in the model; the version in force stays");
    cr_assert_str_neq(asked_plan(delivery), plan);
    /* the same content, and something more beside it */
    int64_t id = push("sed -i 's/varchar(40)/varchar(50)/' " PEOPLE " && "
                      "sed -i 's/priority: medium/priority: low/' teams/marketing/marketing.yaml");
    flow_expect(&flow, id, "rejected", "1 error in the model; the version in force stays");
    /* the approved change again, on another base */
    flow_expect(&flow, push("git checkout -q HEAD~3 -- " PEOPLE), "merged", NULL);
    id = push(narrow);
    flow_expect(&flow, id, "rejected", "1 error in the model; the version in force stays");
    cr_assert_str_neq(asked_plan(id), plan);
}

Test(law, a_dataset_goes_by_deprecation)
{
    static const char add[] = "cat >> " PEOPLE " <<'END'\n"
                              "---\nkind: Datastore\nname: old\nteam: usa/sales\ncapture: {type: sql-snapshot, "
                              "container: crm-db, credential: "
                              "crm-reader, schedule: external}\ndatasets:\n  - {name: d, classification: PUB, columns: "
                              "[{name: id, type: int64, "
                              "key: true}]}\n---\n"
                              "kind: Workspace\nname: reader\nteam: usa/sales\ngroups: [{name: g, platform: {name: "
                              "YellowLive}, sinks: [{store: "
                              "old, dataset: d, deprecation: never}]}]\nEND";
    flow_expect(&flow, push(add), "merged", NULL);
    /* at once it cannot go: its reader would break, and then it reads nothing */
    int64_t id = push("cp " PEOPLE " saved && sed -i 's/  - {name: d, class/  - {name: e, class/' " PEOPLE);
    cr_assert_not_null(strstr(codes(id), "breaking-removal"), "%s", codes(id));
    /* announced; a reader that will have nothing deprecated says no, one that allows it is warned */
    id = push("mv saved " PEOPLE
              " && sed -i 's/{name: d, classification/{name: d, deprecated: true, classification/' " PEOPLE);
    cr_assert_str_eq(codes(id), "deprecated");
    id = push("sed -i 's/dataset: d, deprecation: never/dataset: d, deprecation: allowed/' " PEOPLE);
    flow_expect(&flow, id, "merged", NULL);
    cr_assert_str_eq(codes(id), "deprecated-allowed");
    /* the reader and the dataset in one commit: it had no version to leave in */
    id = push("cp " PEOPLE " saved && sed -i '/^name: old$/Q' " PEOPLE " && head -n -2 " PEOPLE " > x && mv x " PEOPLE);
    cr_assert_str_eq(codes(id), "breaking-removal");
    /* the reader leaves, then the dataset goes */
    id = push("mv saved " PEOPLE " && sed -i '/^name: reader$/Q' " PEOPLE " && head -n -2 " PEOPLE
              " > x && mv x " PEOPLE);
    flow_expect(&flow, id, "merged", NULL);
    id = push("sed -i '/^name: old$/Q' " PEOPLE " && head -n -2 " PEOPLE " > x && mv x " PEOPLE);
    flow_expect(&flow, id, "merged", NULL);
}
