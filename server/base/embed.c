#include "base/embed.h"

#include <stdlib.h>

static int compare(const void *path, const void *file)
{
    return strcmp(path, ((const struct embed_file *)file)->path);
}

const struct embed_file *embed_find(const char *path)
{
    return bsearch(path, embed_files, embed_file_count, sizeof *embed_files, compare);
}
