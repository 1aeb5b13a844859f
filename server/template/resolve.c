#include "template/fold.h"
#include "template/symbols.h"
#include "template/visit.h"

/* Second pass: each name gets its slot, each scope its plan, blocks are collected. */
struct resolver {
    struct compiler *c;
    struct program *program;
    struct {
        struct block_node **items;
        size_t len, cap;
    } blocks;
    unsigned loops; /* for statements around, macros and blocks not excepted */
};

/* The scope that statements are in. */
struct scope {
    struct symbols *symbols;
    bool top;   /* assignments go into the context */
    bool check; /* output stops once the template extends another */
    bool soft;  /* in an if: unknown filters and tests are errors only when they are reached */
};

struct name_pass {
    struct resolver *r;
    const struct symbols *symbols;
    bool soft;
};

static void resolve_body(struct resolver *r, const struct scope *scope, struct body *body);

static void resolve_name(struct resolver *r, const struct symbols *symbols, struct node *node)
{
    if (!symbols_find(symbols, node->as.name.of->text, &node->as.name.slot))
        compile_fail(r->c, node->pos, "no slot for '" STR_FMT "'", STR_ARG(node->as.name.of->text));
    struct name_facts *of = node->as.name.of;
    of->why.name = of->text;
    of->undefined = (struct value){
        .type = VALUE_UNDEFINED, .flags = r->c->options->lenient ? 0 : VALUE_STRICT, .as.undefined = &of->why};
}

static void resolve_child(void *ctx, struct node *node)
{
    struct name_pass *pass = ctx;
    bool soft = pass->soft;
    if (node->kind == NODE_NAME) {
        resolve_name(pass->r, pass->symbols, node);
        return;
    }
    bool callable = node->kind == NODE_FILTER || node->kind == NODE_TEST;
    if (callable && !soft && !node->as.call->builtin)
        compile_fail(pass->r->c, node->pos, "no %s named '" STR_FMT "'", node->kind == NODE_TEST ? "test" : "filter",
                     STR_ARG(node->as.call->name));
    pass->soft |= node->kind == NODE_COND;
    visit_children(node, resolve_child, ctx);
    pass->soft = soft;
    fold_node(pass->r->c, node);
}

static void resolve_soft(struct resolver *r, const struct symbols *symbols, struct node *node, bool soft)
{
    if (node)
        resolve_child(&(struct name_pass){r, symbols, soft}, node);
}

static void resolve_expr(struct resolver *r, const struct symbols *symbols, struct node *node)
{
    resolve_soft(r, symbols, node, false);
}

static void resolve_target(struct resolver *r, const struct scope *scope, struct node *node)
{
    if (node->kind == NODE_TUPLE) {
        for (size_t i = 0; i < node->as.list.len; i++)
            resolve_target(r, scope, node->as.list.items[i]);
        return;
    }
    if (node->kind == NODE_NSREF) {
        resolve_expr(r, scope->symbols, node->as.attr.object);
        return;
    }
    if (r->loops && str_eqz(node->as.name.of->text, "loop"))
        compile_fail(r->c, node->pos, "can't assign to special loop variable in for-loop target");
    resolve_name(r, scope->symbols, node);
    node->export = scope->top;
}

static struct scope inner(struct resolver *r, const struct scope *scope)
{
    struct symbols *outer = scope->symbols;
    return (struct scope){symbols_new(r->c, outer, outer->function), false, scope->check, false};
}

static struct function *function_new(struct resolver *r, struct function *up)
{
    struct function *function = arena_alloc(r->c->arena, sizeof *function);
    function->up = up;
    function->depth = (uint16_t)(up ? up->depth + 1 : 0);
    return function;
}

static void resolve_for(struct resolver *r, const struct scope *scope, struct for_node *loop)
{
    struct function *function = scope->symbols->function;
    if (loop->recursive)
        function = function_new(r, function);
    struct scope body = {symbols_new(r->c, scope->symbols, function), false, scope->check, false};
    struct scope otherwise = {symbols_new(r->c, scope->symbols, function), false, scope->check, false};
    loop->extended = loop->recursive || symbols_uses(&loop->body, "loop") || loop->extended;
    if (loop->extended)
        loop->loop_slot = symbols_declare(body.symbols, STR("loop"))->at;
    symbols_visit_target(body.symbols, loop->target, true);
    symbols_visit_body(body.symbols, &loop->body);
    symbols_visit_body(otherwise.symbols, &loop->otherwise);
    loop->plan = symbols_plan(body.symbols);
    loop->else_plan = symbols_plan(otherwise.symbols);
    resolve_soft(r, scope->symbols, loop->iter, scope->soft);
    r->loops++;
    resolve_target(r, &body, loop->target);
    if (loop->test) {
        struct scope test = {symbols_new(r->c, scope->symbols, function), false, false, false};
        symbols_visit_target(test.symbols, loop->test_target, true);
        symbols_visit_expr(test.symbols, loop->test);
        loop->test_plan = symbols_plan(test.symbols);
        resolve_target(r, &test, loop->test_target);
        resolve_expr(r, test.symbols, loop->test);
    }
    resolve_body(r, &body, &loop->body);
    resolve_body(r, &otherwise, &loop->otherwise);
    r->loops--;
    loop->slot_count = function->slot_count;
}

