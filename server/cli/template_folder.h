#ifndef YELLOW_CLI_TEMPLATE_FOLDER_H
#define YELLOW_CLI_TEMPLATE_FOLDER_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* The templates of one folder of this machine, for includes: nothing outside of it can be named. */
struct template_folder {
    struct arena *arena; /* of the texts */
    int fd;              /* -1: no folder, and so no templates */
    const char *refused; /* why the last name was refused although there may be such a file, or NULL */
};

/* Opens dir; NULL: no folder. ERR_NOT_FOUND or ERR_IO. */
int template_folder_open(struct template_folder *folder, struct arena *arena, const char *dir, struct err *err);
void template_folder_close(struct template_folder *folder);
/* template_options.load with a struct template_folder as its context. A name is a path below the folder: absolute
 * ones, empty parts, ".", ".." and symbolic links are refused. */
bool template_folder_load(void *ctx, const char *name, struct str *text);

#endif
