#ifndef YELLOW_BASE_TEXTDIFF_H
#define YELLOW_BASE_TEXTDIFF_H

#include "base/buf.h"

/* Two texts compared line by line (E. Myers, An O(ND) Difference Algorithm and Its Variations, 1986). Time and memory
 * are bounded by the lengths of the texts: where they have little in common, the difference is right, but may not be
 * the shortest one. */

enum { TEXTDIFF_CONTEXT = 3 };

struct textdiff_count {
    size_t added, removed; /* lines */
};

/* Appends the unified difference, with a head of the two names, and nothing at all when the texts are equal. A text
 * with len 0 is an empty file. counts may be NULL. */
void textdiff_unified(struct arena *arena, const char *from_name, struct str from, const char *to_name, struct str to,
                      struct buf *out, struct textdiff_count *counts);

#endif
