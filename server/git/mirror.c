#include "git/mirror.h"
#include "git/git.h"

#include <pthread.h>

const struct git_limits git_default_limits = {
    .fetch_ms = 120000,
    .fetch_bytes = (size_t)256 << 20,
    .file_bytes = (size_t)1 << 20,
    .files = 10000,
    .total_bytes = (size_t)64 << 20,
};

static void setup_once(void)
{
    static const int levels[] = {GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_GLOBAL, GIT_CONFIG_LEVEL_XDG,
                                 GIT_CONFIG_LEVEL_PROGRAMDATA};
    git_libgit2_init();
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, levels[i], "");
    git_libgit2_opts(GIT_OPT_ENABLE_FSYNC_GITDIR, 1);
    /* A pack is mapped in pieces, so that the address space limit of the fetch is no limit on the mirror's size. */
    git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, (size_t)32 << 20);
    git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, (size_t)256 << 20);
}

void git_mirror_setup(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, setup_once);
}

int git_mirror_fail(struct err *err, enum err_code code, const char *what)
{
    const git_error *last = git_error_last();
    return err_set(err, code, "%s: %s", what, last && last->message ? last->message : "no cause given");
}

int git_mirror_open(const char *dir, git_repository **out, struct err *err)
{
    git_mirror_setup();
    int rc = git_repository_open_bare(out, dir);
    if (rc == GIT_ENOTFOUND)
        return err_set(err, ERR_NOT_FOUND, "there is no mirror at %s", dir);
    return rc ? git_mirror_fail(err, ERR_IO, "cannot open the mirror") : 0;
}

bool git_is_oid(const char *text)
{
    return strlen(text) == GIT_OID_TEXT - 1 && strspn(text, "0123456789abcdef") == GIT_OID_TEXT - 1;
}

int git_mirror_oid(const char *text, git_oid *out, struct err *err)
{
    if (!git_is_oid(text) || git_oid_fromstr(out, text)) {
        err_set(err, ERR_SYNTAX, "a commit's oid is not 40 lower-case hexadecimal digits");
        err_hint(err, "give the full oid, as git rev-parse prints it");
        return -ERR_SYNTAX;
    }
    return 0;
}

int git_is_ancestor(const char *dir, const char *ancestor, const char *head, bool *is, struct err *err)
{
    git_repository *repo = NULL;
    git_commit *commit = NULL;
    git_oid ids[2];
    bool found = true;
    int rc;
    if ((rc = git_mirror_oid(ancestor, &ids[0], err)) || (rc = git_mirror_oid(head, &ids[1], err)))
        return rc;
    if ((rc = git_mirror_open(dir, &repo, err)))
        return rc;
    for (int i = 0; i < 2 && found; i++) {
        rc = git_commit_lookup(&commit, repo, &ids[i]);
        git_commit_free(commit);
        commit = NULL;
        if (rc && rc != GIT_ENOTFOUND) {
            rc = git_mirror_fail(err, ERR_IO, "cannot read a commit of the mirror");
            goto out;
        }
        found = rc == 0;
    }
    rc = 0;
    if (found && !git_oid_equal(&ids[0], &ids[1])) {
        int reached = git_graph_descendant_of(repo, &ids[1], &ids[0]);
        if (reached < 0) {
            rc = git_mirror_fail(err, ERR_IO, "cannot walk the mirror's history");
            goto out;
        }
        found = reached == 1;
    }
    *is = found;
out:
    git_repository_free(repo);
    return rc;
}

enum { SHOWN_MAX = 500 };

/* Text of a commit may be in any encoding and of any length; what is not UTF-8 is shown as '?', what is long is cut
 * between two characters. */
static const char *readable(struct arena *arena, const char *text, size_t len)
{
    if (text && len > SHOWN_MAX)
        for (len = SHOWN_MAX; len && ((unsigned char)text[len] & 0xc0) == 0x80;)
            len--;
    char *copy = arena_strndup(arena, text ? text : "", text ? len : 0);
    bool utf8 = str_is_utf8(str_from(copy));
    for (char *c = copy; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f || (!utf8 && (unsigned char)*c >= 0x80))
            *c = '?';
    return copy;
}

int git_commit_read(struct arena *arena, const char *dir, const char *oid, struct git_commit_info *out, struct err *err)
{
    git_repository *repo = NULL;
    git_commit *commit = NULL;
    git_oid id;
    int rc;
    if ((rc = git_mirror_oid(oid, &id, err)) || (rc = git_mirror_open(dir, &repo, err)))
        return rc;
    rc = git_commit_lookup(&commit, repo, &id);
    if (rc) {
        rc = rc == GIT_ENOTFOUND ? err_set(err, ERR_NOT_FOUND, "commit %s is not in the mirror", oid)
                                 : git_mirror_fail(err, ERR_IO, "cannot read a commit of the mirror");
        goto out;
    }
    const git_signature *author = git_commit_author(commit);
    const char *message = git_commit_message(commit);
    struct git_commit_info read = {0};
    git_oid_tostr(read.oid, sizeof read.oid, &id);
    read.author = readable(arena, author ? author->name : "", author ? strlen(author->name) : 0);
    read.message = readable(arena, message, message ? strcspn(message, "\r\n") : 0);
    read.time_us = (int64_t)git_commit_time(commit) * 1000000;
    *out = read;
out:
    git_commit_free(commit);
    git_repository_free(repo);
    return rc;
}
