#include "control/candidate.h"

static void release(void *made)
{
    commit_model_release(made);
}

int candidate_read(const struct commit_service *service, struct arena *arena, const struct ecosystem_row *ecosystem,
                   int version, const char *oid, struct candidate *out, struct err *err)
{
    struct candidate candidate = {.ecosystem = ecosystem, .findings = {.arena = arena}};
    int rc = git_commit_read(arena, commit_mirror(service, arena, ecosystem), oid, &candidate.commit, err);
    struct snapshot *others = NULL;
    if (!rc && ecosystem->shared && version)
        rc = snapshots_get(service->snapshots, ecosystem->name, version, &others, err);
    if (!rc)
        rc = commit_model_make(service, ecosystem, others, candidate.commit.oid, &candidate.findings, &candidate.read,
                               err);
    snapshot_release(others);
    if (rc)
        return rc;
    if (candidate.read) {
        arena_defer(arena, release, candidate.read); /* findings and plans point into it */
        candidate.model = candidate.read->model;
        candidate.loaded = candidate.read->loaded;
        candidate.jobs = candidate.read->jobs;
        candidate.findings = candidate.read->findings;
    }
    candidate.checked = candidate.findings;
    candidate.checked.arena = candidate.findings.arena = arena;
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
