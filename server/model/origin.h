#ifndef YELLOW_MODEL_ORIGIN_H
#define YELLOW_MODEL_ORIGIN_H

#include "model/finding.h"

/* A model of several repositories is one tree of files: those of the ecosystem's own repository stand at their paths,
 * those of another one below "//NAME/", NAME being what it is registered under. No path in a repository begins so. */

/* The repository of a path, empty for the ecosystem's own; path may be NULL. */
struct str origin_of(const char *path);
/* The path in its repository. */
const char *origin_path(const char *path);
/* "" for the ecosystem's own (""), "//NAME/" for another; on the arena. */
const char *origin_prefix(struct arena *arena, const char *repository);
bool origin_same(const char *path, const char *other);
/* Sets "path" to what it is in its repository, or null, and "repository" unless that is the ecosystem's own. */
void origin_set(json_t *item, const char *path);

#endif
