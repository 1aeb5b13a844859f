#ifndef YELLOW_STACK_TREE_H
#define YELLOW_STACK_TREE_H

#include "stack/diff.h"

/* Artifacts as trees, to tell what differs between two of them. */

/* Where two texts of that media type differ as trees: none for a type that has no tree, or when one of the texts is
 * not what its type says. On the arena. */
void tree_compare(struct arena *arena, const char *media_type, struct str from, struct str to,
                  struct stack_path **paths, size_t *count);

#endif
