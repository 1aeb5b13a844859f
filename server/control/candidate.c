#include "control/candidate.h"

#include "model/checks.h"
#include "model/wanted.h"

static void refuse(void *ctx, const char *path, const char *reason)
{
    struct findings *findings = ctx;
    (void)check_report(findings, CHECK_REFUSED_FILE, (struct place){path, 1, 1}, "%s", reason);
}

/* What the tree says against the commit becomes findings; an error is only what may heal. */
static int read_files(const struct commit_service *service, struct candidate *candidate, struct arena *arena,
                      struct git_files *tree, bool *readable, struct err *err)
{
    struct err why = {0};
    const char *folder = candidate->ecosystem->path;
    int rc = git_tree_read(arena, commit_mirror(service, arena, candidate->ecosystem->name), candidate->commit.oid,
                           folder, commit_limits(service), model_wants, refuse, &candidate->findings, tree, &why);
    *readable = rc == 0;
    if (!rc)
        return 0;
    if (why.code != ERR_INVALID && why.code != ERR_TOO_LARGE && why.code != ERR_NOT_FOUND) {
        *err = why;
        return rc;
    }
    if (why.code != ERR_INVALID || !candidate->findings.errors)
        (void)check_report(&candidate->findings, CHECK_UNREADABLE_TREE, (struct place){folder[0] ? folder : ".", 1, 1},
                           "%s", why.text);
    return 0;
}

static void check_name(struct candidate *candidate)
{
    const struct object *object = model_ecosystem(candidate->model);
    if (!object || strcmp(object->name, candidate->ecosystem->name) == 0)
        return;
    struct finding *finding =
        check_report(&candidate->findings, CHECK_ECOSYSTEM_NAME, object->place, "ecosystem %s is registered as %s",
                     object->name, candidate->ecosystem->name);
    if (finding)
        finding_hint(&candidate->findings, finding, "give both the same name");
}

static void check(const struct commit_service *service, struct candidate *candidate, struct arena *arena,
                  const struct git_files *tree)
{
    struct model_file *files = arena_calloc(arena, tree->count, sizeof *files);
    for (size_t i = 0; i < tree->count; i++)
        files[i] = (struct model_file){tree->files[i].path, tree->files[i].data};
    candidate->model = model_load(arena, files, tree->count, &candidate->findings);
    candidate->loaded = candidate->findings.errors == 0;
    model_check(candidate->model, &candidate->findings);
    check_name(candidate);
    if (service->library)
        stack_check(service->library, candidate->model, &candidate->findings);
    /* jobs are made out of what resolves; with errors they would only repeat what was said */
    if (!candidate->findings.errors)
        candidate->jobs = model_jobs(arena, candidate->model, &candidate->findings);
    findings_sort(&candidate->findings);
    candidate->checked = candidate->findings;
}

int candidate_read(const struct commit_service *service, struct arena *arena, const struct ecosystem_row *ecosystem,
                   const char *oid, struct candidate *out, struct err *err)
{
    struct candidate candidate = {.ecosystem = ecosystem, .findings = {.arena = arena}};
    struct git_files tree;
    bool readable;
    int rc = git_commit_read(arena, commit_mirror(service, arena, ecosystem->name), oid, &candidate.commit, err);
    if (!rc)
        rc = read_files(service, &candidate, arena, &tree, &readable, err);
    if (rc)
        return rc;
    if (readable)
        check(service, &candidate, arena, &tree);
    *out = candidate;
    return 0;
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

int candidate_judge(const struct commit_service *service, struct candidate *candidate, int version, struct err *err)
{
    candidate_dispose(candidate);
    if (version) {
        int rc = snapshots_get(service->snapshots, candidate->ecosystem->name, version, &candidate->base, err);
        if (rc)
            return rc;
    }
    candidate->findings = with_room(&candidate->checked);
    const struct law_case law = {candidate->ecosystem, candidate->base, candidate->model, &candidate->jobs};
    return law_judge(service->pool, &law, &candidate->findings, &candidate->verdict, err);
}

void candidate_dispose(struct candidate *candidate)
{
    snapshot_release(candidate->base);
    candidate->base = NULL;
}
