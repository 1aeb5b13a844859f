#ifndef YELLOW_TEMPLATE_AST_H
#define YELLOW_TEMPLATE_AST_H

#include "template/value.h"

/* A template as a tree. The parser makes it, resolve.c puts names into numbered slots, then it is immutable and is what
 * a render walks. On the program's arena. */
enum node_kind {
    NODE_CONST,
    NODE_NAME,
    NODE_LIST,
    NODE_TUPLE,
    NODE_DICT, /* items: key, value, key, value, ... */
    NODE_ATTR,
    NODE_ITEM,
    NODE_SLICE, /* a[b:c:d] */
    NODE_CALL,
    NODE_FILTER,
    NODE_TEST,
    NODE_NOT,
    NODE_NEG,
    NODE_POS,
    NODE_AND,
    NODE_OR,
    NODE_BINARY,
    NODE_CONCAT,
    NODE_COMPARE,
    NODE_COND,  /* b if a else c */
    NODE_NSREF, /* only as a target: a.name = */
    NODE_EXPR_COUNT,
    NODE_TEXT = NODE_EXPR_COUNT,
    NODE_OUTPUT,
    NODE_IF,
    NODE_FOR,
    NODE_SET,
    NODE_SET_BLOCK,
    NODE_WITH,
    NODE_MACRO,
    NODE_CALL_BLOCK,
    NODE_FILTER_BLOCK,
    NODE_BLOCK,
    NODE_EXTENDS,
    NODE_INCLUDE,
    NODE_IMPORT,
    NODE_FROM,
    NODE_AUTOESCAPE,
    NODE_DO,
    NODE_BREAK,
    NODE_CONTINUE,
    NODE_COUNT
};

enum operator{
    OP_EQ,
    OP_NE,
    OP_ADD,
    OP_SUB,
    OP_MUL,
    OP_DIV,
    OP_FLOORDIV,
    OP_MOD,
    OP_POW,
    OP_LT,
    OP_LE,
    OP_GT,
    OP_GE,
    OP_IN,
    OP_NOT_IN
};

struct body {
    struct node **items;
    size_t len;
};

/* Where a name lives: `hops` functions outwards, then the slot. */
struct slot {
    uint16_t hops, at;
};

/* What a scope does with its slots when it is entered. */
struct load {
    enum { LOAD_UNDEFINED, LOAD_PARAM, LOAD_RESOLVE, LOAD_ALIAS } kind;
    struct slot to, from;
    struct str name;
    uint64_t hash;
};

/* A name that an included template sees, and where it is. */
struct visible {
    struct str name;
    uint64_t hash;
    struct slot slot;
};

struct scope_plan {
    struct load *loads;
    size_t len;
};

struct keyword {
    struct str name;
    struct node *value;
};

struct builtin;

struct call {
    struct node *target; /* NULL: the text of a filter block */
    struct node **args;
    struct keyword *kwargs;
    struct node *dyn_args, *dyn_kwargs;
    const struct builtin *builtin; /* of a filter or test; NULL: unknown, an error when it is reached */
    struct str name;
    uint16_t len, kw_len;
    uint8_t params; /* of builtin */
    bool plain;     /* call_is_plain for builtin */
};

struct if_arm {
    struct node *test; /* NULL: else */
    struct body body;
};

struct for_node {
    struct node *target, *test_target, *iter, *test;
    struct body body, otherwise;
    struct scope_plan plan, test_plan, else_plan;
    bool recursive, extended, has_else;
    uint16_t loop_slot, slot_count; /* slot_count: of a recursive loop, which is a function */
};

/* Of macros and call blocks. */
struct macro_node {
    struct str name;        /* empty: a call block's caller */
    struct node **params;   /* names */
    struct node **defaults; /* of the last params */
    size_t len, default_len;
    struct body body;
    struct scope_plan plan;
    struct node *target; /* the name that the macro is stored under */
    struct node *call;   /* of a call block */
    bool caller, kwargs, varargs;
    bool caller_param; /* `caller` is among params */
    uint16_t caller_slot, kwargs_slot, varargs_slot, slot_count;
};

struct block_node {
    struct str name;
    struct body body;
    struct scope_plan plan;
    struct visible *visible; /* of a scoped block */
    size_t visible_len;
    bool scoped, required, check;
    bool uses_self, uses_super;
    uint16_t self_slot, super_slot, slot_count;
};

struct import_node {
    struct node *template;
    struct node **targets; /* names that are stored */
    struct str *names;     /* what is taken out of the module for each */
    size_t len;
    bool with_context, ignore_missing;
    struct visible *visible;
    size_t visible_len;
};

struct with_node {
    struct node **targets, **values;
    size_t len;
    struct body body;
    struct scope_plan plan;
};

/* Of a NODE_NAME: what is seldom looked at. */
struct name_facts {
    struct str text;
    uint64_t hash;
    struct value undefined; /* what it gives when nothing is there */
    struct value_undefined why;
};

/* Of a NODE_ATTR or NODE_NSREF. */
struct attr_facts {
    uint64_t hash;
    const struct builtin *methods[3]; /* of a string, list, dict, or NULL */
};

/* A render walks over all of them: they are small, and made by parser_node only as large as their kind is. */
struct node {
    uint8_t kind, op;
    bool export; /* a name that is stored: at the top level, so into the context */
    bool check;  /* output that is not made once the template extends another */
    uint16_t depth;
    uint32_t pos;
    union {
        struct value constant;
        struct {
            struct slot slot;
            struct name_facts *of;
        } name;
        struct {
            struct node **items;
            uint8_t *ops; /* of a comparison: items[i] ops[i] items[i + 1] */
            size_t len;
        } list;
        struct {
            struct node *a, *b, *c, *d;
        } x;
        struct {
            struct node *object;
            struct str name;
            struct attr_facts *of;
            uint32_t hint; /* where dicts had the name last; read and written atomically by all renders */
            uint8_t loop_attr;
            bool dict_method; /* dicts have a method of that name */
        } attr;
        struct call *call;
        struct str text;
        struct {
            struct if_arm *arms;
            size_t len;
        } cond;
        struct for_node *loop;
        struct {
            struct node *target, *filter; /* filter: of a set block or filter block */
            struct body body;
            struct scope_plan plan;
        } capture;
        struct with_node *with;
        struct macro_node *macro;
        struct block_node *block;
        struct import_node *import;
        struct {
            struct node *value;
            struct body body;
            struct scope_plan plan;
        } escape;
    } as;
};

/* A compiled template. */
struct program {
    struct arena *arena;
    const char *name;
    struct str source;
    struct body body;
    struct scope_plan plan;
    struct block_node **blocks;
    size_t block_count;
    uint16_t slot_count, self_slot;
    bool uses_self, extends;
};

#endif
