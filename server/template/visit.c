#include "template/visit.h"

#include "template/symbols.h"

static void visit_call(const struct call *call, visit_fn *fn, void *ctx)
{
    if (call->target)
        fn(ctx, call->target);
    for (size_t i = 0; i < call->len; i++)
        fn(ctx, call->args[i]);
    for (size_t i = 0; i < call->kw_len; i++)
        fn(ctx, call->kwargs[i].value);
    if (call->dyn_args)
        fn(ctx, call->dyn_args);
    if (call->dyn_kwargs)
        fn(ctx, call->dyn_kwargs);
}

void visit_children(const struct node *node, visit_fn *fn, void *ctx)
{
    switch (node->kind) {
    case NODE_CONST:
    case NODE_NAME:
        return;
    case NODE_LIST:
    case NODE_TUPLE:
    case NODE_DICT:
    case NODE_CONCAT:
    case NODE_COMPARE:
        for (size_t i = 0; i < node->as.list.len; i++)
            fn(ctx, node->as.list.items[i]);
        return;
    case NODE_ATTR:
    case NODE_NSREF:
        fn(ctx, node->as.attr.object);
        return;
    case NODE_CALL:
    case NODE_FILTER:
    case NODE_TEST:
        visit_call(node->as.call, fn, ctx);
        return;
    default: {
        struct node *const parts[] = {node->as.x.a, node->as.x.b, node->as.x.c, node->as.x.d};
        for (size_t i = 0; i < 4; i++) {
            if (parts[i])
                fn(ctx, parts[i]);
        }
    }
    }
}

static void note(void *ctx, struct node *child)
{
    symbols_visit_expr(ctx, child);
}

void symbols_visit_expr(struct symbols *s, const struct node *node)
{
    if (!node)
        return;
    if (node->kind == NODE_NAME)
        symbols_load(s, node->as.name.of->text, node->as.name.of->hash);
    else
        visit_children(node, note, s);
}

void symbols_visit_target(struct symbols *s, const struct node *node, bool param)
{
    if (node->kind == NODE_TUPLE) {
        for (size_t i = 0; i < node->as.list.len; i++)
            symbols_visit_target(s, node->as.list.items[i], param);
    } else if (node->kind == NODE_NSREF) {
        symbols_visit_expr(s, node->as.attr.object);
    } else if (param) {
        (void)symbols_declare(s, node->as.name.of->text);
    } else {
        symbols_store(s, node->as.name.of->text, node->as.name.of->hash);
    }
}

void symbols_visit_body(struct symbols *s, const struct body *body)
{
    for (size_t i = 0; i < body->len; i++)
        symbols_visit_statement(s, body->items[i]);
}

/* The arms from `from` on, as the nested ifs that they stand for. */
static void visit_arms(struct symbols *s, const struct node *node, size_t from)
{
    const struct if_arm *arms = node->as.cond.arms;
    size_t len = node->as.cond.len;
    symbols_visit_expr(s, arms[from].test);
    struct symbols *branches[] = {symbols_copy(s), symbols_copy(s), symbols_copy(s)};
    symbols_visit_body(branches[0], &arms[from].body);
    /* Each elif is an `if` of its own without an else, all in one branch; the else belongs to the first. */
    for (size_t i = from + 1; from == 0 && i < len && arms[i].test; i++) {
        struct symbols *saved[3];
        symbols_visit_expr(branches[1], arms[i].test);
        for (size_t b = 0; b < 3; b++)
            saved[b] = symbols_copy(branches[1]);
        symbols_visit_body(saved[0], &arms[i].body);
        symbols_branch_update(branches[1], saved);
    }
    if (from == 0 && !arms[len - 1].test)
        symbols_visit_body(branches[2], &arms[len - 1].body);
    symbols_branch_update(s, branches);
}

