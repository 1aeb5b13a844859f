#ifndef YELLOW_STACK_LIBRARY_H
#define YELLOW_STACK_LIBRARY_H

#include "stack/assembly.h"
#include "stack/stack.h"

/* The built-in components, assemblies and templates (embedded at build), read once. */

/* NULL when there is none of that name. */
const struct component *library_component(const struct stack_library *library, const char *name);
const struct assembly *library_assembly(const struct stack_library *library, const char *name);
struct template_env *library_templates(const struct stack_library *library);

#endif
