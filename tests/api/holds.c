#include "api/ask.h"

#include <criterion/criterion.h>

static struct ask a;

#define ACME "/v1/ecosystems/acme"

static const char *push(const char *edit)
{
    int64_t id = flow_receive_push(&a.flow, flow_push(&a.flow, edit));
    (void)flow_work(&a.flow);
    snapshots_invalidate(a.app.snapshots, "acme");
    return flow_delivery(&a.flow, id).state;
}

static void setup(void)
{
    ask_init(&a);
    cr_assert_str_eq(push(NULL), "merged");
    cr_assert_str_eq(push("sed -i '/full_name/s/varchar(100)/varchar(200)/' teams/sales/customers.yaml"), "merged");
}

static void teardown(void)
{
    ask_dispose(&a);
}

TestSuite(api_holds, .init = setup, .fini = teardown);

static int post(const char *path, const char *body)
{
    return ask(&a, HTTP_POST, arena_printf(a.flow.arena, ACME "%s", path), body, NULL);
}

Test(api_holds, a_rollback_is_shown_first_and_then_done_once_for_a_key)
{
    cr_assert_eq(post("/rollbacks?dry_run=true", "{\"to\":1}"), 200, "%s", ask_at(&a, "/detail"));
    cr_assert_str_eq(ask_at(&a, "/version"), "3");
    cr_assert_str_eq(ask_at(&a, "/base"), "2");
    cr_assert_str_eq(ask_at(&a, "/hold"), "null");
    cr_assert_str_eq(ask_at(&a, "/does/1"), "1 breaking change passes with it");
    cr_assert_str_eq(ask_at(&a, "/does/2"), "branch main is held: nothing of it comes in force until that is released");
    cr_assert_str_eq(ask_at(&a, "/plan/objects/changed/0/changes/0/to"), "varchar(100)");
    cr_assert_str_eq(flow_value(&a.flow, "select max(version) from versions"), "2");

    const char *const *key = ASK_HEADERS("Idempotency-Key: k1");
    const char *body = "{\"to\":1,\"reason\":\"too wide\"}";
    cr_assert_eq(ask(&a, HTTP_POST, ACME "/rollbacks", body, key), 201, "%s", ask_at(&a, "/detail"));
    cr_assert_str_eq(ask_header(&a, "Location"), ACME "/versions/3");
    cr_assert_str_eq(ask_at(&a, "/hold/reason"), "rolled back to version 1: too wide");
    cr_assert_str_eq(ask_at(&a, "/hold/rolled_back_to"), "1");
    cr_assert_eq(ask(&a, HTTP_POST, ACME "/rollbacks", body, key), 201);
    cr_assert_str_eq(ask_header(&a, "Idempotent-Replayed"), "true");
    cr_assert_eq(ask(&a, HTTP_GET, ACME "/versions/3", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/rolled_back_to"), "1");
    cr_assert_str_eq(ask_at(&a, "/in_force"), "true");
    cr_assert_str_eq(ask_at(&a, "/author"), "admin");
    cr_assert_eq(ask(&a, HTTP_GET, ACME "/datastores/customers", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/body/datasets/0/columns/1/type"), "varchar(100)");
    cr_assert_eq(ask(&a, HTTP_GET, ACME "/status", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/holds/0/reason"), "rolled back to version 1: too wide");
}

Test(api_holds, what_cannot_be_rolled_back_is_a_problem)
{
    cr_assert_eq(post("/rollbacks", "{\"to\":2}"), 409);
    cr_assert_str_eq(ask_at(&a, "/detail"), "version 2 is in force");
    cr_assert_eq(post("/rollbacks", "{\"to\":9}"), 404);
    cr_assert_str_eq(ask_at(&a, "/detail"), "ecosystem acme has no version 9");
    cr_assert_eq(post("/rollbacks", "{\"to\":\"1\",\"why\":1}"), 422);
    cr_assert_str_eq(ask_at(&a, "/errors/0/pointer"), "/why");
    cr_assert_str_eq(ask_at(&a, "/errors/1/pointer"), "/to");
    cr_assert_eq(post("/rollbacks?dry_run=yes", "{\"to\":1}"), 400);
    cr_assert_eq(ask_as(&a, "reader", HTTP_POST, ACME "/rollbacks", "{\"to\":1}", NULL), 403);
    cr_assert_eq(ask(&a, HTTP_POST, "/v1/ecosystems/none/rollbacks", "{\"to\":1}", NULL), 404);
}

Test(api_holds, a_branch_is_held_and_released)
{
    cr_assert_eq(post("/holds?dry_run=true", "{\"reason\":\"freeze\"}"), 200, "%s", ask_at(&a, "/detail"));
    cr_assert_str_eq(ask_at(&a, "/scope"), "branch");
    cr_assert_str_eq(ask_at(&a, "/dry_run"), "true");
    cr_assert_eq(ask(&a, HTTP_GET, ACME "/holds", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/items/0"), "absent");

    cr_assert_eq(post("/holds", "{\"reason\":\"freeze\"}"), 201);
    const char *path = arena_strdup(a.flow.arena, ask_header(&a, "Location"));
    cr_assert_eq(post("/holds", "{\"reason\":\"again\"}"), 200);
    cr_assert_str_eq(ask_at(&a, "/reason"), "freeze");
    cr_assert_str_eq(push("echo '# x' >> teams/sales/customers.yaml"), "held");
    cr_assert_eq(ask(&a, HTTP_GET, ACME "/deliveries?state=held", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/items/0/version"), "null");
    cr_assert_eq(ask(&a, HTTP_GET, ACME "/status", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/holds/0/held_by"), "admin");

    const char *release = arena_printf(a.flow.arena, "%s/release", path);
    cr_assert_eq(ask(&a, HTTP_POST, arena_printf(a.flow.arena, "%s?dry_run=true", release), NULL, NULL), 200);
    cr_assert_eq(ask(&a, HTTP_GET, path, NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/released_by"), "null");
    cr_assert_eq(ask(&a, HTTP_POST, release, "{\"reason\":\"monday\"}", NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/released_by"), "admin");
    cr_assert_str_neq(ask_at(&a, "/delivery"), "null");
    (void)flow_work(&a.flow);
    cr_assert_str_eq(flow_value(&a.flow, "select max(version) from versions"), "3");
    cr_assert_eq(ask(&a, HTTP_POST, release, NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/delivery"), "null");
    cr_assert_eq(ask(&a, HTTP_GET, ACME "/holds?state=held", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/items/0"), "absent");
    cr_assert_eq(ask(&a, HTTP_GET, ACME "/status", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/holds/0"), "absent");
}

Test(api_holds, a_hold_that_means_nothing_is_refused)
{
    cr_assert_eq(post("/holds", "{\"commit\":\"main\"}"), 422);
    cr_assert_str_eq(ask_at(&a, "/detail"), "a commit is named by its full id, 40 hexadecimal digits");
    cr_assert_eq(post("/holds", "{\"commit\":7,\"reason\":7}"), 422);
    cr_assert_str_eq(ask_at(&a, "/errors/0/pointer"), "/reason");
    cr_assert_str_eq(ask_at(&a, "/errors/1/pointer"), "/commit");
    cr_assert_eq(ask(&a, HTTP_GET, ACME "/holds/99", NULL, NULL), 404);
    cr_assert_str_eq(ask_at(&a, "/detail"), "ecosystem acme has no hold 99");
    cr_assert_eq(post("/holds/99/release", "{}"), 404);
    cr_assert_eq(ask(&a, HTTP_GET, ACME "/holds?state=old", NULL, NULL), 400);
    cr_assert_eq(ask_as(&a, "reader", HTTP_POST, ACME "/holds", "{}", NULL), 403);
}
