#include "template/parser.h"

#include "template/text.h"

#include <stdio.h>

enum { JOINED_TEXT = 4096 }; /* beyond it joining would cost more than it saves */

static void parse_until(struct parser *p, const char *const *ends, struct body *out);

static void finish(const struct nodes *nodes, struct body *out)
{
    out->items = nodes->items;
    out->len = nodes->len;
}

/* From a tag's end to one of the tags in ends (at which the parser then stands), ended by NULL. */
static void parse_body(struct parser *p, const char *const *ends, struct body *out)
{
    (void)parser_skip(p, TOKEN_COLON);
    parser_expect(p, TOKEN_BLOCK_END);
    parse_until(p, ends, out);
}

/* As parse_body for one end tag, which is passed. */
static void parse_body_to(struct parser *p, const char *end, struct body *out)
{
    const char *const ends[] = {end, NULL};
    parse_body(p, ends, out);
    parser_next(p);
}

static struct node *parse_target_name(struct parser *p)
{
    struct token *token = parser_expect(p, TOKEN_NAME);
    static const char *const words[] = {"true", "false", "none", "True", "False", "None"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (token->text.data[0] == words[i][0] && str_eqz(token->text, words[i]))
            compile_fail(p->c, token->pos, "can't assign to '" STR_FMT "'", STR_ARG(token->text));
    }
    struct node *node = parser_node(p, NODE_NAME, token->pos);
    node->as.name.of->text = token->text;
    node->as.name.of->hash = str_hash(token->text);
    return node;
}

static void check_target(struct parser *p, const struct node *target)
{
    if (target->kind == NODE_TUPLE) {
        for (size_t i = 0; i < target->as.list.len; i++)
            check_target(p, target->as.list.items[i]);
    } else if (target->kind != NODE_NAME) {
        compile_fail(p->c, target->pos, "can't assign to this");
    }
}

static struct node *parse_target(struct parser *p, const char *end, bool with_namespace)
{
    if (with_namespace && p->at->kind == TOKEN_NAME && p->at[1].kind == TOKEN_DOT) {
        struct node *node = parser_node(p, NODE_NSREF, p->at->pos);
        struct node *of = parser_node(p, NODE_NAME, p->at->pos);
        of->as.name.of->text = p->at->text;
        of->as.name.of->hash = str_hash(p->at->text);
        parser_next(p);
        parser_next(p);
        node->as.attr.object = of;
        node->as.attr.name = parser_expect(p, TOKEN_NAME)->text;
        node->as.attr.of->hash = str_hash(node->as.attr.name);
        return node;
    }
    struct node *target = parse_tuple(p, TUPLE_SIMPLE, end);
    check_target(p, target);
    return target;
}

static struct node *parse_for(struct parser *p, struct node *node)
{
    struct for_node *loop = node->as.loop = arena_alloc(p->arena, sizeof *loop);
    parser_next(p);
    struct token *target = p->at;
    loop->target = parse_target(p, "in", false);
    if (!parser_skip_name(p, "in"))
        compile_fail(p->c, p->at->pos, "expected token 'in', got %s", token_describe(p->c, p->at));
    loop->iter = parse_tuple(p, TUPLE_NO_CONDITION, "recursive");
    if (parser_skip_name(p, "if")) {
        loop->test = parse_expression(p);
        /* The test runs in a scope of its own and so has a target of its own. */
        struct token *back = p->at;
        p->at = target;
        loop->test_target = parse_target(p, "in", false);
        p->at = back;
    }
    loop->recursive = parser_skip_name(p, "recursive");
    size_t scoped = p->scoped;
    static const char *const ends[] = {"endfor", "else", NULL};
    p->loops++;
    parse_body(p, ends, &loop->body);
    p->loops--;
    bool has_else = parser_at_name(p, "else");
    parser_next(p);
    if (has_else) {
        loop->has_else = true;
        parse_body_to(p, "endfor", &loop->otherwise);
    }
    loop->extended = p->scoped > scoped;
    return node;
}

static struct node *parse_if(struct parser *p, struct node *node)
{
    static const char *const ends[] = {"elif", "else", "endif", NULL};
    struct {
        struct if_arm *items;
        size_t len, cap;
    } arms = {0};
    bool more = true;
    while (more) {
        parser_next(p);
        struct if_arm arm = {.test = parse_tuple(p, TUPLE_NO_CONDITION, NULL)};
        parse_body(p, ends, &arm.body);
        *vec_push(p->arena, &arms) = arm;
        more = parser_at_name(p, "elif");
    }
    bool has_else = parser_at_name(p, "else");
    parser_next(p);
    if (has_else) {
        struct if_arm arm = {0};
        parse_body_to(p, "endif", &arm.body);
        *vec_push(p->arena, &arms) = arm;
    }
    node->as.cond.arms = arms.items;
    node->as.cond.len = arms.len;
    return node;
}

