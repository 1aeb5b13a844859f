#include "control/forge.h"

#include "base/crypto.h"
#include "control/push.h"

#include <criterion/criterion.h>

/* The secret and body of GitHub's documentation, whose HMAC it prints. */
#define SECRET STR("It's a Secret to Everybody")
#define BODY STR("Hello, World!")
#define HMAC "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

static const struct {
    const char *forge, *good, *bad;
} signatures[] = {
    {"github", "sha256=" HMAC, HMAC},
    {"bitbucket", "sha256=" HMAC, "sha1=" HMAC},
    {"gitea", HMAC, "sha256=" HMAC},
    {"forgejo", HMAC, "757107EA0EB2509FC211221CCE984B8A37570B6D7586C22C46F4379C8B043E17"},
    {"gitlab", "It's a Secret to Everybody", "it's a Secret to Everybody"},
};

Test(forge, each_signs_in_its_own_way)
{
    for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
        const struct forge *forge = forge_find(signatures[i].forge);
        cr_assert(forge_is_signed(forge, SECRET, signatures[i].good, BODY), "%s", forge->name);
        cr_assert_not(forge_is_signed(forge, SECRET, signatures[i].bad, BODY), "%s", forge->name);
        cr_assert_not(forge_is_signed(forge, SECRET, "", BODY), "%s", forge->name);
        cr_assert_not(forge_is_signed(forge, SECRET, NULL, BODY), "%s", forge->name);
        cr_assert_not(forge_is_signed(forge, STR("It's another"), signatures[i].good, BODY), "%s", forge->name);
    }
    cr_assert_null(forge_find("sourceforge"));
    cr_assert_null(forge_find("GitHub"));
}

#define OID "da1560886d4f094c3e6c9ef40349f7d38b5d27d7"
#define NONE "0000000000000000000000000000000000000000"

/* After the examples of each forge's documentation, with the members that nobody reads left out. */
static const struct {
    const char *forge, *event, *payload;
    const char *state, *reason; /* NULL: it is to be merged */
} pushes[] = {
    {"github", "push", "{\"ref\":\"refs/heads/main\",\"after\":\"" OID "\",\"deleted\":false}", NULL, NULL},
    {"gitlab", "Push Hook",
     "{\"object_kind\":\"push\",\"ref\":\"refs/heads/main\",\"after\":\"" OID "\",\"checkout_sha\":\"" OID "\"}", NULL,
     NULL},
    {"gitlab", "Push Hook",
     "{\"object_kind\":\"push\",\"ref\":\"refs/heads/main\",\"after\":\"" NONE "\",\"checkout_sha\":null}", "rejected",
     "branch main was deleted; the version in force stays"},
    {"gitlab", "Tag Push Hook", "{\"ref\":\"refs/tags/v1\"}", "ignored", "event Tag Push Hook is not handled"},
    {"gitea", "push", "{\"ref\":\"refs/heads/main\",\"after\":\"" OID "\"}", NULL, NULL},
    {"forgejo", "push", "{\"ref\":\"refs/heads/dev\",\"after\":\"" OID "\"}", "ignored",
     "pushed to refs/heads/dev; the ecosystem follows refs/heads/main"},
    {"bitbucket", "repo:push",
     "{\"push\":{\"changes\":[{\"new\":{\"type\":\"branch\",\"name\":\"main\",\"target\":{\"type\":\"commit\","
     "\"hash\":\"" OID "\"}},\"closed\":false}]}}",
     NULL, NULL},
    {"bitbucket", "repo:push",
     "{\"push\":{\"changes\":[{\"new\":{\"type\":\"tag\",\"name\":\"main\",\"target\":{\"hash\":\"" NONE
     "\"}}},{\"new\":{\"type\":\"branch\",\"name\":\"main\",\"target\":{\"hash\":\"" OID "\"}}}]}}",
     NULL, NULL},
    {"bitbucket", "repo:push",
     "{\"push\":{\"changes\":[{\"new\":null,\"old\":{\"type\":\"branch\",\"name\":\"main\"},\"closed\":true}]}}",
     "rejected", "branch main was deleted; the version in force stays"},
    {"bitbucket", "repo:push",
     "{\"push\":{\"changes\":[{\"new\":{\"type\":\"tag\",\"name\":\"main\",\"target\":{\"hash\":\"" OID "\"}}}]}}",
     "ignored", "pushed to refs/tags/main; the ecosystem follows refs/heads/main"},
    {"bitbucket", "repo:push", "{\"push\":{\"changes\":[]}}", "rejected",
     "the payload of the push has no list push.changes"},
    {"bitbucket", "repo:push", "{\"push\":{\"changes\":[{\"new\":{\"type\":\"branch\",\"name\":\"main\"}}]}}",
     "rejected", "the payload of the push has no text push.changes.0.new.target.hash"},
    {"bitbucket", "diagnostics:ping", "{}", "ignored", "ping"},
    {"gitlab", "Push Hook", "[]", "rejected", "the payload of the push has no text ref"},
};

