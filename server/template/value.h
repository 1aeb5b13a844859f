#ifndef YELLOW_TEMPLATE_VALUE_H
#define YELLOW_TEMPLATE_VALUE_H

#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"
#include "base/yaml.h"

/* The values that templates see: none, booleans, integers, floats, strings, lists and dicts that keep the order of
 * their keys, and what only a render makes (ranges, macros, loops). Sixteen bytes, passed by value. What is given to a
 * render as its context is read only, and may be shared by renders. */
enum value_type {
    VALUE_MISSING, /* nothing: an unset slot, a parameter that was not given */
    VALUE_UNDEFINED,
    VALUE_NONE,
    VALUE_BOOL,
    VALUE_INT,
    VALUE_BIG, /* an integer beyond 64 bits: bigint.h */
    VALUE_FLOAT,
    VALUE_STR,
    VALUE_LIST,
    VALUE_TUPLE,
    VALUE_VIEW, /* what dict.keys(), values() and items() give */
    VALUE_ITER, /* what can be walked once: the result of map, select, batch, ... */
    VALUE_RANGE,
    VALUE_DICT,
    VALUE_NAMESPACE,
    VALUE_MACRO,
    VALUE_LOOP,
    VALUE_METHOD,
    VALUE_FUNCTION,
    VALUE_MODULE,
    VALUE_CYCLER,
    VALUE_JOINER,
    VALUE_BLOCK,
    VALUE_SELF,
    VALUE_TYPE_COUNT
};

enum value_flag {
    VALUE_SAFE = 1,   /* a string that autoescape leaves alone (Markup) */
    VALUE_STRICT = 2, /* an undefined that fails when it is used */
    VALUE_GROUP = 4,  /* a tuple of groupby: .grouper and .list */
};

struct value {
    uint8_t type, flags;
    uint32_t len; /* bytes of a string */
    union {
        bool b;
        int64_t i;
        const struct bigint *big;
        double d;
        const char *s; /* not terminated */
        struct value_list *list;
        struct value_iter *iter;
        struct value_range *range;
        struct value_dict *dict;
        const struct value_undefined *undefined;
        struct macro *macro;
        struct loop *loop;
        struct method *method;
        const struct builtin *function;
        struct module *module;
        struct cycler *cycler;
        struct joiner *joiner;
        struct block_ref *block;
        struct context *context; /* of a template's `self` */
    } as;
};

/* The items of a list, tuple or view. */
struct value_list {
    struct value *items;
    size_t len, cap;
    bool owned;       /* made by the render that runs: it may be changed */
    const char *kind; /* of a view: "dict_keys" */
};

struct value_iter {
    struct value_list *list;
    size_t at;
    const char *kind; /* "generator", for messages */
};

struct value_range {
    int64_t start, stop, step;
    size_t len;
};

struct value_entry {
    struct value key, value;
    uint64_t hash;
};

/* Keys in order of arrival. */
struct value_dict {
    struct value_entry *entries;
    uint32_t *slots; /* 1 + index, 0 when free; absent while there are few keys */
    size_t len, cap, slot_count;
    bool owned;
};

/* Why there is no value. */
struct value_undefined {
    struct str name;   /* of the variable or the attribute */
    const char *hint;  /* said instead of what follows from name and owner */
    const char *owner; /* "dict object": what has no such attribute */
};

const struct value *value_int(struct arena *arena, int64_t n);
const struct value *value_float(struct arena *arena, double d);
/* The text is borrowed; UTF-8. */
const struct value *value_str(struct arena *arena, struct str s);
struct value *value_list(struct arena *arena);
void value_list_add(struct arena *arena, struct value *list, const struct value *item);
struct value *value_dict(struct arena *arena);
/* Key is borrowed; a key that is there already is replaced in its place. */
void value_dict_set(struct arena *arena, struct value *dict, const char *key, const struct value *item);
/* The value under key, or NULL. */
const struct value *value_dict_get(const struct value *dict, const char *key);
/* A copy of a JSON tree, keys in their order; strings are borrowed from it. */
const struct value *value_from_json(struct arena *arena, const json_t *json);
/* JSON text as values, without a tree between: all of text is one value, no key is twice in an object. ERR_SYNTAX,
 * "json: text", for all else, and for a number that is beyond 64 bits or a float. Strings are borrowed from text. */
int value_read_json(struct arena *arena, struct str text, struct value **out, struct err *err);
/* The same of a YAML tree: scalars as the core schema reads them, keys as texts. ERR_INVALID, "line:column: text", for
 * a number that no value can hold. */
int value_from_yaml(struct arena *arena, const struct yaml_node *node, struct value **out, struct err *err);

/* The same by value, for the engine. */
static inline struct value value_of_none(void)
{
    return (struct value){.type = VALUE_NONE};
}
static inline struct value value_of_bool(bool b)
{
    return (struct value){.type = VALUE_BOOL, .as.b = b};
}
static inline struct value value_of_int(int64_t n)
{
    return (struct value){.type = VALUE_INT, .as.i = n};
}
static inline struct value value_of_float(double d)
{
    return (struct value){.type = VALUE_FLOAT, .as.d = d};
}
static inline struct value value_of_str(struct str s)
{
    return (struct value){.type = VALUE_STR, .len = (uint32_t)s.len, .as.s = s.data};
}
static inline struct value value_of_list(struct value_list *list)
{
    return (struct value){.type = VALUE_LIST, .as.list = list};
}
static inline struct value value_of_tuple(struct value_list *list)
{
    return (struct value){.type = VALUE_TUPLE, .as.list = list};
}
static inline struct value value_of_dict(struct value_dict *dict)
{
    return (struct value){.type = VALUE_DICT, .as.dict = dict};
}
/* The text of a string value. */
static inline struct str value_text(struct value v)
{
    return (struct str){v.as.s, v.len};
}
static inline bool value_is_seq(struct value v)
{
    return v.type == VALUE_LIST || v.type == VALUE_TUPLE || v.type == VALUE_VIEW;
}

/* Room for one more; returns where it goes. */
struct value *list_push(struct arena *arena, struct value_list *list);

/* Equal keys have equal hashes, integers and floats of one value among them. false: not a type for keys. */
bool value_hash(struct value v, uint64_t *hash);
/* Python's ==; both defined. Deeply nested values beyond a bound are unequal. */
bool value_equal(struct value a, struct value b);
/* The same, and unequal once it took so many steps; takes off *steps what it took. */
bool value_equal_within(struct value a, struct value b, uint64_t *steps);

/* The place of the value under key, or NULL. */
struct value *dict_find(const struct value_dict *dict, struct value key, uint64_t hash);
/* As dict_find for a text whose str_hash is known. */
struct value *dict_find_text(const struct value_dict *dict, struct str key, uint64_t hash);
/* Puts or replaces; a replaced one keeps its first key. */
void dict_put(struct arena *arena, struct value_dict *dict, struct value key, uint64_t hash, struct value v);
void dict_put_text(struct arena *arena, struct value_dict *dict, struct str key, struct value v);
/* Makes room for n keys in a dict that has none. */
void dict_reserve(struct arena *arena, struct value_dict *dict, size_t n);
/* dict_put_text of a text that keys, a set of all keys of one context, has once: equal keys of many dicts are one text,
 * which is in the cache when it is compared. */
void dict_put_shared(struct arena *arena, struct value_dict *keys, struct value_dict *dict, struct str key,
                     struct value v);
/* Takes it out, in O(length). false when absent. */
bool dict_remove(struct value_dict *dict, struct value key, uint64_t hash, struct value *out);

#endif
