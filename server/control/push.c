#include "control/push.h"

/* Decided: with a reason. */
static bool outcome_is(struct delivery_outcome *outcome, const char *state, const char *reason)
{
    outcome->state = state;
    outcome->reason = reason;
    return true;
}

/* The media type without parameters, in lower case as forges send it. */
static bool is_json(const char *content_type)
{
    struct str rest = str_from(content_type);
    return str_eqz(str_trim(str_cut(&rest, ';')), "application/json");
}

/* A payload that is JSON, or the outcome. */
static bool read_payload(struct arena *arena, const struct delivery_claim *claim, json_t **payload,
                         struct delivery_outcome *outcome)
{
    struct err err = {0};
    if (!is_json(claim->content_type))
        return !outcome_is(outcome, "rejected",
                           arena_printf(arena,
                                        "the payload is of type %s; set the webhook's content type to "
                                        "application/json",
                                        claim->content_type));
    if (json_read(arena, claim->payload, payload, &err) != 0)
        return !outcome_is(outcome, "rejected", arena_printf(arena, "the payload cannot be read: %s", err.text));
    return true;
}

static bool decide_push(struct arena *arena, const struct forge *forge, const struct delivery_claim *claim,
                        const struct ecosystem_row *ecosystem, struct push *out, struct delivery_outcome *outcome)
{
    json_t *payload;
    struct forge_push push = {0};
    const char *why;
    if (!read_payload(arena, claim, &payload, outcome))
        return true;
    if (!forge->read_push(arena, payload, ecosystem->branch, &push, &why))
        return outcome_is(outcome, "rejected", why);
    if (push.after && !git_is_oid(push.after))
        return outcome_is(outcome, "rejected", "the payload's commit is not a full commit id");
    const char *followed = arena_printf(arena, "refs/heads/%s", ecosystem->branch);
    outcome->ref = push.ref;
    if (strcmp(push.ref, followed) != 0)
        return outcome_is(outcome, "ignored",
                          arena_printf(arena, "pushed to %s; the ecosystem follows %s", push.ref, followed));
    if (!push.after)
        return outcome_is(outcome, "rejected",
                          arena_printf(arena, "branch %s was deleted; the version in force stays", ecosystem->branch));
    outcome->commit_oid = push.after;
    out->ref = push.ref;
    memcpy(out->commit, push.after, GIT_OID_TEXT);
    return false;
}

static bool decide_pull(struct arena *arena, const struct forge *forge, const struct delivery_claim *claim,
                        const struct ecosystem_row *ecosystem, struct push *out, struct delivery_outcome *outcome)
{
    json_t *payload;
    struct forge_pull *pull = arena_calloc(arena, 1, sizeof *pull);
    const char *why;
    if (!read_payload(arena, claim, &payload, outcome))
        return true;
    if (!forge->read_pull(arena, payload, pull, &why))
        return outcome_is(outcome, "rejected", why);
    size_t digits = strlen(pull->head);
    if (digits < 7 || digits >= GIT_OID_TEXT || strspn(pull->head, "0123456789abcdef") != digits)
        return outcome_is(outcome, "rejected", "the payload's head of the pull request is not a commit id");
    outcome->ref = arena_printf(arena, "refs/heads/%s", pull->head_branch);
    if (!pull->open) {
        out->closed = pull;
        return outcome_is(outcome, "ignored", arena_printf(arena, "pull request %s is closed", pull->number));
    }
    if (strcmp(pull->base_branch, ecosystem->branch) != 0)
        return outcome_is(outcome, "ignored",
                          arena_printf(arena, "pull request %s is into %s; the ecosystem follows %s", pull->number,
                                       pull->base_branch, ecosystem->branch));
    out->ref = outcome->ref;
    out->pull = pull;
    return false;
}

bool push_decide(struct arena *arena, const struct delivery_claim *claim, const struct ecosystem_row *ecosystem,
                 struct push *out, struct delivery_outcome *outcome)
{
    *out = (struct push){0};
    *outcome = (struct delivery_outcome){0};
    if (strcmp(claim->forge, "api") == 0 || strcmp(claim->forge, "poll") == 0) {
        out->ref = arena_printf(arena, "refs/heads/%s", ecosystem->branch);
        outcome->ref = out->ref;
        if (strcmp(claim->forge, "poll") == 0)
            out->found = "found by polling: no webhook told of it";
        else if (strcmp(claim->event, "retry") == 0)
            out->found = "tried again: another version came in force";
        return false;
    }
    const struct forge *forge = forge_find(claim->forge);
    enum forge_event event = forge ? forge_event(forge, claim->event) : FORGE_OTHER;
    if (event == FORGE_PUSH)
        return decide_push(arena, forge, claim, ecosystem, out, outcome);
    if (event == FORGE_PULL)
        return decide_pull(arena, forge, claim, ecosystem, out, outcome);
    return outcome_is(outcome, "ignored",
                      event == FORGE_PING ? "ping" : arena_printf(arena, "event %s is not handled", claim->event));
}
