#include "template/fold.h"

#include "template/run.h"
#include "template/visit.h"

enum { FOLD_STEPS = 1000, FOLD_BYTES = 1000 };

static void check_constant(void *ctx, struct node *child)
{
    *(bool *)ctx &= child->kind == NODE_CONST;
}

static bool over_constants(const struct node *node)
{
    bool all = true;
    switch (node->kind) {
    case NODE_NEG:
    case NODE_POS:
    case NODE_NOT:
    case NODE_AND:
    case NODE_OR:
    case NODE_BINARY:
    case NODE_CONCAT:
    case NODE_COMPARE:
        visit_children(node, check_constant, &all);
        return all;
    default:
        return false;
    }
}

/* The value of a node, or the text that is printed for a constant, in a render of its own with small bounds. */
static bool work_out(struct compiler *c, const struct node *node, bool print, struct value *out)
{
    struct template_options options = *c->options;
    options.max_output = FOLD_BYTES;
    struct err err;
    struct program program = {.name = c->place.name, .source = c->place.source};
    struct run *run = arena_alloc(c->arena, sizeof *run);
    *run = (struct run){.options = &options,
                        .arena = c->arena,
                        .room_size = 32,
                        .program = &program,
                        .steps_left = FOLD_STEPS,
                        .memory_left = FOLD_BYTES,
                        .stack_base = __builtin_frame_address(0),
                        .err = &err};
    if (setjmp(run->jump))
        return false;
    *out = print ? value_of_str(to_text(run, node->as.constant)) : eval(run, node);
    return true;
}

void fold_node(struct compiler *c, struct node *node)
{
    struct value v;
    if (!over_constants(node) || !work_out(c, node, false, &v))
        return;
    if (v.type == VALUE_NONE || v.type == VALUE_BOOL || v.type == VALUE_INT || v.type == VALUE_BIG ||
        v.type == VALUE_FLOAT || v.type == VALUE_STR) {
        node->kind = NODE_CONST;
        node->as.constant = v;
    }
}

/* Autoescape may be on where it is printed, and that is known when it runs. */
static bool is_plain(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (memchr("&<>'\"", s.data[i], 5))
            return false;
    }
    return true;
}

static void fold_output(struct compiler *c, struct node *node)
{
    struct value text;
    if (node->kind == NODE_OUTPUT && node->as.x.a->kind == NODE_CONST && work_out(c, node->as.x.a, true, &text) &&
        is_plain(value_text(text))) {
        node->kind = NODE_TEXT;
        node->as.text = value_text(text);
    }
}

/* The texts from items[at] on that stand beside each other, as one; returns how many they are. */
static size_t join_texts(struct compiler *c, struct node *const *items, size_t len)
{
    size_t n = 0, size = 0;
    while (n < len && items[n]->kind == NODE_TEXT && items[n]->check == items[0]->check)
        size += items[n++]->as.text.len;
    if (n < 2)
        return 1;
    char *text = arena_take(c->arena, size);
    size = 0;
    for (size_t i = 0; i < n; i++) {
        text_copy(text + size, items[i]->as.text.data, items[i]->as.text.len);
        size += items[i]->as.text.len;
    }
    items[0]->as.text = (struct str){text, size};
    return n;
}

void fold_body(struct compiler *c, struct body *body)
{
    size_t len = 0;
    for (size_t i = 0; i < body->len; i++)
        fold_output(c, body->items[i]);
    for (size_t i = 0; i < body->len;) {
        body->items[len] = body->items[i];
        i += join_texts(c, body->items + i, body->len - i);
        len++;
    }
    body->len = len;
}