static struct node *parse_set(struct parser *p, struct node *node)
{
    parser_next(p);
    struct node *target = parse_target(p, NULL, true);
    if (parser_skip(p, TOKEN_ASSIGN)) {
        node->as.x.a = target;
        node->as.x.b = parse_tuple(p, TUPLE_FULL, NULL);
        return node;
    }
    node->kind = NODE_SET_BLOCK;
    node->as.capture.target = target;
    node->as.capture.filter = parse_filters(p, NULL, false);
    parse_body_to(p, "endset", &node->as.capture.body);
    return node;
}

static struct node *parse_with(struct parser *p, struct node *node)
{
    struct with_node *with = node->as.with = arena_alloc(p->arena, sizeof *with);
    struct nodes targets = {0}, values = {0};
    parser_next(p);
    while (p->at->kind != TOKEN_BLOCK_END) {
        if (targets.len)
            parser_expect(p, TOKEN_COMMA);
        struct node *target = parse_target(p, NULL, false);
        *vec_push(p->arena, &targets) = target;
        parser_expect(p, TOKEN_ASSIGN);
        struct node *value = parse_expression(p);
        *vec_push(p->arena, &values) = value;
    }
    with->targets = targets.items;
    with->values = values.items;
    with->len = targets.len;
    parse_body_to(p, "endwith", &with->body);
    return node;
}

static void parse_signature(struct parser *p, struct macro_node *macro)
{
    struct nodes params = {0}, defaults = {0};
    parser_expect(p, TOKEN_LPAREN);
    while (p->at->kind != TOKEN_RPAREN) {
        if (params.len)
            parser_expect(p, TOKEN_COMMA);
        struct node *param = parse_target_name(p);
        for (size_t i = 0; i < params.len; i++) {
            if (str_eq(params.items[i]->as.name.of->text, param->as.name.of->text))
                compile_fail(p->c, param->pos, "parameter '" STR_FMT "' twice", STR_ARG(param->as.name.of->text));
        }
        if (parser_skip(p, TOKEN_ASSIGN)) {
            struct node *value = parse_expression(p);
            *vec_push(p->arena, &defaults) = value;
        } else if (defaults.len) {
            compile_fail(p->c, param->pos, "non-default argument follows default argument");
        }
        *vec_push(p->arena, &params) = param;
    }
    parser_expect(p, TOKEN_RPAREN);
    macro->params = params.items;
    macro->len = params.len;
    macro->defaults = defaults.items;
    macro->default_len = defaults.len;
}

/* The body of a function of its own: `break` does not reach out of it. */
static void parse_function_body(struct parser *p, const char *end, struct body *out)
{
    unsigned loops = p->loops;
    p->loops = 0;
    parse_body_to(p, end, out);
    p->loops = loops;
}

static struct node *parse_macro(struct parser *p, struct node *node)
{
    struct macro_node *macro = node->as.macro = arena_alloc(p->arena, sizeof *macro);
    parser_next(p);
    macro->target = parse_target_name(p);
    macro->name = macro->target->as.name.of->text;
    parse_signature(p, macro);
    parse_function_body(p, "endmacro", &macro->body);
    return node;
}

static struct node *parse_call_block(struct parser *p, struct node *node)
{
    struct macro_node *macro = node->as.macro = arena_alloc(p->arena, sizeof *macro);
    parser_next(p);
    if (p->at->kind == TOKEN_LPAREN)
        parse_signature(p, macro);
    macro->call = parse_expression(p);
    if (macro->call->kind != NODE_CALL)
        compile_fail(p->c, node->pos, "expected call");
    parse_function_body(p, "endcall", &macro->body);
    return node;
}

static struct node *parse_filter_block(struct parser *p, struct node *node)
{
    parser_next(p);
    node->as.capture.filter = parse_filters(p, NULL, true);
    parse_body_to(p, "endfilter", &node->as.capture.body);
    return node;
}

static struct node *parse_block(struct parser *p, struct node *node)
{
    struct block_node *block = node->as.block = arena_alloc(p->arena, sizeof *block);
    parser_next(p);
    block->name = parser_expect(p, TOKEN_NAME)->text;
    block->scoped = parser_skip_name(p, "scoped");
    block->required = parser_skip_name(p, "required");
    p->scoped += block->scoped;
    if (p->at->kind == TOKEN_SUB)
        compile_fail(p->c, p->at->pos, "block names have no hyphens, use an underscore instead");
    parse_function_body(p, "endblock", &block->body);
    for (size_t i = 0; block->required && i < block->body.len; i++) {
        const struct node *child = block->body.items[i];
        if (child->kind != NODE_TEXT || text_space_prefix(child->as.text) != child->as.text.len)
            compile_fail(p->c, child->pos, "required blocks can only contain comments or whitespace");
    }
    if (p->at->kind == TOKEN_NAME && str_eq(p->at->text, block->name))
        parser_next(p);
    return node;
}

