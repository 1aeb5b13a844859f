#ifndef YELLOW_CLI_FOLDER_H
#define YELLOW_CLI_FOLDER_H

#include "model/model.h"

/* A model in a folder of this machine, as `validate` and `render` read it: the same files that a merge reads out of a
 * commit, loaded and checked. Findings come sorted. ERR_NOT_FOUND or ERR_INVALID when the folder cannot be read. */
int folder_load(struct arena *arena, const char *dir, struct findings *findings, struct model **out, struct err *err);

#endif
