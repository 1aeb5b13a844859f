#include "control/pull.h"

#include "base/log.h"
#include "control/foretold.h"
#include "control/hold.h"
#include "control/planning.h"
#include "stack/plan_document.h"
#include "store/report.h"
#include "store/repository.h"

const char pull_approving_label[] = "yellow-approve-breaking";

/* Comments of GitHub and Bitbucket have room for 64 and 32 KiB. */
enum { TEXT_MAX = 30000 };

/* A head that the mirror lacks may not have reached the forge's replica yet: so many attempts wait for it. */
enum { UNSEEN_ATTEMPTS = 3, LOOK_MS = 2000 };

struct pulling {
    const struct commit_service *service;
    const struct delivery_claim *claim;
    const struct ecosystem_row *ecosystem;
    const struct forge *forge;
    const struct forge_pull *pull;
    const char *head;
    const char *ref;  /* that was fetched: the branch, or where the forge keeps the head */
    const char *told; /* the content of the plan that the forge shows; NULL: none */
    bool again;       /* it may have to say something else, whatever the plan */
    bool clean;       /* it merges into the version in force */
    bool held;        /* what it merges would wait for the end of this: */
    struct hold_row hold;
    struct planned planned;
    struct delivery_outcome *outcome;
    bool stands, approves; /* the label stands on it; this event put it there: somebody's word for this plan */
};

/* NULL: the forge keeps none. */
static const char *pull_ref(struct arena *arena, const struct forge *forge, const struct forge_pull *pull)
{
    const char *form = forge ? forge->pull_ref : NULL, *at = form ? strstr(form, "%s") : NULL;
    return at ? arena_printf(arena, "%.*s%s%s", (int)(at - form), form, pull->number, at + 2) : NULL;
}

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

/* Which hold a merge would wait for; NULL: none. */
static const char *held_text(struct arena *arena, const struct pulling *pulling)
{
    const struct hold_row *hold = &pulling->hold;
    if (!pulling->held)
        return NULL;
    const char *what = strcmp(hold->scope, "branch") == 0
                           ? arena_printf(arena, "Branch %s is", pulling->ecosystem->branch)
                           : arena_printf(arena, "Commit %.12s, which it is made on, is", hold->commit_oid);
    return arena_printf(arena, "%s held by %s%s%s (hold %lld)", what, hold->by, *hold->reason ? ": " : "", hold->reason,
                        (long long)hold->id);
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
    if (!pulling->clean)
        buf_addf(out, "\nIt does not merge cleanly into version %d: this is the plan of the head alone.\n",
                 pulling->ecosystem->version);
    const char *held = held_text(arena, pulling);
    if (held)
        buf_addf(out, "\n%s. What is merged comes in force when that is released.\n", held);
    bool breaking = strcmp(json_text(pulling->planned.document, "outcome"), "breaking") == 0;
    if (breaking && plan_id(pulling))
        buf_addf(out, "\nTo let it pass: %s`POST .../approvals` with plan `%s`.\n",
                 pulling->forge && pulling->forge->labels
                     ? arena_printf(arena, "put the label `%s` on, or ", pull_approving_label)
                     : "",
                 plan_id(pulling));
    return json_own(arena, json_pack("{s:s}", "text", buf_text(out)));
}

static const char *describe_plan(struct arena *arena, const struct pulling *pulling)
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

/* The fix of what is held has to pass too, before anybody can release: so it is a success that waits. */
static const char *describe(struct arena *arena, const struct pulling *pulling)
{
    const char *plan = describe_plan(arena, pulling);
    return pulling->held ? arena_printf(arena, "%s; %s", plan, hold_shown(arena, &pulling->hold)) : plan;
}

/* What the forge is to show; written with the outcome. Without a plan only the outcome. */
static int tell(struct pg *pg, struct arena *arena, const struct pulling *pulling, struct err *err)
{
    bool passes = strcmp(json_text(pulling->planned.document, "outcome"), "passes") == 0;
    json_t *status = json_own(arena, json_pack("{s:s, s:s}", "state", passes ? "success" : "failure", "description",
                                               describe(arena, pulling)));
    int rc = report_put(pg, arena, pulling->ecosystem, "status", pulling->head, status, err);
    if (!rc)
        rc = report_put(pg, arena, pulling->ecosystem, "comment", pulling->pull->number, comment_of(arena, pulling),
                        err);
    return rc;
}

