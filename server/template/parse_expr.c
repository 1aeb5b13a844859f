#include "template/parser.h"

#include "template/builtin.h"

static struct node *constant(struct parser *p, uint32_t pos, struct value v)
{
    struct node *node = parser_node(p, NODE_CONST, pos);
    node->as.constant = v;
    return node;
}

static struct node *parse_name(struct parser *p)
{
    static const struct {
        const char *name;
        struct value value;
    } words[] = {
        {"true", {.type = VALUE_BOOL, .as.b = true}},
        {"True", {.type = VALUE_BOOL, .as.b = true}},
        {"false", {.type = VALUE_BOOL, .as.b = false}},
        {"False", {.type = VALUE_BOOL, .as.b = false}},
        {"none", {.type = VALUE_NONE}},
        {"None", {.type = VALUE_NONE}},
    };
    struct token *token = p->at;
    parser_next(p);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (token->text.data[0] == words[i].name[0] && str_eqz(token->text, words[i].name))
            return constant(p, token->pos, words[i].value);
    }
    struct node *node = parser_node(p, NODE_NAME, token->pos);
    node->as.name.of->text = token->text;
    node->as.name.of->hash = str_hash(token->text);
    return node;
}

static struct node *parse_strings(struct parser *p)
{
    struct token *first = p->at;
    struct str text = first->text;
    parser_next(p);
    while (p->at->kind == TOKEN_STRING) {
        const struct str more = p->at->text;
        char *joined = arena_take(p->arena, text.len + more.len + 1); /* not by printf: a text may hold NUL */
        if (text.len)
            memcpy(joined, text.data, text.len);
        if (more.len)
            memcpy(joined + text.len, more.data, more.len);
        text = (struct str){joined, text.len + more.len};
        parser_next(p);
    }
    return constant(p, first->pos, value_of_str(text));
}

static struct node *parse_list(struct parser *p)
{
    uint32_t pos = parser_expect(p, TOKEN_LBRACKET)->pos;
    struct nodes items = {0};
    while (p->at->kind != TOKEN_RBRACKET) {
        if (items.len)
            parser_expect(p, TOKEN_COMMA);
        if (p->at->kind == TOKEN_RBRACKET)
            break;
        struct node *item = parse_expression(p);
        *vec_push(p->arena, &items) = item;
    }
    parser_expect(p, TOKEN_RBRACKET);
    return parser_list(p, NODE_LIST, pos, &items);
}

static struct node *parse_dict(struct parser *p)
{
    uint32_t pos = parser_expect(p, TOKEN_LBRACE)->pos;
    struct nodes items = {0};
    while (p->at->kind != TOKEN_RBRACE) {
        if (items.len)
            parser_expect(p, TOKEN_COMMA);
        if (p->at->kind == TOKEN_RBRACE)
            break;
        struct node *key = parse_expression(p);
        parser_expect(p, TOKEN_COLON);
        struct node *value = parse_expression(p);
        *vec_push(p->arena, &items) = key;
        *vec_push(p->arena, &items) = value;
    }
    parser_expect(p, TOKEN_RBRACE);
    return parser_list(p, NODE_DICT, pos, &items);
}

struct node *parse_primary(struct parser *p)
{
    struct token *token = p->at;
    struct node *node;
    switch (token->kind) {
    case TOKEN_NAME:
        return parse_name(p);
    case TOKEN_STRING:
        return parse_strings(p);
    case TOKEN_INT:
        parser_next(p);
        return constant(p, token->pos, token->as.number);
    case TOKEN_FLOAT:
        parser_next(p);
        return constant(p, token->pos, value_of_float(token->as.d));
    case TOKEN_LPAREN:
        parser_next(p);
        node = parse_tuple(p, TUPLE_IN_PARENTHESES, NULL);
        parser_expect(p, TOKEN_RPAREN);
        return node;
    case TOKEN_LBRACKET:
        return parse_list(p);
    case TOKEN_LBRACE:
        return parse_dict(p);
    default:
        compile_fail(p->c, token->pos, "unexpected %s", token_describe(p->c, token));
    }
}

static bool at_tuple_end(const struct parser *p, const char *end)
{
    enum token_kind kind = p->at->kind;
    return kind == TOKEN_VARIABLE_END || kind == TOKEN_BLOCK_END || kind == TOKEN_RPAREN ||
           (end && parser_at_name(p, end));
}

struct node *parse_tuple(struct parser *p, enum tuple_form form, const char *end)
{
    uint32_t pos = p->at->pos;
    struct nodes items = {0};
    bool is_tuple = false;
    for (;;) {
        if (items.len)
            parser_expect(p, TOKEN_COMMA);
        if (at_tuple_end(p, end))
            break;
        struct node *item = form == TUPLE_SIMPLE         ? parse_primary(p)
                            : form == TUPLE_NO_CONDITION ? parse_expression_without_condition(p)
                                                         : parse_expression(p);
        *vec_push(p->arena, &items) = item;
        if (p->at->kind != TOKEN_COMMA)
            break;
        is_tuple = true;
    }
    if (!is_tuple && items.len)
        return items.items[0];
    if (!is_tuple && form != TUPLE_IN_PARENTHESES)
        compile_fail(p->c, p->at->pos, "expected an expression, got %s", token_describe(p->c, p->at));
    return parser_list(p, NODE_TUPLE, pos, &items);
}

