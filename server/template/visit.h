#ifndef YELLOW_TEMPLATE_VISIT_H
#define YELLOW_TEMPLATE_VISIT_H

#include "template/ast.h"

/* Calls fn for each node right below an expression, in the order of evaluation. */
typedef void visit_fn(void *ctx, struct node *child);
void visit_children(const struct node *node, visit_fn *fn, void *ctx);

#endif
