#include "git/git.h"
#include "git/mirror.h"

#include <stdlib.h>

static int commit_of(git_repository *repo, const char *revision, char oid[GIT_OID_TEXT])
{
    git_object *object = NULL, *commit = NULL;
    int rc = git_revparse_single(&object, repo, revision);
    if (!rc)
        rc = git_object_peel(&commit, object, GIT_OBJECT_COMMIT);
    if (!rc)
        git_oid_tostr(oid, GIT_OID_TEXT, git_object_id(commit));
    git_object_free(object);
    git_object_free(commit);
    return rc;
}

int git_commit_find(const char *dir, const char *hex, char oid[GIT_OID_TEXT], struct err *err)
{
    enum { SHORTEST = 7 };
    git_repository *repo;
    size_t len = strlen(hex);
    if (len < SHORTEST || len >= GIT_OID_TEXT || strspn(hex, "0123456789abcdef") != len)
        return err_set(err, ERR_SYNTAX, "a commit's id has 7 to 40 lower-case hexadecimal digits");
    int rc = git_mirror_open(dir, &repo, err);
    if (rc)
        return rc;
    git_oid prefix;
    git_commit *commit = NULL;
    rc = git_oid_fromstrn(&prefix, hex, len);
    if (!rc)
        rc = git_commit_lookup_prefix(&commit, repo, &prefix, len);
    if (!rc)
        git_oid_tostr(oid, GIT_OID_TEXT, git_commit_id(commit));
    git_commit_free(commit);
    git_repository_free(repo);
    if (!rc)
        return 0;
    return err_set(err, ERR_NOT_FOUND,
                   rc == GIT_EAMBIGUOUS ? "several commits begin with %s" : "commit %s is not in the repository", hex);
}

/* The path from the top of the working tree to path; both exist. */
static const char *folder_below(struct arena *arena, const char *top, const char *path)
{
    char *real_top = realpath(top, NULL), *real_path = realpath(path, NULL);
    size_t len = real_top ? strlen(real_top) : 0;
    const char *folder = "";
    if (len && real_path && strncmp(real_path, real_top, len) == 0 && real_path[len] == '/')
        folder = arena_strdup(arena, real_path + len + 1);
    free(real_top);
    free(real_path);
    return folder;
}

int git_clone_find(struct arena *arena, const char *path, struct git_clone *out, struct err *err)
{
    git_repository *repo = NULL;
    git_mirror_setup();
    git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
    int rc = git_repository_open_ext(&repo, path, 0, NULL);
    if (rc == GIT_ENOTFOUND)
        return err_set(err, ERR_NOT_FOUND, "%s is in no git repository", path);
    if (rc)
        return git_mirror_fail(err, ERR_IO, "cannot open the git repository");
    const char *top = git_repository_workdir(repo);
    *out =
        (struct git_clone){arena_strdup(arena, git_repository_path(repo)), top ? folder_below(arena, top, path) : ""};
    git_repository_free(repo);
    return 0;
}

int git_clone_resolve(const struct git_clone *clone, const char *revision, char oid[GIT_OID_TEXT], struct err *err)
{
    git_repository *repo;
    int rc = git_mirror_open(clone->dir, &repo, err);
    if (rc)
        return rc;
    rc = commit_of(repo, revision, oid);
    git_repository_free(repo);
    if (!rc)
        return 0;
    err_set(err, ERR_NOT_FOUND, "revision '%s' is not in the git repository", revision);
    return err_hint(err, "a shallow clone has only some commits; git fetch brings more");
}
