#include "api/ask.h"

#include "base/file.h"

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

TestSuite(api_webhooks, .init = setup, .fini = teardown);

#define HOOK "/v1/ecosystems/acme/webhooks/github"

/* Headers as GitHub sends them. */
static const char *const *github(const char *event, const char *id, const char *signature)
{
    static const char *headers[8];
    struct arena *arena = a.flow.arena;
    size_t n = 0;
    headers[n++] = "User-Agent: GitHub-Hookshot/044aadd";
    headers[n++] = "Content-Type: application/json";
    headers[n++] = arena_printf(arena, "X-GitHub-Event: %s", event);
    headers[n++] = arena_printf(arena, "X-GitHub-Delivery: %s", id);
    if (signature)
        headers[n++] = arena_printf(arena, "X-Hub-Signature-256: %s", signature);
    headers[n] = NULL;
    return headers;
}

static int post(const char *event, const char *id, struct str body)
{
    return ask_as(&a, NULL, HTTP_POST, HOOK, body.data, github(event, id, flow_signature(&a.flow, body)));
}

Test(api_webhooks, githubs_push_is_accepted_durably_and_a_repeat_is_the_first)
{
    const char *head = flow_push(&a.flow, NULL);
    struct str body = flow_payload(&a.flow, "refs/heads/main", head);
    cr_assert_eq(post("push", "72d3162e-cc78-11e3-81ab-4c9367dc0958", body), 202, "%s", ask_at(&a, "/detail"));
    cr_assert_str_eq(ask_header(&a, "Location"), "/v1/ecosystems/acme/deliveries/1");
    cr_assert_str_eq(ask_at(&a, "/id"), "1");
    cr_assert_eq(post("push", "72d3162e-cc78-11e3-81ab-4c9367dc0958", body), 200);
    cr_assert_str_eq(ask_at(&a, "/id"), "1");
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/ecosystems/acme/deliveries/1", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/state"), "received");
    cr_assert_str_eq(ask_at(&a, "/findings"), "[]");
    flow_work(&a.flow);
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/ecosystems/acme/deliveries/1", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/state"), "merged");
    cr_assert_str_eq(ask_at(&a, "/version"), "1");
    cr_assert_str_eq(ask_at(&a, "/commit"), head);
    cr_assert_str_eq(ask_at(&a, "/attempts"), "1");
}

Test(api_webhooks, githubs_ping_is_ignored_with_its_reason)
{
    struct str body;
    cr_assert_eq(file_read(a.flow.arena, SOURCE_DIR "/tests/fixtures/github-ping.json", 1 << 20, &body, &a.flow.err),
                 0);
    cr_assert_eq(post("ping", "72d3162e-cc78-11e3-81ab-4c9367dc0958", body), 202);
    flow_work(&a.flow);
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/ecosystems/acme/deliveries/1", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/state"), "ignored");
    cr_assert_str_eq(ask_at(&a, "/reason"), "ping");
    cr_assert_str_eq(ask_at(&a, "/event"), "ping");
}

Test(api_webhooks, an_unsigned_or_wrongly_signed_one_and_an_unknown_ecosystem_get_the_same_401)
{
    cr_assert_eq(ask_as(&a, NULL, HTTP_POST, HOOK, "not json", github("push", "1", NULL)), 401);
    const char *told = arena_strdup(a.flow.arena, ask_at(&a, "/detail"));
    cr_assert_eq(ask_as(&a, NULL, HTTP_POST, HOOK, "{}", github("push", "1", "sha256=00")), 401);
    cr_assert_str_eq(ask_at(&a, "/detail"), told);
    const char *signature = flow_signature(&a.flow, STR("{}"));
    cr_assert_eq(
        ask_as(&a, NULL, HTTP_POST, "/v1/ecosystems/nobody/webhooks/github", "{}", github("push", "1", signature)),
        401);
    cr_assert_str_eq(ask_at(&a, "/detail"), told);
    cr_assert_str_eq(flow_value(&a.flow, "select count(*) from deliveries"), "0");
}

Test(api_webhooks, signed_nonsense_is_rejected_with_the_reason)
{
    cr_assert_eq(post("push", "1", STR("not json")), 202);
    flow_work(&a.flow);
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/ecosystems/acme/deliveries/1", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/state"), "rejected");
    cr_assert(str_starts(str_from(ask_at(&a, "/reason")), STR("the payload cannot be read: ")), "%s",
              ask_at(&a, "/reason"));
}

Test(api_webhooks, a_body_over_25_mib_is_413_and_one_below_it_is_taken)
{
    size_t size = (25u << 20) + 1;
    char *body = arena_alloc(a.flow.arena, size + 1);
    memset(body, ' ', size);
    cr_assert_eq(ask_as(&a, NULL, HTTP_POST, HOOK, body, github("push", "1", NULL)), 413);
    body[size - 1] = 0;
    cr_assert_eq(post("push", "1", str_from(body)), 202, "%s", ask_at(&a, "/detail"));
}
