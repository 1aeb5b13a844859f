#include "template/run.h"

struct context *context_new(struct run *run, const struct program *program)
{
    struct context *context = run_alloc(run, sizeof *context);
    context->vars = run_dict(run);
    context->program = program;
    for (size_t i = 0; i < program->block_count; i++) {
        struct block_stack *stack = vec_push(run->arena, &context->blocks);
        stack->name = program->blocks[i]->name;
        *vec_push(run->arena, &stack->places) = (struct block_place){program->blocks[i], program};
    }
    return context;
}

bool context_find(const struct context *context, struct str name, uint64_t hash, struct value *out)
{
    for (; context; context = context->up) {
        const struct value_dict *const layers[] = {context->vars, context->locals, context->base};
        for (size_t i = 0; i < 3; i++) {
            const struct value *there = layers[i] && layers[i]->len ? dict_find_text(layers[i], name, hash) : NULL;
            if (there) {
                *out = *there;
                return true;
            }
        }
    }
    return false;
}

void context_set(struct run *run, struct str name, uint64_t hash, struct value v)
{
    struct value ignored;
    dict_put(run->arena, run->context->vars, value_of_str(name), hash, v);
    if (run->context->hidden)
        (void)dict_remove(run->context->hidden, value_of_str(name), hash, &ignored);
}

static void hide(struct run *run, struct str name, uint64_t hash)
{
    if (!run->context->hidden)
        run->context->hidden = run_dict(run);
    dict_put(run->arena, run->context->hidden, value_of_str(name), hash, value_of_none());
}

static const struct value_dict *visible_locals(struct run *run, const struct visible *visible, size_t len)
{
    if (!len)
        return NULL;
    struct value_dict *locals = run_dict(run);
    for (size_t i = 0; i < len; i++) {
        const struct frame *frame = run->frame;
        for (unsigned hops = visible[i].slot.hops; hops; hops--)
            frame = frame->up;
        struct value v = frame->slots[visible[i].slot.at];
        if (v.type != VALUE_MISSING)
            dict_put(run->arena, locals, value_of_str(visible[i].name), visible[i].hash, v);
    }
    return locals;
}

/* The context as it is now: what is assigned later does not show. */
static struct context *snapshot(struct run *run, const struct context *context)
{
    if (!context)
        return NULL;
    struct context *copy = run_alloc(run, sizeof *copy);
    *copy = *context;
    copy->up = snapshot(run, context->up);
    copy->vars = run_dict(run);
    for (size_t i = 0; i < context->vars->len; i++) {
        const struct value_entry *entry = &context->vars->entries[i];
        dict_put(run->arena, copy->vars, entry->key, entry->hash, entry->value);
    }
    return copy;
}

struct place_in_run {
    struct frame *frame;
    struct context *context;
    const struct program *program, *parent;
    const struct site *site;
    bool autoescape;
    uint32_t pos;
};

static struct place_in_run leave_to(struct run *run, const struct program *program, struct context *context,
                                    const struct site *site)
{
    struct place_in_run saved = {run->frame, run->context,    run->program, run->parent,
                                 run->site,  run->autoescape, run->pos};
    run_enter(run);
    run->site = site;
    run->context = context;
    run->program = program;
    run->parent = NULL;
    return saved;
}

static void come_back(struct run *run, const struct place_in_run *saved)
{
    run->frame = saved->frame;
    run->context = saved->context;
    run->program = saved->program;
    run->parent = saved->parent;
    run->site = saved->site;
    run->autoescape = saved->autoescape;
    run->pos = saved->pos;
    run_leave(run);
}

