#ifndef YELLOW_TEMPLATE_PARSER_H
#define YELLOW_TEMPLATE_PARSER_H

#include "template/ast.h"
#include "template/lexer.h"

/* The grammar is Jinja2's own parser's, function by function. */
struct parser {
    struct compiler *c;
    struct arena *arena;
    struct token *at; /* the current token; the last one is TOKEN_EOF and is never passed */
    unsigned depth;   /* of the recursion */
    unsigned loops;   /* around the statement, within the function */
    const char *tags[64];
    size_t tag_count; /* statements that wait for their end, innermost last */
    size_t scoped;    /* scoped blocks so far: a loop around one has a `loop` */
};

struct nodes {
    struct node **items;
    size_t len, cap;
};

/* The whole text as a tree; names have no slots yet. */
void parser_run(struct compiler *c, struct body *out);

/* Shared by statements (parse_stmt.c), operators (parse_operator.c) and what they work on (parse_expr.c). */
struct node *parse_expression(struct parser *p);
struct node *parse_expression_without_condition(struct parser *p);
struct node *parse_primary(struct parser *p);
struct node *parse_or(struct parser *p);
/* Attributes, subscripts and calls behind node; then filters and tests. */
struct node *parse_postfix(struct parser *p, struct node *node);
struct node *parse_filter_expr(struct parser *p, struct node *node);
/* One expression or, with commas, a tuple. end: a name that ends it besides the usual tokens, or NULL. */
enum tuple_form { TUPLE_FULL, TUPLE_SIMPLE, TUPLE_NO_CONDITION, TUPLE_IN_PARENTHESES };
struct node *parse_tuple(struct parser *p, enum tuple_form form, const char *end);
/* "| name(args)" repeated, or when inline the name first. */
struct node *parse_filters(struct parser *p, struct node *target, bool start_inline);
struct node *parser_node(struct parser *p, enum node_kind kind, uint32_t pos);
/* A node over one or two others (b may be NULL), or over a list. */
struct node *parser_binary(struct parser *p, enum node_kind kind, enum operator op, uint32_t pos, struct node *a,
                           struct node *b);
struct node *parser_list(struct parser *p, enum node_kind kind, uint32_t pos, const struct nodes *items);
/* Notes that child hangs below node, and fails where a tree gets too deep. */
void parser_adopt(struct parser *p, struct node *node, const struct node *child);
void parser_enter(struct parser *p);
void parser_leave(struct parser *p);
void parser_next(struct parser *p);
bool token_is_name(const struct token *token, const char *name);
bool parser_at_name(const struct parser *p, const char *name);
bool parser_skip_name(struct parser *p, const char *name);
bool parser_skip(struct parser *p, enum token_kind kind);
struct token *parser_expect(struct parser *p, enum token_kind kind);

#endif
