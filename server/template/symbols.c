#include "template/symbols.h"

struct symbols *symbols_new(struct compiler *c, struct symbols *parent, struct function *function)
{
    struct symbols *s = arena_alloc(c->arena, sizeof *s);
    *s = (struct symbols){.c = c, .parent = parent, .function = function};
    s->slots = arena_alloc(c->arena, sizeof *s->slots);
    return s;
}

static struct symbol *find_here(const struct symbols *s, struct str name)
{
    for (size_t i = 0; i < s->len; i++) {
        if (str_eq(s->items[i].name, name))
            return &s->items[i];
    }
    return NULL;
}

static struct symbol *find(const struct symbols *s, struct str name, const struct function **function)
{
    for (; s; s = s->parent) {
        struct symbol *symbol = find_here(s, name);
        if (symbol) {
            *function = s->function;
            return symbol;
        }
    }
    return NULL;
}

static uint16_t slot_for(struct symbols *s, struct str name)
{
    struct slot_names *names = s->slots;
    for (size_t i = 0; i < names->len; i++) {
        if (str_eq(names->items[i], name))
            return names->at[i];
    }
    if (names->len == names->cap) {
        size_t cap = names->cap;
        names->at = vec_grow(s->c->arena, names->at, names->len, &cap, sizeof *names->at);
        names->items = vec_grow(s->c->arena, names->items, names->len, &names->cap, sizeof *names->items);
    }
    if (s->function->slot_count == UINT16_MAX)
        compile_fail(s->c, 0, "too many names");
    names->items[names->len] = name;
    names->at[names->len] = s->function->slot_count++;
    return names->at[names->len++];
}

static struct symbol *define(struct symbols *s, struct str name, uint64_t hash, int load)
{
    struct symbol *symbol = find_here(s, name);
    if (!symbol)
        symbol = vec_push(s->c->arena, s);
    *symbol = (struct symbol){
        .name = name, .hash = hash, .at = slot_for(s, name), .load = (uint8_t)load, .stored = symbol->stored};
    return symbol;
}

static void alias(struct symbol *symbol, const struct symbol *outer, const struct function *function)
{
    symbol->load = LOAD_ALIAS;
    symbol->from_function = function;
    symbol->from_at = outer->at;
}

void symbols_load(struct symbols *s, struct str name, uint64_t hash)
{
    const struct function *function;
    if (!find(s, name, &function))
        (void)define(s, name, hash, LOAD_RESOLVE);
}

void symbols_store(struct symbols *s, struct str name, uint64_t hash)
{
    struct symbol *symbol = find_here(s, name);
    if (!symbol) {
        const struct function *function;
        const struct symbol *outer = s->parent ? find(s->parent, name, &function) : NULL;
        symbol = define(s, name, hash, LOAD_UNDEFINED);
        if (outer)
            alias(symbol, outer, function);
    }
    symbol->stored = true;
}

struct symbol *symbols_declare(struct symbols *s, struct str name)
{
    struct symbol *symbol = define(s, name, str_hash(name), LOAD_PARAM);
    symbol->stored = true;
    return symbol;
}

struct symbols *symbols_copy(const struct symbols *s)
{
    struct symbols *copy = arena_alloc(s->c->arena, sizeof *copy);
    *copy = *s;
    copy->items = arena_calloc(s->c->arena, s->cap, sizeof *copy->items);
    if (s->len)
        memcpy(copy->items, s->items, s->len * sizeof *s->items);
    return copy;
}

void symbols_branch_update(struct symbols *s, struct symbols *const branches[3])
{
    size_t known = s->len;
    bool *stored = arena_calloc(s->c->arena, known, sizeof *stored);
    for (size_t i = 0; i < known; i++)
        stored[i] = s->items[i].stored;
    for (size_t b = 0; b < 3; b++) {
        for (size_t i = 0; i < branches[b]->len; i++) {
            const struct symbol *from = &branches[b]->items[i];
            struct symbol *to = find_here(s, from->name);
            bool was = to && to->stored;
            if (!to)
                to = vec_push(s->c->arena, s);
            *to = *from;
            to->stored |= was;
        }
    }
    for (size_t i = 0; i < s->len; i++) {
        struct symbol *symbol = &s->items[i];
        if (!symbol->stored || (i < known && stored[i]))
            continue;
        size_t count = 0;
        for (size_t b = 0; b < 3; b++) {
            const struct symbol *there = find_here(branches[b], symbol->name);
            count += there && there->stored;
        }
        if (count == 3)
            continue;
        const struct function *function;
        const struct symbol *outer = s->parent ? find(s->parent, symbol->name, &function) : NULL;
        if (outer)
            alias(symbol, outer, function);
        else
            symbol->load = LOAD_RESOLVE;
    }
}

bool symbols_find(const struct symbols *s, struct str name, struct slot *out)
{
    const struct function *function;
    const struct symbol *symbol = find(s, name, &function);
    if (!symbol)
        return false;
    *out = (struct slot){(uint16_t)(s->function->depth - function->depth), symbol->at};
    return true;
}

struct scope_plan symbols_plan(const struct symbols *s)
{
    struct scope_plan plan = {.loads = arena_calloc(s->c->arena, s->len, sizeof *plan.loads)};
    for (size_t i = 0; i < s->len; i++) {
        const struct symbol *symbol = &s->items[i];
        if (symbol->load == LOAD_PARAM)
            continue;
        struct load *load = &plan.loads[plan.len++];
        *load = (struct load){.kind = symbol->load, .to = {0, symbol->at}, .name = symbol->name, .hash = symbol->hash};
        if (symbol->load == LOAD_ALIAS)
            load->from = (struct slot){(uint16_t)(s->function->depth - symbol->from_function->depth), symbol->from_at};
    }
    return plan;
}

void symbols_visible(const struct symbols *s, struct visible **out, size_t *len)
{
    struct {
        struct visible *items;
        size_t len, cap;
    } found = {0};
    for (const struct symbols *scope = s; scope; scope = scope->parent) {
        for (size_t i = 0; i < scope->len; i++) {
            const struct symbol *symbol = &scope->items[i];
            bool seen = !symbol->stored;
            for (size_t k = 0; k < found.len && !seen; k++)
                seen = str_eq(found.items[k].name, symbol->name);
            if (seen)
                continue;
            struct visible *visible = vec_push(s->c->arena, &found);
            visible->name = symbol->name;
            visible->hash = symbol->hash;
            (void)symbols_find(s, symbol->name, &visible->slot);
        }
    }
    *out = found.items;
    *len = found.len;
}
