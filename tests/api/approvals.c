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

TestSuite(api_approvals, .init = setup, .fini = teardown);

#define APPROVALS "/v1/ecosystems/acme/approvals"
#define PLAN "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

Test(api_approvals, an_approval_is_made_once_and_asks_for_a_merge)
{
    cr_assert_eq(ask(&a, HTTP_POST, APPROVALS, "{\"plan\":\"" PLAN "\",\"reason\":\"agreed\"}", NULL), 201, "%s",
                 ask_at(&a, "/detail"));
    cr_assert_str_eq(ask_at(&a, "/plan"), PLAN);
    cr_assert_str_eq(ask_at(&a, "/approved_by"), "admin");
    cr_assert_str_eq(ask_at(&a, "/version"), "null");
    const char *delivery = arena_strdup(a.flow.arena, ask_at(&a, "/delivery"));
    cr_assert_str_eq(ask_header(&a, "Location"),
                     arena_printf(a.flow.arena, "/v1/ecosystems/acme/deliveries/%s", delivery));
    cr_assert_str_eq(flow_value(&a.flow, "select forge || ' ' || state from deliveries"), "api received");
    cr_assert_eq(ask(&a, HTTP_POST, APPROVALS, "{\"plan\":\"" PLAN "\",\"reason\":\"again\"}", NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/reason"), "agreed");
    cr_assert_str_eq(ask_at(&a, "/delivery"), "null");
    cr_assert_eq(ask(&a, HTTP_GET, APPROVALS, NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/items/0/plan"), PLAN);
    cr_assert_str_eq(ask_at(&a, "/items/1"), "absent");
    cr_assert_str_eq(flow_value(&a.flow, "select string_agg(action || ' ' || actor, ',') from audit"),
                     "approval.add admin");
}

Test(api_approvals, an_approval_is_withdrawn_once_and_can_be_given_again)
{
    cr_assert_eq(ask(&a, HTTP_POST, APPROVALS, "{\"plan\":\"" PLAN "\"}", NULL), 201);
    cr_assert_eq(ask_as(&a, "reader", HTTP_DELETE, APPROVALS "/1", NULL, NULL), 403);
    cr_assert_eq(ask(&a, HTTP_DELETE, APPROVALS "/1", NULL, NULL), 204);
    cr_assert_eq(ask(&a, HTTP_DELETE, APPROVALS "/1", NULL, NULL), 204);
    cr_assert_eq(ask(&a, HTTP_GET, APPROVALS, NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/items/0/withdrawn_by"), "admin");
    cr_assert_str_eq(flow_value(&a.flow,
                                "select string_agg(action || ' ' || actor || ' ' || object, ',' order by id) from "
                                "audit"),
                     "approval.add admin plan " PLAN ",approval.withdraw admin plan " PLAN);
    cr_assert_eq(ask(&a, HTTP_POST, APPROVALS, "{\"plan\":\"" PLAN "\"}", NULL), 201);
    flow_sql(&a.flow, "insert into versions (ecosystem, version, commit_oid, plan) values ('acme', 1, '0', '{}')");
    flow_sql(&a.flow, "update approvals set version = 1");
    cr_assert_eq(ask(&a, HTTP_DELETE, APPROVALS "/1", NULL, NULL), 409);
    cr_assert_str_eq(ask_at(&a, "/detail"), "version 1 is in force by approval 1");
    cr_assert_eq(ask(&a, HTTP_DELETE, APPROVALS "/2", NULL, NULL), 404);
    cr_assert_str_eq(ask_at(&a, "/detail"), "ecosystem acme has no approval 2");
}

Test(api_approvals, only_a_plan_is_approved_and_by_who_may)
{
    cr_assert_eq(ask(&a, HTTP_POST, APPROVALS, "{\"plan\":\"abc\"}", NULL), 422);
    cr_assert_str_eq(ask_at(&a, "/detail"), "a plan is named by its id, 64 hexadecimal digits");
    cr_assert_eq(ask(&a, HTTP_POST, APPROVALS, "{\"reason\":1,\"by\":\"me\"}", NULL), 422);
    cr_assert_str_eq(ask_at(&a, "/errors/0/pointer"), "/by");
    cr_assert_str_eq(ask_at(&a, "/errors/1/pointer"), "/plan");
    cr_assert_str_eq(ask_at(&a, "/errors/2/pointer"), "/reason");
    cr_assert_eq(ask(&a, HTTP_POST, "/v1/ecosystems/none/approvals", "{\"plan\":\"" PLAN "\"}", NULL), 404);
    cr_assert_eq(ask_as(&a, "reader", HTTP_POST, APPROVALS, "{\"plan\":\"" PLAN "\"}", NULL), 403);
    cr_assert_str_eq(flow_value(&a.flow, "select count(*)::text from approvals"), "0");
}
