#ifndef YELLOW_TESTS_STACK_SUPPORT_H
#define YELLOW_TESTS_STACK_SUPPORT_H

#include "stack/stack.h"

/* The model of examples/acme out of the source tree, with before replaced by after in its PSP's file (NULL: as it is).
 * It loads without findings or the test fails. */
struct model *support_acme(struct arena *arena, const char *before, const char *after);

/* The built-in library; freed with the arena. */
struct stack_library *support_library(struct arena *arena);

#endif
