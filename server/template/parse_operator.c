#include "template/parser.h"

#include "template/builtin.h"

static struct node *parse_unary(struct parser *p, bool with_filter)
{
    struct token *token = p->at;
    struct node *node;
    parser_enter(p);
    if (token->kind == TOKEN_SUB || token->kind == TOKEN_ADD) {
        parser_next(p);
        struct node *of = parse_unary(p, false);
        node = parser_binary(p, token->kind == TOKEN_SUB ? NODE_NEG : NODE_POS, OP_ADD, token->pos, of, NULL);
    } else {
        node = parse_primary(p);
    }
    node = parse_postfix(p, node);
    if (with_filter)
        node = parse_filter_expr(p, node);
    parser_leave(p);
    return node;
}

/* The binary operators that go from left to right, by level: tightest first. */
static bool operator_of(enum token_kind kind, int level, enum operator* op)
{
    static const struct {
        uint8_t kind, level, op;
    } table[] = {
        {TOKEN_POW, 0, OP_POW}, {TOKEN_MUL, 1, OP_MUL}, {TOKEN_DIV, 1, OP_DIV}, {TOKEN_FLOORDIV, 1, OP_FLOORDIV},
        {TOKEN_MOD, 1, OP_MOD}, {TOKEN_ADD, 3, OP_ADD}, {TOKEN_SUB, 3, OP_SUB}, {TOKEN_EQ, 4, OP_EQ},
        {TOKEN_NE, 4, OP_NE},   {TOKEN_LT, 4, OP_LT},   {TOKEN_LE, 4, OP_LE},   {TOKEN_GT, 4, OP_GT},
        {TOKEN_GE, 4, OP_GE},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if (table[i].kind == kind && table[i].level == level) {
            *op = table[i].op;
            return true;
        }
    }
    return false;
}

enum { LEVEL_POW, LEVEL_MUL, LEVEL_CONCAT, LEVEL_ADD, LEVEL_COMPARE };

static struct node *parse_concat(struct parser *p);

static struct node *parse_level(struct parser *p, int level)
{
    if (level < LEVEL_POW)
        return parse_unary(p, true);
    if (level == LEVEL_CONCAT)
        return parse_concat(p);
    struct node *left = parse_level(p, level - 1);
    enum operator op;
    while (operator_of(p->at->kind, level, &op)) {
        uint32_t pos = p->at->pos;
        parser_next(p);
        struct node *right = parse_level(p, level - 1);
        left = parser_binary(p, NODE_BINARY, op, pos, left, right);
    }
    return left;
}

static struct node *parse_concat(struct parser *p)
{
    uint32_t pos = p->at->pos;
    struct nodes items = {0};
    do {
        struct node *item = parse_level(p, LEVEL_MUL);
        *vec_push(p->arena, &items) = item;
    } while (parser_skip(p, TOKEN_TILDE));
    return items.len == 1 ? items.items[0] : parser_list(p, NODE_CONCAT, pos, &items);
}

static struct node *parse_compare(struct parser *p)
{
    uint32_t pos = p->at->pos;
    struct nodes items = {0};
    struct {
        uint8_t *items;
        size_t len, cap;
    } ops = {0};
    struct node *first = parse_level(p, LEVEL_ADD);
    *vec_push(p->arena, &items) = first;
    for (;;) {
        enum operator op;
        if (operator_of(p->at->kind, LEVEL_COMPARE, &op)) {
            parser_next(p);
        } else if (parser_skip_name(p, "in")) {
            op = OP_IN;
        } else if (parser_at_name(p, "not") && token_is_name(&p->at[1], "in")) {
            parser_next(p);
            parser_next(p);
            op = OP_NOT_IN;
        } else {
            break;
        }
        *vec_push(p->arena, &ops) = (uint8_t)op;
        struct node *item = parse_level(p, LEVEL_ADD);
        *vec_push(p->arena, &items) = item;
    }
    if (!ops.len)
        return first;
    struct node *node = parser_list(p, NODE_COMPARE, pos, &items);
    node->as.list.ops = ops.items;
    return node;
}

static struct node *parse_not(struct parser *p)
{
    if (!parser_at_name(p, "not"))
        return parse_compare(p);
    uint32_t pos = p->at->pos;
    parser_next(p);
    parser_enter(p);
    struct node *of = parse_not(p);
    parser_leave(p);
    return parser_binary(p, NODE_NOT, OP_ADD, pos, of, NULL);
}

static struct node *parse_and(struct parser *p)
{
    struct node *left = parse_not(p);
    while (parser_at_name(p, "and")) {
        uint32_t pos = p->at->pos;
        parser_next(p);
        left = parser_binary(p, NODE_AND, OP_ADD, pos, left, parse_not(p));
    }
    return left;
}

struct node *parse_or(struct parser *p)
{
    struct node *left = parse_and(p);
    while (parser_at_name(p, "or")) {
        uint32_t pos = p->at->pos;
        parser_next(p);
        left = parser_binary(p, NODE_OR, OP_ADD, pos, left, parse_and(p));
    }
    return left;
}

struct node *parse_expression_without_condition(struct parser *p)
{
    parser_enter(p);
    struct node *node = parse_or(p);
    parser_leave(p);
    return node;
}

struct node *parse_expression(struct parser *p)
{
    parser_enter(p);
    struct node *left = parse_or(p);
    while (parser_at_name(p, "if")) {
        struct node *node = parser_node(p, NODE_COND, p->at->pos);
        parser_next(p);
        node->as.x.a = parse_or(p);
        node->as.x.b = left;
        if (parser_skip_name(p, "else"))
            node->as.x.c = parse_expression(p);
        parser_adopt(p, node, node->as.x.a);
        parser_adopt(p, node, node->as.x.b);
        parser_adopt(p, node, node->as.x.c);
        left = node;
    }
    parser_leave(p);
    return left;
}
