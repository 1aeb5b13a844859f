#ifndef YELLOW_STACK_LIBRARY_H
#define YELLOW_STACK_LIBRARY_H

#include "base/map.h"
#include "stack/assembly.h"
#include "stack/cache.h"
#include "stack/stack.h"

/* Components, assemblies and templates: the built-in ones (embedded at build), read once, and those of a model beside
 * them. */

/* NULL when there is none of that name. */
const struct component *library_component(const struct stack_library *library, const char *name);
const struct assembly *library_assembly(const struct stack_library *library, const char *name);

/* All of them, by name in order; without those of a base. */
const struct map *library_components(const struct stack_library *library);
const struct map *library_assemblies(const struct stack_library *library);
/* The library beside which a model's own are, or NULL. */
const struct stack_library *library_base(const struct stack_library *library);

/* Renderings that are kept: one cache for a built-in library and all that stand on it. */
struct stack_cache *library_cache(const struct stack_library *library);

/* The library with the model's own components and assemblies (kinds Component and Assembly) beside the built-in ones,
 * on the arena; base itself when the model has none. All that is wrong with them goes to findings, and what is wrong is
 * left out. Their templates are files of the model, called "model/PATH", and may use the built-in ones. */
const struct stack_library *library_with_model(struct arena *arena, const struct stack_library *base,
                                               const struct model *model, struct findings *findings);

/* Checks what can be known of an assembly before any PSP uses it: its components exist, every parameter that is needed
 * is bound, to something that exists, comes before and has the right type, and no two artifacts have one name. */
void assembly_check(struct arena *arena, const struct stack_library *library, const struct assembly *assembly,
                    struct findings *findings);

#endif
