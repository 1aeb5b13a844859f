#ifndef YELLOW_TEMPLATE_SELECT_H
#define YELLOW_TEMPLATE_SELECT_H

#include "template/run.h"

/* "a.b.0": a way into an item, as the `attribute` of many filters. */
struct attr_path {
    struct value *parts;
    size_t len;
};

struct attr_path attr_path_read(struct run *run, struct value attribute);
/* A missing part gives otherwise, where that is not VALUE_MISSING. */
struct value attr_path_get(struct run *run, const struct attr_path *path, struct value item, struct value otherwise);
/* A string in lower case; anything else as it is. */
struct value fold_case(struct run *run, struct value v);
/* Stable; keys[i] belongs to items[i] and is moved with it. */
void sort_by_keys(struct run *run, struct value *keys, struct value *items, size_t len, bool reverse);

#endif
