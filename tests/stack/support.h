#ifndef YELLOW_TESTS_STACK_SUPPORT_H
#define YELLOW_TESTS_STACK_SUPPORT_H

#include "stack/stack.h"

/* The model of examples/acme out of the source tree, with before replaced by after in its PSP's file (NULL: as it is).
 * It loads without findings or the test fails. */
struct model *support_acme(struct arena *arena, const char *before, const char *after);

/* The same with more documents in a file own.yaml and a template own/x.yaml.j2 (NULL: none), and with what is wrong in
 * findings instead of a failure. */
struct model *support_acme_own(struct arena *arena, const char *before, const char *after, const char *documents,
                               const char *template, struct findings *findings);

/* The model of examples/acme on that assembly, with the parameters that it needs. */
struct model *support_acme_on(struct arena *arena, const char *assembly);

/* The built-in library; freed with the arena. */
struct stack_library *support_library(struct arena *arena);

#endif
