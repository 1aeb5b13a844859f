#include "template/run.h"
#include "template/select.h"

/* Methods of lists, tuples and dicts. What the caller gave as context is not changed by a template. */

static struct value_list *own_list(struct run *run, struct value v)
{
    if (!v.as.list->owned)
        run_fail(run, "a list of the context is read only; make one of your own with |list");
    return v.as.list;
}

static struct value_dict *own_dict(struct run *run, struct value v)
{
    if (!v.as.dict->owned)
        run_fail(run, "a dict of the context is read only; make one of your own with dict()");
    return v.as.dict;
}

static struct value list_append(struct run *run, const struct value *a)
{
    run_push(run, own_list(run, a[0]), a[1]);
    return value_of_none();
}

static struct value list_extend(struct run *run, const struct value *a)
{
    struct value_list *list = own_list(run, a[0]);
    const struct value_list *more = list_copy(run, a[1]);
    for (size_t i = 0; i < more->len; i++)
        run_push(run, list, more->items[i]);
    return value_of_none();
}

static size_t place(const struct value_list *list, int64_t at)
{
    int64_t len = (int64_t)list->len;
    if (at < 0)
        at += len;
    return at < 0 ? 0 : at > len ? (size_t)len : (size_t)at;
}

static struct value list_insert(struct run *run, const struct value *a)
{
    struct value_list *list = own_list(run, a[0]);
    size_t at = place(list, arg_int(run, a[1], 0, "index"));
    run_charge(run, list->len / 8);
    run_push(run, list, a[2]);
    memmove(&list->items[at + 1], &list->items[at], (list->len - 1 - at) * sizeof *list->items);
    list->items[at] = a[2];
    return value_of_none();
}

static struct value take(struct value_list *list, size_t at)
{
    struct value v = list->items[at];
    memmove(&list->items[at], &list->items[at + 1], (list->len - at - 1) * sizeof *list->items);
    list->len--;
    return v;
}

static struct value list_pop(struct run *run, const struct value *a)
{
    struct value_list *list = own_list(run, a[0]);
    int64_t at = arg_int(run, a[1], -1, "index");
    if (at < 0)
        at += (int64_t)list->len;
    if (at < 0 || (size_t)at >= list->len)
        run_fail(run, list->len ? "pop index out of range" : "pop from empty list");
    run_charge(run, (list->len - (size_t)at) / 16);
    return take(list, (size_t)at);
}

static size_t find(struct run *run, const struct value_list *list, struct value v, size_t from)
{
    for (size_t i = from; i < list->len; i++) {
        run_charge(run, 1);
        if (equals(run, list->items[i], v))
            return i;
    }
    return SIZE_MAX;
}

static struct value list_remove(struct run *run, const struct value *a)
{
    struct value_list *list = own_list(run, a[0]);
    size_t at = find(run, list, a[1], 0);
    if (at == SIZE_MAX)
        run_fail(run, "list.remove(x): x not in list");
    (void)take(list, at);
    return value_of_none();
}

static struct value list_clear(struct run *run, const struct value *a)
{
    own_list(run, a[0])->len = 0;
    return value_of_none();
}

static struct value list_reverse(struct run *run, const struct value *a)
{
    struct value_list *list = own_list(run, a[0]);
    for (size_t i = 0, k = list->len; i + 1 < k; i++) {
        struct value v = list->items[i];
        list->items[i] = list->items[--k];
        list->items[k] = v;
    }
    return value_of_none();
}

static struct value list_sort(struct run *run, const struct value *a)
{
    struct value_list *list = own_list(run, a[0]), *keys = list_copy(run, a[0]);
    sort_by_keys(run, keys->items, list->items, list->len, arg_bool(run, a[1], false));
    return value_of_none();
}

static struct value list_copy_method(struct run *run, const struct value *a)
{
    return value_of_list(list_copy(run, a[0]));
}

static struct value list_index(struct run *run, const struct value *a)
{
    const struct value_list *list = list_of(run, a[0]);
    size_t end = a[3].type == VALUE_MISSING ? list->len : place(list, arg_int(run, a[3], 0, "stop"));
    size_t at = find(run, list, a[1], place(list, arg_int(run, a[2], 0, "start")));
    if (at >= end)
        run_fail(run, STR_FMT " is not in list", STR_ARG(to_repr(run, a[1])));
    return value_of_int((int64_t)at);
}

static struct value list_count(struct run *run, const struct value *a)
{
    const struct value_list *list = list_of(run, a[0]);
    int64_t n = 0;
    for (size_t at = find(run, list, a[1], 0); at != SIZE_MAX; at = find(run, list, a[1], at + 1))
        n++;
    return value_of_int(n);
}

static struct value view(struct run *run, const struct value_dict *dict, const char *kind, bool keys, bool values)
{
    struct value_list *list = run_list(run, dict->len);
    for (size_t i = 0; i < dict->len; i++) {
        struct value v = keys ? dict->entries[i].key : dict->entries[i].value;
        if (keys && values) {
            struct value_list *pair = run_list(run, 2);
            run_push(run, pair, dict->entries[i].key);
            run_push(run, pair, dict->entries[i].value);
            v = value_of_tuple(pair);
        }
        run_push(run, list, v);
    }
    list->kind = kind;
    return (struct value){.type = VALUE_VIEW, .as.list = list};
}

