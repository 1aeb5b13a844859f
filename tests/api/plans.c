#include "api/ask.h"

#include <criterion/criterion.h>

static struct ask a;

static void setup(void)
{
    ask_init(&a);
    flow_receive_push(&a.flow, flow_push(&a.flow, NULL));
    (void)flow_work(&a.flow);
}

static void teardown(void)
{
    ask_dispose(&a);
}

TestSuite(api_plans, .init = setup, .fini = teardown);

#define PLANS "/v1/ecosystems/acme/plans"

/* Pushes the edit to a branch of its own; its commit. */
static const char *push_branch(const char *branch, const char *edit)
{
    kit_sh(&a.flow.git, "cd work && git checkout -q -b %s && %s && git commit -qam change && git push -q origin %s",
           branch, edit, branch);
    return kit_sh(&a.flow.git, "cd work && git rev-parse HEAD");
}

static const char narrow[] = "sed -i '/full_name/s/varchar(100)/varchar(50)/' teams/sales/customers.yaml";

Test(api_plans, a_branch_is_planned_against_the_version_in_force_and_nothing_is_kept)
{
    const char *commit = push_branch("narrow", narrow);
    cr_assert_eq(ask_as(&a, "reader", HTTP_POST, PLANS, "{\"ref\":\"narrow\"}", NULL), 200, "%s",
                 ask_at(&a, "/detail"));
    cr_assert_str_eq(ask_at(&a, "/commit"), commit);
    cr_assert_str_eq(ask_at(&a, "/ref"), "narrow");
    cr_assert_str_eq(ask_at(&a, "/base"), "1");
    cr_assert_str_eq(ask_at(&a, "/outcome"), "breaking");
    cr_assert_str_eq(ask_at(&a, "/findings/0/code"), "breaking-type");
    cr_assert_str_eq(ask_at(&a, "/objects/changed/0/name"), "customers");
    const char *id = arena_strdup(a.flow.arena, ask_at(&a, "/id"));
    cr_assert_str_eq(flow_value(&a.flow, "select count(*) from versions"), "1");
    /* by the first digits of its id; and approved, the same plan passes */
    const char *body = arena_printf(a.flow.arena, "{\"plan\":\"%s\"}", id);
    cr_assert_eq(ask(&a, HTTP_POST, "/v1/ecosystems/acme/approvals", body, NULL), 201);
    body = arena_printf(a.flow.arena, "{\"ref\":\"%.10s\"}", commit);
    cr_assert_eq(ask(&a, HTTP_POST, PLANS, body, NULL), 200, "%s", ask_at(&a, "/detail"));
    cr_assert_str_eq(ask_at(&a, "/id"), id);
    cr_assert_str_eq(ask_at(&a, "/outcome"), "passes");
    cr_assert_str_eq(ask_at(&a, "/approval/by"), "admin");
}

Test(api_plans, a_wrong_model_and_what_belongs_to_others_are_refused)
{
    push_branch("wrong", "sed -i 's/container: crm-db/container: crm-bd/' teams/sales/customers.yaml");
    cr_assert_eq(ask(&a, HTTP_POST, PLANS, "{\"ref\":\"wrong\"}", NULL), 200, "%s", ask_at(&a, "/detail"));
    cr_assert_str_eq(ask_at(&a, "/outcome"), "refused");
    cr_assert_str_eq(ask_at(&a, "/id"), "null");
    cr_assert_str_eq(ask_at(&a, "/objects"), "absent");
    cr_assert_str_eq(ask_at(&a, "/findings/0/code"), "dangling-reference");
    kit_sh(&a.flow.git, "cd work && git checkout -q main");
    push_branch("theirs", narrow);
    flow_sql(&a.flow, "update ecosystems set repository = 'acme/other'");
    cr_assert_eq(ask(&a, HTTP_POST, PLANS, "{\"ref\":\"theirs\"}", NULL), 200, "%s", ask_at(&a, "/detail"));
    cr_assert_str_eq(ask_at(&a, "/outcome"), "refused");
    cr_assert_str_eq(ask_at(&a, "/findings/0/code"), "not-owner");
}

Test(api_plans, what_cannot_be_found_is_a_problem_of_the_request)
{
    cr_assert_eq(ask(&a, HTTP_POST, PLANS, "{\"ref\":\"nope\"}", NULL), 422);
    cr_assert_str_eq(ask_at(&a, "/errors/0/pointer"), "/ref");
    cr_assert_str_eq(ask_at(&a, "/errors/0/detail"), "branch 'nope' is not in the repository");
    cr_assert_eq(ask(&a, HTTP_POST, PLANS, "{\"ref\":\"abcdef0123\"}", NULL), 422);
    cr_assert_str_eq(ask_at(&a, "/errors/0/detail"), "commit abcdef0123 is not in the repository");
    cr_assert_eq(ask(&a, HTTP_POST, PLANS, "{\"ref\":\"--upload-pack=x\"}", NULL), 422);
    cr_assert_eq(ask(&a, HTTP_POST, PLANS, "{\"commit\":\"x\"}", NULL), 422);
    cr_assert_str_eq(ask_at(&a, "/errors/0/pointer"), "/commit");
    cr_assert_str_eq(ask_at(&a, "/errors/1/pointer"), "/ref");
    cr_assert_eq(ask_as(&a, "bolt", HTTP_POST, PLANS, "{\"ref\":\"main\"}", NULL), 404);
}