void run_program(struct run *run, const struct program *program, struct context *context)
{
    struct site site = {run->site, run->program, run->pos, "included from"};
    struct place_in_run saved = leave_to(run, program, context, run->frame ? &site : NULL);
    unsigned depth = run->depth;
    run->autoescape = run->options->autoescape;
    for (;;) {
        run->parent = NULL;
        run->frame = frame_new(run, NULL, program->slot_count);
        if (program->uses_self)
            run->frame->slots[program->self_slot] = (struct value){.type = VALUE_SELF, .as.context = context};
        enter_scope(run, &program->plan);
        (void)exec_body(run, &program->body);
        if (!run->parent)
            break;
        run_charge(run, 100);
        if (++run->depth > run->options->max_depth)
            run_fail_code(run, ERR_TOO_LARGE, "templates extend each other deeper than %u", run->options->max_depth);
        program = run->program = run->parent;
    }
    run->depth = depth;
    come_back(run, &saved);
}

/* The template that value names: a name, or the first that exists of a list of names. NULL when there is none. */
static const struct program *find_template(struct run *run, struct value value, bool list_allowed)
{
    if (value.type == VALUE_UNDEFINED)
        run_fail_undefined(run, value);
    if (value.type == VALUE_STR)
        return env_program(run, value_text(value));
    if (!list_allowed || !is_iterable(value))
        run_fail(run, "a template's name has to be a string, not '%s'", type_name(value));
    struct walk walk;
    struct value name;
    walk_start(run, &walk, value);
    while (walk_next(run, &walk, &name)) {
        const struct program *program = find_template(run, name, false);
        if (program)
            return program;
    }
    return NULL;
}

_Noreturn static void fail_not_found(struct run *run, struct value name)
{
    run_fail_code(run, ERR_NOT_FOUND, "no template " STR_FMT, STR_ARG(to_repr(run, name)));
}

static struct value run_module(struct run *run, const struct program *program, struct context *context)
{
    size_t start = run->out.len;
    run_program(run, program, context);
    struct module *module = run_alloc(run, sizeof *module);
    *module = (struct module){.exports = run_dict(run), .body = run_take_output(run, start), .name = program->name};
    for (size_t i = 0; i < context->vars->len; i++) {
        const struct value_entry *entry = &context->vars->entries[i];
        bool hidden = context->hidden && dict_find(context->hidden, entry->key, entry->hash);
        if (entry->key.as.s[0] != '_' && !hidden)
            dict_put(run->arena, module->exports, entry->key, entry->hash, entry->value);
    }
    return (struct value){.type = VALUE_MODULE, .as.module = module};
}

/* The template as a module without a context: one in a render. */
static struct value default_module(struct run *run, const struct program *program)
{
    struct str name = str_from(program->name);
    uint64_t hash = str_hash(name);
    const struct value *there = dict_find_text(run->modules, name, hash);
    if (there)
        return *there;
    struct value module = run_module(run, program, context_new(run, program));
    dict_put(run->arena, run->modules, value_of_str(name), hash, module);
    return module;
}

void exec_include(struct run *run, const struct node *node)
{
    const struct import_node *import = node->as.import;
    struct value name = eval(run, import->template);
    run->pos = node->pos;
    const struct program *program = find_template(run, name, true);
    if (!program && import->ignore_missing)
        return;
    if (!program)
        fail_not_found(run, name);
    if (!import->with_context) {
        struct str body = default_module(run, program).as.module->body;
        run_out(run, body.data, body.len);
        return;
    }
    struct context *context = context_new(run, program);
    context->up = run->context;
    context->locals = visible_locals(run, import->visible, import->visible_len);
    run_program(run, program, context);
}

void exec_import(struct run *run, const struct node *node)
{
    const struct import_node *import = node->as.import;
    struct value name = eval(run, import->template), module;
    run->pos = node->pos;
    const struct program *program = find_template(run, name, false);
    if (!program)
        fail_not_found(run, name);
    if (import->with_context) {
        struct context *context = context_new(run, program);
        context->up = snapshot(run, run->context);
        context->locals = visible_locals(run, import->visible, import->visible_len);
        module = run_module(run, program, context);
    } else {
        module = default_module(run, program);
    }
    for (size_t i = 0; i < import->len; i++) {
        const struct node *target = import->targets[i];
        struct value v = module;
        if (import->names) {
            const struct value *there =
                dict_find_text(module.as.module->exports, import->names[i], str_hash(import->names[i]));
            const char *hint = there ? NULL
                                     : arena_printf(run->arena, "template '%s' does not export '" STR_FMT "'",
                                                    program->name, STR_ARG(import->names[i]));
            v = there ? *there : run_undefined(run, import->names[i], NULL, hint);
        }
        assign(run, target, v);
        if (target->export && target->as.name.of->text.data[0] != '_')
            hide(run, target->as.name.of->text, target->as.name.of->hash);
    }
}

