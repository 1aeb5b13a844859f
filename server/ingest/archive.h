#ifndef YELLOW_INGEST_ARCHIVE_H
#define YELLOW_INGEST_ARCHIVE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* Unpacks an uncompressed tar archive (ustar) of regular files into an existing folder. ERR_INVALID that names the
 * entry for anything else: a link, a device, a path that is absolute, has "..", or is not in UTF-8. */
int archive_unpack(struct arena *arena, struct str tar, const char *folder, struct err *err);

#endif
