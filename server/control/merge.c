#include "control/merge.h"

#include "base/log.h"
#include "control/advance.h"
#include "control/candidate.h"
#include "control/foretold.h"
#include "control/hold.h"
#include "control/inbox.h"
#include "control/reporter.h"
#include "store/report.h"
#include "store/repository.h"

/* The version in force may move between planning and writing (another replica, an operator): planned again so often. */
enum { PLAN_ATTEMPTS = 5 };

struct merge {
    const struct commit_service *service;
    const struct delivery_claim *claim;
    const struct ecosystem_row *ecosystem; /* as it was when the work began */
    const struct push *push;
    const char *head;
    struct candidate candidate;
    bool judged; /* against the version before `version` */
    int version; /* to be */
    bool held;   /* by hold: judged, and not written */
    struct hold_row hold;
    struct foretold foretold; /* by a pull request */
};

static bool has_errors(const struct merge *merge)
{
    return merge->candidate.findings.errors > 0;
}

/* The outcome of the delivery that brought the head in, or of an older one that was claimed first. */
static struct delivery_outcome outcome_of(const struct merge *merge, struct arena *arena)
{
    bool is_head = !merge->push->commit[0] || strcmp(merge->push->commit, merge->head) == 0;
    bool rejected = has_errors(merge), held = !rejected && merge->held;
    struct delivery_outcome outcome = {.ref = merge->push->ref,
                                       .commit_oid = is_head ? merge->head : merge->push->commit,
                                       .version = rejected || held ? 0 : merge->version,
                                       .reason = merge->push->found};
    /* an older one keeps the findings too: the head's own delivery may come later, or never */
    if (rejected || merge->candidate.findings.warnings)
        outcome.findings = json_own(arena, findings_json(&merge->candidate.findings));
    outcome.state = held ? "held" : !is_head ? "superseded" : rejected ? "rejected" : "merged";
    if (held) { /* an older one is a part of what is held */
        outcome.reason = hold_reason(arena, &merge->hold);
        outcome.shown = hold_shown(arena, &merge->hold);
    } else if (!is_head)
        outcome.reason = arena_printf(arena, "superseded by %s%s", merge->head, rejected ? ", which was rejected" : "");
    else if (rejected)
        outcome.reason =
            arena_printf(arena, "%zu error%s in the model; the version in force stays",
                         merge->candidate.findings.errors, merge->candidate.findings.errors == 1 ? "" : "s");
    else if (merge->foretold.pull.number) {
        outcome.reason = foretold_text(arena, &merge->foretold, merge->candidate.verdict.plan);
        outcome.shown = arena_printf(arena, "version %d is in force, %s", merge->version,
                                     merge->foretold.exact ? "exactly as planned" : "by a new plan");
    }
    return outcome;
}

static int write_version(struct pg *pg, struct arena *arena, const struct merge *merge, struct err *err)
{
    const struct candidate *candidate = &merge->candidate;
    struct advance advance = {
        .ecosystem = merge->ecosystem,
        .base = candidate->base,
        .row = {.version = merge->version,
                .repo = merge->ecosystem->repo,
                .commit_oid = merge->head,
                .path = merge->ecosystem->path,
                .author = candidate->commit.author,
                .message = candidate->commit.message,
                .findings = json_own(arena, findings_json(&candidate->findings)),
                .planned = foretold_json(arena, &merge->foretold)},
        .model = candidate->model,
        .jobs = &candidate->jobs,
        .plan = candidate->verdict.plan,
        .approval = candidate->verdict.approval.id,
        .actor = "worker",
        .action = "version.merge",
        .audit = json_own(arena, json_pack("{s:I}", "delivery", (json_int_t)merge->claim->id)),
    };
    int rc = advance_write(pg, arena, &advance, err);
    if (!rc && merge->foretold.pull.number)
        rc = pull_store_merged(pg, arena, merge->ecosystem, merge->foretold.pull.number, merge->version, err);
    if (!rc && merge->ecosystem->shared)
        rc = inbox_ask_again(pg, arena, merge->ecosystem->name, ecosystem_repo(merge->ecosystem), err);
    return rc;
}

/* What the pull request shows where its plan is not what was applied. */
static int tell_pull(struct pg *pg, struct arena *arena, const struct merge *merge, struct err *err)
{
    if (!merge->foretold.pull.number || merge->foretold.exact)
        return 0;
    const char *text =
        arena_printf(arena, "**Yellow: %s**, version %d is in force: %s.\n", merge->ecosystem->name, merge->version,
                     foretold_text(arena, &merge->foretold, merge->candidate.verdict.plan));
    return report_put(pg, arena, merge->ecosystem, "comment", merge->foretold.pull.number,
                      json_own(arena, json_pack("{s:s}", "text", text)), err);
}

