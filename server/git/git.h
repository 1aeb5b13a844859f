#ifndef YELLOW_GIT_GIT_H
#define YELLOW_GIT_GIT_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Bare mirrors and what Yellow reads out of them. Nothing is ever checked out. Every function is safe from any thread,
 * also two at a time on one mirror. A mirror must be owned by the server's user; a file:// repository may be anyone's,
 * for the reason that git/fetch.h gives. */

enum { GIT_OID_TEXT = 41 };
/* Whether text is a whole oid: 40 hexadecimal digits in lower case. */
bool git_is_oid(const char *text);

struct git_limits {
    int64_t fetch_ms;   /* deadline of one fetch */
    size_t fetch_bytes; /* of what one fetch may receive */
    size_t file_bytes;  /* of one file that is read */
    size_t files;       /* in the model's folder */
    size_t total_bytes; /* of all files read for one commit */
};
extern const struct git_limits git_default_limits;

/* Makes sure that a bare mirror of url is at dir and brings branch up to date, in a child process (`yellow git-fetch`,
 * a hidden subcommand, so that a crash, a leak or a hang of the transport stays there). Only url is contacted: no
 * redirects, no submodules. head gets the branch's full oid. Errors: ERR_UNAVAILABLE (unreachable, retry),
 * ERR_TIMEOUT, ERR_TOO_LARGE, ERR_NOT_FOUND (the branch is not there (any more)), ERR_INVALID (url not allowed), ERR_IO
 * (this machine's disk). No credential appears in an error. Killed at any point it leaves a mirror that the next fetch
 * can use; two into one mirror take turns. Credentials: see git/fetch.h. */
int git_fetch(struct arena *arena, const char *dir, const char *url, const char *branch,
              const struct git_limits *limits, char head[GIT_OID_TEXT], struct err *err);

/* Takes the reference out of the mirror, if it is there: what it alone kept goes when the mirror is next packed. ref as
 * git_fetch takes it. */
int git_forget_ref(const char *dir, const char *ref, struct err *err);

/* The references of the mirror, as git_fetch takes them: branches by their names, others in full. None of a mirror that
 * is not there yet. */
int git_refs(struct arena *arena, const char *dir, const char ***out, size_t *count, struct err *err);

/* 0 and *is: whether ancestor is reachable from head (or equal). A commit that the mirror lacks: *is = false. */
int git_is_ancestor(const char *dir, const char *ancestor, const char *head, bool *is, struct err *err);

/* What a forge would make of head on top of onto: head itself when it contains onto, otherwise a merge of both, which
 * no branch of the mirror names. *clean = false, and out is head, when they conflict or the mirror lacks one of them.
 */
int git_merge_onto(const char *dir, const char *onto, const char *head, char out[GIT_OID_TEXT], bool *clean,
                   struct err *err);

struct git_commit_info {
    char oid[GIT_OID_TEXT];
    const char *author, *message; /* message: the first line */
    int64_t time_us;
};
int git_commit_read(struct arena *arena, const char *dir, const char *oid, struct git_commit_info *out,
                    struct err *err);

struct git_file {
    const char *path; /* relative to the folder asked for */
    char oid[GIT_OID_TEXT];
    size_t size;
    struct str data; /* on the arena; none in a list */
};
struct git_folder {
    const char *prefix; /* "" or "stores/" */
    char oid[GIT_OID_TEXT];
    size_t first, count; /* of the files below it */
};
struct git_files {
    struct git_file *files; /* byte order of path */
    size_t count;
    struct git_folder *folders; /* every folder that was looked at, those above before those below */
    size_t folder_count;
};
/* What was refused, by name: a symlink, a submodule, a file over the limit, a path with '..' or a control character.
 * All are reported before git_tree_read returns ERR_INVALID. */
typedef void git_refused_fn(void *ctx, const char *path, const char *reason);
/* The *.yaml, *.yml and further files that want() accepts below folder ("" is the root) of the commit, at its full oid
 * (ERR_SYNTAX for a short one, ERR_NOT_FOUND when the mirror lacks it). want NULL: every file. Names that begin with
 * '.' are left out, as file_walk does, so that a server and a command line read the same. ERR_UNAVAILABLE: the mirror
 * is damaged; the next fetch makes it again. */
int git_tree_read(struct arena *arena, const char *dir, const char *oid, const char *folder,
                  const struct git_limits *limits, bool (*want)(const char *path), git_refused_fn *refused, void *ctx,
                  struct git_files *out, struct err *err);

/* What git_tree_read would read, without reading it: path, oid and size of each file. former (NULL: none) is an earlier
 * list of the same folder with the same limits and want: folders that are in it with the same oid are not opened again,
 * files that are in it with the same path and oid are not looked at, and borrow their paths from it. */
struct git_list_options {
    const struct git_limits *limits;
    bool (*want)(const char *path);
    git_refused_fn *refused;
    void *ctx;
    const struct git_files *former;
};
int git_tree_list(struct arena *arena, const char *dir, const char *oid, const char *folder,
                  const struct git_list_options *options, struct git_files *out, struct err *err);

/* Files of a list, one at a time, for one thread. */
struct git_blobs;
int git_blobs_open(const char *dir, struct git_blobs **out, struct err *err);
/* Borrowed until the next call. ERR_UNAVAILABLE: the mirror is damaged; the next fetch makes it again. */
int git_blobs_read(struct git_blobs *blobs, const struct git_file *file, struct str *data, struct err *err);
void git_blobs_close(struct git_blobs *blobs); /* NULL allowed */

/* The commit that hex, its id or the first digits of it (at least seven), names. ERR_NOT_FOUND: none, or several. */
int git_commit_find(const char *dir, const char *hex, char oid[GIT_OID_TEXT], struct err *err);

/* A person's own clone, for the command line. It is only read: nothing of its configuration is run, so that another
 * user may own it (as in a container of a build); libgit2's check for that is off in this process from here on. */
struct git_clone {
    const char *dir;    /* where its objects are */
    const char *folder; /* the path from its top to what was asked for; "" is the top */
};
/* The clone whose working tree holds the folder at path; ERR_NOT_FOUND when it is in none. */
int git_clone_find(struct arena *arena, const char *path, struct git_clone *out, struct err *err);
/* The commit that a revision names, as git rev-parse reads it ("main", "HEAD~2", "v1"). ERR_NOT_FOUND. */
int git_clone_resolve(const struct git_clone *clone, const char *revision, char oid[GIT_OID_TEXT], struct err *err);
/* git_tree_read of a clone, with the default limits. What a shallow clone lacks is ERR_NOT_FOUND. */
int git_clone_read(struct arena *arena, const char *dir, const char *oid, const char *folder,
                   bool (*want)(const char *path), git_refused_fn *refused, void *ctx, struct git_files *out,
                   struct err *err);

/* Whether url is one that may be registered: https://, ssh:// (or user@host:path), file://; no password in it, no
 * control characters, no option-like host. ERR_INVALID that says what is wrong. */
int git_check_url(const char *url, struct err *err);
/* What a code host calls the repository: the last two parts of the URL's path, without ".git" ("acme/data-model"). NULL
 * for a file:// URL, which no host names, and for a path of one part. On the arena. */
const char *git_url_name(struct arena *arena, const char *url);
/* A branch name that git itself accepts. */
int git_check_branch(const char *branch, struct err *err);
/* The same, or the head of a pull request as forges show it: refs/pull/17/head, refs/merge-requests/17/head. Wherever a
 * branch is fetched such a reference may stand: no branch may be named so. */
int git_check_ref(const char *ref, struct err *err);

#endif