/* What stands between the brackets of a subscript: an index, or a slice of target. */
static struct node *parse_subscribed(struct parser *p, struct node *target, uint32_t pos, bool *slice)
{
    struct node *parts[3] = {NULL};
    *slice = false;
    if (p->at->kind != TOKEN_COLON) {
        parts[0] = parse_expression(p);
        if (p->at->kind != TOKEN_COLON)
            return parts[0];
    }
    *slice = true;
    for (size_t i = 1; i < 3 && parser_skip(p, TOKEN_COLON); i++) {
        enum token_kind kind = p->at->kind;
        if (kind != TOKEN_COLON && kind != TOKEN_RBRACKET && kind != TOKEN_COMMA)
            parts[i] = parse_expression(p);
    }
    struct node *node = parser_node(p, NODE_SLICE, pos);
    node->as.x.a = target;
    node->as.x.b = parts[0];
    node->as.x.c = parts[1];
    node->as.x.d = parts[2];
    parser_adopt(p, node, target);
    for (size_t i = 0; i < 3; i++)
        parser_adopt(p, node, parts[i]);
    return node;
}

static struct node *parse_brackets(struct parser *p, struct node *target, uint32_t pos)
{
    struct nodes items = {0};
    bool slice = false;
    while (p->at->kind != TOKEN_RBRACKET) {
        if (items.len)
            parser_expect(p, TOKEN_COMMA);
        bool one;
        struct node *item = parse_subscribed(p, target, pos, &one);
        slice |= one;
        *vec_push(p->arena, &items) = item;
    }
    parser_expect(p, TOKEN_RBRACKET);
    if (slice && items.len == 1)
        return items.items[0];
    if (slice)
        compile_fail(p->c, pos, "a slice cannot be one of several subscripts");
    struct node *index = items.len == 1 ? items.items[0] : parser_list(p, NODE_TUPLE, pos, &items);
    return parser_binary(p, NODE_ITEM, OP_ADD, pos, target, index);
}

static struct node *parse_subscript(struct parser *p, struct node *target)
{
    struct token *token = p->at;
    parser_next(p);
    if (token->kind == TOKEN_LBRACKET)
        return parse_brackets(p, target, token->pos);
    struct token *attr = p->at;
    parser_next(p);
    if (attr->kind == TOKEN_INT)
        return parser_binary(p, NODE_ITEM, OP_ADD, token->pos, target, constant(p, attr->pos, attr->as.number));
    if (attr->kind != TOKEN_NAME)
        compile_fail(p->c, attr->pos, "expected name or number");
    struct node *node = parser_node(p, NODE_ATTR, token->pos);
    node->as.attr.object = target;
    node->as.attr.name = attr->text;
    node->as.attr.of->hash = str_hash(attr->text);
    builtin_resolve_attr(node);
    parser_adopt(p, node, target);
    return node;
}

/* The parts of a call as they are read. */
struct arguments {
    struct nodes args;
    struct {
        struct keyword *items;
        size_t len, cap;
    } kwargs;
};

static void parse_argument(struct parser *p, struct call *call, struct arguments *out, uint32_t pos)
{
    static const char *const wrong = "invalid syntax for function call expression";
    if (parser_skip(p, TOKEN_MUL)) {
        if (call->dyn_args || call->dyn_kwargs)
            compile_fail(p->c, pos, "%s", wrong);
        call->dyn_args = parse_expression(p);
    } else if (parser_skip(p, TOKEN_POW)) {
        if (call->dyn_kwargs)
            compile_fail(p->c, pos, "%s", wrong);
        call->dyn_kwargs = parse_expression(p);
    } else if (p->at->kind == TOKEN_NAME && p->at[1].kind == TOKEN_ASSIGN) {
        if (call->dyn_kwargs)
            compile_fail(p->c, pos, "%s", wrong);
        struct str name = p->at->text;
        parser_next(p);
        parser_next(p);
        struct node *value = parse_expression(p);
        for (size_t i = 0; i < out->kwargs.len; i++) {
            if (str_eq(out->kwargs.items[i].name, name))
                compile_fail(p->c, pos, "keyword argument repeated: " STR_FMT, STR_ARG(name));
        }
        *vec_push(p->arena, &out->kwargs) = (struct keyword){name, value};
    } else {
        if (call->dyn_args || call->dyn_kwargs || out->kwargs.len)
            compile_fail(p->c, pos, "%s", wrong);
        struct node *value = parse_expression(p);
        *vec_push(p->arena, &out->args) = value;
    }
}

