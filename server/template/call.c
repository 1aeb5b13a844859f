#include "template/run.h"

enum { FEW = 6 };

/* Arguments in places that the caller has on its stack, or on the arena where there are many. */
struct evaluated {
    struct args args;
    struct value few[FEW];
    struct keyword_value few_kw[FEW];
};

static void add_dynamic_args(struct run *run, const struct node *node, struct value *items, size_t *len, size_t cap,
                             struct value v)
{
    struct walk walk;
    run->pos = node->pos;
    walk_start(run, &walk, v);
    while (*len < cap && walk_next(run, &walk, &items[*len]))
        ++*len;
}

static size_t dynamic_len(struct run *run, const struct node *node, struct value *v)
{
    *v = eval(run, node);
    run->pos = node->pos;
    struct value_list *list = list_copy(run, *v);
    *v = value_of_list(list);
    return list->len;
}

static void evaluate(struct run *run, const struct call *call, const struct value *caller, struct evaluated *out)
{
    size_t len = call->len, kw_len = call->kw_len + (caller ? 1U : 0U);
    struct value *items = out->few;
    struct keyword_value *kwargs = out->few_kw;
    struct value rest = {0};
    if (len > FEW)
        items = run_alloc(run, len * sizeof *items);
    for (size_t i = 0; i < len; i++)
        items[i] = eval(run, call->args[i]);
    if (kw_len > FEW)
        kwargs = run_alloc(run, kw_len * sizeof *kwargs);
    kw_len = 0;
    for (size_t i = 0; i < call->kw_len; i++)
        kwargs[kw_len++] = (struct keyword_value){call->kwargs[i].name, eval(run, call->kwargs[i].value)};
    if (caller)
        kwargs[kw_len++] = (struct keyword_value){STR("caller"), *caller};
    if (call->dyn_args) {
        size_t more = dynamic_len(run, call->dyn_args, &rest);
        struct value *all = run_alloc(run, (len + more) * sizeof *all);
        memcpy(all, items, len * sizeof *all);
        items = all;
        add_dynamic_args(run, call->dyn_args, items, &len, len + more, rest);
    }
    if (call->dyn_kwargs) {
        struct value named = eval(run, call->dyn_kwargs);
        run->pos = call->dyn_kwargs->pos;
        if (named.type == VALUE_UNDEFINED)
            run_fail_undefined(run, named);
        if (named.type != VALUE_DICT)
            run_fail(run, "argument after ** must be a mapping, not %s", type_name(named));
        struct keyword_value *all = run_alloc(run, (kw_len + named.as.dict->len) * sizeof *all);
        memcpy(all, kwargs, kw_len * sizeof *all);
        kwargs = all;
        for (size_t i = 0; i < named.as.dict->len; i++) {
            const struct value_entry *entry = &named.as.dict->entries[i];
            if (entry->key.type != VALUE_STR)
                run_fail(run, "keywords must be strings");
            for (size_t k = 0; k < kw_len; k++) {
                if (str_eq(kwargs[k].name, value_text(entry->key)))
                    run_fail(run, "got multiple values for keyword argument '" STR_FMT "'", STR_ARG(kwargs[k].name));
            }
            kwargs[kw_len++] = (struct keyword_value){value_text(entry->key), entry->value};
        }
    }
    out->args = (struct args){items, kwargs, len, kw_len};
}

struct value eval_call_args(struct run *run, const struct call *call, const struct value *caller,
                            struct value (*fn)(struct run *run, void *ctx, const struct args *args), void *ctx)
{
    struct evaluated evaluated;
    evaluate(run, call, caller, &evaluated);
    return fn(run, ctx, &evaluated.args);
}

