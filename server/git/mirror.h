#ifndef YELLOW_GIT_MIRROR_H
#define YELLOW_GIT_MIRROR_H

#include "base/err.h"

#include <git2.h>
#include <stdbool.h>

/* libgit2 for this process: once, from any thread. No configuration file of the machine or of a user is read (it could
 * rewrite URLs or run programs), and what is written to a mirror is synced. */
void git_mirror_setup(void);

/* The bare mirror at dir, which this user must own; the caller frees it. ERR_NOT_FOUND when there is none yet. */
int git_mirror_open(const char *dir, git_repository **out, struct err *err);

/* A full lower-case oid from text; ERR_SYNTAX otherwise. */
int git_mirror_oid(const char *text, git_oid *out, struct err *err);

/* err_set with libgit2's last message behind what. */
int git_mirror_fail(struct err *err, enum err_code code, const char *what);

#endif
