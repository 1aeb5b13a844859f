#include "template/run.h"

static struct value eval_list(struct run *run, const struct node *node)
{
    struct value_list *list = run_list(run, node->as.list.len);
    for (size_t i = 0; i < node->as.list.len; i++)
        list->items[i] = eval(run, node->as.list.items[i]);
    list->len = node->as.list.len;
    return (struct value){.type = node->kind == NODE_LIST ? VALUE_LIST : VALUE_TUPLE, .as.list = list};
}

static struct value eval_dict(struct run *run, const struct node *node)
{
    struct value_dict *dict = run_dict(run);
    for (size_t i = 0; i < node->as.list.len; i += 2) {
        struct value key = eval(run, node->as.list.items[i]);
        struct value v = eval(run, node->as.list.items[i + 1]);
        run->pos = node->pos;
        run_charge(run, 1);
        dict_put(run->arena, dict, key, hash_of(run, key), v);
    }
    return value_of_dict(dict);
}

static const struct value *find_new_place(const struct node *node, const struct value_dict *dict)
{
    const struct value *there = dict_find_text(dict, node->as.attr.name, node->as.attr.of->hash);
    if (there) {
        size_t bytes = (size_t)((const char *)there - (const char *)dict->entries);
        __atomic_store_n((uint32_t *)(uintptr_t)&node->as.attr.hint, (uint32_t)(bytes / sizeof *dict->entries),
                         __ATOMIC_RELAXED);
    }
    return there;
}

static inline const struct value *find_key_here(const struct node *node, const struct value_dict *dict)
{
    /* Dicts that meet in one place of a template mostly have their keys in one order. */
    uint32_t at = __atomic_load_n(&node->as.attr.hint, __ATOMIC_RELAXED);
    if (at < dict->len) {
        const struct value_entry *entry = &dict->entries[at];
        if (entry->key.type == VALUE_STR && text_same(value_text(entry->key), node->as.attr.name))
            return &entry->value;
    }
    return find_new_place(node, dict);
}

const struct value *find_attr_key(const struct node *node, const struct value_dict *dict)
{
    return find_key_here(node, dict);
}

static struct value eval_attr(struct run *run, const struct node *node)
{
    struct value object = eval(run, node->as.attr.object);
    if (object.type == VALUE_DICT && !node->as.attr.dict_method) {
        const struct value *there = find_key_here(node, object.as.dict);
        if (there)
            return *there;
    } else if (object.type == VALUE_LOOP && node->as.attr.loop_attr) {
        return loop_attr(run, object.as.loop, node->as.attr.loop_attr);
    }
    run->pos = node->pos;
    return get_attr(run, object, node->as.attr.name, node->as.attr.of->hash);
}

static struct value eval_item(struct run *run, const struct node *node)
{
    struct value object = eval(run, node->as.x.a);
    struct value key = eval(run, node->as.x.b);
    run->pos = node->pos;
    return get_item(run, object, key);
}

static struct value eval_slice(struct run *run, const struct node *node)
{
    const struct node *const parts[] = {node->as.x.b, node->as.x.c, node->as.x.d};
    struct value bounds[3], object = eval(run, node->as.x.a);
    for (size_t i = 0; i < 3; i++)
        bounds[i] = parts[i] ? eval(run, parts[i]) : value_of_none();
    run->pos = node->pos;
    return get_slice(run, object, bounds);
}

static struct value eval_call_node(struct run *run, const struct node *node)
{
    return eval_call(run, node, NULL);
}

static struct value eval_filter_node(struct run *run, const struct node *node)
{
    return eval_filter(run, node, NULL);
}

struct test_call {
    const struct node *node;
    struct value self;
};

static struct value run_test(struct run *run, void *ctx, const struct args *args)
{
    const struct test_call *test = ctx;
    const struct call *call = test->node->as.call;
    run->pos = test->node->pos;
    if (!call->builtin)
        run_fail(run, "no test named '" STR_FMT "'", STR_ARG(call->name));
    return call_builtin(run, call->builtin, test->self, args, "test");
}

static struct value eval_test(struct run *run, const struct node *node)
{
    struct test_call test = {node, eval(run, node->as.call->target)};
    if (node->as.call->plain)
        return call_plain(run, node, node->as.call->builtin, node->as.call->params, test.self);
    return eval_call_args(run, node->as.call, NULL, run_test, &test);
}

static struct value eval_not(struct run *run, const struct node *node)
{
    struct value v = eval(run, node->as.x.a);
    run->pos = node->pos;
    return value_of_bool(!truth(run, v));
}

static struct value eval_neg(struct run *run, const struct node *node)
{
    struct value v = eval(run, node->as.x.a);
    run->pos = node->pos;
    return negate(run, v);
}

static struct value eval_pos(struct run *run, const struct node *node)
{
    struct value v = eval(run, node->as.x.a);
    int64_t n;
    run->pos = node->pos;
    if (v.type == VALUE_FLOAT)
        return v;
    if (v.type == VALUE_UNDEFINED)
        run_fail_undefined(run, v);
    if (v.type == VALUE_BIG)
        return v;
    if (!as_int(v, &n))
        run_fail(run, "bad operand type for unary +: '%s'", type_name(v));
    return value_of_int(n);
}

static struct value eval_and(struct run *run, const struct node *node)
{
    struct value v = eval(run, node->as.x.a);
    run->pos = node->pos;
    return truth(run, v) ? eval(run, node->as.x.b) : v;
}