Test(forge, each_tells_of_a_push_in_its_own_words)
{
    struct arena *arena = arena_new();
    struct ecosystem_row acme = {.name = "acme", .branch = "main"};
    for (size_t i = 0; i < sizeof pushes / sizeof *pushes; i++) {
        struct delivery_claim claim = {.forge = pushes[i].forge,
                                       .event = pushes[i].event,
                                       .content_type = "application/json",
                                       .payload = str_from(pushes[i].payload)};
        struct delivery_outcome outcome;
        struct push push;
        bool decided = push_decide(arena, &claim, &acme, &push, &outcome);
        cr_assert_eq(decided, pushes[i].state != NULL, "%zu: %s", i, outcome.reason ? outcome.reason : "");
        if (decided) {
            cr_assert_str_eq(outcome.state, pushes[i].state);
            cr_assert_str_eq(outcome.reason, pushes[i].reason);
        } else {
            cr_assert_str_eq(push.commit, OID);
            cr_assert_str_eq(push.ref, "refs/heads/main");
        }
    }
    arena_free(arena);
}

static const struct {
    const char *forge, *event, *payload, *head, *labels;
    bool open;
} pulls[] = {
    {"github", "pull_request",
     "{\"action\":\"labeled\",\"number\":7,\"pull_request\":{\"number\":7,\"state\":\"open\",\"head\":{\"ref\":"
     "\"wider\",\"sha\":\"" OID
     "\"},\"base\":{\"ref\":\"main\"},\"labels\":[{\"name\":\"approved-breaking\"},{\"name\":"
     "\"data\"}]}}",
     OID, "[\"approved-breaking\",\"data\"]", true},
    {"gitea", "pull_request_sync",
     "{\"action\":\"synchronized\",\"number\":7,\"pull_request\":{\"number\":7,\"state\":\"open\",\"head\":{\"ref\":"
     "\"wider\",\"sha\":\"" OID "\"},\"base\":{\"ref\":\"main\"},\"labels\":[]}}",
     OID, "[]", true},
    {"forgejo", "pull_request",
     "{\"action\":\"closed\",\"number\":7,\"pull_request\":{\"number\":7,\"state\":\"closed\",\"head\":{\"ref\":"
     "\"wider\",\"sha\":\"" OID "\"},\"base\":{\"ref\":\"main\"},\"labels\":null}}",
     OID, "[]", false},
    {"gitlab", "Merge Request Hook",
     "{\"object_kind\":\"merge_request\",\"object_attributes\":{\"iid\":7,\"state\":\"opened\",\"source_branch\":"
     "\"wider\",\"target_branch\":\"main\",\"last_commit\":{\"id\":\"" OID "\"}},\"labels\":[{\"title\":\"data\"}]}",
     OID, "[\"data\"]", true},
    {"bitbucket", "pullrequest:updated",
     "{\"pullrequest\":{\"id\":7,\"state\":\"OPEN\",\"source\":{\"branch\":{\"name\":\"wider\"},\"commit\":{\"hash\":"
     "\"da1560886d4f\"}},\"destination\":{\"branch\":{\"name\":\"main\"}}}}",
     "da1560886d4f", "[]", true},
};

Test(forge, each_tells_of_a_pull_request_in_its_own_words)
{
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof pulls / sizeof *pulls; i++) {
        const struct forge *forge = forge_find(pulls[i].forge);
        struct forge_pull pull;
        struct err err = {0};
        const char *why = "";
        json_t *payload;
        cr_assert_eq(forge_event(forge, pulls[i].event), FORGE_PULL, "%s", forge->name);
        cr_assert_eq(json_read(arena, str_from(pulls[i].payload), &payload, &err), 0, "%s", err.text);
        cr_assert(forge->read_pull(arena, payload, &pull, &why), "%s: %s", forge->name, why);
        cr_assert_str_eq(pull.number, "7");
        cr_assert_str_eq(pull.head, pulls[i].head);
        cr_assert_str_eq(pull.head_branch, "wider");
        cr_assert_str_eq(pull.base_branch, "main");
        cr_assert_eq(pull.open, pulls[i].open);
        char *labels = json_dumps(pull.labels, JSON_COMPACT);
        cr_assert_str_eq(labels, pulls[i].labels);
        free(labels);
    }
    arena_free(arena);
}

/* What a payload says of labels beside the pull request: those that it put on, whether it may have put on others, and
 * who did it. */