/* That there is no plan, and why: where people look for it. */
static int tell_unplanned(struct pg *pg, struct arena *arena, const struct pulling *pulling, struct err *err)
{
    if (strcmp(pulling->outcome->state, "rejected") != 0)
        return 0;
    const char *text = arena_printf(arena, "**Yellow: %s**, commit %.12s\n\n%s\n", pulling->ecosystem->name,
                                    pulling->head, pulling->outcome->reason);
    return report_put(pg, arena, pulling->ecosystem, "comment", pulling->pull->number,
                      json_own(arena, json_pack("{s:s}", "text", text)), err);
}

static struct pull_row row_of(struct arena *arena, const struct pulling *pulling)
{
    const json_t *plan = pulling->planned.candidate.verdict.plan;
    return (struct pull_row){.number = pulling->pull->number,
                             .head_branch = pulling->ref ? pulling->ref : pulling->pull->head_branch,
                             .head_oid = pulling->head,
                             .plan = plan_id(pulling),
                             .content = foretold_content(arena, plan),
                             .base = pulling->ecosystem->version};
}

/* Under the ecosystem's lock: a hold that is placed or released meanwhile finds the pull request, and has it told
 * again. */
static int find_hold(struct pg *pg, struct arena *arena, struct pulling *pulling, struct err *err)
{
    struct ecosystem_row now;
    int rc = ecosystem_lock(pg, arena, pulling->ecosystem->name, &now, err);
    return rc ? rc
              : hold_find(pulling->service, pg, arena, pulling->ecosystem, pulling->head, &pulling->hold,
                          &pulling->held, err);
}

