#ifndef YELLOW_TEMPLATE_RUN_H
#define YELLOW_TEMPLATE_RUN_H

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "template/ast.h"
#include "template/builtin.h"
#include "template/error.h"
#include "template/template.h"
#include "template/text.h"

#include <setjmp.h>

/* One render. Errors leave by longjmp to template_render, which frees the arena and the output: so nothing in the
 * engine may hold memory of another kind across a call that can fail. */

/* The slots of one call of a function (template, block, macro, recursive loop). */
struct frame {
    struct frame *up; /* where the function was defined */
    struct value slots[];
};

/* A block and the template that it stands in. */
struct block_place {
    const struct block_node *block;
    const struct program *program;
};

/* All blocks of one name, the most derived first. */
struct block_stack {
    struct str name;
    struct {
        struct block_place *items;
        size_t len, cap;
    } places;
};

/* What names mean that no scope of the template stores. */
struct context {
    struct context *up;              /* of the template that includes this one */
    const struct value_dict *locals; /* what that one's scopes held */
    struct value_dict *vars;         /* what the top level assigned */
    struct value_dict *hidden;       /* of vars: imported, so not exported again; or NULL */
    const struct value_dict *base;   /* the caller's context */
    const struct program *program;
    struct {
        struct block_stack *items;
        size_t len, cap;
    } blocks;
};

/* Where another template or macro was entered from. */
struct site {
    const struct site *up;
    const struct program *program;
    uint32_t pos;
    const char *how; /* "included from" */
};

struct macro {
    const struct macro_node *node;
    struct frame *frame;
    struct context *context;
    const struct program *program;
    bool autoescape;
};

struct method {
    struct value self;
    const struct builtin *builtin;
};

struct module {
    struct value_dict *exports;
    struct str body;
    const char *name;
};

struct cycler {
    const struct value_list *items;
    size_t at;
};

struct joiner {
    struct value separator;
    bool used;
};

struct block_ref {
    struct str name;
    struct context *context;
    size_t depth;
};

/* A walk over the items of a value. */
struct walk {
    struct value of;
    size_t at, len;
};

struct run {
    struct template_env *env;
    const struct template_options *options;
    struct arena *arena;
    char *room; /* a piece of the arena that small pieces are cut from, and what is left of it: a multiple of 16 */
    size_t room_left, room_size;
    struct buf out; /* the caller's, which may hold text already; not terminated while the render runs */
    size_t out_max; /* of out.len */
    struct frame *frame;
    struct context *context;
    const struct program *program;
    const struct program *parent; /* the template that this one extends, once it is known */
    const struct site *site;
    bool autoescape;
    uint32_t pos; /* of what is evaluated, for errors */
    uint64_t steps_left;
    size_t memory_left;
    unsigned depth;
    const char *stack_base;
    struct value_dict *modules; /* imported without context: one of each in a render */
    struct err *err;
    jmp_buf jump;
};