static const struct {
    const char *forge, *act, *labelled;
    bool labelling;
    const char *sender;
} labellings[] = {
    {"github", "\"action\":\"labeled\",\"label\":{\"name\":\"go\"},\"sender\":{\"login\":\"ada\"}", "[\"go\"]", false,
     "ada"},
    {"github", "\"action\":\"unlabeled\",\"label\":{\"name\":\"go\"},\"sender\":{\"login\":\"ada\"}", "[]", false,
     "ada"},
    {"github", "\"action\":\"opened\"", "[]", false, NULL},
    {"github", "\"action\":\"synchronize\"", "[]", false, NULL},
    {"gitea", "\"action\":\"label_updated\",\"sender\":{\"login\":\"cy\"}", "[]", true, "cy"},
    {"gitea", "\"action\":\"label_cleared\",\"sender\":{\"login\":\"cy\"}", "[]", false, "cy"},
    {"gitea", "\"action\":\"opened\",\"sender\":{\"login\":\"cy\"}", "[]", true, "cy"},
    {"gitea", "\"action\":\"synchronized\",\"sender\":{\"login\":\"cy\"}", "[]", false, "cy"},
    {"forgejo",
     "\"action\":\"label_updated\",\"changes\":{\"added_labels\":[{\"name\":\"go\"},{\"name\":\"on\"}],"
     "\"removed_labels\":[]},\"sender\":{\"login\":\"di\"}",
     "[\"go\",\"on\"]", false, "di"},
    {"forgejo", "\"action\":\"label_updated\",\"changes\":{\"added_labels\":[],\"removed_labels\":[{\"name\":\"go\"}]}",
     "[]", false, NULL},
    {"gitlab",
     "\"user\":{\"username\":\"bo\"},\"changes\":{\"labels\":{\"previous\":[],\"current\":[{\"title\":\"go\"}]}}", "[]",
     true, "bo"},
    {"gitlab", "\"user\":{\"username\":\"bo\"},\"changes\":{\"title\":{\"previous\":\"a\",\"current\":\"b\"}}", "[]",
     false, "bo"},
    {"gitlab", "\"user\":{\"username\":\"bo\"}", "[]", false, "bo"},
};

Test(forge, a_label_counts_in_the_event_that_puts_it_on)
{
    static const char pull_of_gitlab[] =
        "\"object_attributes\":{\"iid\":7,\"state\":\"opened\",\"source_branch\":\"w\",\"target_branch\":\"main\","
        "\"last_commit\":{\"id\":\"" OID "\"}}";
    static const char pull_of_others[] = "\"pull_request\":{\"number\":7,\"state\":\"open\",\"head\":{\"ref\":\"w\","
                                         "\"sha\":\"" OID "\"},\"base\":{\"ref\":\"main\"}}";
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof labellings / sizeof *labellings; i++) {
        bool gitlab = strcmp(labellings[i].forge, "gitlab") == 0;
        const char *text = arena_printf(arena, "{%s,%s}", labellings[i].act, gitlab ? pull_of_gitlab : pull_of_others);
        struct forge_pull pull;
        struct err err = {0};
        const char *why = "";
        struct buf *labelled = buf_new(arena);
        json_t *payload;
        cr_assert_eq(json_read(arena, str_from(text), &payload, &err), 0, "%s", err.text);
        cr_assert(forge_find(labellings[i].forge)->read_pull(arena, payload, &pull, &why), "%s", why);
        json_write(labelled, pull.labelled);
        cr_assert_str_eq(buf_text(labelled), labellings[i].labelled, "%zu", i);
        cr_assert_eq(pull.labelling, labellings[i].labelling, "%zu", i);
        cr_assert_str_eq(pull.sender ? pull.sender : "none", labellings[i].sender ? labellings[i].sender : "none",
                         "%zu", i);
    }
    arena_free(arena);
}

Test(forge, all_but_bitbucket_have_labels)
{
    for (size_t i = 0; i < forge_count; i++)
        cr_assert_eq(forges[i].labels, strcmp(forges[i].name, "bitbucket") != 0, "%s", forges[i].name);
}

Test(forge, a_pull_request_that_lacks_something_says_what)
{
    struct arena *arena = arena_new();
    struct forge_pull pull;
    const char *why;
    json_t *payload = json_own(arena, json_pack("{s:{s:i}}", "pull_request", "number", 7));
    cr_assert_not(forge_find("github")->read_pull(arena, payload, &pull, &why));
    cr_assert_str_eq(why, "the payload of the pull request has no text pull_request.head.sha");
    cr_assert_not(forge_find("gitlab")->read_pull(arena, payload, &pull, &why));
    cr_assert_str_eq(why, "the payload of the pull request has no number object_attributes.iid");
    arena_free(arena);
}