/* "with context" or "without context" at the parser's place. */
static bool parse_context(struct parser *p, bool *with)
{
    if (!parser_at_name(p, "with") && !parser_at_name(p, "without"))
        return false;
    if (p->at[1].kind != TOKEN_NAME || !str_eqz(p->at[1].text, "context"))
        return false;
    *with = parser_at_name(p, "with");
    parser_next(p);
    parser_next(p);
    return true;
}

static struct node *parse_extends(struct parser *p, struct node *node)
{
    parser_next(p);
    node->as.x.a = parse_expression(p);
    return node;
}

static struct node *parse_include(struct parser *p, struct node *node)
{
    struct import_node *import = node->as.import = arena_alloc(p->arena, sizeof *import);
    parser_next(p);
    import->template = parse_expression(p);
    if (parser_at_name(p, "ignore") && p->at[1].kind == TOKEN_NAME && str_eqz(p->at[1].text, "missing")) {
        import->ignore_missing = true;
        parser_next(p);
        parser_next(p);
    }
    import->with_context = true;
    (void)parse_context(p, &import->with_context);
    return node;
}

static struct node *parse_import(struct parser *p, struct node *node)
{
    struct import_node *import = node->as.import = arena_alloc(p->arena, sizeof *import);
    parser_next(p);
    import->template = parse_expression(p);
    if (!parser_skip_name(p, "as"))
        compile_fail(p->c, p->at->pos, "expected token 'as', got %s", token_describe(p->c, p->at));
    import->targets = arena_alloc(p->arena, sizeof *import->targets);
    import->targets[0] = parse_target_name(p);
    import->len = 1;
    (void)parse_context(p, &import->with_context);
    return node;
}

static struct node *parse_from(struct parser *p, struct node *node)
{
    struct import_node *import = node->as.import = arena_alloc(p->arena, sizeof *import);
    struct nodes targets = {0};
    struct {
        struct str *items;
        size_t len, cap;
    } names = {0};
    parser_next(p);
    import->template = parse_expression(p);
    if (!parser_skip_name(p, "import"))
        compile_fail(p->c, p->at->pos, "expected token 'import', got %s", token_describe(p->c, p->at));
    for (;;) {
        if (targets.len)
            parser_expect(p, TOKEN_COMMA);
        if (parse_context(p, &import->with_context))
            break;
        struct node *target = parse_target_name(p);
        struct str name = target->as.name.of->text;
        if (name.data[0] == '_')
            compile_fail(p->c, target->pos, "names starting with an underline can not be imported");
        if (parser_skip_name(p, "as"))
            target = parse_target_name(p);
        *vec_push(p->arena, &targets) = target;
        *vec_push(p->arena, &names) = name;
        if (parse_context(p, &import->with_context) || p->at->kind != TOKEN_COMMA)
            break;
    }
    import->targets = targets.items;
    import->names = names.items;
    import->len = targets.len;
    return node;
}

static struct node *parse_autoescape(struct parser *p, struct node *node)
{
    parser_next(p);
    node->as.escape.value = parse_expression(p);
    parse_body_to(p, "endautoescape", &node->as.escape.body);
    return node;
}

static struct node *parse_do(struct parser *p, struct node *node)
{
    parser_next(p);
    node->as.x.a = parse_tuple(p, TUPLE_FULL, NULL);
    return node;
}

static struct node *parse_print(struct parser *p, struct node *node)
{
    parser_next(p);
    struct nodes items = {0};
    while (p->at->kind != TOKEN_BLOCK_END) {
        if (items.len)
            parser_expect(p, TOKEN_COMMA);
        struct node *item = parse_expression(p);
        *vec_push(p->arena, &items) = item;
    }
    struct node *all = parser_node(p, NODE_CONCAT, node->pos);
    all->as.list.items = items.items;
    all->as.list.len = items.len;
    node->as.x.a = all;
    return node;
}

static struct node *parse_jump(struct parser *p, struct node *node)
{
    if (!p->loops)
        compile_fail(p->c, p->at->pos, "'" STR_FMT "' outside of a loop", STR_ARG(p->at->text));
    parser_next(p);
    return node;
}

