#include "control/planning.h"

#include "stack/plan_document.h"

static bool is_id(const char *text)
{
    size_t len = strlen(text);
    return len >= 7 && len < GIT_OID_TEXT && strspn(text, "0123456789abcdef") == len;
}

static int fetch(const struct commit_service *service, struct arena *arena, const struct ecosystem_row *ecosystem,
                 const char *branch, char oid[GIT_OID_TEXT], struct err *err)
{
    return git_fetch_with(arena, commit_mirror(service, arena, ecosystem), ecosystem->url, branch,
                          commit_limits(service), service->fetch, oid, err);
}

int planning_find(const struct commit_service *service, struct arena *arena, const struct ecosystem_row *ecosystem,
                  const char *ref, char oid[GIT_OID_TEXT], struct err *err)
{
    const char *dir = commit_mirror(service, arena, ecosystem);
    struct err why = {0};
    if (is_id(ref) && git_commit_find(dir, ref, oid, &why) == 0)
        return 0;
    int rc = git_check_ref(ref, &why);
    if (!rc)
        rc = fetch(service, arena, ecosystem, ref, oid, &why);
    if (rc == -ERR_NOT_FOUND && is_id(ref)) {
        char head[GIT_OID_TEXT];
        why = (struct err){0};
        rc = fetch(service, arena, ecosystem, ecosystem->branch, head, &why);
        if (!rc)
            rc = git_commit_find(dir, ref, oid, &why);
    }
    if (!rc)
        return 0;
    if (rc == -ERR_NOT_FOUND)
        return err_set(err, ERR_INVALID, "%s", why.text);
    *err = why;
    return rc;
}

int planning_make(const struct commit_service *service, struct arena *arena, const struct ecosystem_row *ecosystem,
                  const char *ref, const char *oid, struct planned *out, struct err *err)
{
    struct planned planned = {0};
    struct candidate *candidate = &planned.candidate;
    int rc = candidate_read(service, arena, ecosystem, ecosystem->version, oid, candidate, err);
    if (!rc && candidate->loaded)
        rc = candidate_judge(service, candidate, ecosystem->version, err);
    if (rc) {
        candidate_dispose(candidate);
        return rc;
    }
    struct plan_side from = {0}, to = {candidate->model, &candidate->jobs};
    if (candidate->base)
        from = (struct plan_side){candidate->base->model, &candidate->base->jobs};
    planned.document =
        plan_document(arena, service->library, &from, &to, candidate->verdict.plan, &candidate->findings);
    json_object_set_new(planned.document, "base", json_integer(ecosystem->version));
    json_object_set_new(planned.document, "ref", json_string(ref));
    json_object_set_new(planned.document, "commit", json_string(candidate->commit.oid));
    *out = planned;
    return 0;
}
