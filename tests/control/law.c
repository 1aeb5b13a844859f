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