static bool has_param(const struct macro_node *macro, const char *name, size_t *at)
{
    for (*at = 0; *at < macro->len; ++*at) {
        if (str_eqz(macro->params[*at]->as.name.of->text, name))
            return true;
    }
    return false;
}

static void declare_specials(struct resolver *r, const struct node *node, struct macro_node *macro, struct symbols *s)
{
    size_t at;
    macro->caller = symbols_uses(&macro->body, "caller");
    macro->caller_param = has_param(macro, "caller", &at);
    if (macro->caller && macro->caller_param && at + macro->default_len < macro->len)
        compile_fail(r->c, node->pos, "the special \"caller\" argument must be omitted or be given a default");
    if (macro->caller && !macro->caller_param)
        macro->caller_slot = symbols_declare(s, STR("caller"))->at;
    macro->kwargs = symbols_uses(&macro->body, "kwargs") && !has_param(macro, "kwargs", &at);
    if (macro->kwargs)
        macro->kwargs_slot = symbols_declare(s, STR("kwargs"))->at;
    macro->varargs = symbols_uses(&macro->body, "varargs") && !has_param(macro, "varargs", &at);
    if (macro->varargs)
        macro->varargs_slot = symbols_declare(s, STR("varargs"))->at;
}

static void resolve_macro(struct resolver *r, const struct scope *scope, const struct node *node)
{
    struct macro_node *macro = node->as.macro;
    struct function *function = function_new(r, scope->symbols->function);
    struct scope body = {symbols_new(r->c, scope->symbols, function), false, false, false};
    for (size_t i = 0; i < macro->len; i++)
        symbols_visit_target(body.symbols, macro->params[i], true);
    declare_specials(r, node, macro, body.symbols);
    for (size_t i = 0; i < macro->default_len; i++)
        symbols_visit_expr(body.symbols, macro->defaults[i]);
    symbols_visit_body(body.symbols, &macro->body);
    macro->plan = symbols_plan(body.symbols);
    for (size_t i = 0; i < macro->len; i++)
        resolve_name(r, body.symbols, macro->params[i]);
    for (size_t i = 0; i < macro->default_len; i++)
        resolve_expr(r, body.symbols, macro->defaults[i]);
    resolve_body(r, &body, &macro->body);
    macro->slot_count = function->slot_count;
    if (macro->call)
        resolve_soft(r, scope->symbols, macro->call, scope->soft);
    else
        resolve_target(r, scope, macro->target);
}

static void resolve_block(struct resolver *r, const struct scope *scope, const struct node *node)
{
    struct block_node *block = node->as.block;
    for (size_t i = 0; i < r->blocks.len; i++) {
        if (str_eq(r->blocks.items[i]->name, block->name))
            compile_fail(r->c, node->pos, "block '" STR_FMT "' defined twice", STR_ARG(block->name));
    }
    *vec_push(r->c->arena, &r->blocks) = block;
    block->check = scope->top;
    if (block->scoped)
        symbols_visible(scope->symbols, &block->visible, &block->visible_len);
    struct function *function = function_new(r, NULL);
    struct scope body = {symbols_new(r->c, NULL, function), false, false, false};
    block->uses_self = symbols_uses(&block->body, "self");
    if (block->uses_self)
        block->self_slot = symbols_declare(body.symbols, STR("self"))->at;
    block->uses_super = symbols_uses(&block->body, "super");
    if (block->uses_super)
        block->super_slot = symbols_declare(body.symbols, STR("super"))->at;
    symbols_visit_body(body.symbols, &block->body);
    block->plan = symbols_plan(body.symbols);
    resolve_body(r, &body, &block->body);
    block->slot_count = function->slot_count;
}

static void resolve_with(struct resolver *r, const struct scope *scope, struct with_node *with)
{
    struct scope body = inner(r, scope);
    for (size_t i = 0; i < with->len; i++)
        symbols_visit_target(body.symbols, with->targets[i], true);
    symbols_visit_body(body.symbols, &with->body);
    with->plan = symbols_plan(body.symbols);
    for (size_t i = 0; i < with->len; i++)
        resolve_soft(r, scope->symbols, with->values[i], scope->soft);
    unsigned loops = r->loops;
    r->loops = 0; /* `with loop=` is a parameter, not an assignment */
    for (size_t i = 0; i < with->len; i++)
        resolve_target(r, &body, with->targets[i]);
    r->loops = loops;
    resolve_body(r, &body, &with->body);
}

