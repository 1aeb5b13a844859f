#include "control/poller.h"

#include "control/flow.h"
#include "control/turns.h"

#include <criterion/criterion.h>
#include <sched.h>

static struct flow flow;
static struct poller poller;

enum { INTERVAL_MS = 600000 };

static void setup(void)
{
    flow_init(&flow);
    poller = (struct poller){&flow.options.service, INTERVAL_MS};
}

static void teardown(void)
{
    flow_dispose(&flow);
}

TestSuite(poller, .init = setup, .fini = teardown);

static bool poll_once(void)
{
    bool worked;
    cr_assert_eq(poller_step(&poller, &worked, &flow.err), 0, "%s", flow.err.text);
    return worked;
}

static void make_due(void)
{
    flow_sql(&flow, "update ecosystems set poll_at = now() - interval '1 second'");
}

Test(poller, a_push_without_a_webhook_is_found_and_merged_and_its_delivery_says_so)
{
    const char *head = flow_push(&flow, NULL);
    make_due();
    cr_assert(poll_once());
    cr_assert_eq(flow_work(&flow), 1);
    cr_assert_str_eq(
        flow_value(&flow, "select forge || ' ' || event || ' ' || state || ' ' || version from deliveries"),
        "poll poll merged 1");
    cr_assert_str_eq(flow_value(&flow, "select commit_oid from deliveries"), head);
    cr_assert_str_eq(flow_value(&flow, "select convert_from(payload, 'UTF8')::json ->> 'found' from deliveries"),
                     "by polling: no webhook told of it");
    cr_assert_str_eq(flow_value(&flow, "select reason from deliveries"), "found by polling: no webhook told of it");
}

Test(poller, what_a_webhook_told_of_is_no_news)
{
    flow_receive_push(&flow, flow_push(&flow, NULL));
    flow_work(&flow);
    make_due();
    cr_assert(poll_once());
    cr_assert_str_eq(flow_value(&flow, "select count(*) from deliveries"), "1");
}

Test(poller, a_turn_is_taken_once_in_an_interval_and_not_while_a_delivery_is_open)
{
    cr_assert_not(poll_once(), "registered just now");
    make_due();
    cr_assert(poll_once());
    cr_assert_not(poll_once());
    cr_assert_str_eq(flow_value(&flow, "select poll_at between now() + interval '8 minutes' and now() + interval '11 "
                                       "minutes' from ecosystems"),
                     "t");
    flow_receive_push(&flow, flow_push(&flow, NULL));
    make_due();
    cr_assert_not(poll_once());
}

Test(poller, a_rejected_head_is_not_found_again_and_the_next_one_is)
{
    (void)flow_push(&flow, "echo 'kind: Nonsense' > extra.yaml");
    for (int i = 0; i < 3; i++) {
        make_due();
        cr_assert(poll_once());
        flow_work(&flow);
    }
    cr_assert_str_eq(flow_value(&flow, "select string_agg(state, ' ' order by id) from deliveries"), "rejected");
    (void)flow_push(&flow, "rm extra.yaml");
    make_due();
    cr_assert(poll_once());
    flow_work(&flow);
    cr_assert_str_eq(flow_value(&flow, "select string_agg(state, ' ' order by id) from deliveries"), "rejected merged");
}

Test(poller, a_repository_that_is_away_waits_for_its_next_turn)
{
    flow_sql(&flow, "update ecosystems set url = 'file:///nonexistent/repository.git'");
    make_due();
    cr_assert(poll_once());
    cr_assert_not(poll_once());
    cr_assert_str_eq(flow_value(&flow, "select count(*) from deliveries"), "0");
}

Test(poller, a_thread_of_turns_finds_what_is_due_and_ends_when_it_is_stopped)
{
    const struct turns_options options = {poller_step, poller_wait, &poller, 1, 10};
    struct turns *turns = turns_new(&options);
    (void)flow_push(&flow, NULL);
    make_due();
    cr_assert_eq(turns_start(turns, &flow.err), 0);
    while (strcmp(flow_value(&flow, "select count(*) from deliveries"), "0") == 0)
        (void)sched_yield();
    cr_assert(turns_stop(turns, 60000));
    turns_free(turns);
    cr_assert_str_eq(flow_value(&flow, "select string_agg(forge, ' ') from deliveries"), "poll");
}
