#include "template/run.h"
#include "template/select.h"
#include "template/text.h"

#include <math.h>

static struct value filter_length(struct run *run, const struct value *a)
{
    size_t len;
    if (!length_of(run, a[0], &len))
        run_fail(run, "object of type '%s' has no len()", type_name(a[0]));
    return value_of_int((int64_t)len);
}

static struct value filter_first(struct run *run, const struct value *a)
{
    struct walk walk;
    struct value v;
    walk_start(run, &walk, a[0]);
    return walk_next(run, &walk, &v) ? v : run_undefined(run, STR("first"), NULL, "no first item, sequence was empty");
}

static struct value reversed(struct run *run, struct value of)
{
    const struct value_list *list = list_of(run, of);
    struct value_list *out = run_list(run, list->len);
    for (size_t i = list->len; i > 0; i--)
        out->items[out->len++] = list->items[i - 1];
    return value_of_list(out);
}

static struct value filter_last(struct run *run, const struct value *a)
{
    if (a[0].type == VALUE_ITER)
        run_fail(run, "'%s' object is not reversible", a[0].as.iter->kind);
    const struct value_list *list = list_of(run, a[0]);
    return list->len ? list->items[list->len - 1]
                     : run_undefined(run, STR("last"), NULL, "no last item, sequence was empty");
}

static struct value filter_reverse(struct run *run, const struct value *a)
{
    if (a[0].type == VALUE_STR) {
        const struct value bounds[] = {value_of_none(), value_of_none(), value_of_int(-1)};
        return get_slice(run, a[0], bounds);
    }
    struct value v = reversed(run, a[0]);
    return a[0].type == VALUE_ITER ? v : run_iter(run, v.as.list, "list_reverseiterator");
}

static struct value filter_list(struct run *run, const struct value *a)
{
    return value_of_list(list_copy(run, a[0]));
}

static struct value filter_join(struct run *run, const struct value *a)
{
    const struct value_list *list = list_of(run, a[0]);
    struct value with = a[1].type == VALUE_MISSING ? value_of_str(STR("")) : a[1];
    struct attr_path path = {0};
    if (arg_given(a[2]))
        path = attr_path_read(run, a[2]);
    struct value_list *parts = run_list(run, list->len);
    bool safe = false;
    for (size_t i = 0; i < list->len; i++) {
        struct value v = list->items[i];
        if (path.len)
            v = attr_path_get(run, &path, v, (struct value){0});
        v = to_string(run, v);
        safe |= v.flags & VALUE_SAFE;
        run_push(run, parts, v);
    }
    with = to_string(run, with);
    /* Joined by what is safe, all that is joined gets escaped; so it does when an item is. */
    safe = run->autoescape && (with.flags & VALUE_SAFE || safe);
    if (safe)
        with = escape(run, with);
    struct text_builder tb = {.run = run};
    for (size_t i = 0; i < parts->len; i++) {
        run_charge(run, 1);
        if (i)
            tb_add(&tb, value_text(with));
        tb_add(&tb, value_text(safe ? escape(run, parts->items[i]) : parts->items[i]));
    }
    struct value v = value_of_str(tb_str(&tb));
    v.flags = safe ? VALUE_SAFE : 0;
    return v;
}

static struct value filter_default(struct run *run, const struct value *a)
{
    struct value otherwise = a[1].type == VALUE_MISSING ? value_of_str(STR("")) : a[1];
    if (a[0].type == VALUE_UNDEFINED || (arg_bool(run, a[2], false) && !truth(run, a[0])))
        return otherwise;
    return a[0];
}

static struct value pair(struct run *run, struct value a, struct value b)
{
    struct value_list *list = run_list(run, 2);
    list->items[0] = a;
    list->items[1] = b;
    list->len = 2;
    return value_of_tuple(list);
}

static struct value filter_items(struct run *run, const struct value *a)
{
    struct value_list *list = run_list(run, 0);
    if (a[0].type != VALUE_UNDEFINED && a[0].type != VALUE_DICT)
        run_fail(run, "can only get item pairs from a mapping");
    for (size_t i = 0; a[0].type == VALUE_DICT && i < a[0].as.dict->len; i++)
        run_push(run, list, pair(run, a[0].as.dict->entries[i].key, a[0].as.dict->entries[i].value));
    return run_iter(run, list, "generator");
}