struct value call_builtin(struct run *run, const struct builtin *builtin, struct value self, const struct args *args,
                          const char *what)
{
    run_charge_text(run, self);
    if (builtin->fn_any)
        return builtin->fn_any(run, self, args);
    struct value bound[BUILTIN_PARAMS + 1] = {self};
    size_t params = builtin_param_count(builtin);
    if (args->len > params)
        run_fail(run, "%s '%s' takes at most %zu arguments, got %zu", what, builtin->name, params, args->len);
    for (size_t i = 0; i < args->len; i++)
        bound[i + 1] = args->items[i];
    for (size_t k = 0; k < args->kw_len; k++) {
        size_t i = 0;
        while (i < params && !str_eqz(args->kwargs[k].name, builtin->params[i]))
            i++;
        if (i == params)
            run_fail(run, "%s '%s' got an unexpected keyword argument '" STR_FMT "'", what, builtin->name,
                     STR_ARG(args->kwargs[k].name));
        if (bound[i + 1].type != VALUE_MISSING)
            run_fail(run, "%s '%s' got multiple values for argument '%s'", what, builtin->name, builtin->params[i]);
        bound[i + 1] = args->kwargs[k].value;
    }
    for (size_t i = 0; i < builtin->required; i++) {
        if (bound[i + 1].type == VALUE_MISSING)
            run_fail(run, "%s '%s' is missing its argument '%s'", what, builtin->name, builtin->params[i]);
    }
    return builtin->fn(run, bound);
}

struct value call_plain(struct run *run, const struct node *node, const struct builtin *builtin, size_t params,
                        struct value self)
{
    const struct call *call = node->as.call;
    struct value bound[BUILTIN_PARAMS + 1];
    bound[0] = self;
    for (size_t i = 0; i < call->len; i++)
        bound[i + 1] = eval(run, call->args[i]);
    for (size_t i = call->len; i < params; i++)
        bound[i + 1] = (struct value){.type = VALUE_MISSING};
    run->pos = node->pos;
    run_charge_text(run, self);
    return builtin->fn(run, bound);
}

/* Keyword arguments that fit no parameter, as a dict. */
static struct value rest_kwargs(struct run *run, const struct args *args, const bool *used)
{
    struct value_dict *dict = run_dict(run);
    for (size_t i = 0; i < args->kw_len; i++) {
        if (!used[i])
            dict_put_text(run->arena, dict, args->kwargs[i].name, args->kwargs[i].value);
    }
    return value_of_dict(dict);
}

static struct value rest_args(struct run *run, const struct args *args, size_t from)
{
    size_t n = args->len > from ? args->len - from : 0;
    struct value_list *list = run_list(run, n);
    for (size_t i = 0; i < n; i++)
        list->items[list->len++] = args->items[from + i];
    return value_of_tuple(list);
}

/* The caller that was given by keyword, or an undefined one. */
static struct value take_caller(struct run *run, const struct args *args, bool *used)
{
    for (size_t i = 0; i < args->kw_len; i++) {
        if (!used[i] && str_eqz(args->kwargs[i].name, "caller")) {
            used[i] = true;
            if (args->kwargs[i].value.type != VALUE_NONE)
                return args->kwargs[i].value;
        }
    }
    return run_undefined(run, STR("caller"), NULL, "no caller defined");
}

static void bind_macro(struct run *run, const struct macro *macro, const struct args *args, struct frame *frame)
{
    const struct macro_node *node = macro->node;
    bool few[FEW * 2] = {false}, *used = args->kw_len <= FEW * 2 ? few : run_alloc(run, args->kw_len);
    for (size_t i = 0; i < node->len; i++) {
        struct value *slot = &frame->slots[node->params[i]->as.name.slot.at];
        if (i < args->len) {
            *slot = args->items[i];
            continue;
        }
        for (size_t k = 0; k < args->kw_len; k++) {
            if (!used[k] && str_eq(args->kwargs[k].name, node->params[i]->as.name.of->text)) {
                *slot = args->kwargs[k].value;
                used[k] = true;
            }
        }
    }
    if (node->caller && !node->caller_param)
        frame->slots[node->caller_slot] = take_caller(run, args, used);
    if (node->kwargs)
        frame->slots[node->kwargs_slot] = rest_kwargs(run, args, used);
    for (size_t k = 0; k < args->kw_len && !node->kwargs; k++) {
        if (!used[k])
            run_fail(run, "macro '" STR_FMT "' takes no keyword argument '" STR_FMT "'", STR_ARG(node->name),
                     STR_ARG(args->kwargs[k].name));
    }
    if (node->varargs)
        frame->slots[node->varargs_slot] = rest_args(run, args, node->len);
    else if (args->len > node->len)
        run_fail(run, "macro '" STR_FMT "' takes not more than %zu argument(s)", STR_ARG(node->name), node->len);
}

