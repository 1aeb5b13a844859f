#include "control/inbox.h"

#include "control/flow.h"
#include "control/push.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct flow flow;

static void setup(void)
{
    flow_init(&flow);
}

static void teardown(void)
{
    flow_dispose(&flow);
}

TestSuite(inbox, .init = setup, .fini = teardown);

static int receive(struct inbox_webhook webhook)
{
    int64_t id;
    bool fresh;
    return inbox_receive(flow.pool, flow.arena, &webhook, &id, &fresh, &flow.err);
}

Test(inbox, the_signature_is_githubs)
{
    /* the example of GitHub's documentation */
    setenv("DOCS_SECRET", "It's a Secret to Everybody", 1);
    json_t *secrets = json_own(flow.arena, json_pack("[{s:s}]", "env", "DOCS_SECRET"));
    const char *good = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    cr_assert(inbox_signed(flow.arena, forge_find("github"), secrets, good, STR("Hello, World!")));
    cr_assert_not(inbox_signed(flow.arena, forge_find("github"), secrets, good, STR("Hello, World?")));
    cr_assert_not(inbox_signed(flow.arena, forge_find("github"), secrets, "sha256=757107", STR("Hello, World!")));
    cr_assert_not(inbox_signed(flow.arena, forge_find("github"), secrets, good + 7, STR("Hello, World!")));
    cr_assert_not(inbox_signed(flow.arena, forge_find("github"), secrets, NULL, STR("Hello, World!")));
    cr_assert_not(inbox_signed(flow.arena, forge_find("github"), NULL, good, STR("Hello, World!")));
}

Test(inbox, the_second_secret_holds_while_the_first_is_unreadable)
{
    setenv("DOCS_SECRET", "It's a Secret to Everybody", 1);
    json_t *secrets =
        json_own(flow.arena, json_pack("[{s:s}, {s:s}]", "file", "/nonexistent/secret", "env", "DOCS_SECRET"));
    cr_assert(inbox_signed(flow.arena, forge_find("github"), secrets,
                           "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
                           STR("Hello, World!")));
}

Test(inbox, a_wrong_signature_and_an_unknown_ecosystem_look_the_same_and_store_nothing)
{
    struct inbox_webhook webhook = {"acme", forge_find("github"), "sha256=00", "push",
                                    "1",    "application/json",   STR("{}"),   NULL};
    uint64_t before = inbox_refused();
    cr_assert_eq(receive(webhook), -ERR_UNAUTHORIZED);
    cr_assert_str_eq(flow.err.text, "the signature of the webhook does not hold");
    webhook.ecosystem = "nobody";
    webhook.signature = flow_signature(&flow, webhook.body);
    cr_assert_eq(receive(webhook), -ERR_UNAUTHORIZED);
    cr_assert_str_eq(flow.err.text, "the signature of the webhook does not hold");
    cr_assert_eq(inbox_refused() - before, 2);
    cr_assert_str_eq(flow_value(&flow, "select count(*) from deliveries"), "0");
}

Test(inbox, a_signed_webhook_needs_an_event_and_an_id)
{
    struct inbox_webhook webhook = {"acme", forge_find("github"), NULL, NULL, "1", "application/json", STR("{}"), NULL};
    webhook.signature = flow_signature(&flow, webhook.body);
    cr_assert_eq(receive(webhook), -ERR_SYNTAX);
    cr_assert_str_eq(flow.err.text, "header X-GitHub-Event is absent");
    webhook.event = "push";
    webhook.forge_id = "a b";
    cr_assert_eq(receive(webhook), -ERR_SYNTAX);
    cr_assert_str_eq(flow.err.text, "header X-GitHub-Delivery holds something else than printable ASCII");
}

static const struct {
    const char *name, *event, *content_type, *payload, *state, *reason;
} decided[] = {
    {"ping", "ping", "application/json", "{}", "ignored", "ping"},
    {"issues", "issues", "application/json", "{}", "ignored", "event issues is not handled"},
    {"form", "push", "application/x-www-form-urlencoded", "payload=%7B%7D", "rejected",
     "the payload is of type application/x-www-form-urlencoded; set the webhook's content type to application/json"},
    {"no ref", "push", "application/json", "{\"after\":\"x\"}", "rejected", "the payload of the push has no text ref"},
    {"no after", "push", "application/json", "{\"ref\":\"refs/heads/main\"}", "rejected",
     "the payload of the push has no text after"},
    {"array", "push", "application/json; charset=utf-8", "[]", "rejected", "the payload of the push has no text ref"},
    {"short", "push", "application/json", "{\"ref\":\"refs/heads/main\",\"after\":\"abc\"}", "rejected",
     "the payload's commit is not a full commit id"},
    {"branch", "push", "application/json",
     "{\"ref\":\"refs/heads/dev\",\"after\":\"59b20b8d5c6ff8d09518454d4dd8b7b30f095ab5\"}", "ignored",
     "pushed to refs/heads/dev; the ecosystem follows refs/heads/main"},
    {"tag", "push", "application/json",
     "{\"ref\":\"refs/tags/main\",\"after\":\"59b20b8d5c6ff8d09518454d4dd8b7b30f095ab5\"}", "ignored",
     "pushed to refs/tags/main; the ecosystem follows refs/heads/main"},
    {"deleted", "push", "application/json",
     "{\"ref\":\"refs/heads/main\",\"after\":\"0000000000000000000000000000000000000000\",\"deleted\":true}",
     "rejected", "branch main was deleted; the version in force stays"},
};

Test(inbox, what_needs_no_repository_is_decided_from_the_payload)
{
    struct ecosystem_row acme = {.name = "acme", .branch = "main"};
    for (size_t i = 0; i < sizeof decided / sizeof *decided; i++) {
        struct delivery_claim claim = {.forge = "github",
                                       .event = decided[i].event,
                                       .content_type = decided[i].content_type,
                                       .payload = str_from(decided[i].payload)};
        struct delivery_outcome outcome;
        struct push push;
        cr_assert(push_decide(flow.arena, &claim, &acme, &push, &outcome), "%s", decided[i].name);
        cr_assert_str_eq(outcome.state, decided[i].state, "%s", decided[i].name);
        cr_assert_str_eq(outcome.reason, decided[i].reason, "%s", decided[i].name);
    }
}

Test(inbox, a_push_to_the_branch_is_to_be_merged)
{
    struct ecosystem_row acme = {.name = "acme", .branch = "main"};
    struct delivery_claim claim = {
        .forge = "github",
        .event = "push",
        .content_type = "application/json",
        .payload = flow_payload(&flow, "refs/heads/main", "59b20b8d5c6ff8d09518454d4dd8b7b30f095ab5")};
    struct delivery_outcome outcome;
    struct push push;
    cr_assert_not(push_decide(flow.arena, &claim, &acme, &push, &outcome));
    cr_assert_str_eq(push.commit, "59b20b8d5c6ff8d09518454d4dd8b7b30f095ab5");
    cr_assert_str_eq(push.ref, "refs/heads/main");
}