static int write(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct pulling *pulling = ctx;
    struct pull_row row;
    int rc = pulling->planned.document ? find_hold(pg, arena, pulling, err) : 0;
    if (!rc && pulling->planned.document)
        pulling->outcome->reason =
            arena_printf(arena, "pull request %s: %s", pulling->pull->number, describe(arena, pulling));
    if (!rc)
        rc = delivery_finish(pg, arena, pulling->claim, pulling->outcome, err);
    if (!rc && pulling->forge->labels)
        rc = approval_label_put(pg, arena, pulling->ecosystem, pulling->pull->number, pulling->stands, err);
    if (!rc && pulling->planned.document) {
        row = row_of(arena, pulling);
        rc = pull_store_put(pg, arena, pulling->ecosystem, &row, err);
    }
    if (!rc)
        rc = pulling->planned.document ? tell(pg, arena, pulling, err) : tell_unplanned(pg, arena, pulling, err);
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
    bool own = ecosystem_is_own(pulling->ecosystem);
    return arena_printf(arena, "label %s on pull request %s%s%s", pull_approving_label, pulling->pull->number,
                        own ? "" : " of repository ", ecosystem_repo(pulling->ecosystem));
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
    int rc = approval_label_find(pg, arena, pulling->ecosystem, pull->number, &before, err);
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

/* The plan of what the forge would merge: the head on top of the version in force, which may have moved on since the
 * branch was made. */
static int make_once(struct pulling *pulling, struct arena *arena, struct err *err)
{
    const struct commit_service *service = pulling->service;
    const struct ecosystem_row *ecosystem = pulling->ecosystem;
    char oid[GIT_OID_TEXT];
    int rc = 0;
    pulling->clean = true;
    memcpy(oid, pulling->head, sizeof oid);
    if (ecosystem->in_force)
        rc = git_merge_onto(commit_mirror(service, arena, ecosystem), ecosystem->in_force, pulling->head, oid,
                            &pulling->clean, err);
    if (!rc)
        rc = planning_make(service, arena, ecosystem, pulling->pull->head_branch, oid, &pulling->planned, err);
    if (!rc)
        json_object_set_new(pulling->planned.document, "commit", json_string(pulling->head));
    return rc;
}

static int make(struct pulling *pulling, struct arena *arena, struct err *err)
{
    int rc = make_once(pulling, arena, err);
    if (rc || !pulling->approves || strcmp(json_text(pulling->planned.document, "outcome"), "breaking") != 0)
        return rc;
    rc = pg_pool_transaction(pulling->service->pool, arena, approve, pulling, err);
    candidate_dispose(&pulling->planned.candidate);
    /* judged again, now with the approval: what is told is what a merge would find */
    return rc ? rc : make_once(pulling, arena, err);
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
    rc = finish(pulling, arena, "planned", NULL, err);
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
    const char *dir = commit_mirror(pulling->service, arena, pulling->ecosystem);
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

/* The registered repository has the head of a fork's pull request, too, where the forge keeps it; a branch of the same
 * name as the fork's may be anything. Without such a reference the branch is what there is. */
static int fetch(struct pulling *pulling, struct arena *arena, char head[GIT_OID_TEXT], struct err *why)
{
    const struct commit_service *service = pulling->service;
    const struct ecosystem_row *ecosystem = pulling->ecosystem;
    const char *refs[] = {pull_ref(arena, pulling->forge, pulling->pull), pulling->pull->head_branch};
    int rc = -ERR_NOT_FOUND;
    for (size_t i = 0; rc == -ERR_NOT_FOUND && i < 2; i++) {
        if (!refs[i])
            continue;
        *why = (struct err){0};
        pulling->ref = refs[i];
        rc = git_fetch_with(arena, commit_mirror(service, arena, ecosystem), ecosystem->url, refs[i],
                            commit_limits(service), service->fetch, head, why);
    }
    return rc;
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
    if (pull->fork && !pulling.forge->pull_ref) { /* a branch of the same name here may be anything */
        pulling.head = pull->head;
        return finish(
            &pulling, arena, "rejected",
            arena_printf(arena,
                         "pull request %s cannot be planned: its head is in %s, and %s keeps the heads of forks "
                         "there alone; push its branch to the registered repository and open it from there",
                         pull->number, pull->fork, pulling.forge->name),
            err);
    }
    int rc = fetch(&pulling, arena, head, &why);
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
    if (pull_prune(service, arena, ecosystem, err) != 0)
        return -err->code;
    if (is_head(head, pull->head)) {
        pulling.head = head;
        return plan(&pulling, arena, err);
    }
    return finish_absent(&pulling, arena, head, err);
}

/* --- again, when another version came in force ----------------------------------------------------------------------
 */

static int write_again(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct pulling *pulling = ctx;
    bool still;
    int rc = find_hold(pg, arena, pulling, err);
    if (rc)
        return rc;
    struct pull_row row = row_of(arena, pulling);
    rc = pull_store_again(pg, arena, pulling->ecosystem, &row, &still, err);
    if (rc || !still)
        return rc;
    /* the same change on another version passes as it did: only what asks for an approval has to name the new plan */
    bool same = !pulling->again && row.content && pulling->told && strcmp(row.content, pulling->told) == 0 &&
                pulling->clean && strcmp(json_text(pulling->planned.document, "outcome"), "passes") == 0;
    return same ? 0 : tell(pg, arena, pulling, err);
}

static int close_tx(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    const struct pull_row *row = ctx;
    const struct ecosystem_row repository = {.name = row->ecosystem, .repo = row->repo};
    return pull_store_close(pg, arena, &repository, row->number, err);
}

static int claim(struct pg_pool *pool, struct arena *arena, struct pull_row *row, struct ecosystem_row *ecosystem,
                 bool *found, struct err *err)
{
    struct pg *pg;
    int rc = pg_pool_take(pool, &pg, err);
    if (rc)
        return rc;
    rc = pull_store_claim(pg, arena, row, found, err);
    if (!rc && *found)
        rc = repository_get(pg, arena, row->ecosystem, row->repo, ecosystem, err);
    pg_pool_give(pool, pg);
    return rc;
}

static int plan_again(const struct commit_service *service, struct arena *arena, const struct pull_row *row,
                      const struct ecosystem_row *ecosystem, struct err *err)
{
    const struct forge_pull pull = {
        .number = row->number, .head = row->head_oid, .head_branch = row->head_branch, .open = true};
    struct pulling pulling = {.service = service,
                              .ecosystem = ecosystem,
                              .forge = ecosystem->forge ? forge_find(json_text(ecosystem->forge, "kind")) : NULL,
                              .pull = &pull,
                              .head = row->head_oid,
                              .told = row->content,
                              .again = row->again};
    char oid[GIT_OID_TEXT];
    struct err why = {0};
    int rc = planning_find(service, arena, ecosystem, row->head_oid, oid, &why);
    if (rc == -ERR_INVALID) /* this mirror never had it, and the followed branch does not: fetch its own */
        rc = planning_find(service, arena, ecosystem, row->head_branch, oid, &why);
    if (rc || strcmp(oid, row->head_oid) != 0) /* a push that is told of by itself */
        return rc == -ERR_INVALID ? pg_pool_transaction(service->pool, arena, close_tx, (void *)(uintptr_t)row, err)
                                  : 0;
    rc = make_once(&pulling, arena, err);
    if (rc)
        return rc;
    rc = pg_pool_transaction(service->pool, arena, write_again, &pulling, err);
    candidate_dispose(&pulling.planned.candidate);
    if (!rc)
        log_event(LOG_INFO, "pull request planned again", LOG_S("ecosystem", ecosystem->name),
                  LOG_S("pull", row->number), LOG_I("base", ecosystem->version), LOG_END);
    return rc;
}

int pull_step(void *ctx, bool *worked, struct err *err)
{
    const struct commit_service *service = ctx;
    struct arena *arena = arena_new();
    struct ecosystem_row ecosystem;
    struct pull_row row;
    struct err why = {0};
    *worked = false;
    int rc = claim(service->pool, arena, &row, &ecosystem, worked, err);
    if (!rc && *worked && plan_again(service, arena, &row, &ecosystem, &why) != 0)
        log_event(LOG_WARN, "pull request not planned again", LOG_S("ecosystem", ecosystem.name),
                  LOG_S("pull", row.number), LOG_S("error", why.text), LOG_END);
    arena_free(arena);
    return rc;
}

int pull_wait(void *ctx, int64_t *ms, struct err *err)
{
    (void)ctx;
    (void)err;
    *ms = LOOK_MS;
    return 0;
}

struct pruning {
    const struct ecosystem_row *ecosystem;
    const char **refs, **closed;
    size_t count, closed_count;
};

static int find_closed(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct pruning *p = ctx;
    return pull_store_closed_refs(pg, arena, p->ecosystem, p->refs, p->count, &p->closed, &p->closed_count, err);
}

int pull_prune(const struct commit_service *service, struct arena *arena, const struct ecosystem_row *ecosystem,
               struct err *err)
{
    struct pruning pruning = {.ecosystem = ecosystem};
    const char *dir = commit_mirror(service, arena, ecosystem);
    int rc = git_refs(arena, dir, &pruning.refs, &pruning.count, err);
    if (!rc && pruning.count > 1) /* the followed branch alone is what there usually is */
        rc = pg_pool_transaction(service->pool, arena, find_closed, &pruning, err);
    for (size_t i = 0; !rc && i < pruning.closed_count; i++)
        if (strcmp(pruning.closed[i], ecosystem->branch) != 0)
            rc = git_forget_ref(dir, pruning.closed[i], err);
    return rc;
}

int pull_close(const struct commit_service *service, struct arena *arena, const struct ecosystem_row *ecosystem,
               const struct forge *forge, const struct forge_pull *pull, struct err *err)
{
    struct pull_row row = {.ecosystem = ecosystem->name, .repo = ecosystem->repo, .number = pull->number};
    const char *dir = commit_mirror(service, arena, ecosystem), *ref = pull_ref(arena, forge, pull);
    int rc = ref ? git_forget_ref(dir, ref, err) : 0;
    if (!rc && strcmp(pull->head_branch, ecosystem->branch) != 0 &&
        git_check_branch(pull->head_branch, ERR_IGNORED) == 0)
        rc = git_forget_ref(dir, pull->head_branch, err);
    return rc ? rc : pg_pool_transaction(service->pool, arena, close_tx, &row, err);
}
