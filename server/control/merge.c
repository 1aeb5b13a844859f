#include "control/merge.h"

#include "base/log.h"
#include "control/law.h"
#include "control/reporter.h"
#include "model/checks.h"
#include "model/wanted.h"
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
    struct git_commit_info commit;
    struct findings findings;
    struct findings
        checked;         /* those of the model alone: what comes from the version in force is judged again with it */
    struct model *model; /* NULL: the files could not even be read */
    bool loaded;         /* without errors of reading: what is not in the model is not in the commit */
    bool judged;         /* against the version before `version` */
    struct jobs jobs;
    struct snapshot *base; /* in force; a reference, NULL before the first version */
    struct law_verdict verdict;
    int version; /* to be */
};

static void refuse(void *ctx, const char *path, const char *reason)
{
    struct findings *findings = ctx;
    (void)check_report(findings, CHECK_REFUSED_FILE, (struct place){path, 1, 1}, "%s", reason);
}

/* What the tree says against the commit becomes findings; an error is only what may heal. */
static int read_files(struct merge *merge, struct arena *arena, struct git_files *tree, bool *readable, struct err *err)
{
    struct err why = {0};
    const char *folder = merge->ecosystem->path;
    int rc = git_tree_read(arena, commit_mirror(merge->service, arena, merge->ecosystem->name), merge->head, folder,
                           commit_limits(merge->service), model_wants, refuse, &merge->findings, tree, &why);
    *readable = rc == 0;
    if (!rc)
        return 0;
    if (why.code != ERR_INVALID && why.code != ERR_TOO_LARGE && why.code != ERR_NOT_FOUND) {
        *err = why;
        return rc;
    }
    if (why.code != ERR_INVALID || !merge->findings.errors)
        (void)check_report(&merge->findings, CHECK_UNREADABLE_TREE, (struct place){folder[0] ? folder : ".", 1, 1},
                           "%s", why.text);
    return 0;
}

static void check_name(struct merge *merge)
{
    const struct object *object = model_ecosystem(merge->model);
    if (!object || strcmp(object->name, merge->ecosystem->name) == 0)
        return;
    struct finding *finding = check_report(&merge->findings, CHECK_ECOSYSTEM_NAME, object->place,
                                           "ecosystem %s is registered as %s", object->name, merge->ecosystem->name);
    if (finding)
        finding_hint(&merge->findings, finding, "give both the same name");
}

static int check(struct merge *merge, struct arena *arena, struct err *err)
{
    struct git_files tree;
    bool readable;
    const char *dir = commit_mirror(merge->service, arena, merge->ecosystem->name);
    int rc = git_commit_read(arena, dir, merge->head, &merge->commit, err);
    if (!rc)
        rc = read_files(merge, arena, &tree, &readable, err);
    if (rc || !readable)
        return rc;
    struct model_file *files = arena_calloc(arena, tree.count, sizeof *files);
    for (size_t i = 0; i < tree.count; i++)
        files[i] = (struct model_file){tree.files[i].path, tree.files[i].data};
    merge->model = model_load(arena, files, tree.count, &merge->findings);
    merge->loaded = merge->findings.errors == 0;
    model_check(merge->model, &merge->findings);
    check_name(merge);
    if (merge->service->library)
        stack_check(merge->service->library, merge->model, &merge->findings);
    /* jobs are made out of what resolves; with errors they would only repeat what was said */
    if (!merge->findings.errors)
        merge->jobs = model_jobs(arena, merge->model, &merge->findings);
    findings_sort(&merge->findings);
    merge->checked = merge->findings;
    return 0;
}

static bool has_errors(const struct merge *merge)
{
    return merge->findings.errors > 0;
}

/* The findings of the model alone, with room for others: the list that is kept is not written to. */
static struct findings with_room(const struct findings *checked)
{
    struct findings findings = *checked;
    findings.list.items = arena_calloc(checked->arena, checked->list.len + 1, sizeof *findings.list.items);
    findings.list.cap = checked->list.len + 1;
    if (checked->list.len)
        memcpy(findings.list.items, checked->list.items, checked->list.len * sizeof *findings.list.items);
    return findings;
}

