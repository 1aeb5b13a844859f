#ifndef YELLOW_STACK_DESCRIBE_H
#define YELLOW_STACK_DESCRIBE_H

#include "stack/library.h"

/* Declarations as documentation: JSON for programs, text for terminals, Markdown for docs/components.md. */

/* New references. */
json_t *describe_component(struct arena *arena, const struct component *component);
json_t *describe_assembly(struct arena *arena, const struct assembly *assembly);

/* The same for a terminal. */
void describe_component_text(struct arena *arena, const struct component *component, struct buf *out);
void describe_assembly_text(struct arena *arena, const struct assembly *assembly, struct buf *out);

/* All components and assemblies of the library as Markdown: docs/components.md. */
void describe_library(struct arena *arena, const struct stack_library *library, struct buf *out);

#endif
