#ifndef YELLOW_TEMPLATE_BUILTIN_H
#define YELLOW_TEMPLATE_BUILTIN_H

#include "template/ast.h"

struct run;

struct keyword_value {
    struct str name;
    struct value value;
};

/* The arguments of a call, before they are bound to parameters. */
struct args {
    const struct value *items;
    const struct keyword_value *kwargs;
    size_t len, kw_len;
};

enum { BUILTIN_PARAMS = 7 };

/* A filter, test, method or global function: one row of a table. */
struct builtin {
    const char *name;
    /* a[0] is the value it works on; a[1] and on are the parameters, VALUE_MISSING where none was given. */
    struct value (*fn)(struct run *run, const struct value *a);
    /* Instead of fn: takes its arguments as they come. */
    struct value (*fn_any)(struct run *run, struct value self, const struct args *args);
    uint8_t required; /* parameters without a default */
    const char *params[BUILTIN_PARAMS];
};

size_t builtin_param_count(const struct builtin *builtin);
/* Whether a call binds its arguments to the parameters one by one: no names, no stars, neither too few nor too many. */
static inline bool call_is_plain(const struct call *call, const struct builtin *builtin)
{
    return builtin && builtin->fn && !call->kw_len && !call->dyn_args && !call->dyn_kwargs &&
           call->len >= builtin->required &&
           (!call->len || (call->len <= BUILTIN_PARAMS && builtin->params[call->len - 1]));
}

struct builtin_table {
    const struct builtin *rows;
    size_t len;
};
#define BUILTIN_TABLE(array)                                                                                           \
    {                                                                                                                  \
        array, sizeof array / sizeof *array                                                                            \
    }

/* NULL when there is none. */
const struct builtin *builtin_find_filter(struct str name);
const struct builtin *builtin_find_test(struct str name);
const struct builtin *builtin_find_global(struct str name);
/* A method of values of that type. */
const struct builtin *builtin_find_method(enum value_type type, struct str name);

/* Fills what a NODE_ATTR can know of its name before it runs. */
void builtin_resolve_attr(struct node *node);
/* The method that the attribute of node is on a value of that type, or NULL. */
const struct builtin *builtin_attr_method(const struct node *node, enum value_type type);

/* Attributes of `loop`. */
enum loop_attr {
    LOOP_NONE,
    LOOP_INDEX,
    LOOP_INDEX0,
    LOOP_REVINDEX,
    LOOP_REVINDEX0,
    LOOP_FIRST,
    LOOP_LAST,
    LOOP_LENGTH,
    LOOP_DEPTH,
    LOOP_DEPTH0,
    LOOP_PREVITEM,
    LOOP_NEXTITEM
};
enum loop_attr builtin_loop_attr(struct str name);

extern const struct builtin_table filters_text, filters_seq, filters_num, filters_markup, filters_yellow, filters_pick,
    filters_wrap, filters_pprint, filters_link;
extern const struct builtin_table tests_all, methods_str, methods_str_more, methods_list, methods_tuple, methods_dict,
    methods_loop, methods_cycler, globals_all;

#endif
