#ifndef YELLOW_GIT_REPAIR_H
#define YELLOW_GIT_REPAIR_H

#include "base/arena.h"
#include "base/err.h"

#include <git2.h>

/* Upkeep of a mirror that any process may have been killed over. All of it is for the holder of the mirror's lock. */

/* Opens the mirror of url at dir; makes it, in place of whatever stands there, when it is absent, marked as damaged,
 * of another URL, or lacks something of a branch's tree. *fresh: whether it was made. Leftovers of a killed fetch
 * (lock files, half packs) are removed. */
int git_repair_open(struct arena *arena, const char *dir, const char *url, git_repository **out, bool *fresh,
                    struct err *err);

/* Whether the commit and all that its tree needs are there. */
bool git_repair_complete(git_repository *repo, const git_oid *commit);

/* Each fetch adds a pack, and each pack costs every later look-up. With more than max of them all branches go into one,
 * and what only forced pushes left behind goes. */
int git_repair_pack(struct arena *arena, git_repository *repo, size_t max, struct err *err);

/* Says that the mirror is to be made again by the next fetch. For readers, who hold no lock. */
void git_repair_mark(const char *dir);

#endif
