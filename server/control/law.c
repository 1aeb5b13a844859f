#include "control/law.h"

#include "control/inbox.h"
#include "control/registry.h"
#include "model/ownership.h"
#include "model/plan.h"
#include "store/audit.h"
#include "store/pull.h"

static void judge_owner(const struct law_case *what, const struct model *from, struct findings *findings)
{
    /* further repositories have a name: without one it counts as the ecosystem's own (control/registry.h) */
    struct owner pusher = {registry_repository(findings->arena, what->ecosystem), what->ecosystem->branch};
    const struct object *object = model_ecosystem(from ? from : what->model);
    if (!pusher.repository && object)
        pusher.repository = object->ecosystem->owner.repository;
    ownership_check(from, what->model, &pusher, findings);
}

static int find_approval(struct pg_pool *pool, const struct law_case *what, const char *plan, struct arena *arena,
                         struct approval_row *out, bool *found, struct err *err)
{
    struct pg *pg;
    int rc = pg_pool_take(pool, &pg, err);
    if (rc)
        return rc;
    rc = approval_find(pg, arena, what->ecosystem->name, plan, out, found, err);
    pg_pool_give(pool, pg);
    return rc;
}

/* What the plan says of its approval; beside its id, which is made of what was approved. */
static void tell_approval(json_t *plan, const struct approval_row *approval, size_t breaking, struct findings *findings)
{
    json_object_set_new(
        plan, "approval",
        json_pack("{s:s, s:s, s:s}", "by", approval->by, "at", approval->at, "reason", approval->reason));
    check_report(findings, CHECK_APPROVED, (struct place){0}, "%zu breaking change%s, approved by %s at %s", breaking,
                 breaking == 1 ? "" : "s", approval->by, approval->at);
}

int law_judge(struct pg_pool *pool, const struct law_case *what, struct findings *findings, struct law_verdict *out,
              struct err *err)
{
    struct arena *arena = findings->arena;
    const struct model *from = what->base ? what->base->model : NULL;
    struct law_verdict verdict = {0};
    judge_owner(what, from, findings);
    struct compat_changes changes = compatibility_of(arena, from, what->model);
    const char *id = NULL;
    if (!findings->errors) {
        verdict.plan = json_own(
            arena, plan_make_judged(from, what->base ? &what->base->jobs : NULL, what->model, what->jobs, &changes));
        id = plan_identify(verdict.plan, what->base ? what->base->version : 0);
    }
    bool approved = false;
    if (id && changes.breaking) {
        int rc = find_approval(pool, what, id, arena, &verdict.approval, &approved, err);
        if (rc)
            return rc;
    }
    compatibility_report(&changes, approved, id, findings);
    if (approved)
        tell_approval(verdict.plan, &verdict.approval, changes.breaking, findings);
    findings_sort(findings);
    *out = verdict;
    return 0;
}

static bool is_plan_id(const char *text)
{
    return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

int law_approve(struct pg *pg, struct arena *arena, const char *ecosystem, const char *plan, const char *reason,
                const char *by, const char *request_id, struct approval_row *out, int64_t *delivery, struct err *err)
{
    bool fresh;
    *delivery = 0;
    if (!is_plan_id(plan))
        return err_set(err, ERR_INVALID, "a plan is named by its id, 64 hexadecimal digits");
    int rc = approval_add(pg, arena, ecosystem, plan, reason, by, out, &fresh, err);
    if (rc || !fresh)
        return rc;
    if ((rc = ecosystem_forget_head(pg, arena, ecosystem, err)) != 0 ||
        (rc = inbox_ask_merge(pg, arena, ecosystem, delivery, err)) != 0 ||
        (rc = inbox_ask_again(pg, arena, ecosystem, "", err)) != 0)
        return rc;
    if ((rc = pull_store_tell_again(pg, arena, ecosystem, err)) != 0)
        return rc;
    struct audit_entry entry = {.ecosystem = ecosystem,
                                .actor = by,
                                .action = "approval.add",
                                .object = arena_printf(arena, "plan %s", plan),
                                .after = json_own(arena, json_pack("{s:s, s:s, s:I}", "plan", plan, "reason", reason,
                                                                   "delivery", (json_int_t)*delivery)),
                                .request_id = request_id};
    return audit_add(pg, arena, &entry, err);
}

static int tell_withdrawn(struct pg *pg, struct arena *arena, const char *ecosystem, const struct approval_row *row,
                          const char *by, const char *request_id, struct err *err)
{
    json_t *before = json_pack("{s:s, s:s, s:s}", "plan", row->plan, "reason", row->reason, "approved_at", row->at);
    struct audit_entry entry = {.ecosystem = ecosystem,
                                .actor = by,
                                .action = "approval.withdraw",
                                .object = arena_printf(arena, "plan %s", row->plan),
                                .before = json_own(arena, before),
                                .request_id = request_id};
    return audit_add(pg, arena, &entry, err);
}

int law_withdraw_one(struct pg *pg, struct arena *arena, const char *ecosystem, int64_t id, const char *by,
                     const char *request_id, struct approval_row *out, struct err *err)
{
    bool fresh;
    int rc = approval_withdraw_one(pg, arena, ecosystem, id, by, out, &fresh, err);
    if (!rc && out->version) {
        (void)err_set(err, ERR_CONFLICT, "version %d is in force by approval %lld", out->version, (long long)id);
        return err_hint(err, "POST .../rollbacks takes the content of a version back");
    }
    if (rc || !fresh)
        return rc;
    if ((rc = pull_store_tell_again(pg, arena, ecosystem, err)) != 0)
        return rc;
    return tell_withdrawn(pg, arena, ecosystem, out, by, request_id, err);
}

int law_withdraw(struct pg *pg, struct arena *arena, const char *ecosystem, const char *reason, const char *by,
                 size_t *count, struct err *err)
{
    struct approval_row *rows;
    *count = 0;
    int rc = approval_withdraw(pg, arena, ecosystem, reason, by, &rows, count, err);
    for (size_t i = 0; i < *count && !rc; i++)
        rc = tell_withdrawn(pg, arena, ecosystem, &rows[i], by, NULL, err);
    return rc;
}