static const struct statement {
    const char *tag;
    uint8_t kind;
    struct node *(*parse)(struct parser *p, struct node *node);
} statements[] = {
    {"for", NODE_FOR, parse_for},
    {"if", NODE_IF, parse_if},
    {"set", NODE_SET, parse_set},
    {"with", NODE_WITH, parse_with},
    {"macro", NODE_MACRO, parse_macro},
    {"call", NODE_CALL_BLOCK, parse_call_block},
    {"filter", NODE_FILTER_BLOCK, parse_filter_block},
    {"block", NODE_BLOCK, parse_block},
    {"extends", NODE_EXTENDS, parse_extends},
    {"include", NODE_INCLUDE, parse_include},
    {"import", NODE_IMPORT, parse_import},
    {"from", NODE_FROM, parse_from},
    {"autoescape", NODE_AUTOESCAPE, parse_autoescape},
    {"do", NODE_DO, parse_do},
    {"print", NODE_OUTPUT, parse_print},
    {"break", NODE_BREAK, parse_jump},
    {"continue", NODE_CONTINUE, parse_jump},
};

_Noreturn static void fail_unknown_tag(struct parser *p, const char *const *ends)
{
    char looking[128] = "";
    for (size_t i = 0; ends && ends[i]; i++) {
        size_t len = strlen(looking);
        (void)snprintf(looking + len, sizeof looking - len, "%s'%s'", i ? " or " : "", ends[i]);
    }
    const char *inner = p->tag_count ? p->tags[p->tag_count - 1] : NULL;
    const char *what = p->at->kind == TOKEN_EOF
                           ? "unexpected end of template"
                           : arena_printf(p->arena, "encountered unknown tag '" STR_FMT "'", STR_ARG(p->at->text));
    if (!inner)
        compile_fail(p->c, p->at->pos, "%s", what);
    compile_fail(p->c, p->at->pos, "%s, looking for %s; the innermost block that needs to be closed is '%s'", what,
                 looking, inner);
}

static struct node *parse_statement(struct parser *p, const char *const *ends)
{
    if (p->at->kind != TOKEN_NAME)
        compile_fail(p->c, p->at->pos, "tag name expected");
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++) {
        if (!parser_at_name(p, statements[i].tag))
            continue;
        parser_enter(p);
        if (p->tag_count == sizeof p->tags / sizeof *p->tags)
            compile_fail(p->c, p->at->pos, "statements nested too deep");
        p->tags[p->tag_count++] = statements[i].tag;
        struct node *node = statements[i].parse(p, parser_node(p, statements[i].kind, p->at->pos));
        p->tag_count--;
        parser_leave(p);
        return node;
    }
    fail_unknown_tag(p, ends);
}

static bool at_end_tag(const struct parser *p, const char *const *ends)
{
    for (size_t i = 0; ends && ends[i]; i++) {
        if (parser_at_name(p, ends[i]))
            return true;
    }
    return false;
}

/* Text that follows text, as around a comment, is one piece. */
static void add_text(struct parser *p, struct nodes *out, const struct token *token)
{
    struct node *last = out->len ? out->items[out->len - 1] : NULL;
    if (last && last->kind == NODE_TEXT && last->as.text.len + token->text.len <= JOINED_TEXT) {
        char *joined = arena_alloc(p->arena, last->as.text.len + token->text.len);
        memcpy(joined, last->as.text.data, last->as.text.len);
        memcpy(joined + last->as.text.len, token->text.data, token->text.len);
        last->as.text = (struct str){joined, last->as.text.len + token->text.len};
        return;
    }
    struct node *node = parser_node(p, NODE_TEXT, token->pos);
    node->as.text = token->text;
    *vec_push(p->arena, out) = node;
}

static void parse_until(struct parser *p, const char *const *ends, struct body *out)
{
    struct nodes nodes = {0};
    while (p->at->kind != TOKEN_EOF) {
        struct token *token = p->at;
        parser_next(p);
        if (token->kind == TOKEN_DATA) {
            add_text(p, &nodes, token);
        } else if (token->kind == TOKEN_VARIABLE_BEGIN) {
            struct node *node = parser_node(p, NODE_OUTPUT, token->pos);
            node->as.x.a = parse_tuple(p, TUPLE_FULL, NULL);
            parser_expect(p, TOKEN_VARIABLE_END);
            *vec_push(p->arena, &nodes) = node;
        } else {
            if (at_end_tag(p, ends)) {
                finish(&nodes, out);
                return;
            }
            struct node *node = parse_statement(p, ends);
            parser_expect(p, TOKEN_BLOCK_END);
            *vec_push(p->arena, &nodes) = node;
        }
    }
    if (ends)
        fail_unknown_tag(p, ends);
    finish(&nodes, out);
}

void parser_run(struct compiler *c, struct body *out)
{
    struct tokens tokens = {0};
    lexer_run(c, &tokens);
    struct parser p = {.c = c, .arena = c->arena, .at = tokens.items};
    parse_until(&p, NULL, out);
}
