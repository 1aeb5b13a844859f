#include "control/rollback.h"

#include "base/time.h"
#include "control/hold.h"
#include "control/inbox.h"
#include "control/reporter.h"
#include "model/compatibility.h"
#include "model/plan.h"
#include "stack/plan_document.h"
#include "store/approval.h"
#include "store/repository.h"

static const char *reason_of(struct arena *arena, const struct rollback_request *request)
{
    return arena_printf(arena, "rolled back to version %d%s%s", request->to, *request->reason ? ": " : "",
                        request->reason);
}

static int read_versions(const struct rollback_request *request, struct arena *arena, struct rollback *out,
                         struct err *err)
{
    struct pg *pg;
    int rc = pg_pool_take(request->pool, &pg, err);
    if (rc)
        return rc;
    const char *lost = NULL;
    rc = ecosystem_get(pg, arena, request->ecosystem, &out->ecosystem, err);
    if (!rc)
        rc = repository_lost(pg, arena, request->ecosystem, request->to, &lost, err);
    pg_pool_give(request->pool, pg);
    if (!rc && lost) {
        (void)err_set(err, ERR_CONFLICT, "version %d has objects of repository %s, which is registered no more",
                      request->to, lost);
        rc = err_hint(err, "register it again under that name, so that somebody can change them");
    }
    if (!rc && !out->ecosystem.version)
        rc = err_set(err, ERR_CONFLICT, "ecosystem %s has no model version yet", request->ecosystem);
    if (!rc && out->ecosystem.version == request->to)
        rc = err_set(err, ERR_CONFLICT, "version %d is in force", request->to);
    if (!rc)
        rc = snapshots_get(request->snapshots, request->ecosystem, out->ecosystem.version, &out->base, err);
    if (!rc)
        rc = snapshots_get(request->snapshots, request->ecosystem, request->to, &out->target, err);
    return rc;
}

/* It passed when it was merged; a newer release may know better. */
static int check(struct rollback *rollback, struct err *err)
{
    struct findings *findings = &rollback->findings;
    model_check(rollback->target->model, findings);
    stack_check(rollback->request->library, rollback->target->model, &rollback->target->jobs, findings);
    findings_sort(findings);
    vec_each(finding, &findings->list)
    {
        if (finding->severity == SEVERITY_ERROR)
            return err_set(err, ERR_CONFLICT,
                           "version %d does not pass the checks of this release: %zu error%s, first: %s",
                           rollback->request->to, findings->errors, findings->errors == 1 ? "" : "s", finding->text);
    }
    return 0;
}

static int64_t summary_of(const struct rollback *rollback, const char *key)
{
    return json_integer_value(json_object_get(json_object_get(rollback->document, "summary"), key));
}

static const char *counted(struct arena *arena, int64_t n, const char *one, const char *many, const char *what)
{
    return arena_printf(arena, "%lld %s %s", (long long)n, n == 1 ? one : many, what);
}

static void say(struct arena *arena, struct rollback *rollback)
{
    int64_t retired = summary_of(rollback, "jobs_retired"), added = summary_of(rollback, "jobs_added");
    *vec_push(arena, &rollback->does) =
        arena_printf(arena, "version %d comes in force, with the content of version %d (commit %.12s)",
                     rollback->base->version + 1, rollback->target->version, rollback->target->commit_oid);
    if (retired)
        *vec_push(arena, &rollback->does) = counted(arena, retired, "stream or transformer is",
                                                    "streams and transformers are", "retired, with its tables kept");
    if (added)
        *vec_push(arena, &rollback->does) =
            counted(arena, added, "stream or transformer comes", "streams and transformers come", "back or are new");
    if (rollback->breaking)
        *vec_push(arena, &rollback->does) =
            counted(arena, (int64_t)rollback->breaking, "breaking change passes", "breaking changes pass", "with it");
    *vec_push(arena, &rollback->does) = arena_printf(
        arena, "branch %s is held: nothing of it comes in force until that is released", rollback->ecosystem.branch);
}

/* What the plan says of who lets it pass; beside its id, as for an approved merge. */
static void approve(struct rollback *rollback)
{
    const struct rollback_request *request = rollback->request;
    char at[TIME_TEXT_SIZE];
    time_format(time_now_us(), at);
    json_object_set_new(rollback->plan, "approval",
                        json_pack("{s:s, s:s, s:s}", "by", request->actor, "at", at, "reason",
                                  reason_of(rollback->findings.arena, request)));
    check_report(&rollback->findings, CHECK_APPROVED, (struct place){0}, "%zu breaking change%s, approved by %s at %s",
                 rollback->breaking, rollback->breaking == 1 ? "" : "s", request->actor, at);
}

