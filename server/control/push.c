#include "control/push.h"

#include "base/json.h"

/* Decided: with a reason. */
static bool outcome_is(struct delivery_outcome *outcome, const char *state, const char *reason)
{
    outcome->state = state;
    outcome->reason = reason;
    return true;
}

static bool is_oid(const char *text)
{
    return strlen(text) == GIT_OID_TEXT - 1 && strspn(text, "0123456789abcdef") == GIT_OID_TEXT - 1;
}

/* The media type without parameters, in lower case as forges send it. */
static bool is_json(const char *content_type)
{
    struct str rest = str_from(content_type);
    return str_eqz(str_trim(str_cut(&rest, ';')), "application/json");
}

static bool decide_push(struct arena *arena, const struct delivery_claim *claim, const struct ecosystem_row *ecosystem,
                        struct push *out, struct delivery_outcome *outcome)
{
    json_t *payload;
    struct err err = {0};
    if (!is_json(claim->content_type))
        return outcome_is(outcome, "rejected",
                          arena_printf(arena,
                                       "the payload is of type %s; set the webhook's content type to "
                                       "application/json",
                                       claim->content_type));
    if (json_read(arena, claim->payload, &payload, &err) != 0)
        return outcome_is(outcome, "rejected", arena_printf(arena, "the payload cannot be read: %s", err.text));
    const char *ref = json_text(payload, "ref"), *after = json_text(payload, "after");
    if (!json_is_object(payload) || !ref || !after)
        return outcome_is(outcome, "rejected",
                          arena_printf(arena, "the payload of the push has no text %s", ref ? "after" : "ref"));
    if (!is_oid(after))
        return outcome_is(outcome, "rejected", "after in the payload is not a full commit id");
    const char *followed = arena_printf(arena, "refs/heads/%s", ecosystem->branch);
    outcome->ref = ref;
    if (strcmp(ref, followed) != 0)
        return outcome_is(outcome, "ignored",
                          arena_printf(arena, "pushed to %s; the ecosystem follows %s", ref, followed));
    if (json_is_true(json_object_get(payload, "deleted")) || strspn(after, "0") == GIT_OID_TEXT - 1)
        return outcome_is(outcome, "rejected",
                          arena_printf(arena, "branch %s was deleted; the version in force stays", ecosystem->branch));
    outcome->commit_oid = after;
    out->ref = ref;
    memcpy(out->commit, after, GIT_OID_TEXT);
    return false;
}

bool push_decide(struct arena *arena, const struct delivery_claim *claim, const struct ecosystem_row *ecosystem,
                 struct push *out, struct delivery_outcome *outcome)
{
    *out = (struct push){0};
    *outcome = (struct delivery_outcome){0};
    if (strcmp(claim->forge, "api") == 0) {
        out->ref = arena_printf(arena, "refs/heads/%s", ecosystem->branch);
        outcome->ref = out->ref;
        return false;
    }
    if (strcmp(claim->event, "ping") == 0)
        return outcome_is(outcome, "ignored", "ping");
    if (strcmp(claim->event, "push") != 0)
        return outcome_is(outcome, "ignored", arena_printf(arena, "event %s is not handled", claim->event));
    return decide_push(arena, claim, ecosystem, out, outcome);
}
