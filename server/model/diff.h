#ifndef YELLOW_MODEL_DIFF_H
#define YELLOW_MODEL_DIFF_H

#include "model/fields.h"

/* What differs, as [{"pointer", "from", "to"}] in the order of the keys; an absent side is null; a new reference. Items
 * of lists are matched by what names them; their order counts, and is one change of the list. */
json_t *diff_structs(const struct table *table, const void *from, const void *to);
/* Of two objects of one kind. */
json_t *diff_objects(const struct object *from, const struct object *to);

/* Whether nothing differs; much cheaper than an empty difference. */
bool diff_same_structs(const struct table *table, const void *a, const void *b);

#endif