int rollback_plan(const struct rollback_request *request, struct arena *arena, struct rollback *out, struct err *err)
{
    struct rollback rollback = {.request = request, .findings = {.arena = arena}};
    int rc = read_versions(request, arena, &rollback, err);
    if (!rc)
        rc = check(&rollback, err);
    if (rc) {
        rollback_dispose(&rollback);
        return rc;
    }
    const struct snapshot *base = rollback.base, *target = rollback.target;
    struct compat_changes changes = compatibility_of(arena, base->model, target->model);
    rollback.breaking = changes.breaking;
    rollback.plan = json_own(arena, plan_make_judged(base->model, &base->jobs, target->model, &target->jobs, &changes));
    const char *id = plan_identify(rollback.plan, base->version);
    compatibility_report(&changes, true, id, &rollback.findings);
    if (changes.breaking)
        approve(&rollback);
    findings_sort(&rollback.findings);
    const struct plan_side from = {base->model, &base->jobs}, to = {target->model, &target->jobs};
    rollback.document = plan_document(arena, request->library, &from, &to, rollback.plan, &rollback.findings);
    if (!json_is_true(json_object_get(rollback.document, "changes"))) {
        rollback_dispose(&rollback);
        (void)err_set(err, ERR_CONFLICT, "version %d has the content of version %d", base->version, target->version);
        return err_hint(err, "POST .../holds holds the branch without a new version");
    }
    json_object_set_new(rollback.document, "ref", json_string(arena_printf(arena, "version %d", target->version)));
    json_object_set_new(rollback.document, "commit", json_string(target->commit_oid));
    say(arena, &rollback);
    *out = rollback;
    return 0;
}

void rollback_dispose(struct rollback *rollback)
{
    snapshot_release(rollback->base);
    snapshot_release(rollback->target);
    rollback->base = rollback->target = NULL;
}

static int hold(struct pg *pg, struct arena *arena, const struct rollback *rollback, int version, struct hold_row *out,
                struct err *err)
{
    const struct hold_row row = {.scope = "branch",
                                 .commit_oid = rollback->base->commit_oid,
                                 .reason = reason_of(arena, rollback->request),
                                 .by = rollback->request->actor,
                                 .version = version};
    const struct hold_request former = {
        .ecosystem = rollback->ecosystem.name,
        .reason = arena_printf(arena, "the rollback to version %d holds instead", rollback->request->to),
        .actor = rollback->request->actor,
        .request_id = rollback->request->request_id};
    int64_t id;
    bool fresh;
    int rc = hold_replace(pg, arena, &former, err);
    if (!rc)
        rc = hold_store_add(pg, arena, rollback->ecosystem.name, &row, &id, &fresh, err);
    return rc ? rc : hold_store_get(pg, arena, rollback->ecosystem.name, id, out, err);
}

/* What the forge shows of the two commits. */
static int tell(struct pg *pg, struct arena *arena, const struct rollback *rollback,
                const struct rollback_result *result, struct err *err)
{
    const struct delivery_outcome bad = {
        .state = "held", .commit_oid = rollback->base->commit_oid, .shown = hold_shown(arena, &result->hold)};
    const struct delivery_outcome good = {
        .state = "merged", .commit_oid = rollback->target->commit_oid, .version = result->version};
    const struct ecosystem_row bad_of = {.name = rollback->ecosystem.name, .repo = rollback->base->repo},
                               good_of = {.name = rollback->ecosystem.name, .repo = rollback->target->repo};
    int rc = reporter_tell(pg, arena, &bad_of, &bad, err);
    return rc ? rc : reporter_tell(pg, arena, &good_of, &good, err);
}

int rollback_write(struct pg *pg, struct arena *arena, const struct rollback *rollback, struct rollback_result *out,
                   struct err *err)
{
    const struct rollback_request *request = rollback->request;
    const char *name = rollback->ecosystem.name, *reason = reason_of(arena, request);
    struct rollback_result result = {.version = rollback->base->version + 1};
    struct approval_row approval = {0};
    bool fresh;
    int rc = advance_lock(pg, arena, &rollback->ecosystem, rollback->base->version, err);
    if (!rc && rollback->breaking)
        rc = approval_add(pg, arena, name, json_text(rollback->plan, "id"), reason, request->actor, &approval, &fresh,
                          err);
    struct advance advance = {
        .ecosystem = &rollback->ecosystem,
        .base = rollback->base,
        .row = {.version = result.version,
                .repo = rollback->target->repo,
                .commit_oid = rollback->target->commit_oid,
                .path = rollback->target->path,
                .author = request->actor,
                .message = reason,
                .findings = json_own(arena, findings_json(&rollback->findings)),
                .rolled_back_to = request->to},
        .model = rollback->target->model,
        .jobs = &rollback->target->jobs,
        .plan = rollback->plan,
        .approval = approval.id,
        .actor = request->actor,
        .action = "version.rollback",
        .request_id = request->request_id,
    };
    if (!rc)
        rc = ecosystem_forget_head(pg, arena, name, err);
    if (!rc)
        rc = inbox_ask_merge(pg, arena, name, &result.delivery, err);
    advance.audit = json_own(arena, json_pack("{s:i, s:s, s:I}", "to", request->to, "reason", reason, "delivery",
                                              (json_int_t)result.delivery));
    if (!rc)
        rc = advance_write(pg, arena, &advance, err);
    if (!rc)
        rc = hold(pg, arena, rollback, result.version, &result.hold, err);
    if (!rc)
        rc = tell(pg, arena, rollback, &result, err);
    if (!rc)
        *out = result;
    return rc;
}