/* core.c */
_Noreturn void run_fail(struct run *run, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
_Noreturn void run_fail_code(struct run *run, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Fails as the use of an undefined value does. */
_Noreturn void run_fail_undefined(struct run *run, struct value v);
_Noreturn void run_fail_steps(struct run *run);
void *run_alloc(struct run *run, size_t size);
/* As run_alloc, not zeroed. */
void *run_take_slow(struct run *run, size_t size);
static inline void *run_take(struct run *run, size_t size)
{
    if (size >= run->room_left)
        return run_take_slow(run, size);
    void *piece = run->room;
    size_t whole = (size + 15) & ~(size_t)15;
    run->room += whole;
    run->room_left -= whole;
    return piece;
}
/* For text of len bytes, not zeroed; counts against the bounds. */
char *run_alloc_text(struct run *run, size_t len);
struct str run_copy(struct run *run, struct str s);
/* Work that is not a node: fails once there was too much. */
static inline void run_charge(struct run *run, uint64_t steps)
{
    if (steps > run->steps_left)
        run_fail_steps(run);
    run->steps_left -= steps;
}
/* What reads a text of this many bytes is one step. */
enum { STEP_BYTES = 8 };
/* Work that may read all of a value's text and make nothing of it: no other bound would hold it. */
static inline void run_charge_text(struct run *run, struct value v)
{
    run_charge(run, v.type == VALUE_STR ? 1 + v.len / STEP_BYTES : 1);
}
void run_enter(struct run *run);
void run_check_stack(struct run *run);
static inline void run_leave(struct run *run)
{
    run->depth--;
}
/* Appends to the output, within its bound. */
void run_out_slow(struct run *run, const char *data, size_t len);
static inline void run_out(struct run *run, const char *data, size_t len)
{
    if (len < run->out.cap - run->out.len && len <= run->out_max - run->out.len) {
        text_copy(run->out.data + run->out.len, data, len);
        run->out.len += len;
    } else {
        run_out_slow(run, data, len);
    }
}
/* What was written since start, taken off the output. */
struct str run_take_output(struct run *run, size_t start);
struct value run_undefined(struct run *run, struct str name, const char *owner, const char *hint);
struct value_list *run_list(struct run *run, size_t cap);
void run_push(struct run *run, struct value_list *list, struct value v);
struct value_dict *run_dict(struct run *run);
struct value run_iter(struct run *run, struct value_list *list, const char *kind);
/* A string of the render's own, growing on its arena. */
struct text_builder {
    struct run *run;
    char *data;
    size_t len, cap;
};
/* Room for len more bytes at once, where a bound of the result is known. */
void tb_reserve(struct text_builder *tb, size_t len);
char *tb_grow(struct text_builder *tb, size_t len);
static inline char *tb_room(struct text_builder *tb, size_t len)
{
    return len > tb->cap - tb->len ? tb_grow(tb, len) : tb->data + tb->len;
}
static inline void tb_add(struct text_builder *tb, struct str s)
{
    if (s.len) {
        memcpy(tb_room(tb, s.len), s.data, s.len);
        tb->len += s.len;
    }
}
static inline void tb_addc(struct text_builder *tb, char c)
{
    *tb_room(tb, 1) = c;
    tb->len++;
}
void tb_fill(struct text_builder *tb, char c, size_t n);
static inline struct str tb_str(const struct text_builder *tb)
{
    return (struct str){tb->data ? tb->data : "", tb->len};
}

/* types.c */
/* "str", "int", "dict": Python's name of the type. */
const char *type_name(struct value v);
const char *type_owner(struct value v); /* "str object", "None" */
bool truth_other(struct run *run, struct value v);
static inline bool truth(struct run *run, struct value v)
{
    return v.type == VALUE_BOOL ? v.as.b : truth_other(run, v);
}
/* str() and, in lists and dicts, repr(). */
struct str to_text(struct run *run, struct value v);
struct str to_repr(struct run *run, struct value v);
/* A string value: v itself (safe ones stay safe) or its text. */
struct value to_string(struct run *run, struct value v);
void print_repr(struct text_builder *tb, struct value v, unsigned depth);

/* text_strip_set, within the bound of steps. */
struct str strip_set(struct run *run, struct str s, struct str set, bool left, bool right);

/* escape.c */
struct value escape(struct run *run, struct value v);
void out_escaped(struct run *run, struct str s);
struct value make_safe(struct str s);

/* iterate.c */
void walk_start(struct run *run, struct walk *walk, struct value of);
bool walk_next_other(struct run *run, struct walk *walk, struct value *out);
static inline bool walk_next(struct run *run, struct walk *walk, struct value *out)
{
    if (walk->of.type != VALUE_LIST)
        return walk_next_other(run, walk, out);
    if (walk->at >= walk->of.as.list->len)
        return false;
    *out = walk->of.as.list->items[walk->at++];
    return true;
}
bool is_iterable(struct value v);
/* All items; v's own list where it has one (borrowed). */
const struct value_list *list_of(struct run *run, struct value v);
/* A list of one's own. */
struct value_list *list_copy(struct run *run, struct value v);
/* len(); false when v has none. */
bool length_of(struct run *run, struct value v, size_t *out);

/* ops.c */
struct value binary_op(struct run *run, enum operator op, struct value a, struct value b);
struct value negate(struct run *run, struct value v);
/* ops_big.c: of integers, one of which or whose result is beyond 64 bits */
struct value big_op(struct run *run, enum operator op, struct value a, struct value b);
struct value big_negate(struct run *run, struct value v);
/* A number as a float; fails when it is too large for one. */
double number_as_double(struct run *run, struct value v);
/* A float's whole part. */
struct value number_from_double(struct run *run, double d);
/* int(text, base), or VALUE_MISSING when it is none. */
struct value number_read(struct run *run, struct str text, int base);
/* The magnitude of an integer. */
struct str number_digits(struct run *run, struct value v, unsigned base, bool upper);
bool compare_op(struct run *run, enum operator op, struct value a, struct value b);
bool equals(struct run *run, struct value a, struct value b);
/* <0, 0, >0; fails when they have no order. */
int order(struct run *run, struct value a, struct value b);
bool contains(struct run *run, struct value in, struct value item);
struct value concat_text(struct run *run, struct value a, struct value b);
bool as_int(struct value v, int64_t *out);
bool as_number(struct value v, double *out);
uint64_t hash_of(struct run *run, struct value v);

/* attr.c */
struct value get_attr(struct run *run, struct value object, struct str name, uint64_t hash);
struct value get_item(struct run *run, struct value object, struct value key);
struct value get_slice(struct run *run, struct value object, const struct value bounds[3]);
struct value loop_attr(struct run *run, struct loop *loop, enum loop_attr attr);
/* A slice's first index and how many there are, as Python cuts it. */
size_t slice_bounds(struct run *run, size_t len, const struct value bounds[3], int64_t *start, int64_t *step);

/* eval.c */
struct value eval_other(struct run *run, const struct node *node);
/* What half of all nodes are needs no call. */
static inline struct value eval(struct run *run, const struct node *node)
{
    if (node->kind == NODE_NAME) {
        const struct frame *frame = run->frame;
        for (unsigned hops = node->as.name.slot.hops; hops; hops--)
            frame = frame->up;
        struct value v = frame->slots[node->as.name.slot.at];
        return v.type == VALUE_MISSING ? node->as.name.of->undefined : v;
    }
    if (node->kind == NODE_CONST)
        return node->as.constant;
    return eval_other(run, node);
}
/* The value in dict under the name of a NODE_ATTR, or NULL. */
const struct value *find_attr_key(const struct node *node, const struct value_dict *dict);
void assign_other(struct run *run, const struct node *target, struct value v);
static inline void assign(struct run *run, const struct node *target, struct value v)
{
    if (target->kind == NODE_NAME && !target->export)
        run->frame->slots[target->as.name.slot.at] = v;
    else
        assign_other(run, target, v);
}

/* call.c */
struct value call_value(struct run *run, struct value callee, const struct args *args);
struct value call_builtin(struct run *run, const struct builtin *builtin, struct value self, const struct args *args,
                          const char *what);
/* Calls a builtin whose call is plain; node is the call, filter or test; params is how many parameters the builtin has,
 * or more. */
struct value call_plain(struct run *run, const struct node *node, const struct builtin *builtin, size_t params,
                        struct value self);
struct value call_macro(struct run *run, const struct macro *macro, const struct args *args);
struct value eval_call_args(struct run *run, const struct call *call, const struct value *caller,
                            struct value (*fn)(struct run *run, void *ctx, const struct args *args), void *ctx);
struct value eval_call(struct run *run, const struct node *node, const struct value *caller);
/* {{ call }}: a macro prints where it is, without a copy. */
void print_call(struct run *run, const struct node *node);
struct value eval_filter(struct run *run, const struct node *node, const struct value *text);
struct value apply_filter(struct run *run, struct value name, struct value self, const struct args *args);
bool apply_test(struct run *run, struct value name, struct value self, const struct args *args);

/* exec.c */
enum flow { FLOW_NEXT, FLOW_BREAK, FLOW_CONTINUE };
enum flow exec_body(struct run *run, const struct body *body);
void load_scope(struct run *run, const struct scope_plan *plan);
static inline void enter_scope(struct run *run, const struct scope_plan *plan)
{
    if (plan->len)
        load_scope(run, plan);
}
struct frame *frame_new(struct run *run, struct frame *up, size_t slots);
void print_value(struct run *run, struct value v);
enum flow exec_for(struct run *run, const struct node *node);
struct value loop_recurse(struct run *run, struct loop *loop, struct value over);

/* include.c */
void exec_include(struct run *run, const struct node *node);
void exec_import(struct run *run, const struct node *node);
void exec_extends(struct run *run, const struct node *node);
void exec_block(struct run *run, const struct node *node);
struct value call_block_ref(struct run *run, const struct block_ref *ref);
struct value block_attr(struct run *run, struct context *context, struct str name, size_t depth);
struct context *context_new(struct run *run, const struct program *program);
bool context_find(const struct context *context, struct str name, uint64_t hash, struct value *out);
void context_set(struct run *run, struct str name, uint64_t hash, struct value v);
/* Runs a whole template, with those that it extends, into the output. */
void run_program(struct run *run, const struct program *program, struct context *context);

/* template.c */
/* NULL with *found false when there is no such template; fails when it does not compile. */
const struct program *env_program(struct run *run, struct str name);

/* Arguments of builtins. */
int64_t arg_int(struct run *run, struct value v, int64_t otherwise, const char *what);
bool arg_bool(struct run *run, struct value v, bool otherwise);
/* The text of a parameter that has to be a string. */
struct str arg_str(struct run *run, struct value v, const char *otherwise, const char *what);
static inline bool arg_given(struct value v)
{
    return v.type != VALUE_MISSING && v.type != VALUE_NONE;
}

#endif
