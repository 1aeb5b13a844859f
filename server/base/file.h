#ifndef YELLOW_BASE_FILE_H
#define YELLOW_BASE_FILE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* The whole regular file, NUL-terminated, on the arena. A file above cap bytes is ERR_TOO_LARGE, an absent one
 * ERR_NOT_FOUND, anything else ERR_IO. */
int file_read(struct arena *arena, const char *path, size_t cap, struct str *out, struct err *err);
/* Writes to a temporary file beside path, fsyncs and renames: readers see the old or the new content, never a part. */
int file_write(const char *path, struct str data, unsigned mode, struct err *err);
/* mkdir -p with the given mode for what is made. */
int file_make_dirs(const char *path, unsigned mode, struct err *err);
/* Removes a directory tree; does not follow symbolic links. An absent one is fine. */
int file_remove_tree(const char *path, struct err *err);

/* Called for each regular file below root in byte order of its path relative to root. Non-zero stops the walk. */
typedef int file_walk_fn(void *ctx, const char *relative, const char *full, struct err *err);
/* Depth first; names that begin with '.' are left out; a symbolic link is ERR_INVALID that names it. */
int file_walk(const char *root, file_walk_fn *fn, void *ctx, struct err *err);

#endif
