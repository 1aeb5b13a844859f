#include "control/foretold.h"

#include "git/git.h"
#include "model/plan.h"

const char *foretold_content(struct arena *arena, const json_t *plan)
{
    if (!plan)
        return NULL;
    json_t *copy = json_own(arena, json_copy((json_t *)(uintptr_t)plan));
    static const char *const beside[] = {"id", "base", "approval"};
    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++)
        (void)json_object_del(copy, beside[i]);
    return arena_strdup(arena, plan_identify(copy, 0));
}

/* The head of the pull request came with this merge. */
static int brings(const struct commit_service *service, struct arena *arena, const struct ecosystem_row *ecosystem,
                  const struct pull_row *pull, const char *head, const char *base_commit, bool *is, struct err *err)
{
    const char *dir = commit_mirror(service, arena, ecosystem);
    bool before = false;
    int rc = git_is_ancestor(dir, pull->head_oid, head, is, err);
    if (!rc && *is && base_commit)
        rc = git_is_ancestor(dir, pull->head_oid, base_commit, &before, err);
    *is = *is && !before;
    return rc;
}

int foretold_find(const struct commit_service *service, struct pg *pg, struct arena *arena,
                  const struct ecosystem_row *ecosystem, const json_t *plan, const char *head, const char *base_commit,
                  struct foretold *out, struct err *err)
{
    struct pull_row *pulls;
    size_t count;
    const char *id = json_text(plan, "id"), *content = NULL;
    *out = (struct foretold){0};
    int rc = pull_store_list(pg, arena, ecosystem, &pulls, &count, err);
    for (size_t i = 0; !rc && i < count && !out->pull.number; i++)
        if (id && strcmp(pulls[i].plan, id) == 0)
            *out = (struct foretold){pulls[i], true};
    for (size_t i = 0; !rc && i < count && !out->pull.number; i++) {
        bool is;
        rc = brings(service, arena, ecosystem, &pulls[i], head, base_commit, &is, err);
        if (!rc && is)
            out->pull = pulls[i];
    }
    for (size_t i = 0; !rc && i < count && !out->pull.number; i++) {
        content = content ? content : foretold_content(arena, plan);
        if (content && pulls[i].content && strcmp(pulls[i].content, content) == 0)
            out->pull = pulls[i];
    }
    return rc;
}

const char *foretold_text(struct arena *arena, const struct foretold *foretold, const json_t *plan)
{
    const struct pull_row *pull = &foretold->pull;
    if (!pull->number)
        return NULL;
    if (foretold->exact)
        return arena_printf(arena, "the plan of pull request %s was applied exactly", pull->number);
    int base = (int)json_integer_value(json_object_get(plan, "base"));
    const char *id = json_text(plan, "id");
    if (base == pull->base)
        return arena_printf(arena, "not what pull request %s was planned to do: new plan %s", pull->number, id);
    return arena_printf(arena,
                        "the plan of pull request %s was made against version %d; version %d was in force: new "
                        "plan %s",
                        pull->number, pull->base, base, id);
}

json_t *foretold_json(struct arena *arena, const struct foretold *foretold)
{
    const struct pull_row *pull = &foretold->pull;
    return pull->number ? json_own(arena, json_pack("{s:s, s:s, s:i, s:b}", "pull", pull->number, "plan", pull->plan,
                                                    "base", pull->base, "exact", foretold->exact))
                        : NULL;
}