static void parse_call_args(struct parser *p, struct call *call)
{
    uint32_t pos = parser_expect(p, TOKEN_LPAREN)->pos;
    struct arguments out = {0};
    bool comma = false;
    while (p->at->kind != TOKEN_RPAREN) {
        if (comma) {
            parser_expect(p, TOKEN_COMMA);
            if (p->at->kind == TOKEN_RPAREN)
                break;
        }
        parse_argument(p, call, &out, pos);
        comma = true;
    }
    parser_expect(p, TOKEN_RPAREN);
    if (out.args.len > 1000 || out.kwargs.len > 1000)
        compile_fail(p->c, pos, "more than 1000 arguments");
    call->args = out.args.items;
    call->len = (uint16_t)out.args.len;
    call->kwargs = out.kwargs.items;
    call->kw_len = (uint16_t)out.kwargs.len;
}

static struct node *call_node(struct parser *p, enum node_kind kind, uint32_t pos, struct node *target,
                              struct call **out)
{
    struct node *node = parser_node(p, kind, pos);
    *out = node->as.call = arena_alloc(p->arena, sizeof **out);
    (*out)->target = target;
    return node;
}

static void adopt_call(struct parser *p, struct node *node)
{
    struct call *call = node->as.call;
    call->plain = call_is_plain(call, call->builtin);
    call->params = (uint8_t)(call->builtin ? builtin_param_count(call->builtin) : 0);
    parser_adopt(p, node, call->target);
    for (size_t i = 0; i < call->len; i++)
        parser_adopt(p, node, call->args[i]);
    for (size_t i = 0; i < call->kw_len; i++)
        parser_adopt(p, node, call->kwargs[i].value);
    parser_adopt(p, node, call->dyn_args);
    parser_adopt(p, node, call->dyn_kwargs);
}

static struct node *parse_call(struct parser *p, struct node *target)
{
    struct call *call;
    struct node *node = call_node(p, NODE_CALL, p->at->pos, target, &call);
    parse_call_args(p, call);
    adopt_call(p, node);
    return node;
}

/* name or name.name: filters and tests may have dots. */
static struct str parse_dotted(struct parser *p)
{
    struct str name = parser_expect(p, TOKEN_NAME)->text;
    while (parser_skip(p, TOKEN_DOT)) {
        struct str part = parser_expect(p, TOKEN_NAME)->text;
        name = str_from(arena_printf(p->arena, STR_FMT "." STR_FMT, STR_ARG(name), STR_ARG(part)));
    }
    return name;
}

struct node *parse_filters(struct parser *p, struct node *target, bool start_inline)
{
    while (p->at->kind == TOKEN_PIPE || start_inline) {
        if (!start_inline)
            parser_next(p);
        start_inline = false;
        struct call *call;
        struct node *node = call_node(p, NODE_FILTER, p->at->pos, target, &call);
        call->name = parse_dotted(p);
        call->builtin = builtin_find_filter(call->name);
        if (p->at->kind == TOKEN_LPAREN)
            parse_call_args(p, call);
        adopt_call(p, node);
        target = node;
    }
    return target;
}

struct node *parse_postfix(struct parser *p, struct node *node)
{
    for (;;) {
        enum token_kind kind = p->at->kind;
        if (kind == TOKEN_DOT || kind == TOKEN_LBRACKET)
            node = parse_subscript(p, node);
        else if (kind == TOKEN_LPAREN)
            node = parse_call(p, node);
        else
            return node;
    }
}

static bool at_test_argument(const struct parser *p)
{
    switch (p->at->kind) {
    case TOKEN_NAME:
        return !parser_at_name(p, "else") && !parser_at_name(p, "or") && !parser_at_name(p, "and");
    case TOKEN_STRING:
    case TOKEN_INT:
    case TOKEN_FLOAT:
    case TOKEN_LBRACKET:
    case TOKEN_LBRACE:
        return true;
    default:
        return false;
    }
}

static struct node *parse_test(struct parser *p, struct node *target)
{
    uint32_t pos = p->at->pos;
    parser_next(p);
    bool negated = parser_skip_name(p, "not");
    struct call *call;
    struct node *node = call_node(p, NODE_TEST, p->at->pos, target, &call);
    call->name = parse_dotted(p);
    call->builtin = builtin_find_test(call->name);
    if (p->at->kind == TOKEN_LPAREN) {
        parse_call_args(p, call);
    } else if (at_test_argument(p)) {
        if (parser_at_name(p, "is"))
            compile_fail(p->c, p->at->pos, "you cannot chain multiple tests with is");
        struct nodes args = {0};
        struct node *arg = parse_postfix(p, parse_primary(p));
        *vec_push(p->arena, &args) = arg;
        call->args = args.items;
        call->len = 1;
    }
    adopt_call(p, node);
    return negated ? parser_binary(p, NODE_NOT, OP_ADD, pos, node, NULL) : node;
}

struct node *parse_filter_expr(struct parser *p, struct node *node)
{
    for (;;) {
        if (p->at->kind == TOKEN_PIPE)
            node = parse_filters(p, node, false);
        else if (parser_at_name(p, "is"))
            node = parse_test(p, node);
        else if (p->at->kind == TOKEN_LPAREN)
            node = parse_call(p, node);
        else
            return node;
    }
}
