#include "template/value.h"

static struct value *keep(struct arena *arena, struct value v)
{
    struct value *kept = arena_alloc(arena, sizeof *kept);
    *kept = v;
    return kept;
}

const struct value *value_int(struct arena *arena, int64_t n)
{
    return keep(arena, value_of_int(n));
}

const struct value *value_float(struct arena *arena, double d)
{
    return keep(arena, value_of_float(d));
}

const struct value *value_str(struct arena *arena, struct str s)
{
    return keep(arena, value_of_str(s));
}

struct value *value_list(struct arena *arena)
{
    return keep(arena, value_of_list(arena_alloc(arena, sizeof(struct value_list))));
}

struct value *list_push(struct arena *arena, struct value_list *list)
{
    if (list->len == list->cap) {
        size_t cap = list->cap ? list->cap * 2 : 4;
        struct value *items = arena_calloc(arena, cap, sizeof *items);
        if (list->len)
            memcpy(items, list->items, list->len * sizeof *items);
        list->items = items;
        list->cap = cap;
    }
    return &list->items[list->len++];
}

void value_list_add(struct arena *arena, struct value *list, const struct value *item)
{
    *list_push(arena, list->as.list) = *item;
}

struct value *value_dict(struct arena *arena)
{
    return keep(arena, value_of_dict(arena_alloc(arena, sizeof(struct value_dict))));
}

void value_dict_set(struct arena *arena, struct value *dict, const char *key, const struct value *item)
{
    dict_put_text(arena, dict->as.dict, str_from(key), *item);
}

const struct value *value_dict_get(const struct value *dict, const char *key)
{
    struct str text = str_from(key);
    return dict->type == VALUE_DICT ? dict_find_text(dict->as.dict, text, str_hash(text)) : NULL;
}

/* What is made of one tree. */
struct making {
    struct arena *arena;
    struct value_dict keys; /* of all its dicts */
};

static struct value from_json(struct making *making, const json_t *json);

static struct value from_array(struct making *making, const json_t *json)
{
    struct value_list *list = arena_alloc(making->arena, sizeof *list);
    size_t n = json_array_size(json);
    list->items = arena_calloc(making->arena, n, sizeof *list->items);
    list->cap = list->len = n;
    for (size_t i = 0; i < n; i++)
        list->items[i] = from_json(making, json_array_get(json, i));
    return value_of_list(list);
}

static struct value from_object(struct making *making, const json_t *json)
{
    struct value_dict *dict = arena_alloc(making->arena, sizeof *dict);
    json_t *object = (json_t *)(uintptr_t)json; /* jansson's iterator takes no const */
    dict_reserve(making->arena, dict, json_object_size(json));
    for (void *at = json_object_iter(object); at; at = json_object_iter_next(object, at))
        dict_put_shared(making->arena, &making->keys, dict, str_from(json_object_iter_key(at)),
                        from_json(making, json_object_iter_value(at)));
    return value_of_dict(dict);
}

static struct value from_json(struct making *making, const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return from_object(making, json);
    case JSON_ARRAY:
        return from_array(making, json);
    case JSON_STRING:
        return value_of_str((struct str){json_string_value(json), json_string_length(json)});
    case JSON_INTEGER:
        return value_of_int(json_integer_value(json));
    case JSON_REAL:
        return value_of_float(json_real_value(json));
    case JSON_TRUE:
    case JSON_FALSE:
        return value_of_bool(json_is_true(json));
    default:
        return value_of_none();
    }
}

const struct value *value_from_json(struct arena *arena, const json_t *json)
{
    struct making making = {.arena = arena};
    return keep(arena, from_json(&making, json));
}
