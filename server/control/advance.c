#include "control/advance.h"

#include "store/approval.h"
#include "store/job.h"
#include "store/notify.h"
#include "store/object.h"
#include "store/repository.h"

int advance_lock(struct pg *pg, struct arena *arena, const struct ecosystem_row *ecosystem, int base, struct err *err)
{
    struct ecosystem_row now;
    int rc = version_lock(pg, arena, ecosystem->name, err);
    if (!rc)
        rc = ecosystem_lock(pg, arena, ecosystem->name, &now, err);
    if (!rc && !ecosystem_is_own(ecosystem))
        rc = repository_get(pg, arena, ecosystem->name, ecosystem->repo, &now, err);
    if (rc)
        return rc;
    if (now.revision != ecosystem->revision || now.shared != ecosystem->shared)
        return err_set(err, ERR_UNAVAILABLE, "ecosystem %s was configured anew meanwhile", ecosystem->name);
    if (base >= 0 && now.version != base)
        return err_set(err, ERR_STALE, "version %d of ecosystem %s came meanwhile", now.version, ecosystem->name);
    return 0;
}

static int add_audit(struct pg *pg, struct arena *arena, const struct advance *advance, struct err *err)
{
    const struct snapshot *base = advance->base;
    json_t *after =
        json_own(arena, json_pack("{s:i, s:s}", "version", advance->row.version, "commit", advance->row.commit_oid));
    if (advance->audit)
        json_object_update(after, advance->audit);
    json_t *summary = json_object_get(advance->plan, "summary");
    if (summary)
        json_object_set(after, "summary", summary);
    struct audit_entry entry = {
        .ecosystem = advance->ecosystem->name,
        .actor = advance->actor,
        .action = advance->action,
        .object = arena_printf(arena, "version %d", advance->row.version),
        .before = base ? json_own(arena, json_pack("{s:i, s:s}", "version", base->version, "commit", base->commit_oid))
                       : NULL,
        .after = after,
        .request_id = advance->request_id,
    };
    return audit_add(pg, arena, &entry, err);
}

int advance_write(struct pg *pg, struct arena *arena, const struct advance *advance, struct err *err)
{
    const char *name = advance->ecosystem->name;
    const struct model *from = advance->base ? advance->base->model : NULL;
    /* their rows stand as this process wrote them, hints included */
    const struct jobs *jobs = advance->base && advance->base->written ? &advance->base->jobs : NULL;
    int version = advance->row.version, rc;
    if ((rc = version_add(pg, arena, name, &advance->row, advance->plan, err)) != 0 ||
        (rc = object_apply(pg, arena, name, version, from, advance->model, err)) != 0 ||
        (rc = job_store_apply(pg, arena, name, version, jobs, advance->jobs, err)) != 0 ||
        (rc = ecosystem_advance(pg, arena, name, version, err)) != 0)
        return rc;
    if (advance->approval && (rc = approval_use(pg, arena, advance->approval, version, err)) != 0)
        return rc;
    if ((rc = add_audit(pg, arena, advance, err)) != 0)
        return rc;
    return notify_send(pg, arena, arena_printf(arena, "version %s %d", name, version), err);
}
