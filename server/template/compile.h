#ifndef YELLOW_TEMPLATE_COMPILE_H
#define YELLOW_TEMPLATE_COMPILE_H

#include "template/ast.h"
#include "template/lexer.h"

/* Text to a program, on arena; name and source are borrowed. NULL with err set. */
struct program *template_compile(struct arena *arena, const struct template_options *options, const char *name,
                                 struct str source, struct err *err);

/* Names to slots, as Jinja2's idtracking does it. */
void resolve_run(struct compiler *c, struct program *program);

#endif