/* The body of a set block or of a filter block. */
static void resolve_capture(struct resolver *r, const struct scope *scope, struct node *node)
{
    struct scope body = inner(r, scope);
    if (node->kind == NODE_SET_BLOCK)
        body.check = false;
    symbols_visit_expr(body.symbols, node->as.capture.filter);
    symbols_visit_body(body.symbols, &node->as.capture.body);
    node->as.capture.plan = symbols_plan(body.symbols);
    resolve_body(r, &body, &node->as.capture.body);
    resolve_expr(r, body.symbols, node->as.capture.filter);
    if (node->as.capture.target)
        resolve_target(r, scope, node->as.capture.target);
}

static void resolve_import(struct resolver *r, const struct scope *scope, struct node *node)
{
    struct import_node *import = node->as.import;
    resolve_soft(r, scope->symbols, import->template, scope->soft);
    for (size_t i = 0; i < import->len; i++)
        resolve_target(r, scope, import->targets[i]);
    if (import->with_context)
        symbols_visible(scope->symbols, &import->visible, &import->visible_len);
}

static void resolve_escape(struct resolver *r, const struct scope *scope, struct node *node)
{
    struct scope body = inner(r, scope);
    symbols_visit_expr(body.symbols, node->as.escape.value);
    symbols_visit_body(body.symbols, &node->as.escape.body);
    node->as.escape.plan = symbols_plan(body.symbols);
    resolve_expr(r, body.symbols, node->as.escape.value);
    resolve_body(r, &body, &node->as.escape.body);
}

static void resolve_statement(struct resolver *r, const struct scope *scope, struct node *node)
{
    node->check = scope->check;
    switch (node->kind) {
    case NODE_EXTENDS:
        if (!scope->top)
            compile_fail(r->c, node->pos, "cannot use extend from a non top-level scope");
        resolve_expr(r, scope->symbols, node->as.x.a);
        break;
    case NODE_OUTPUT:
    case NODE_DO:
        resolve_soft(r, scope->symbols, node->as.x.a, scope->soft);
        break;
    case NODE_IF:
        for (size_t i = 0; i < node->as.cond.len; i++) {
            struct scope arm = *scope;
            arm.soft = true;
            resolve_soft(r, scope->symbols, node->as.cond.arms[i].test, true);
            resolve_body(r, &arm, &node->as.cond.arms[i].body);
        }
        break;
    case NODE_FOR:
        resolve_for(r, scope, node->as.loop);
        break;
    case NODE_SET:
        resolve_soft(r, scope->symbols, node->as.x.b, scope->soft);
        resolve_target(r, scope, node->as.x.a);
        break;
    case NODE_SET_BLOCK:
    case NODE_FILTER_BLOCK:
        resolve_capture(r, scope, node);
        break;
    case NODE_WITH:
        resolve_with(r, scope, node->as.with);
        break;
    case NODE_MACRO:
    case NODE_CALL_BLOCK:
        resolve_macro(r, scope, node);
        break;
    case NODE_BLOCK:
        resolve_block(r, scope, node);
        break;
    case NODE_INCLUDE:
    case NODE_IMPORT:
    case NODE_FROM:
        resolve_import(r, scope, node);
        break;
    case NODE_AUTOESCAPE:
        resolve_escape(r, scope, node);
        break;
    default:
        break;
    }
}

static void resolve_body(struct resolver *r, const struct scope *scope, struct body *body)
{
    for (size_t i = 0; i < body->len; i++)
        resolve_statement(r, scope, body->items[i]);
    fold_body(r->c, body);
}

/* Whether statements of kind are in body, at any depth outside of blocks and macros. */
static bool has_kind(const struct body *body, enum node_kind kind)
{
    for (size_t i = 0; i < body->len; i++) {
        const struct node *node = body->items[i];
        if (node->kind == kind)
            return true;
        for (size_t k = 0; node->kind == NODE_IF && k < node->as.cond.len; k++) {
            if (has_kind(&node->as.cond.arms[k].body, kind))
                return true;
        }
    }
    return false;
}

void resolve_run(struct compiler *c, struct program *program)
{
    struct resolver r = {.c = c, .program = program};
    struct function *function = function_new(&r, NULL);
    program->extends = has_kind(&program->body, NODE_EXTENDS);
    struct scope top = {symbols_new(c, NULL, function), true, program->extends, false};
    program->uses_self = symbols_uses(&program->body, "self");
    if (program->uses_self)
        program->self_slot = symbols_declare(top.symbols, STR("self"))->at;
    symbols_visit_body(top.symbols, &program->body);
    program->plan = symbols_plan(top.symbols);
    resolve_body(&r, &top, &program->body);
    program->slot_count = function->slot_count;
    program->blocks = r.blocks.items;
    program->block_count = r.blocks.len;
}
