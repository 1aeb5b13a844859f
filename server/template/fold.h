#ifndef YELLOW_TEMPLATE_FOLD_H
#define YELLOW_TEMPLATE_FOLD_H

#include "template/ast.h"
#include "template/lexer.h"

/* What a template says of itself is worked out when it is compiled. What would be an error stays as it is: it is one
 * only when it is reached. */

/* An operator over constants becomes its result; its operands were folded before. */
void fold_node(struct compiler *c, struct node *node);
/* Constants that are printed become text, and texts that stand beside each other one. */
void fold_body(struct compiler *c, struct body *body);

#endif
