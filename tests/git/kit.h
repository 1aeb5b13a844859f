#ifndef YELLOW_TESTS_GIT_KIT_H
#define YELLOW_TESTS_GIT_KIT_H

#include "base/arena.h"
#include "git/fetch.h"

/* A folder of its own for one test, with a bare repository `origin.git` and a clone of it, `work`, on branch main. */
struct kit {
    struct arena *arena;
    char *root, *mirror, *url; /* the mirror lies in root, as origin.git does, which url names */
};

void kit_init(struct kit *kit);
void kit_dispose(struct kit *kit);
/* Runs a shell line in root, under a clean git identity; fails the test unless it exits with 0. Returns its output
 * without the last newline. */
char *kit_sh(struct kit *kit, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Commits everything in work and pushes it; the commit's oid. */
char *kit_push(struct kit *kit, const char *message);
/* Commits and pushes the tree whose entries (as git mktree -z takes them, or lines) the shell text prints in work. */
char *kit_push_tree(struct kit *kit, const char *entries);
/* git_fetch_with the test's own child. */
int kit_fetch(struct kit *kit, char head[GIT_OID_TEXT], struct err *err);

#endif
