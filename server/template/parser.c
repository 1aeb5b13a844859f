#include "template/parser.h"

#include <stddef.h>

enum { MAX_NESTING = 100, MAX_TREE = 250 };

/* Up to the end of a member. What folding turns into a constant or a text has room for it. */
#define SIZE_WITH(member) (offsetof(struct node, as.member) + sizeof(((struct node *)NULL)->as.member))
static const size_t sizes[NODE_COUNT] = {
    [NODE_CONST] = SIZE_WITH(constant), [NODE_NAME] = SIZE_WITH(name),  [NODE_ATTR] = SIZE_WITH(attr),
    [NODE_TEXT] = SIZE_WITH(text),      [NODE_CALL] = SIZE_WITH(call),  [NODE_FILTER] = SIZE_WITH(call),
    [NODE_TEST] = SIZE_WITH(call),      [NODE_OUTPUT] = SIZE_WITH(text)};

struct node *parser_node(struct parser *p, enum node_kind kind, uint32_t pos)
{
    struct node *node = arena_alloc(p->arena, sizes[kind] ? sizes[kind] : sizeof *node);
    node->kind = (uint8_t)kind;
    node->pos = pos;
    if (kind == NODE_NAME)
        node->as.name.of = arena_alloc(p->arena, sizeof *node->as.name.of);
    else if (kind == NODE_ATTR || kind == NODE_NSREF)
        node->as.attr.of = arena_alloc(p->arena, sizeof *node->as.attr.of);
    return node;
}

void parser_adopt(struct parser *p, struct node *node, const struct node *child)
{
    if (child && child->depth + 1 > node->depth)
        node->depth = (uint16_t)(child->depth + 1);
    if (node->depth > MAX_TREE)
        compile_fail(p->c, node->pos, "expression nested too deep");
}

void parser_enter(struct parser *p)
{
    if (++p->depth > MAX_NESTING)
        compile_fail(p->c, p->at->pos, "nested too deep");
}

void parser_leave(struct parser *p)
{
    p->depth--;
}

void parser_next(struct parser *p)
{
    if (p->at->kind != TOKEN_EOF)
        p->at++;
}

bool token_is_name(const struct token *token, const char *name)
{
    return token->kind == TOKEN_NAME && token->text.data[0] == name[0] && str_eqz(token->text, name);
}

bool parser_at_name(const struct parser *p, const char *name)
{
    return token_is_name(p->at, name);
}

bool parser_skip_name(struct parser *p, const char *name)
{
    if (!parser_at_name(p, name))
        return false;
    parser_next(p);
    return true;
}

bool parser_skip(struct parser *p, enum token_kind kind)
{
    if (p->at->kind != kind)
        return false;
    parser_next(p);
    return true;
}

struct token *parser_expect(struct parser *p, enum token_kind kind)
{
    struct token *token = p->at;
    if (token->kind == TOKEN_EOF && kind != TOKEN_EOF)
        compile_fail(p->c, token->pos, "unexpected end of template, expected '%s'", token_kind_name(kind));
    if (token->kind != kind)
        compile_fail(p->c, token->pos, "expected token '%s', got %s", token_kind_name(kind),
                     token_describe(p->c, token));
    parser_next(p);
    return token;
}

struct node *parser_binary(struct parser *p, enum node_kind kind, enum operator op, uint32_t pos, struct node *a,
                           struct node *b)
{
    struct node *node = parser_node(p, kind, pos);
    node->op = (uint8_t)op;
    node->as.x.a = a;
    node->as.x.b = b;
    parser_adopt(p, node, a);
    parser_adopt(p, node, b);
    return node;
}

struct node *parser_list(struct parser *p, enum node_kind kind, uint32_t pos, const struct nodes *items)
{
    struct node *node = parser_node(p, kind, pos);
    node->as.list.items = items->items;
    node->as.list.len = items->len;
    for (size_t i = 0; i < items->len; i++)
        parser_adopt(p, node, items->items[i]);
    return node;
}
