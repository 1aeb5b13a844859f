#include "control/merge.h"

#include "base/log.h"
#include "control/candidate.h"
#include "control/reporter.h"
#include "sql.h"
#include "store/audit.h"
#include "store/job.h"
#include "store/notify.h"
#include "store/object.h"
#include "store/version.h"

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
};

static bool has_errors(const struct merge *merge)
{
    return merge->candidate.findings.errors > 0;
}

/* The outcome of the delivery that brought the head in, or of an older one that was claimed first. */
static struct delivery_outcome outcome_of(const struct merge *merge, struct arena *arena)
{
    bool is_head = !merge->push->commit[0] || strcmp(merge->push->commit, merge->head) == 0;
    bool rejected = has_errors(merge);
    struct delivery_outcome outcome = {.ref = merge->push->ref,
                                       .commit_oid = is_head ? merge->head : merge->push->commit,
                                       .version = rejected ? 0 : merge->version};
    /* an older one keeps the findings too: the head's own delivery may come later, or never */
    if (rejected || merge->candidate.findings.warnings)
        outcome.findings = json_own(arena, findings_json(&merge->candidate.findings));
    outcome.state = !is_head ? "superseded" : rejected ? "rejected" : "merged";
    if (!is_head)
        outcome.reason = arena_printf(arena, "superseded by %s%s", merge->head, rejected ? ", which was rejected" : "");
    else if (rejected)
        outcome.reason =
            arena_printf(arena, "%zu error%s in the model; the version in force stays",
                         merge->candidate.findings.errors, merge->candidate.findings.errors == 1 ? "" : "s");
    return outcome;
}

/* Nobody else writes versions of the ecosystem until the end of the transaction. ERR_STALE: what was planned on is not
 * what is there. */
static int lock(struct pg *pg, struct arena *arena, const struct merge *merge, struct err *err)
{
    struct ecosystem_row now;
    int rc = pg_query(pg, arena, sql_merge_lock, PG_NONE, NULL, err, PG_TEXT(merge->ecosystem->name));
    if (!rc)
        rc = ecosystem_lock(pg, arena, merge->ecosystem->name, &now, err);
    if (rc)
        return rc;
    if (now.revision != merge->ecosystem->revision)
        return err_set(err, ERR_UNAVAILABLE, "ecosystem %s was configured anew meanwhile", merge->ecosystem->name);
    if (merge->judged && now.version != merge->version - 1)
        return err_set(err, ERR_STALE, "version %d of ecosystem %s came meanwhile", now.version,
                       merge->ecosystem->name);
    return 0;
}

static int write_version(struct pg *pg, struct arena *arena, const struct merge *merge, struct err *err)
{
    const char *name = merge->ecosystem->name;
    struct version_row row = {.version = merge->version,
                              .commit_oid = merge->head,
                              .path = merge->ecosystem->path,
                              .author = merge->candidate.commit.author,
                              .message = merge->candidate.commit.message,
                              .findings = json_own(arena, findings_json(&merge->candidate.findings))};
    const struct model *from = merge->candidate.base ? merge->candidate.base->model : NULL;
    int rc;
    if ((rc = version_add(pg, arena, name, &row, merge->candidate.verdict.plan, err)) != 0 ||
        (rc = object_apply(pg, arena, name, merge->version, from, merge->candidate.model, err)) != 0 ||
        (rc = job_store_apply(pg, arena, name, merge->version, &merge->candidate.jobs, err)) != 0 ||
        (rc = ecosystem_advance(pg, arena, name, merge->version, err)) != 0)
        return rc;
    if (merge->candidate.verdict.approval.id &&
        (rc = approval_use(pg, arena, merge->candidate.verdict.approval.id, merge->version, err)) != 0)
        return rc;
    struct audit_entry entry = {
        .ecosystem = name,
        .actor = "worker",
        .action = "version.merge",
        .object = arena_printf(arena, "version %d", merge->version),
        .before = merge->candidate.base
                      ? json_own(arena, json_pack("{s:i, s:s}", "version", merge->candidate.base->version, "commit",
                                                  merge->candidate.base->commit_oid))
                      : NULL,
        .after = json_own(arena, json_pack("{s:i, s:s, s:I, s:O?}", "version", merge->version, "commit", merge->head,
                                           "delivery", (json_int_t)merge->claim->id, "summary",
                                           json_object_get(merge->candidate.verdict.plan, "summary"))),
    };
    if ((rc = audit_add(pg, arena, &entry, err)) != 0)
        return rc;
    return notify_send(pg, arena, arena_printf(arena, "version %s %d", name, merge->version), err);
}

static int write(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    const struct merge *merge = ctx;
    struct delivery_outcome outcome = outcome_of(merge, arena);
    int rc = lock(pg, arena, merge, err);
    if (!rc)
        rc = delivery_finish(pg, arena, merge->claim, &outcome, err);
    if (!rc)
        rc = reporter_tell(pg, arena, merge->claim->ecosystem, &outcome, err);
    if (!rc)
        rc = ecosystem_set_head(pg, arena, merge->ecosystem, merge->head, merge->claim->at, merge->claim->id, err);
    if (!rc && !has_errors(merge))
        rc = write_version(pg, arena, merge, err);
    if (!rc)
        commit_step(merge->service, "written");
    return rc;
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
        rc = ecosystem_get(pg, arena, merge->ecosystem->name, &now, err);
        pg_pool_give(merge->service->pool, pg);
        if (rc)
            return rc;
        version = now.version;
    }
    return err_set(err, ERR_BUSY, "ecosystem %s moves faster than its merges", merge->ecosystem->name);
}

int merge_head(const struct commit_service *service, struct arena *arena, const struct delivery_claim *claim,
               const struct ecosystem_row *ecosystem, const struct push *push, const char *head, struct err *err)
{
    struct merge merge = {.service = service, .claim = claim, .ecosystem = ecosystem, .push = push, .head = head};
    int rc = candidate_read(service, arena, ecosystem, head, &merge.candidate, err);
    if (!rc)
        rc = plan_and_write(&merge, arena, err);
    candidate_dispose(&merge.candidate);
    /* also when the answer to COMMIT was lost: it may have been done */
    snapshots_invalidate(service->snapshots, ecosystem->name);
    if (service->statuses)
        statuses_invalidate(service->statuses, ecosystem->name);
    if (rc)
        return rc;
    commit_step(service, "committed");
    log_event(LOG_INFO, has_errors(&merge) ? "commit rejected" : "commit merged", LOG_S("ecosystem", ecosystem->name),
              LOG_S("commit", head), LOG_I("delivery", claim->id),
              LOG_I("version", has_errors(&merge) ? 0 : merge.version),
              LOG_I("errors", merge.candidate.findings.errors), LOG_END);
    return 0;
}