static struct value eval_or(struct run *run, const struct node *node)
{
    struct value v = eval(run, node->as.x.a);
    run->pos = node->pos;
    return truth(run, v) ? v : eval(run, node->as.x.b);
}

static struct value eval_binary(struct run *run, const struct node *node)
{
    struct value a = eval(run, node->as.x.a);
    struct value b = eval(run, node->as.x.b);
    run->pos = node->pos;
    return binary_op(run, node->op, a, b);
}

static struct value eval_concat(struct run *run, const struct node *node)
{
    struct text_builder tb = {.run = run};
    size_t n = node->as.list.len;
    struct value few[8], *parts = n <= 8 ? few : run_alloc(run, n * sizeof *parts);
    uint8_t safe = 0;
    for (size_t i = 0; i < n; i++) {
        parts[i] = eval(run, node->as.list.items[i]);
        run->pos = node->as.list.items[i]->pos;
        parts[i] = to_string(run, parts[i]);
        safe |= run->autoescape ? parts[i].flags : 0;
    }
    for (size_t i = 0; i < n; i++)
        tb_add(&tb, value_text(safe & VALUE_SAFE ? escape(run, parts[i]) : parts[i]));
    struct value v = value_of_str(tb_str(&tb));
    v.flags = safe & VALUE_SAFE;
    return v;
}

/* Comparing a text of this length counts as work: compare_op charges for it. */
enum { LONG_TEXT = 256 };

static struct value eval_compare(struct run *run, const struct node *node)
{
    struct value left = eval(run, node->as.list.items[0]);
    if (node->as.list.len == 2 && node->as.list.ops[0] <= OP_NE) {
        struct value right = eval(run, node->as.list.items[1]);
        if (left.type == VALUE_STR && right.type == VALUE_STR && left.len < LONG_TEXT)
            return value_of_bool(text_same(value_text(left), value_text(right)) == (node->as.list.ops[0] == OP_EQ));
        run->pos = node->pos;
        return value_of_bool(compare_op(run, node->as.list.ops[0], left, right));
    }
    for (size_t i = 1; i < node->as.list.len; i++) {
        struct value right = eval(run, node->as.list.items[i]);
        run->pos = node->pos;
        if (!compare_op(run, node->as.list.ops[i - 1], left, right))
            return value_of_bool(false);
        left = right;
    }
    return value_of_bool(true);
}

static struct value eval_cond(struct run *run, const struct node *node)
{
    struct value test = eval(run, node->as.x.a);
    run->pos = node->pos;
    if (truth(run, test))
        return eval(run, node->as.x.b);
    if (node->as.x.c)
        return eval(run, node->as.x.c);
    struct value v = run_undefined(run, STR(""), NULL,
                                   "the inline if-expression evaluated to false and no else section was defined");
    v.flags = 0; /* also where undefined values are strict, as in Jinja2 */
    return v;
}

typedef struct value eval_fn(struct run *run, const struct node *node);

static eval_fn *const evaluators[NODE_EXPR_COUNT] = {
    [NODE_LIST] = eval_list,       [NODE_TUPLE] = eval_list,
    [NODE_DICT] = eval_dict,       [NODE_ATTR] = eval_attr,
    [NODE_ITEM] = eval_item,       [NODE_SLICE] = eval_slice,
    [NODE_CALL] = eval_call_node,  [NODE_FILTER] = eval_filter_node,
    [NODE_TEST] = eval_test,       [NODE_NOT] = eval_not,
    [NODE_NEG] = eval_neg,         [NODE_POS] = eval_pos,
    [NODE_AND] = eval_and,         [NODE_OR] = eval_or,
    [NODE_BINARY] = eval_binary,   [NODE_CONCAT] = eval_concat,
    [NODE_COMPARE] = eval_compare, [NODE_COND] = eval_cond,
};

struct value eval_other(struct run *run, const struct node *node)
{
    if (node->kind == NODE_ATTR) /* what most nodes are, without a jump through the table */
        return eval_attr(run, node);
    return evaluators[node->kind](run, node);
}

static void assign_tuple(struct run *run, const struct node *target, struct value v)
{
    struct walk walk;
    struct value item;
    size_t n = 0;
    run->pos = target->pos;
    walk_start(run, &walk, v);
    while (walk_next(run, &walk, &item)) {
        if (n == target->as.list.len)
            run_fail(run, "too many values to unpack (expected %zu)", target->as.list.len);
        assign(run, target->as.list.items[n++], item);
    }
    if (n < target->as.list.len)
        run_fail(run, "not enough values to unpack (expected %zu, got %zu)", target->as.list.len, n);
}

void assign_other(struct run *run, const struct node *target, struct value v)
{
    if (target->kind == NODE_TUPLE) {
        assign_tuple(run, target, v);
    } else if (target->kind == NODE_NSREF) {
        struct value of = eval(run, target->as.attr.object);
        run->pos = target->pos;
        if (of.type != VALUE_NAMESPACE)
            run_fail(run, "cannot assign attribute on non-namespace object");
        run_charge(run, 1);
        dict_put(run->arena, of.as.dict, value_of_str(target->as.attr.name), target->as.attr.of->hash, v);
    } else {
        run->frame->slots[target->as.name.slot.at] = v;
        if (target->export)
            context_set(run, target->as.name.of->text, target->as.name.of->hash, v);
    }
}
