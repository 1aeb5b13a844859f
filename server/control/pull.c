#include "control/pull.h"

#include "control/planning.h"
#include "stack/plan_document.h"
#include "store/report.h"

const char pull_approving_label[] = "yellow-approve-breaking";

/* Comments of GitHub and Bitbucket have room for 64 and 32 KiB. */
enum { TEXT_MAX = 30000 };

/* A head that the mirror lacks may not have reached the forge's replica yet: so many attempts wait for it. */
enum { UNSEEN_ATTEMPTS = 3 };

struct pulling {
    const struct commit_service *service;
    const struct delivery_claim *claim;
    const struct ecosystem_row *ecosystem;
    const struct forge *forge;
    const struct forge_pull *pull;
    const char *head;
    struct planned planned;
    struct delivery_outcome *outcome;
    bool stands, approves; /* the label stands on it; this event put it there: somebody's word for this plan */
};

static const char *plan_id(const struct pulling *pulling)
{
    return json_text(pulling->planned.document, "id");
}

/* A fence that no line of the text can end. */
static const char *fence_for(struct arena *arena, struct str text)
{
    size_t longest = 2, run = 0;
    for (size_t i = 0; i < text.len; i++) {
        run = text.data[i] == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    char *fence = arena_calloc(arena, longest + 2, 1);
    memset(fence, '`', longest + 1);
    return fence;
}

static json_t *comment_of(struct arena *arena, const struct pulling *pulling)
{
    struct buf *text = buf_new(arena), *out = buf_new(arena);
    plan_document_print(pulling->planned.document, text);
    size_t len = text->len;
    if (len > TEXT_MAX)
        for (len = TEXT_MAX; len && buf_text(text)[len] != '\n';)
            len--;
    struct str shown = {buf_text(text), len};
    const char *fence = fence_for(arena, shown);
    buf_addf(out, "**Yellow: %s**, commit %.12s\n\n%s\n" STR_FMT "%s%s\n", pulling->ecosystem->name, pulling->head,
             fence, STR_ARG(shown), len < text->len ? "\n... and more\n" : "", fence);
    bool breaking = strcmp(json_text(pulling->planned.document, "outcome"), "breaking") == 0;
    if (breaking && plan_id(pulling))
        buf_addf(out, "\nTo let it pass: %s`POST .../approvals` with plan `%s`.\n",
                 pulling->forge->labels ? arena_printf(arena, "put the label `%s` on, or ", pull_approving_label) : "",
                 plan_id(pulling));
    return json_own(arena, json_pack("{s:s}", "text", buf_text(out)));
}

static const char *describe(struct arena *arena, const struct pulling *pulling)
{
    const json_t *document = pulling->planned.document;
    const char *outcome = json_text(document, "outcome");
    size_t errors = pulling->planned.candidate.findings.errors;
    if (strcmp(outcome, "refused") == 0)
        return arena_printf(arena, "%zu error%s in the model", errors, errors == 1 ? "" : "s");
    if (strcmp(outcome, "breaking") == 0)
        return "breaking: needs approval";
    if (json_object_get(document, "approval"))
        return "breaking, and approved";
    return json_is_true(json_object_get(document, "changes")) ? "passes" : "passes: nothing changes";
}

/* What the forge is to show; written with the outcome. Without a plan only the outcome. */
static int tell(struct pg *pg, struct arena *arena, const struct pulling *pulling, struct err *err)
{
    bool passes = strcmp(json_text(pulling->planned.document, "outcome"), "passes") == 0;
    json_t *status = json_own(arena, json_pack("{s:s, s:s}", "state", passes ? "success" : "failure", "description",
                                               describe(arena, pulling)));
    int rc = report_put(pg, arena, pulling->claim->ecosystem, "status", pulling->head, status, err);
    if (!rc)
        rc = report_put(pg, arena, pulling->claim->ecosystem, "comment", pulling->pull->number,
                        comment_of(arena, pulling), err);
    return rc;
}

static int write(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    const struct pulling *pulling = ctx;
    int rc = delivery_finish(pg, arena, pulling->claim, pulling->outcome, err);
    if (!rc && pulling->forge->labels)
        rc = approval_label_put(pg, arena, pulling->ecosystem->name, pulling->pull->number, pulling->stands, err);
    if (!rc && pulling->planned.document)
        rc = tell(pg, arena, pulling, err);
    return rc;
}

static int finish(struct pulling *pulling, struct arena *arena, const char *state, const char *reason, struct err *err)
{
    pulling->outcome->state = state;
    pulling->outcome->reason = reason;
    pulling->outcome->commit_oid = pulling->head;
    return pg_pool_transaction(pulling->service->pool, arena, write, pulling, err);
}

/* Why, in the approval: what takes it back finds it by this text. */
static const char *approval_reason(struct arena *arena, const struct pulling *pulling)
{
    return arena_printf(arena, "label %s on pull request %s", pull_approving_label, pulling->pull->number);
}

static const char *sender_of(struct arena *arena, const struct pulling *pulling)
{
    return arena_printf(arena, "%s:%s", pulling->claim->forge,
                        pulling->pull->sender ? pulling->pull->sender : "somebody");
}

/* What the payload says of the label, beside what the last one said: an approval goes with the label that gave it, and
 * only an event that puts the label on gives one. */
static int read_label(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct pulling *pulling = ctx;
    const struct forge_pull *pull = pulling->pull;
    bool before;
    size_t withdrawn;
    pulling->stands = json_has_text(pull->labels, pull_approving_label);
    int rc = approval_label_find(pg, arena, pulling->ecosystem->name, pull->number, &before, err);
    if (!rc && !pulling->stands)
        rc = law_withdraw(pg, arena, pulling->ecosystem->name, approval_reason(arena, pulling),
                          sender_of(arena, pulling), &withdrawn, err);
    pulling->approves =
        json_has_text(pull->labelled, pull_approving_label) || (pull->labelling && pulling->stands && !before);
    return rc;
}

static int approve(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    const struct pulling *pulling = ctx;
    struct approval_row row;
    int64_t delivery;
    return law_approve(pg, arena, pulling->ecosystem->name, plan_id(pulling), approval_reason(arena, pulling),
                       sender_of(arena, pulling), NULL, &row, &delivery, err);
}

static int make(struct pulling *pulling, struct arena *arena, struct err *err)
{
    int rc = planning_make(pulling->service, arena, pulling->ecosystem, pulling->pull->head_branch, pulling->head,
                           &pulling->planned, err);
    if (rc || !pulling->approves || strcmp(json_text(pulling->planned.document, "outcome"), "breaking") != 0)
        return rc;
    rc = pg_pool_transaction(pulling->service->pool, arena, approve, pulling, err);
    candidate_dispose(&pulling->planned.candidate);
    /* judged again, now with the approval: what is told is what a merge would find */
    return rc ? rc
              : planning_make(pulling->service, arena, pulling->ecosystem, pulling->pull->head_branch, pulling->head,
                              &pulling->planned, err);
}

static int plan(struct pulling *pulling, struct arena *arena, struct err *err)
{
    int rc = make(pulling, arena, err);
    if (rc)
        return rc;
    commit_step(pulling->service, "planned");
    const struct findings *findings = &pulling->planned.candidate.findings;
    if (findings->errors || findings->warnings)
        pulling->outcome->findings = json_own(arena, findings_json(findings));
    const char *reason = arena_printf(arena, "pull request %s: %s", pulling->pull->number, describe(arena, pulling));
    rc = finish(pulling, arena, "planned", reason, err);
    candidate_dispose(&pulling->planned.candidate);
    return rc;
}

/* Whether the branch's head is that of the payload: a full id, or the first digits of one. */
static bool is_head(const char *head, const char *told)
{
    return strncmp(head, told, strlen(told)) == 0;
}

/* The branch is elsewhere: it has moved on, or the head comes from another repository, or is yet to come. */
static int finish_absent(struct pulling *pulling, struct arena *arena, const char *at, struct err *err)
{
    const struct forge_pull *pull = pulling->pull;
    char oid[GIT_OID_TEXT];
    struct err why = {0};
    const char *dir = commit_mirror(pulling->service, arena, pulling->ecosystem->name);
    pulling->head = pull->head;
    if (git_commit_find(dir, pull->head, oid, &why) == 0)
        return finish(pulling, arena, "superseded", arena_printf(arena, "branch %s is at %s", pull->head_branch, at),
                      err);
    if (pulling->claim->attempts < UNSEEN_ATTEMPTS)
        return err_set(err, ERR_UNAVAILABLE, "commit %s is not on branch %s yet", pull->head, pull->head_branch);
    return finish(pulling, arena, "rejected",
                  arena_printf(arena, "pull request %s cannot be planned: commit %s is not in the repository",
                               pull->number, pull->head),
                  err);
}

int pull_process(const struct commit_service *service, struct arena *arena, const struct delivery_claim *claim,
                 const struct ecosystem_row *ecosystem, const struct forge_pull *pull, struct delivery_outcome *outcome,
                 struct err *err)
{
    struct pulling pulling = {
        .service = service, .claim = claim, .ecosystem = ecosystem, .pull = pull, .outcome = outcome};
    char head[GIT_OID_TEXT];
    struct err why = {0};
    pulling.forge = forge_find(claim->forge);
    if (pulling.forge->labels && pg_pool_transaction(service->pool, arena, read_label, &pulling, err) != 0)
        return -err->code;
    int rc = git_check_branch(pull->head_branch, &why);
    if (!rc)
        rc = git_fetch_with(arena, commit_mirror(service, arena, ecosystem->name), ecosystem->url, pull->head_branch,
                            commit_limits(service), service->fetch, head, &why);
    if (rc == -ERR_NOT_FOUND || rc == -ERR_INVALID || rc == -ERR_TOO_LARGE) {
        pulling.head = pull->head;
        return finish(&pulling, arena, "rejected",
                      arena_printf(arena, "pull request %s cannot be planned: %s", pull->number, why.text), err);
    }
    if (rc) {
        *err = why;
        return rc;
    }
    commit_step(service, "fetched");
    if (is_head(head, pull->head)) {
        pulling.head = head;
        return plan(&pulling, arena, err);
    }
    return finish_absent(&pulling, arena, head, err);
}
