#include "template/run.h"

#include <stdio.h>

enum { STACK_BOUND = 640 << 10, LARGEST_ROOM = 64 << 10 };

static void add_sites(struct run *run)
{
    for (const struct site *site = run->site; site; site = site->up) {
        struct place place = {site->program->name, site->program->source, site->pos};
        error_add_site(run->err, site->how, &place);
    }
}

_Noreturn static void fail_with(struct run *run, enum err_code code, const char *what)
{
    struct place place = {run->program->name, run->program->source, run->pos};
    (void)error_at(run->err, code, &place, what);
    add_sites(run);
    longjmp(run->jump, 1);
}

_Noreturn void run_fail_code(struct run *run, enum err_code code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *what = arena_vprintf(run->arena, fmt, args);
    va_end(args);
    fail_with(run, code, what);
}

_Noreturn void run_fail(struct run *run, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *what = arena_vprintf(run->arena, fmt, args);
    va_end(args);
    fail_with(run, ERR_INVALID, what);
}

_Noreturn void run_fail_undefined(struct run *run, struct value v)
{
    const struct value_undefined *u = v.as.undefined;
    if (u->hint)
        run_fail(run, "%s", u->hint);
    if (u->owner)
        run_fail(run, "'%s' has no attribute '" STR_FMT "'", u->owner, STR_ARG(u->name));
    run_fail(run, "'" STR_FMT "' is undefined", STR_ARG(u->name));
}

_Noreturn void run_fail_steps(struct run *run)
{
    run_fail_code(run, ERR_TOO_LARGE, "rendering takes too many steps");
}

struct str strip_set(struct run *run, struct str s, struct str set, bool left, bool right)
{
    /* Each character that goes is looked for in the set. */
    if (set.len > 64)
        run_charge(run, s.len * (set.len / 64) / 16);
    return text_strip_set(s, set, left, right);
}

void *run_alloc(struct run *run, size_t size)
{
    return memset(run_take(run, size), 0, size);
}

void *run_take_slow(struct run *run, size_t size)
{
    size_t room = run->room_size < LARGEST_ROOM ? run->room_size * 2 : LARGEST_ROOM;
    bool apart = ARENA_CHECKED || size > room / 4; /* each piece by itself where the arena sees overruns */
    size_t taken = apart ? size : room;
    if (taken > run->memory_left)
        run_fail_code(run, ERR_TOO_LARGE, "rendering takes too much memory");
    run->memory_left -= taken;
    if (apart)
        return arena_take(run->arena, size);
    run->room = arena_take(run->arena, room);
    run->room_left = run->room_size = room;
    return run_take(run, size);
}

char *run_alloc_text(struct run *run, size_t len)
{
    if (len > run->options->max_output)
        run_fail_code(run, ERR_TOO_LARGE, "text of %zu bytes is beyond the bound of %zu", len,
                      run->options->max_output);
    run_charge(run, len / 64);
    return run_take(run, len);
}

struct str run_copy(struct run *run, struct str s)
{
    char *copy = run_alloc_text(run, s.len);
    if (s.len)
        memcpy(copy, s.data, s.len);
    return (struct str){copy, s.len};
}

void run_check_stack(struct run *run)
{
    const char *here = __builtin_frame_address(0);
    size_t used = here < run->stack_base ? (size_t)(run->stack_base - here) : (size_t)(here - run->stack_base);
    if (used > STACK_BOUND)
        run_fail_code(run, ERR_TOO_LARGE, "nested too deep");
}

void run_enter(struct run *run)
{
    if (++run->depth > run->options->max_depth)
        run_fail_code(run, ERR_TOO_LARGE, "includes, macros and loops nested deeper than %u", run->options->max_depth);
    run_check_stack(run);
}

void run_out_slow(struct run *run, const char *data, size_t len)
{
    if (len > run->out_max - run->out.len)
        run_fail_code(run, ERR_TOO_LARGE, "output beyond the bound of %zu bytes", run->options->max_output);
    buf_add(&run->out, data, len);
}

struct str run_take_output(struct run *run, size_t start)
{
    struct str text = run_copy(run, (struct str){buf_text(&run->out) + start, run->out.len - start});
    run->out.len = start;
    return text;
}

struct value run_undefined(struct run *run, struct str name, const char *owner, const char *hint)
{
    struct value_undefined *u = run_alloc(run, sizeof *u);
    *u = (struct value_undefined){name, hint, owner};
    return (struct value){
        .type = VALUE_UNDEFINED, .flags = run->options->lenient ? 0 : VALUE_STRICT, .as.undefined = u};
}

struct value_list *run_list(struct run *run, size_t cap)
{
    struct value_list *list = run_alloc(run, sizeof *list);
    list->owned = true;
    if (cap) {
        run_charge(run, cap / 8);
        list->items = run_take(run, cap * sizeof *list->items);
        list->cap = cap;
    }
    return list;
}

void run_push(struct run *run, struct value_list *list, struct value v)
{
    if (list->len == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 4;
        struct value *items = run_take(run, cap * sizeof *items);
        if (list->len)
            memcpy(items, list->items, list->len * sizeof *items);
        list->items = items;
        list->cap = cap;
    }
    list->items[list->len++] = v;
}

/* It and its first slots are memory that nobody has touched, which costs more than most steps do. */
enum { DICT_STEPS = 8 };

struct value_dict *run_dict(struct run *run)
{
    run_charge(run, DICT_STEPS);
    struct value_dict *dict = run_alloc(run, sizeof *dict);
    dict->owned = true;
    return dict;
}

struct value run_iter(struct run *run, struct value_list *list, const char *kind)
{
    struct value_iter *iter = run_alloc(run, sizeof *iter);
    *iter = (struct value_iter){.list = list, .kind = kind};
    return (struct value){.type = VALUE_ITER, .as.iter = iter};
}

static void tb_widen(struct text_builder *tb, size_t cap)
{
    char *data = run_alloc_text(tb->run, cap);
    if (tb->len)
        memcpy(data, tb->data, tb->len);
    tb->data = data;
    tb->cap = cap;
}

void tb_reserve(struct text_builder *tb, size_t len)
{
    if (len > tb->cap - tb->len)
        tb_widen(tb, tb->len + len);
}

char *tb_grow(struct text_builder *tb, size_t len)
{
    size_t cap = tb->cap ? tb->cap * 2 : 64;
    while (cap < tb->len + len)
        cap *= 2;
    tb_widen(tb, cap);
    return tb->data + tb->len;
}

void tb_fill(struct text_builder *tb, char c, size_t n)
{
    if (n > tb->run->options->max_output)
        run_fail_code(tb->run, ERR_TOO_LARGE, "text of %zu bytes is beyond the bound of %zu", n,
                      tb->run->options->max_output);
    if (n) {
        memset(tb_room(tb, n), c, n);
        tb->len += n;
    }
}
