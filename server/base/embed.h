#ifndef YELLOW_BASE_EMBED_H
#define YELLOW_BASE_EMBED_H

#include "base/str.h"

/* Files of the source tree that the build puts into the program (script/embed): migrations/, templates/,
 * api/openapi.yaml, dashboard/. In byte order of their path. */
struct embed_file {
    const char *path; /* relative to the source tree: "migrations/0001_control_plane.sql" */
    struct str data;
};

extern const struct embed_file embed_files[];
extern const size_t embed_file_count;

/* NULL when there is none. */
const struct embed_file *embed_find(const char *path);

#endif
