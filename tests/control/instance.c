#include "control/instance.h"

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

TestSuite(instance, .init = setup, .fini = teardown);

Test(instance, the_next_one_learns_the_name_of_a_dead_one_and_not_of_a_live_one)
{
    struct instance one, beside, next;
    struct err err = {0};
    cr_assert_eq(instance_open(&one, flow.git.root, &err), 0, "%s", err.text);
    cr_assert_str_eq(one.former, "");
    cr_assert_eq(instance_open(&beside, flow.git.root, &err), 0, "%s", err.text);
    cr_assert_str_eq(beside.former, "");
    cr_assert_eq(instance_take_over(&one, &err), 0, "%s", err.text);
    cr_assert_eq(instance_take_over(&beside, &err), 0, "%s", err.text);
    instance_close(&beside);
    instance_close(&one);
    cr_assert_eq(instance_open(&next, flow.git.root, &err), 0, "%s", err.text);
    cr_assert_str_eq(next.former, one.name);
    instance_close(&next);
    cr_assert_eq(instance_open(&next, flow.git.root, &err), 0, "%s", err.text);
    cr_assert_str_eq(next.former, one.name, "it died before it had ended the claims of the one before");
    instance_close(&next);
}

Test(instance, claims_of_a_dead_process_do_not_wait_for_their_leases)
{
    int64_t id = flow_receive_push(&flow, flow_push(&flow, NULL));
    struct delivery_claim claim;
    bool found = false;
    cr_assert_eq(delivery_claim(flow.pg, flow.arena, "dead/1", 3600000, &claim, &found, &flow.err), 0);
    cr_assert(found);
    cr_assert_eq(flow_work(&flow), 0, "the claim holds");
    commit_workers_free(flow.workers);
    struct instance instance = {.fd = -1, .name = "alive", .former = "dead"};
    flow.options.instance = &instance;
    flow.workers = commit_workers_new(&flow.options);
    flow_work(&flow);
    flow_expect(&flow, id, "merged", NULL);
}
