#include "api/ask.h"

#include <criterion/criterion.h>

static struct ask a;

static void setup(void)
{
    ask_init(&a);
}

static void teardown(void)
{
    ask_dispose(&a);
}

TestSuite(api_deliveries, .init = setup, .fini = teardown);

#define ECO "/v1/ecosystems/acme"

Test(api_deliveries, are_listed_newest_first_by_filter_and_page)
{
    for (int i = 0; i < 5; i++)
        flow_receive(&a.flow, i % 2 ? "ping" : "push", arena_printf(a.flow.arena, "g-%d", i), STR("{}"));
    flow_work(&a.flow);
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/deliveries?limit=2", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/items/0/id"), "5");
    cr_assert_str_eq(ask_at(&a, "/items/0/findings"), "absent");
    char *next = arena_strdup(a.flow.arena, ask_header(&a, "Link") + 1);
    *strchr(next, '>') = 0;
    cr_assert_eq(ask(&a, HTTP_GET, next, NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/items/0/id"), "3");
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/deliveries?state=ignored&event=ping", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/items/0/id"), "4");
    cr_assert_str_eq(ask_at(&a, "/items/2"), "absent");
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/deliveries?state=lost", NULL, NULL), 400);
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/deliveries?stat=ignored", NULL, NULL), 400);
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/deliveries?limit=0", NULL, NULL), 400);
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/deliveries?cursor=x", NULL, NULL), 400);
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/deliveries/99", NULL, NULL), 404);
    cr_assert_str_eq(ask_at(&a, "/detail"), "ecosystem acme has no delivery 99");
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/ecosystems/nobody/deliveries", NULL, NULL), 404);
}

Test(api_deliveries, findings_come_with_file_line_and_column)
{
    int64_t id = flow_receive_push(&a.flow, flow_push(&a.flow, "echo 'kind: Nonsense' > teams/bad.yaml"));
    flow_work(&a.flow);
    cr_assert_eq(ask(&a, HTTP_GET, arena_printf(a.flow.arena, ECO "/deliveries/%lld", (long long)id), NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/state"), "rejected");
    cr_assert_str_eq(ask_at(&a, "/version"), "null");
    cr_assert_str_eq(ask_at(&a, "/findings/0/path"), "teams/bad.yaml");
    cr_assert_str_eq(ask_at(&a, "/findings/0/line"), "1");
    cr_assert_str_eq(ask_at(&a, "/findings/0/severity"), "error");
}

Test(api_deliveries, redelivery_makes_a_new_one_once_per_key_and_only_of_a_finished_one)
{
    flow_receive(&a.flow, "ping", "g-1", STR("{}"));
    cr_assert_eq(ask(&a, HTTP_POST, ECO "/deliveries/1/redeliver", NULL, NULL), 409);
    cr_assert_str_eq(ask_at(&a, "/detail"), "delivery 1 of ecosystem acme has no outcome yet");
    flow_work(&a.flow);
    cr_assert_eq(ask(&a, HTTP_POST, ECO "/deliveries/1/redeliver", NULL, ASK_HEADERS("Idempotency-Key: k1")), 202, "%s",
                 ask_at(&a, "/detail"));
    cr_assert_str_eq(ask_header(&a, "Location"), ECO "/deliveries/2");
    cr_assert_eq(ask(&a, HTTP_POST, ECO "/deliveries/1/redeliver", NULL, ASK_HEADERS("Idempotency-Key: k1")), 202);
    cr_assert_str_eq(ask_header(&a, "Location"), ECO "/deliveries/2");
    cr_assert_str_eq(ask_header(&a, "Idempotent-Replayed"), "true");
    cr_assert_eq(ask(&a, HTTP_POST, ECO "/deliveries/2/redeliver", NULL, ASK_HEADERS("Idempotency-Key: k1")), 422);
    flow_work(&a.flow);
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/deliveries/2", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/redelivery_of"), "1");
    cr_assert_str_eq(ask_at(&a, "/state"), "ignored");
    cr_assert_str_eq(ask_at(&a, "/forge_id"), "redelivery-of-1-1");
    cr_assert_str_eq(flow_value(&a.flow, "select count(*) from audit where action = 'delivery.redeliver'"), "1");
}

Test(api_deliveries, post_merges_merges_the_head_without_a_webhook)
{
    const char *head = flow_push(&a.flow, NULL);
    cr_assert_eq(ask(&a, HTTP_POST, ECO "/merges", "{}", ASK_HEADERS("Idempotency-Key: m1")), 202, "%s",
                 ask_at(&a, "/detail"));
    cr_assert_eq(ask(&a, HTTP_POST, ECO "/merges", "{}", ASK_HEADERS("Idempotency-Key: m1")), 202);
    cr_assert_str_eq(flow_value(&a.flow, "select count(*) from deliveries"), "1");
    flow_work(&a.flow);
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/deliveries/1", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/state"), "merged");
    cr_assert_str_eq(ask_at(&a, "/forge"), "api");
    cr_assert_str_eq(ask_at(&a, "/commit"), head);
    cr_assert_eq(ask(&a, HTTP_POST, ECO "/merges", "{\"commit\":\"x\"}", NULL), 422);
    cr_assert_eq(ask(&a, HTTP_POST, "/v1/ecosystems/nobody/merges", "{}", NULL), 404);
    cr_assert_eq(ask(&a, HTTP_GET, ECO, NULL, NULL), 200);
    cr_assert_str_eq(ask_header(&a, "ETag"), "\"1-1\"");
}
