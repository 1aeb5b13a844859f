#include "control/hold.h"

#include "control/inbox.h"
#include "store/audit.h"
#include "store/notify.h"
#include "store/pull.h"

enum { HOLDS_MAX = 1000 };

int hold_find(const struct commit_service *service, struct pg *pg, struct arena *arena,
              const struct ecosystem_row *ecosystem, const char *head, struct hold_row *out, bool *held,
              struct err *err)
{
    struct hold_row *rows;
    size_t count;
    *held = false;
    int rc = hold_store_list(pg, arena, ecosystem->name, "held", INT64_MAX, HOLDS_MAX, &rows, &count, err);
    for (size_t i = 0; !rc && !*held && i < count; i++) {
        if (strcmp(rows[i].scope, "branch") == 0)
            *held = true;
        else
            rc = git_is_ancestor(commit_mirror(service, arena, ecosystem), rows[i].commit_oid, head, held, err);
        if (*held)
            *out = rows[i];
    }
    return rc;
}

const char *hold_shown(struct arena *arena, const struct hold_row *hold)
{
    return arena_printf(arena, "held: %s", *hold->reason ? hold->reason : arena_printf(arena, "by %s", hold->by));
}

const char *hold_reason(struct arena *arena, const struct hold_row *hold)
{
    return arena_printf(arena, "%s (hold %lld of %s); POST .../holds/%lld/release merges the head of the branch",
                        hold_shown(arena, hold), (long long)hold->id, hold->by, (long long)hold->id);
}

static bool is_full_id(const char *text)
{
    return strlen(text) == GIT_OID_TEXT - 1 && strspn(text, "0123456789abcdef") == GIT_OID_TEXT - 1;
}

static int tell(struct pg *pg, struct arena *arena, const struct hold_request *request, const struct hold_row *hold,
                const char *action, json_t *after, struct err *err)
{
    struct audit_entry entry = {.ecosystem = request->ecosystem,
                                .actor = request->actor,
                                .action = action,
                                .object = arena_printf(arena, "hold %lld", (long long)hold->id),
                                .after = json_own(arena, after),
                                .request_id = request->request_id};
    int rc = audit_add(pg, arena, &entry, err);
    if (!rc)
        rc = pull_store_tell_again(pg, arena, request->ecosystem, err);
    return rc ? rc : notify_send(pg, arena, arena_printf(arena, "holds %s", request->ecosystem), err);
}

int hold_place(struct pg *pg, struct arena *arena, const struct hold_request *request, struct hold_row *out,
               bool *fresh, struct err *err)
{
    struct ecosystem_row ecosystem;
    struct hold_row row = {.scope = request->commit ? "commit" : "branch",
                           .commit_oid = request->commit,
                           .reason = request->reason,
                           .by = request->actor};
    int64_t id;
    if (request->commit && !is_full_id(request->commit))
        return err_set(err, ERR_INVALID, "a commit is named by its full id, 40 hexadecimal digits");
    /* a merge that is under way ends before, or sees it */
    int rc = ecosystem_lock(pg, arena, request->ecosystem, &ecosystem, err);
    if (!rc)
        rc = hold_store_add(pg, arena, request->ecosystem, &row, &id, fresh, err);
    if (!rc)
        rc = hold_store_get(pg, arena, request->ecosystem, id, out, err);
    if (rc || !*fresh)
        return rc;
    return tell(pg, arena, request, out, "hold.add",
                json_pack("{s:s, s:s?, s:s}", "scope", out->scope, "commit", out->commit_oid, "reason", out->reason),
                err);
}

int hold_release(struct pg *pg, struct arena *arena, const struct hold_request *request, int64_t id,
                 struct hold_row *out, int64_t *delivery, struct err *err)
{
    struct ecosystem_row ecosystem;
    bool fresh;
    *delivery = 0;
    int rc = ecosystem_lock(pg, arena, request->ecosystem, &ecosystem, err);
    if (!rc)
        rc = hold_store_release(pg, arena, request->ecosystem, id, request->actor, &fresh, err);
    if (!rc)
        rc = hold_store_get(pg, arena, request->ecosystem, id, out, err);
    if (rc || !fresh)
        return rc;
    if ((rc = ecosystem_forget_head(pg, arena, request->ecosystem, err)) != 0 ||
        (rc = inbox_ask_merge(pg, arena, request->ecosystem, delivery, err)) != 0 ||
        (rc = inbox_ask_again(pg, arena, request->ecosystem, "", err)) != 0)
        return rc;
    return tell(pg, arena, request, out, "hold.release",
                json_pack("{s:s, s:I}", "reason", request->reason, "delivery", (json_int_t)*delivery), err);
}

int hold_replace(struct pg *pg, struct arena *arena, const struct hold_request *request, struct err *err)
{
    int64_t *ids;
    size_t count = 0;
    int rc = hold_store_replace(pg, arena, request->ecosystem, request->actor, &ids, &count, err);
    for (size_t i = 0; i < count && !rc; i++) {
        const struct hold_row hold = {.id = ids[i]};
        rc = tell(pg, arena, request, &hold, "hold.release", json_pack("{s:s}", "reason", request->reason), err);
    }
    return rc;
}
