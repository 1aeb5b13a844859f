#ifndef YELLOW_STACK_CONTEXT_H
#define YELLOW_STACK_CONTEXT_H

#include "model/job.h"

/* What the references of an assembly can reach: {"psp": {...}, "model": {...}}, a plain JSON tree with keys in a fixed
 * order. Owned by the arena. */
json_t *stack_context_make(struct arena *arena, const struct model *model, const struct psp *psp);

/* The value at a dotted path ("psp.storage_classes.postgres"), borrowed; NULL when there is no such key. */
const json_t *stack_context_find(const json_t *context, const char *path);

#endif