static int write(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct merge *merge = ctx;
    struct delivery_outcome outcome;
    int rc = advance_lock(pg, arena, merge->ecosystem, merge->judged ? merge->version - 1 : -1, err);
    if (!rc)
        rc = hold_find(merge->service, pg, arena, merge->ecosystem, merge->head, &merge->hold, &merge->held, err);
    if (!rc && !has_errors(merge) && !merge->held)
        rc = foretold_find(merge->service, pg, arena, merge->ecosystem, merge->candidate.verdict.plan, merge->head,
                           merge->ecosystem->in_force, &merge->foretold, err);
    if (rc)
        return rc;
    outcome = outcome_of(merge, arena);
    rc = delivery_finish(pg, arena, merge->claim, &outcome, err);
    if (!rc)
        rc = reporter_tell(pg, arena, merge->ecosystem, &outcome, err);
    if (!rc)
        rc = ecosystem_set_head(pg, arena, merge->ecosystem, merge->head, merge->claim->at, merge->claim->id, err);
    if (!rc && !has_errors(merge) && !merge->held)
        rc = write_version(pg, arena, merge, err);
    if (!rc && !has_errors(merge) && !merge->held)
        rc = tell_pull(pg, arena, merge, err);
    if (!rc)
        commit_step(merge->service, "written");
    return rc;
}

static int read_candidate(struct merge *merge, struct arena *arena, int version, struct err *err)
{
    candidate_dispose(&merge->candidate);
    return candidate_read(merge->service, arena, merge->ecosystem, version, merge->head, &merge->candidate, err);
}

static int judge(struct merge *merge, int version, struct err *err)
{
    int rc = candidate_judge(merge->service, &merge->candidate, version, err);
    merge->judged = rc == 0;
    merge->version = version + 1;
    return rc;
}

static int plan_and_write(struct merge *merge, struct arena *arena, struct err *err)
{
    int rc = 0, version = merge->ecosystem->version;
    for (int attempt = 0; attempt < PLAN_ATTEMPTS; attempt++) {
        struct ecosystem_row now;
        if (merge->candidate.loaded && (rc = judge(merge, version, err)) != 0)
            return rc;
        commit_step(merge->service, "planned");
        rc = pg_pool_transaction(merge->service->pool, arena, write, merge, err);
        if (rc != -ERR_STALE)
            return rc;
        struct pg *pg;
        if ((rc = pg_pool_take(merge->service->pool, &pg, err)) != 0)
            return rc;
        rc = repository_get(pg, arena, merge->ecosystem->name, ecosystem_repo(merge->ecosystem), &now, err);
        pg_pool_give(merge->service->pool, pg);
        if (rc)
            return rc;
        version = now.version;
        if (merge->ecosystem->shared && (rc = read_candidate(merge, arena, version, err)) != 0)
            return rc; /* the others' part of it */
    }
    return err_set(err, ERR_BUSY, "ecosystem %s moves faster than its merges", merge->ecosystem->name);
}

int merge_head(const struct commit_service *service, struct arena *arena, const struct delivery_claim *claim,
               const struct ecosystem_row *ecosystem, const struct push *push, const char *head, struct err *err)
{
    struct merge merge = {.service = service, .claim = claim, .ecosystem = ecosystem, .push = push, .head = head};
    int rc = read_candidate(&merge, arena, ecosystem->version, err);
    if (!rc)
        rc = plan_and_write(&merge, arena, err);
    bool rejected = has_errors(&merge);
    if (!rc)
        commit_step(service, "committed");
    if (rc || rejected || merge.held) /* also when the answer to COMMIT was lost: it may have been done */
        snapshots_invalidate(service->snapshots, ecosystem->name);
    else
        snapshots_put(
            service->snapshots,
            &(struct snapshot_of){ecosystem->name, merge.version, ecosystem_repo(ecosystem), head, ecosystem->path},
            merge.candidate.read, merge.candidate.base);
    candidate_dispose(&merge.candidate);
    if (service->statuses)
        statuses_invalidate(service->statuses, ecosystem->name);
    if (rc)
        return rc;
    log_event(LOG_INFO,
              rejected     ? "commit rejected"
              : merge.held ? "commit held"
                           : "commit merged",
              LOG_S("ecosystem", ecosystem->name), LOG_S("commit", head), LOG_I("delivery", claim->id),
              LOG_I("version", rejected || merge.held ? 0 : merge.version),
              LOG_I("errors", merge.candidate.findings.errors), LOG_END);
    return 0;
}
