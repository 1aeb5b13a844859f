#include "template/run.h"

#include "template/number.h"

struct frame *frame_new(struct run *run, struct frame *up, size_t slots)
{
    struct frame *frame = run_alloc(run, sizeof *frame + slots * sizeof *frame->slots);
    frame->up = up;
    return frame;
}

static struct value find_name(struct run *run, const struct load *load)
{
    struct value v = {.type = VALUE_MISSING};
    if (context_find(run->context, load->name, load->hash, &v))
        return v;
    const struct builtin *global = builtin_find_global(load->name);
    if (global)
        v = (struct value){.type = VALUE_FUNCTION, .as.function = global};
    return v;
}

void load_scope(struct run *run, const struct scope_plan *plan)
{
    struct value *slots = run->frame->slots;
    for (size_t i = 0; i < plan->len; i++) {
        const struct load *load = &plan->loads[i];
        struct value v = {.type = VALUE_MISSING};
        if (load->kind == LOAD_RESOLVE) {
            v = find_name(run, load);
        } else if (load->kind == LOAD_ALIAS) {
            const struct frame *frame = run->frame;
            for (unsigned hops = load->from.hops; hops; hops--)
                frame = frame->up;
            v = frame->slots[load->from.at];
        }
        slots[load->to.at] = v;
    }
}

void print_value(struct run *run, struct value v)
{
    char text[NUMBER_FLOAT_SIZE];
    switch (v.type) {
    case VALUE_STR:
        if (run->autoescape && !(v.flags & VALUE_SAFE))
            out_escaped(run, value_text(v));
        else
            run_out(run, v.as.s, v.len);
        break;
    case VALUE_INT:
        run_out(run, text, number_print_int(v.as.i, text));
        break;
    case VALUE_FLOAT:
        run_out(run, text, number_print_float(v.as.d, text));
        break;
    default: {
        struct str s = to_text(run, v);
        if (run->autoescape && v.type != VALUE_MODULE)
            out_escaped(run, s);
        else
            run_out(run, s.data, s.len);
    }
    }
}

static enum flow exec_text(struct run *run, const struct node *node)
{
    if (!node->check || !run->parent)
        run_out(run, node->as.text.data, node->as.text.len);
    return FLOW_NEXT;
}

static enum flow exec_output(struct run *run, const struct node *node)
{
    if (node->check && run->parent)
        return FLOW_NEXT;
    if (node->as.x.a->kind == NODE_CALL) {
        print_call(run, node->as.x.a);
        return FLOW_NEXT;
    }
    struct value v = eval(run, node->as.x.a);
    run->pos = node->as.x.a->pos;
    if (v.type == VALUE_STR && !run->autoescape)
        run_out(run, v.as.s, v.len);
    else
        print_value(run, v);
    return FLOW_NEXT;
}

static enum flow exec_if(struct run *run, const struct node *node)
{
    for (size_t i = 0; i < node->as.cond.len; i++) {
        const struct if_arm *arm = &node->as.cond.arms[i];
        if (!arm->test)
            return exec_body(run, &arm->body);
        struct value test = eval(run, arm->test);
        run->pos = arm->test->pos;
        if (truth(run, test))
            return exec_body(run, &arm->body);
    }
    return FLOW_NEXT;
}

static enum flow exec_set(struct run *run, const struct node *node)
{
    assign(run, node->as.x.a, eval(run, node->as.x.b));
    return FLOW_NEXT;
}

/* The body's output as a value; *flow is how it was left. */
static struct value capture(struct run *run, const struct node *node, enum flow *flow)
{
    size_t start = run->out.len;
    enter_scope(run, &node->as.capture.plan);
    *flow = exec_body(run, &node->as.capture.body);
    struct value text = value_of_str(run_take_output(run, start));
    text.flags = run->autoescape ? VALUE_SAFE : 0;
    if (*flow == FLOW_NEXT && node->as.capture.filter)
        text = eval_filter(run, node->as.capture.filter, &text);
    return text;
}

static enum flow exec_set_block(struct run *run, const struct node *node)
{
    enum flow flow;
    struct value text = capture(run, node, &flow);
    if (flow == FLOW_NEXT) {
        if (run->autoescape && (text.type != VALUE_STR || !(text.flags & VALUE_SAFE)))
            text = make_safe(to_text(run, text));
        assign(run, node->as.capture.target, text);
    }
    return flow;
}