void exec_extends(struct run *run, const struct node *node)
{
    struct value name = eval(run, node->as.x.a);
    run->pos = node->pos;
    if (run->parent)
        run_fail(run, "extended multiple times");
    const struct program *program = find_template(run, name, false);
    if (!program)
        fail_not_found(run, name);
    struct context *context = run->context;
    for (size_t i = 0; i < program->block_count; i++) {
        size_t k = 0;
        while (k < context->blocks.len && !str_eq(context->blocks.items[k].name, program->blocks[i]->name))
            k++;
        if (k == context->blocks.len)
            vec_push(run->arena, &context->blocks)->name = program->blocks[i]->name;
        *vec_push(run->arena, &context->blocks.items[k].places) = (struct block_place){program->blocks[i], program};
    }
    run->parent = program;
}

static struct block_stack *find_blocks(struct context *context, struct str name)
{
    for (size_t i = 0; i < context->blocks.len; i++) {
        if (str_eq(context->blocks.items[i].name, name))
            return &context->blocks.items[i];
    }
    return NULL;
}

struct value block_attr(struct run *run, struct context *context, struct str name, size_t depth)
{
    const struct block_stack *stack = find_blocks(context, name);
    if (!stack || depth >= stack->places.len)
        return (struct value){.type = VALUE_MISSING};
    struct block_ref *ref = run_alloc(run, sizeof *ref);
    *ref = (struct block_ref){stack->name, context, depth};
    return (struct value){.type = VALUE_BLOCK, .as.block = ref};
}

/* Runs the block at that depth of its stack into the output. */
static void run_block(struct run *run, struct context *context, const struct block_stack *stack, size_t depth)
{
    const struct block_node *block = stack->places.items[depth].block;
    struct site site = {run->site, run->program, run->pos, "block from"};
    struct place_in_run saved = leave_to(run, stack->places.items[depth].program, context, &site);
    run->autoescape = run->options->autoescape;
    run->frame = frame_new(run, NULL, block->slot_count);
    if (block->uses_self)
        run->frame->slots[block->self_slot] = (struct value){.type = VALUE_SELF, .as.context = context};
    if (block->uses_super) {
        struct value super = block_attr(run, context, stack->name, depth + 1);
        if (super.type == VALUE_MISSING)
            super = run_undefined(run, STR("super"), NULL, "there is no parent block of that name");
        run->frame->slots[block->super_slot] = super;
    }
    enter_scope(run, &block->plan);
    (void)exec_body(run, &block->body);
    come_back(run, &saved);
}

void exec_block(struct run *run, const struct node *node)
{
    const struct block_node *block = node->as.block;
    if (block->check && run->parent)
        return;
    struct context *context = run->context;
    const struct block_stack *stack = find_blocks(context, block->name);
    run->pos = node->pos;
    if (block->required && stack->places.len <= 1)
        run_fail(run, "required block '" STR_FMT "' not found", STR_ARG(block->name));
    if (block->scoped) {
        struct context *derived = run_alloc(run, sizeof *derived);
        *derived = *context;
        derived->up = context;
        derived->vars = run_dict(run);
        derived->base = NULL;
        derived->locals = visible_locals(run, block->visible, block->visible_len);
        context = derived;
    }
    run_block(run, context, stack, 0);
}

struct value call_block_ref(struct run *run, const struct block_ref *ref)
{
    size_t start = run->out.len;
    run_block(run, ref->context, find_blocks(ref->context, ref->name), ref->depth);
    struct value v = value_of_str(run_take_output(run, start));
    v.flags = run->autoescape ? VALUE_SAFE : 0;
    return v;
}
