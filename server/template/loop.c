#include "template/loop.h"

static bool next_raw(struct run *run, struct loop *loop, struct value *out)
{
    const struct for_node *node = loop->node->as.loop;
    while (walk_next(run, &loop->walk, out)) {
        run_charge(run, 1);
        if (!node->test || loop->all)
            return true;
        enter_scope(run, &node->test_plan);
        assign(run, node->test_target, *out);
        struct value test = eval(run, node->test);
        run->pos = node->test->pos;
        if (truth(run, test))
            return true;
    }
    return false;
}

bool loop_next(struct run *run, struct loop *loop, struct value *out)
{
    if (loop->after.type != VALUE_MISSING) {
        *out = loop->after;
        loop->after.type = VALUE_MISSING;
    } else if (!next_raw(run, loop, out)) {
        return false;
    }
    loop->index0++;
    loop->before = loop->current;
    loop->current = *out;
    return true;
}

static bool peek(struct run *run, struct loop *loop)
{
    struct value item;
    if (loop->after.type == VALUE_MISSING && next_raw(run, loop, &item))
        loop->after = item;
    return loop->after.type != VALUE_MISSING;
}

static int64_t length(struct run *run, struct loop *loop)
{
    size_t n;
    if (loop->length >= 0)
        return loop->length;
    if (!loop->node->as.loop->test && length_of(run, loop->walk.of, &n))
        return loop->length = (int64_t)n;
    struct value_list *rest = run_list(run, 4);
    struct value item;
    while (next_raw(run, loop, &item))
        run_push(run, rest, item);
    loop->all = rest;
    loop->walk = (struct walk){.of = value_of_list(rest)};
    return loop->length = (int64_t)rest->len + loop->index0 + 1 + (loop->after.type != VALUE_MISSING);
}

struct value loop_attr(struct run *run, struct loop *loop, enum loop_attr attr)
{
    switch (attr) {
    case LOOP_INDEX:
        return value_of_int(loop->index0 + 1);
    case LOOP_INDEX0:
        return value_of_int(loop->index0);
    case LOOP_REVINDEX:
        return value_of_int(length(run, loop) - loop->index0);
    case LOOP_REVINDEX0:
        return value_of_int(length(run, loop) - loop->index0 - 1);
    case LOOP_FIRST:
        return value_of_bool(loop->index0 == 0);
    case LOOP_LAST:
        return value_of_bool(!peek(run, loop));
    case LOOP_LENGTH:
        return value_of_int(length(run, loop));
    case LOOP_DEPTH:
        return value_of_int((int64_t)loop->depth0 + 1);
    case LOOP_DEPTH0:
        return value_of_int((int64_t)loop->depth0);
    case LOOP_PREVITEM:
        return loop->index0 == 0 ? run_undefined(run, STR("previtem"), NULL, "there is no previous item")
                                 : loop->before;
    case LOOP_NEXTITEM:
        return peek(run, loop) ? loop->after : run_undefined(run, STR("nextitem"), NULL, "there is no next item");
    default:
        return value_of_none();
    }
}

static struct value loop_cycle(struct run *run, struct value self, const struct args *args)
{
    if (!args->len || args->kw_len)
        run_fail(run, "no items for cycling given");
    return args->items[(size_t)self.as.loop->index0 % args->len];
}

static struct value loop_changed(struct run *run, struct value self, const struct args *args)
{
    struct loop *loop = self.as.loop;
    struct value_list *list = run_list(run, args->len);
    for (size_t i = 0; i < args->len; i++)
        list->items[list->len++] = args->items[i];
    struct value now = value_of_tuple(list);
    if (args->kw_len)
        run_fail(run, "loop.changed() takes no keyword arguments");
    if (loop->changed.type != VALUE_MISSING && equals(run, loop->changed, now))
        return value_of_bool(false);
    loop->changed = now;
    return value_of_bool(true);
}

static const struct builtin rows[] = {{"changed", NULL, loop_changed, 0, {NULL}},
                                      {"cycle", NULL, loop_cycle, 0, {NULL}}};
const struct builtin_table methods_loop = BUILTIN_TABLE(rows);

/* The items one by one; returns whether there was none. */
static bool run_items(struct run *run, struct loop *loop, const struct for_node *node)
{
    struct value item;
    bool none = true;
    while (loop_next(run, loop, &item)) {
        enter_scope(run, &node->plan);
        assign(run, node->target, item);
        enum flow flow = exec_body(run, &node->body);
        /* As in Jinja2, whose generated code notes it at the end of the body. */
        if (flow != FLOW_CONTINUE && flow != FLOW_BREAK)
            none = false;
        if (flow == FLOW_BREAK)
            break;
    }
    return none;
}

static void run_loop(struct run *run, struct loop *loop, const struct node *node)
{
    const struct for_node *of = node->as.loop;
    if (of->extended)
        run->frame->slots[of->loop_slot] = (struct value){.type = VALUE_LOOP, .as.loop = loop};
    bool none = run_items(run, loop, of);
    if (none && of->has_else) {
        enter_scope(run, &of->else_plan);
        (void)exec_body(run, &of->otherwise);
    }
}

static struct loop *loop_new(struct run *run, const struct node *node, struct value over, size_t depth0)
{
    struct loop *loop = run_take(run, sizeof *loop);
    *loop = (struct loop){.node = node, .frame = run->frame, .index0 = -1, .depth0 = depth0, .length = -1};
    run->pos = node->as.loop->iter->pos;
    walk_start(run, &loop->walk, over);
    return loop;
}

struct value loop_recurse(struct run *run, struct loop *outer, struct value over)
{
    const struct for_node *node = outer->node->as.loop;
    if (!node->recursive)
        run_fail(run, "the loop must have the 'recursive' marker to be called recursively");
    struct frame *saved = run->frame;
    size_t start = run->out.len;
    uint32_t pos = run->pos;
    run_enter(run);
    run->frame = outer->frame;
    struct loop *loop = loop_new(run, outer->node, over, outer->depth0 + 1);
    run->frame = frame_new(run, outer->frame, node->slot_count);
    run_loop(run, loop, outer->node);
    run->frame = saved;
    run->pos = pos;
    run_leave(run);
    struct value v = value_of_str(run_take_output(run, start));
    v.flags = run->autoescape ? VALUE_SAFE : 0;
    return v;
}

enum flow exec_for(struct run *run, const struct node *node)
{
    const struct for_node *of = node->as.loop;
    struct value over = eval(run, of->iter);
    run_enter(run);
    struct loop *loop = loop_new(run, node, over, 0);
    struct frame *saved = run->frame;
    if (of->recursive)
        run->frame = frame_new(run, saved, of->slot_count);
    run_loop(run, loop, node);
    run->frame = saved;
    run_leave(run);
    return FLOW_NEXT;
}
