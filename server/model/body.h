#ifndef YELLOW_MODEL_BODY_H
#define YELLOW_MODEL_BODY_H

#include "base/yaml.h"
#include "model/fields.h"

/* The canonical JSON of structs: keys sorted, defaults left out, texts as jansson writes them. Equal structs have equal
 * bytes. */
void body_write(struct buf *out, enum object_kind kind, const void *data);
/* One struct, list, or value in them, as it stands in a body. `null` for an absent text. */
void body_write_struct(struct buf *out, const struct table *table, const void *base);
void body_write_field(struct buf *out, const struct field *field, const void *base);
/* Whether the field stands in a body: it is there and not its default. */
bool body_has_field(const struct field *field, const void *base);
/* A body as the tree that the reader takes; on the arena. */
int body_tree(struct arena *arena, struct str body, struct yaml_node **out, struct err *err);

#endif