/* Judges and plans against a version that is, or was, in force. */
static int plan(struct merge *merge, int version, struct err *err)
{
    snapshot_release(merge->base);
    merge->base = NULL;
    if (version) {
        int rc = snapshots_get(merge->service->snapshots, merge->ecosystem->name, version, &merge->base, err);
        if (rc)
            return rc;
    }
    merge->version = version + 1;
    merge->judged = true;
    merge->findings = with_room(&merge->checked);
    const struct law_case law = {merge->ecosystem, merge->base, merge->model, &merge->jobs};
    return law_judge(merge->service->pool, &law, &merge->findings, &merge->verdict, err);
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
    if (rejected || merge->findings.warnings)
        outcome.findings = json_own(arena, findings_json(&merge->findings));
    outcome.state = !is_head ? "superseded" : rejected ? "rejected" : "merged";
    if (!is_head)
        outcome.reason = arena_printf(arena, "superseded by %s%s", merge->head, rejected ? ", which was rejected" : "");
    else if (rejected)
        outcome.reason = arena_printf(arena, "%zu error%s in the model; the version in force stays",
                                      merge->findings.errors, merge->findings.errors == 1 ? "" : "s");
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
                              .author = merge->commit.author,
                              .message = merge->commit.message,
                              .findings = json_own(arena, findings_json(&merge->findings))};
    const struct model *from = merge->base ? merge->base->model : NULL;
    int rc;
    if ((rc = version_add(pg, arena, name, &row, merge->verdict.plan, err)) != 0 ||
        (rc = object_apply(pg, arena, name, merge->version, from, merge->model, err)) != 0 ||
        (rc = job_store_apply(pg, arena, name, merge->version, &merge->jobs, err)) != 0 ||
        (rc = ecosystem_advance(pg, arena, name, merge->version, err)) != 0)
        return rc;
    if (merge->verdict.approval.id &&
        (rc = approval_use(pg, arena, merge->verdict.approval.id, merge->version, err)) != 0)
        return rc;
    struct audit_entry entry = {
        .ecosystem = name,
        .actor = "worker",
        .action = "version.merge",
        .object = arena_printf(arena, "version %d", merge->version),
        .before = merge->base ? json_own(arena, json_pack("{s:i, s:s}", "version", merge->base->version, "commit",
                                                          merge->base->commit_oid))
                              : NULL,
        .after = json_own(arena, json_pack("{s:i, s:s, s:I, s:O?}", "version", merge->version, "commit", merge->head,
                                           "delivery", (json_int_t)merge->claim->id, "summary",
                                           json_object_get(merge->verdict.plan, "summary"))),
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

static int plan_and_write(struct merge *merge, struct arena *arena, struct err *err)
{
    int rc = 0, version = merge->ecosystem->version;
    for (int attempt = 0; attempt < PLAN_ATTEMPTS; attempt++) {
        struct ecosystem_row now;
        if (merge->loaded && (rc = plan(merge, version, err)) != 0)
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
    struct merge merge = {.service = service,
                          .claim = claim,
                          .ecosystem = ecosystem,
                          .push = push,
                          .head = head,
                          .findings = {.arena = arena}};
    int rc = check(&merge, arena, err);
    if (!rc)
        rc = plan_and_write(&merge, arena, err);
    snapshot_release(merge.base);
    /* also when the answer to COMMIT was lost: it may have been done */
    snapshots_invalidate(service->snapshots, ecosystem->name);
    if (service->statuses)
        statuses_invalidate(service->statuses, ecosystem->name);
    if (rc)
        return rc;
    commit_step(service, "committed");
    log_event(LOG_INFO, has_errors(&merge) ? "commit rejected" : "commit merged", LOG_S("ecosystem", ecosystem->name),
              LOG_S("commit", head), LOG_I("delivery", claim->id),
              LOG_I("version", has_errors(&merge) ? 0 : merge.version), LOG_I("errors", merge.findings.errors),
              LOG_END);
    return 0;
}
