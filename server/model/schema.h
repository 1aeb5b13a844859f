#ifndef YELLOW_MODEL_SCHEMA_H
#define YELLOW_MODEL_SCHEMA_H

#include "model/fields.h"

/* The model format as JSON Schema (2020-12), out of the field tables that the loader runs off. What a schema refuses,
 * the loader refuses; the loader also checks what a pattern cannot say (scalar_type.exact) and what needs the rest of
 * the model. */

/* Of one kind of document; a new reference. */
json_t *schema_of_kind(enum object_kind kind);
/* Of any document of a model, complete in itself; a new reference. */
json_t *schema_of_model(void);
/* As it is published: indented, with a line end. */
void schema_write(struct buf *out, const json_t *schema);

#endif