static void fill_defaults(struct run *run, const struct macro_node *node)
{
    size_t first = node->len - node->default_len;
    for (size_t i = 0; i < node->len; i++) {
        struct value *slot = &run->frame->slots[node->params[i]->as.name.slot.at];
        if (slot->type != VALUE_MISSING)
            continue;
        if (i >= first) {
            *slot = eval(run, node->defaults[i - first]);
            continue;
        }
        struct str name = node->params[i]->as.name.of->text;
        const char *hint = arena_printf(run->arena, "parameter '" STR_FMT "' was not provided", STR_ARG(name));
        *slot = run_undefined(run, name, NULL, hint);
    }
}

/* Runs the macro's body into the output. */
static void run_macro(struct run *run, const struct macro *macro, const struct args *args)
{
    struct frame *const saved_frame = run->frame;
    struct context *const saved_context = run->context;
    const struct program *const saved_program = run->program, *const saved_parent = run->parent;
    const bool saved_autoescape = run->autoescape;
    struct site site = {run->site, run->program, run->pos, "called from"};
    run_enter(run);
    struct frame *frame = frame_new(run, macro->frame, macro->node->slot_count);
    bind_macro(run, macro, args, frame);
    run->site = &site;
    run->frame = frame;
    run->context = macro->context;
    run->program = macro->program;
    run->parent = NULL;
    run->autoescape = macro->autoescape;
    enter_scope(run, &macro->node->plan);
    fill_defaults(run, macro->node);
    (void)exec_body(run, &macro->node->body);
    run->frame = saved_frame;
    run->context = saved_context;
    run->program = saved_program;
    run->parent = saved_parent;
    run->autoescape = saved_autoescape;
    run->site = site.up;
    run->pos = site.pos;
    run_leave(run);
}

struct value call_macro(struct run *run, const struct macro *macro, const struct args *args)
{
    size_t start = run->out.len;
    run_macro(run, macro, args);
    struct value v = value_of_str(run_take_output(run, start));
    v.flags = run->autoescape ? VALUE_SAFE : 0;
    return v;
}

static struct value call_joiner(struct joiner *joiner)
{
    bool used = joiner->used;
    joiner->used = true;
    return used ? joiner->separator : value_of_str(STR(""));
}

struct value call_value(struct run *run, struct value callee, const struct args *args)
{
    switch (callee.type) {
    case VALUE_MACRO:
        return call_macro(run, callee.as.macro, args);
    case VALUE_METHOD:
        return call_builtin(run, callee.as.method->builtin, callee.as.method->self, args, "method");
    case VALUE_FUNCTION:
        return call_builtin(run, callee.as.function, (struct value){0}, args, "function");
    case VALUE_LOOP:
        if (args->len != 1 || args->kw_len)
            run_fail(run, "loop() takes one argument");
        return loop_recurse(run, callee.as.loop, args->items[0]);
    case VALUE_BLOCK:
        if (args->len || args->kw_len)
            run_fail(run, "a block takes no arguments");
        return call_block_ref(run, callee.as.block);
    case VALUE_JOINER:
        if (args->len || args->kw_len)
            run_fail(run, "a joiner takes no arguments");
        return call_joiner(callee.as.joiner);
    case VALUE_UNDEFINED:
        run_fail_undefined(run, callee);
    default:
        run_fail(run, "'%s' object is not callable", type_name(callee));
    }
}

struct pending_call {
    const struct node *node;
    struct value callee;
    const struct builtin *method; /* of callee, when it is the object and not the callable */
    bool print;                   /* a macro prints, and gives nothing */
};

static struct value run_call(struct run *run, void *ctx, const struct args *args)
{
    const struct pending_call *call = ctx;
    run->pos = call->node->pos;
    if (call->method)
        return call_builtin(run, call->method, call->callee, args, "method");
    if (call->print && call->callee.type == VALUE_MACRO) {
        run_macro(run, call->callee.as.macro, args);
        return (struct value){.type = VALUE_MISSING};
    }
    return call_value(run, call->callee, args);
}