static struct value dict_keys(struct run *run, const struct value *a)
{
    return view(run, a[0].as.dict, "dict_keys", true, false);
}

static struct value dict_values(struct run *run, const struct value *a)
{
    return view(run, a[0].as.dict, "dict_values", false, true);
}

static struct value dict_items(struct run *run, const struct value *a)
{
    return view(run, a[0].as.dict, "dict_items", true, true);
}

static struct value dict_get(struct run *run, const struct value *a)
{
    const struct value *there = dict_find(a[0].as.dict, a[1], hash_of(run, a[1]));
    if (there)
        return *there;
    return a[2].type == VALUE_MISSING ? value_of_none() : a[2];
}

static struct value dict_copy(struct run *run, const struct value *a)
{
    const struct value_dict *of = a[0].as.dict;
    struct value_dict *dict = run_dict(run);
    run_charge(run, of->len);
    for (size_t i = 0; i < of->len; i++)
        dict_put(run->arena, dict, of->entries[i].key, of->entries[i].hash, of->entries[i].value);
    return value_of_dict(dict);
}

static struct value dict_update(struct run *run, struct value self, const struct args *args)
{
    struct value_dict *dict = own_dict(run, self);
    struct value more = builtin_find_global(STR("dict"))->fn_any(run, self, args);
    run_charge(run, more.as.dict->len);
    for (size_t i = 0; i < more.as.dict->len; i++) {
        const struct value_entry *entry = &more.as.dict->entries[i];
        dict_put(run->arena, dict, entry->key, entry->hash, entry->value);
    }
    return value_of_none();
}

static struct value dict_setdefault(struct run *run, const struct value *a)
{
    uint64_t hash = hash_of(run, a[1]);
    const struct value *there = dict_find(a[0].as.dict, a[1], hash);
    if (there)
        return *there;
    struct value v = a[2].type == VALUE_MISSING ? value_of_none() : a[2];
    run_charge(run, 1);
    dict_put(run->arena, own_dict(run, a[0]), a[1], hash, v);
    return v;
}

static struct value dict_pop(struct run *run, const struct value *a)
{
    struct value_dict *dict = own_dict(run, a[0]);
    struct value v;
    run_charge(run, dict->len);
    if (dict_remove(dict, a[1], hash_of(run, a[1]), &v))
        return v;
    if (a[2].type == VALUE_MISSING)
        run_fail(run, "no key " STR_FMT, STR_ARG(to_repr(run, a[1])));
    return a[2];
}

static struct value dict_popitem(struct run *run, const struct value *a)
{
    struct value_dict *dict = own_dict(run, a[0]);
    if (!dict->len)
        run_fail(run, "popitem(): dictionary is empty");
    struct value_entry last = dict->entries[dict->len - 1];
    struct value v;
    run_charge(run, dict->len);
    (void)dict_remove(dict, last.key, last.hash, &v);
    struct value_list *pair = run_list(run, 2);
    run_push(run, pair, last.key);
    run_push(run, pair, last.value);
    return value_of_tuple(pair);
}

static struct value dict_clear(struct run *run, const struct value *a)
{
    struct value_dict *dict = own_dict(run, a[0]);
    dict->len = 0;
    if (dict->slots)
        memset(dict->slots, 0, dict->slot_count * sizeof *dict->slots);
    return value_of_none();
}

static const struct builtin list_rows[] = {
    {"append", list_append, NULL, 1, {"object"}},
    {"extend", list_extend, NULL, 1, {"iterable"}},
    {"insert", list_insert, NULL, 2, {"index", "object"}},
    {"pop", list_pop, NULL, 0, {"index"}},
    {"remove", list_remove, NULL, 1, {"value"}},
    {"clear", list_clear, NULL, 0, {NULL}},
    {"reverse", list_reverse, NULL, 0, {NULL}},
    {"sort", list_sort, NULL, 0, {"reverse"}},
    {"copy", list_copy_method, NULL, 0, {NULL}},
    {"index", list_index, NULL, 1, {"value", "start", "stop"}},
    {"count", list_count, NULL, 1, {"value"}},
};
const struct builtin_table methods_list = BUILTIN_TABLE(list_rows);

static const struct builtin tuple_rows[] = {
    {"index", list_index, NULL, 1, {"value", "start", "stop"}},
    {"count", list_count, NULL, 1, {"value"}},
};
const struct builtin_table methods_tuple = BUILTIN_TABLE(tuple_rows);

static const struct builtin dict_rows[] = {
    {"items", dict_items, NULL, 0, {NULL}},
    {"keys", dict_keys, NULL, 0, {NULL}},
    {"values", dict_values, NULL, 0, {NULL}},
    {"get", dict_get, NULL, 1, {"key", "default"}},
    {"copy", dict_copy, NULL, 0, {NULL}},
    {"update", NULL, dict_update, 0, {NULL}},
    {"setdefault", dict_setdefault, NULL, 1, {"key", "default"}},
    {"pop", dict_pop, NULL, 1, {"key", "default"}},
    {"popitem", dict_popitem, NULL, 0, {NULL}},
    {"clear", dict_clear, NULL, 0, {NULL}},
};
const struct builtin_table methods_dict = BUILTIN_TABLE(dict_rows);