void symbols_visit_statement(struct symbols *s, const struct node *node)
{
    switch (node->kind) {
    case NODE_OUTPUT:
    case NODE_DO:
    case NODE_EXTENDS:
        symbols_visit_expr(s, node->as.x.a);
        break;
    case NODE_IF:
        visit_arms(s, node, 0);
        break;
    case NODE_FOR:
        symbols_visit_expr(s, node->as.loop->iter);
        break;
    case NODE_SET:
        symbols_visit_expr(s, node->as.x.b);
        symbols_visit_target(s, node->as.x.a, false);
        break;
    case NODE_SET_BLOCK:
        symbols_visit_target(s, node->as.capture.target, false);
        break;
    case NODE_FILTER_BLOCK:
        symbols_visit_expr(s, node->as.capture.filter);
        break;
    case NODE_WITH:
        for (size_t i = 0; i < node->as.with->len; i++)
            symbols_visit_expr(s, node->as.with->values[i]);
        break;
    case NODE_MACRO:
        symbols_visit_target(s, node->as.macro->target, false);
        break;
    case NODE_CALL_BLOCK:
        symbols_visit_expr(s, node->as.macro->call);
        break;
    case NODE_INCLUDE:
    case NODE_IMPORT:
    case NODE_FROM:
        symbols_visit_expr(s, node->as.import->template);
        for (size_t i = 0; i < node->as.import->len; i++)
            symbols_visit_target(s, node->as.import->targets[i], false);
        break;
    default:
        break;
    }
}

/* A search for the first thing that happens to a name. */
struct search {
    struct str name;
    enum { SEARCH_NOTHING, SEARCH_READ, SEARCH_STORED } found;
};

static void search_expr(void *ctx, struct node *node)
{
    struct search *search = ctx;
    if (search->found || !node)
        return;
    if (node->kind == NODE_NAME) {
        if (str_eq(node->as.name.of->text, search->name))
            search->found = SEARCH_READ;
    } else {
        visit_children(node, search_expr, ctx);
    }
}

static void search_target(struct search *search, const struct node *node)
{
    if (node->kind == NODE_TUPLE) {
        for (size_t i = 0; i < node->as.list.len; i++)
            search_target(search, node->as.list.items[i]);
    } else if (node->kind == NODE_NAME && !search->found && str_eq(node->as.name.of->text, search->name)) {
        search->found = SEARCH_STORED;
    }
}

static void search_body(struct search *search, const struct body *body);

static void search_macro(struct search *search, const struct macro_node *macro)
{
    search_expr(search, macro->call);
    for (size_t i = 0; i < macro->len; i++)
        search_target(search, macro->params[i]);
    for (size_t i = 0; i < macro->default_len; i++)
        search_expr(search, macro->defaults[i]);
    search_body(search, &macro->body);
}

static void search_for(struct search *search, const struct for_node *loop)
{
    search_target(search, loop->target);
    search_expr(search, loop->iter);
    search_body(search, &loop->body);
    search_body(search, &loop->otherwise);
    search_expr(search, loop->test);
}

static void search_statement(struct search *search, const struct node *node)
{
    switch (node->kind) {
    case NODE_OUTPUT:
    case NODE_DO:
    case NODE_EXTENDS:
        search_expr(search, node->as.x.a);
        break;
    case NODE_IF:
        for (size_t i = 0; i < node->as.cond.len; i++) {
            search_expr(search, node->as.cond.arms[i].test);
            search_body(search, &node->as.cond.arms[i].body);
        }
        break;
    case NODE_FOR:
        search_for(search, node->as.loop);
        break;
    case NODE_SET:
        search_target(search, node->as.x.a);
        search_expr(search, node->as.x.b);
        break;
    case NODE_SET_BLOCK:
        search_target(search, node->as.capture.target);
        search_expr(search, node->as.capture.filter);
        search_body(search, &node->as.capture.body);
        break;
    case NODE_FILTER_BLOCK:
        search_body(search, &node->as.capture.body);
        search_expr(search, node->as.capture.filter);
        break;
    case NODE_WITH:
        for (size_t i = 0; i < node->as.with->len; i++)
            search_target(search, node->as.with->targets[i]);
        for (size_t i = 0; i < node->as.with->len; i++)
            search_expr(search, node->as.with->values[i]);
        search_body(search, &node->as.with->body);
        break;
    case NODE_MACRO:
    case NODE_CALL_BLOCK:
        search_macro(search, node->as.macro);
        break;
    case NODE_INCLUDE:
    case NODE_IMPORT:
    case NODE_FROM:
        search_expr(search, node->as.import->template);
        break;
    case NODE_AUTOESCAPE:
        search_expr(search, node->as.escape.value);
        search_body(search, &node->as.escape.body);
        break;
    default:
        break;
    }
}

static void search_body(struct search *search, const struct body *body)
{
    for (size_t i = 0; i < body->len && !search->found; i++)
        search_statement(search, body->items[i]);
}

bool symbols_uses(const struct body *body, const char *name)
{
    struct search search = {.name = str_from(name)};
    search_body(&search, body);
    return search.found == SEARCH_READ;
}