static struct value make_call(struct run *run, const struct node *node, const struct value *caller, bool print)
{
    const struct node *target = node->as.call->target;
    struct pending_call call = {.node = node, .print = print};
    if (target->kind == NODE_ATTR) {
        const struct value *exported = NULL;
        call.callee = eval(run, target->as.attr.object);
        if (call.callee.type == VALUE_MODULE)
            exported = find_attr_key(target, call.callee.as.module->exports);
        else
            call.method = builtin_attr_method(target, call.callee.type);
        run->pos = target->pos;
        if (exported)
            call.callee = *exported;
        else if (!call.method)
            call.callee = get_attr(run, call.callee, target->as.attr.name, target->as.attr.of->hash);
        else if (!caller && call_is_plain(node->as.call, call.method))
            return call_plain(run, node, call.method, BUILTIN_PARAMS, call.callee);
    } else {
        call.callee = eval(run, target);
    }
    return eval_call_args(run, node->as.call, caller, run_call, &call);
}

struct value eval_call(struct run *run, const struct node *node, const struct value *caller)
{
    return make_call(run, node, caller, false);
}

void print_call(struct run *run, const struct node *node)
{
    struct value v = make_call(run, node, NULL, true);
    run->pos = node->pos;
    if (v.type != VALUE_MISSING)
        print_value(run, v);
}

struct pending_filter {
    const struct node *node;
    struct value self;
};

static struct value run_filter(struct run *run, void *ctx, const struct args *args)
{
    const struct pending_filter *filter = ctx;
    const struct call *call = filter->node->as.call;
    run->pos = filter->node->pos;
    if (!call->builtin)
        run_fail(run, "no filter named '" STR_FMT "'", STR_ARG(call->name));
    return call_builtin(run, call->builtin, filter->self, args, "filter");
}

struct value eval_filter(struct run *run, const struct node *node, const struct value *text)
{
    const struct node *target = node->as.call->target;
    struct pending_filter filter = {.node = node};
    if (!target)
        filter.self = *text;
    else if (text)
        filter.self = eval_filter(run, target, text);
    else
        filter.self = eval(run, target);
    if (node->as.call->plain)
        return call_plain(run, node, node->as.call->builtin, node->as.call->params, filter.self);
    return eval_call_args(run, node->as.call, NULL, run_filter, &filter);
}

static struct str callable_name(struct run *run, struct value name, const char *what)
{
    if (name.type == VALUE_UNDEFINED)
        run_fail_undefined(run, name);
    if (name.type != VALUE_STR)
        run_fail(run, "no %s of that name", what);
    return value_text(name);
}

struct value apply_filter(struct run *run, struct value name, struct value self, const struct args *args)
{
    struct str text = callable_name(run, name, "filter");
    const struct builtin *builtin = builtin_find_filter(text);
    if (!builtin)
        run_fail(run, "no filter named '" STR_FMT "'", STR_ARG(text));
    return call_builtin(run, builtin, self, args, "filter");
}

bool apply_test(struct run *run, struct value name, struct value self, const struct args *args)
{
    struct str text = callable_name(run, name, "test");
    const struct builtin *builtin = builtin_find_test(text);
    if (!builtin)
        run_fail(run, "no test named '" STR_FMT "'", STR_ARG(text));
    return truth(run, call_builtin(run, builtin, self, args, "test"));
}

int64_t arg_int(struct run *run, struct value v, int64_t otherwise, const char *what)
{
    int64_t n;
    if (v.type == VALUE_MISSING)
        return otherwise;
    if (v.type == VALUE_UNDEFINED)
        run_fail_undefined(run, v);
    if (!as_int(v, &n))
        run_fail(run, "%s has to be an integer, not '%s'", what, type_name(v));
    return n;
}

bool arg_bool(struct run *run, struct value v, bool otherwise)
{
    return v.type == VALUE_MISSING ? otherwise : truth(run, v);
}

struct str arg_str(struct run *run, struct value v, const char *otherwise, const char *what)
{
    if (v.type == VALUE_MISSING && otherwise)
        return str_from(otherwise);
    if (v.type == VALUE_UNDEFINED)
        run_fail_undefined(run, v);
    if (v.type != VALUE_STR)
        run_fail(run, "%s has to be a string, not '%s'", what, type_name(v));
    return value_text(v);
}
