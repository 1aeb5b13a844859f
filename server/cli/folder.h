#ifndef YELLOW_CLI_FOLDER_H
#define YELLOW_CLI_FOLDER_H

#include "model/model.h"

struct folder_files {
    struct model_file *items;
    size_t count;
};
/* The files of a model's folder; errors as folder_load has them. */
int folder_read(struct arena *arena, const char *dir, struct folder_files *out, struct err *err);
/* A model in a folder of this machine, as `validate` and `render` read it: the same files that a merge reads out of a
 * commit, loaded and checked. Findings come sorted. ERR_NOT_FOUND or ERR_INVALID when the folder cannot be read. */
int folder_load(struct arena *arena, const char *dir, struct findings *findings, struct model **out, struct err *err);

#endif
