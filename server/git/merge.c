#include "git/git.h"
#include "git/mirror.h"

#include <stdio.h>
#include <string.h>

/* The merge as a commit that no branch names: the same two always make the same one. */
static int commit_merge(git_repository *repo, git_index *index, git_commit *ours, git_commit *theirs, git_oid *out)
{
    git_oid tree_id;
    git_tree *tree = NULL;
    const git_commit *parents[] = {ours, theirs};
    int code = git_index_write_tree_to(&tree_id, index, repo);
    if (!code)
        code = git_tree_lookup(&tree, repo, &tree_id);
    if (!code)
        code = git_commit_create(out, repo, NULL, git_commit_author(theirs), git_commit_committer(theirs), "UTF-8",
                                 "merged to be planned", tree, 2, parents);
    git_tree_free(tree);
    return code;
}

static int merge(git_repository *repo, const git_oid *onto, const git_oid *head, git_oid *out, bool *clean,
                 struct err *err)
{
    git_commit *ours = NULL, *theirs = NULL;
    git_index *index = NULL;
    git_merge_options options;
    int rc = 0, code = git_merge_options_init(&options, GIT_MERGE_OPTIONS_VERSION);
    if (code || (code = git_commit_lookup(&ours, repo, onto)) != 0 ||
        (code = git_commit_lookup(&theirs, repo, head)) != 0)
        goto out;
    code = git_merge_commits(&index, repo, ours, theirs, &options);
    if (!code && !git_index_has_conflicts(index)) {
        *clean = true;
        code = commit_merge(repo, index, ours, theirs, out);
    }
out:
    git_index_free(index);
    git_commit_free(theirs);
    git_commit_free(ours);
    if (code && code != GIT_ENOTFOUND && code != GIT_EMERGECONFLICT)
        rc = git_mirror_fail(err, ERR_IO, "cannot merge in the mirror");
    return rc;
}

int git_merge_onto(const char *dir, const char *onto, const char *head, char out[GIT_OID_TEXT], bool *clean,
                   struct err *err)
{
    git_repository *repo = NULL;
    git_oid ours, theirs, merged;
    bool contained;
    *clean = false;
    memcpy(out, head, GIT_OID_TEXT);
    int rc = git_is_ancestor(dir, onto, head, &contained, err);
    if (rc || contained) {
        *clean = !rc;
        return rc;
    }
    if ((rc = git_mirror_oid(onto, &ours, err)) != 0 || (rc = git_mirror_oid(head, &theirs, err)) != 0 ||
        (rc = git_mirror_open(dir, &repo, err)) != 0)
        return rc;
    rc = merge(repo, &ours, &theirs, &merged, clean, err);
    if (!rc && *clean)
        git_oid_tostr(out, GIT_OID_TEXT, &merged);
    git_repository_free(repo);
    return rc;
}

int git_refs(struct arena *arena, const char *dir, const char ***out, size_t *count, struct err *err)
{
    static const char branches[] = "refs/heads/";
    git_repository *repo = NULL;
    git_strarray names = {0};
    *count = 0;
    int rc = git_mirror_open(dir, &repo, err);
    if (rc)
        return rc == -ERR_NOT_FOUND ? 0 : rc;
    if (git_reference_list(&names, repo) != 0)
        rc = git_mirror_fail(err, ERR_IO, "cannot list the references of the mirror");
    *out = arena_calloc(arena, names.count + 1, sizeof **out);
    for (size_t i = 0; !rc && i < names.count; i++) {
        bool branch = strncmp(names.strings[i], branches, sizeof branches - 1) == 0;
        (*out)[(*count)++] = arena_strdup(arena, names.strings[i] + (branch ? sizeof branches - 1 : 0));
    }
    git_strarray_dispose(&names);
    git_repository_free(repo);
    return rc;
}

int git_forget_ref(const char *dir, const char *ref, struct err *err)
{
    git_repository *repo = NULL;
    char name[512];
    int rc = git_mirror_open(dir, &repo, err);
    if (rc)
        return rc == -ERR_NOT_FOUND ? 0 : rc;
    (void)snprintf(name, sizeof name, "%s%s", strncmp(ref, "refs/", 5) == 0 ? "" : "refs/heads/", ref);
    int code = git_reference_remove(repo, name);
    git_repository_free(repo);
    return code && code != GIT_ENOTFOUND ? git_mirror_fail(err, ERR_IO, "cannot take a reference out of the mirror")
                                         : 0;
}