static enum flow exec_filter_block(struct run *run, const struct node *node)
{
    enum flow flow;
    struct value text = capture(run, node, &flow);
    if (flow == FLOW_NEXT) {
        struct str s = to_text(run, text);
        run_out(run, s.data, s.len);
    }
    return flow;
}

static enum flow exec_with(struct run *run, const struct node *node)
{
    const struct with_node *with = node->as.with;
    enter_scope(run, &with->plan);
    for (size_t i = 0; i < with->len; i++)
        assign(run, with->targets[i], eval(run, with->values[i]));
    return exec_body(run, &with->body);
}

static struct value macro_value(struct run *run, const struct macro_node *node)
{
    struct macro *macro = run_alloc(run, sizeof *macro);
    *macro = (struct macro){node, run->frame, run->context, run->program, run->autoescape};
    return (struct value){.type = VALUE_MACRO, .as.macro = macro};
}

static enum flow exec_macro(struct run *run, const struct node *node)
{
    assign(run, node->as.macro->target, macro_value(run, node->as.macro));
    return FLOW_NEXT;
}

static enum flow exec_call_block(struct run *run, const struct node *node)
{
    struct value caller = macro_value(run, node->as.macro);
    struct value v = eval_call(run, node->as.macro->call, &caller);
    struct str s = to_text(run, v);
    run_out(run, s.data, s.len);
    return FLOW_NEXT;
}

static enum flow exec_autoescape(struct run *run, const struct node *node)
{
    enter_scope(run, &node->as.escape.plan);
    struct value v = eval(run, node->as.escape.value);
    bool saved = run->autoescape;
    run->pos = node->pos;
    run->autoescape = truth(run, v);
    enum flow flow = exec_body(run, &node->as.escape.body);
    run->autoescape = saved;
    return flow;
}

static enum flow exec_do(struct run *run, const struct node *node)
{
    (void)eval(run, node->as.x.a);
    return FLOW_NEXT;
}

static enum flow exec_break(struct run *run, const struct node *node)
{
    (void)run;
    return node->kind == NODE_BREAK ? FLOW_BREAK : FLOW_CONTINUE;
}

static enum flow exec_include_node(struct run *run, const struct node *node)
{
    exec_include(run, node);
    return FLOW_NEXT;
}

static enum flow exec_import_node(struct run *run, const struct node *node)
{
    exec_import(run, node);
    return FLOW_NEXT;
}

static enum flow exec_extends_node(struct run *run, const struct node *node)
{
    exec_extends(run, node);
    return FLOW_NEXT;
}

static enum flow exec_block_node(struct run *run, const struct node *node)
{
    exec_block(run, node);
    return FLOW_NEXT;
}

typedef enum flow exec_fn(struct run *run, const struct node *node);

static exec_fn *const executors[NODE_COUNT] = {
    [NODE_TEXT] = exec_text,
    [NODE_OUTPUT] = exec_output,
    [NODE_IF] = exec_if,
    [NODE_FOR] = exec_for,
    [NODE_SET] = exec_set,
    [NODE_SET_BLOCK] = exec_set_block,
    [NODE_WITH] = exec_with,
    [NODE_MACRO] = exec_macro,
    [NODE_CALL_BLOCK] = exec_call_block,
    [NODE_FILTER_BLOCK] = exec_filter_block,
    [NODE_BLOCK] = exec_block_node,
    [NODE_EXTENDS] = exec_extends_node,
    [NODE_INCLUDE] = exec_include_node,
    [NODE_IMPORT] = exec_import_node,
    [NODE_FROM] = exec_import_node,
    [NODE_AUTOESCAPE] = exec_autoescape,
    [NODE_DO] = exec_do,
    [NODE_BREAK] = exec_break,
    [NODE_CONTINUE] = exec_break,
};

enum flow exec_body(struct run *run, const struct body *body)
{
    run_charge(run, body->len + 1);
    for (size_t i = 0; i < body->len; i++) {
        const struct node *node = body->items[i];
        if (node->kind == NODE_TEXT) {
            (void)exec_text(run, node);
            continue;
        }
        enum flow flow = node->kind == NODE_OUTPUT ? exec_output(run, node) : executors[node->kind](run, node);
        if (flow != FLOW_NEXT)
            return flow;
    }
    return FLOW_NEXT;
}