static struct value filter_dictsort(struct run *run, const struct value *a)
{
    struct str by = arg_str(run, a[2], "key", "by");
    bool keep_case = arg_bool(run, a[1], false), reverse = arg_bool(run, a[3], false);
    if (!str_eqz(by, "key") && !str_eqz(by, "value"))
        run_fail(run, "you can only sort by either \"key\" or \"value\"");
    if (a[0].type == VALUE_UNDEFINED)
        run_fail_undefined(run, a[0]);
    if (a[0].type != VALUE_DICT)
        run_fail(run, "'%s' object has no attribute 'items'", type_name(a[0]));
    const struct value_dict *dict = a[0].as.dict;
    struct value_list *list = run_list(run, dict->len), *keys = run_list(run, dict->len);
    for (size_t i = 0; i < dict->len; i++) {
        struct value key = str_eqz(by, "key") ? dict->entries[i].key : dict->entries[i].value;
        run_push(run, list, pair(run, dict->entries[i].key, dict->entries[i].value));
        run_push(run, keys, keep_case ? key : fold_case(run, key));
    }
    sort_by_keys(run, keys->items, list->items, list->len, reverse);
    return value_of_list(list);
}

static struct value filter_batch(struct run *run, const struct value *a)
{
    const struct value_list *list = list_of(run, a[0]);
    struct value_list *out = run_list(run, 0), *row = NULL;
    int64_t count = arg_int(run, a[1], 0, "linecount");
    for (size_t i = 0; i < list->len; i++) {
        if (!row || (int64_t)row->len == count) {
            row = run_list(run, 4);
            run_push(run, out, value_of_list(row));
        }
        run_push(run, row, list->items[i]);
    }
    while (row && arg_given(a[2]) && (int64_t)row->len < count) {
        run_charge(run, 1);
        run_push(run, row, a[2]);
    }
    return run_iter(run, out, "generator");
}

static struct value filter_slice(struct run *run, const struct value *a)
{
    const struct value_list *list = list_of(run, a[0]);
    int64_t slices = arg_int(run, a[1], 0, "slices");
    if (slices == 0)
        run_fail(run, "integer division or modulo by zero");
    struct value_list *out = run_list(run, 0);
    size_t n = slices > 0 ? (size_t)slices : 0, at = 0;
    for (size_t i = 0; i < n; i++) {
        run_charge(run, 1);
        size_t len = list->len / n + (i < list->len % n);
        struct value_list *part = run_list(run, len);
        for (size_t k = 0; k < len; k++)
            run_push(run, part, list->items[at++]);
        if (arg_given(a[2]) && i >= list->len % n)
            run_push(run, part, a[2]);
        run_push(run, out, value_of_list(part));
    }
    return run_iter(run, out, "generator");
}

static const struct builtin rows[] = {
    {"length", filter_length, NULL, 0, {NULL}},
    {"count", filter_length, NULL, 0, {NULL}},
    {"first", filter_first, NULL, 0, {NULL}},
    {"last", filter_last, NULL, 0, {NULL}},
    {"reverse", filter_reverse, NULL, 0, {NULL}},
    {"list", filter_list, NULL, 0, {NULL}},
    {"join", filter_join, NULL, 0, {"d", "attribute"}},
    {"default", filter_default, NULL, 0, {"default_value", "boolean"}},
    {"d", filter_default, NULL, 0, {"default_value", "boolean"}},
    {"items", filter_items, NULL, 0, {NULL}},
    {"dictsort", filter_dictsort, NULL, 0, {"case_sensitive", "by", "reverse"}},
    {"batch", filter_batch, NULL, 1, {"linecount", "fill_with"}},
    {"slice", filter_slice, NULL, 1, {"slices", "fill_with"}},
};
const struct builtin_table filters_seq = BUILTIN_TABLE(rows);
