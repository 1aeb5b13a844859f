#include "template/number.h"
#include "template/run.h"
#include "template/select.h"
#include "template/text.h"

/* Filters that pick, order and group items by what is in them. */

static void add_part(struct run *run, struct value_list *parts, struct str part)
{
    int64_t n;
    struct value v = value_of_str(part);
    if (part.len && part.data[0] >= '0' && part.data[0] <= '9' && number_parse_int(part, 10, &n))
        v = value_of_int(n);
    run_push(run, parts, v);
}

struct attr_path attr_path_read(struct run *run, struct value attribute)
{
    struct value_list *parts = run_list(run, 1);
    if (attribute.type == VALUE_STR) {
        struct str rest = value_text(attribute);
        while (rest.data)
            add_part(run, parts, str_cut(&rest, '.'));
    } else if (attribute.type != VALUE_NONE && attribute.type != VALUE_MISSING) {
        run_push(run, parts, attribute);
    }
    return (struct attr_path){parts->items, parts->len};
}

struct value attr_path_get(struct run *run, const struct attr_path *path, struct value item, struct value otherwise)
{
    for (size_t i = 0; i < path->len; i++) {
        item = get_item(run, item, path->parts[i]);
        if (item.type == VALUE_UNDEFINED && arg_given(otherwise))
            item = otherwise;
    }
    return item;
}

struct value fold_case(struct run *run, struct value v)
{
    return v.type == VALUE_STR ? value_of_str(text_to_case(run->arena, value_text(v), CASE_LOWER)) : v;
}

/* A merge sort of indices: stable, and n log n comparisons that count as steps. */
static void merge_sort(struct run *run, const struct value *keys, uint32_t *order_of, uint32_t *scratch, size_t len,
                       bool reverse)
{
    if (len < 2)
        return;
    size_t half = len / 2, i = 0, k = half, n = 0;
    merge_sort(run, keys, order_of, scratch, half, reverse);
    merge_sort(run, keys, order_of + half, scratch, len - half, reverse);
    while (i < half && k < len) {
        struct value left = keys[order_of[i]], right = keys[order_of[k]];
        bool swap = reverse ? order(run, left, right) < 0 : order(run, right, left) < 0;
        scratch[n++] = swap ? order_of[k++] : order_of[i++];
    }
    while (i < half)
        scratch[n++] = order_of[i++];
    while (k < len)
        scratch[n++] = order_of[k++];
    memcpy(order_of, scratch, len * sizeof *scratch);
}

void sort_by_keys(struct run *run, struct value *keys, struct value *items, size_t len, bool reverse)
{
    if (len < 2)
        return;
    uint32_t *order_of = run_alloc(run, len * sizeof *order_of), *scratch = run_alloc(run, len * sizeof *scratch);
    struct value *sorted_keys = run_alloc(run, len * sizeof *keys), *sorted = run_alloc(run, len * sizeof *items);
    for (size_t i = 0; i < len; i++)
        order_of[i] = (uint32_t)i;
    merge_sort(run, keys, order_of, scratch, len, reverse);
    for (size_t i = 0; i < len; i++) {
        sorted[i] = items[order_of[i]];
        sorted_keys[i] = keys[order_of[i]];
    }
    memcpy(items, sorted, len * sizeof *items);
    memcpy(keys, sorted_keys, len * sizeof *keys);
}

static struct value key_of(struct run *run, const struct attr_path *path, struct value item, bool keep_case)
{
    struct value v = attr_path_get(run, path, item, (struct value){0});
    return keep_case ? v : fold_case(run, v);
}

/* What `sort` orders by: one path, or several with commas between. */
static struct value sort_key(struct run *run, struct value attribute, struct value item, bool keep_case)
{
    struct str rest = attribute.type == VALUE_STR ? value_text(attribute) : (struct str){0};
    struct value_list *keys = run_list(run, 1);
    if (!rest.data) {
        struct attr_path path = attr_path_read(run, attribute);
        run_push(run, keys, key_of(run, &path, item, keep_case));
    }
    while (rest.data) {
        struct attr_path path = attr_path_read(run, value_of_str(str_cut(&rest, ',')));
        run_push(run, keys, key_of(run, &path, item, keep_case));
    }
    return value_of_list(keys);
}

static struct value filter_sort(struct run *run, const struct value *a)
{
    struct value_list *list = list_copy(run, a[0]), *keys = run_list(run, list->len);
    bool reverse = arg_bool(run, a[1], false), keep_case = arg_bool(run, a[2], false);
    for (size_t i = 0; i < list->len; i++)
        run_push(run, keys, sort_key(run, a[3], list->items[i], keep_case));
    sort_by_keys(run, keys->items, list->items, list->len, reverse);
    return value_of_list(list);
}

static struct value filter_unique(struct run *run, const struct value *a)
{
    const struct value_list *list = list_of(run, a[0]);
    struct value_list *out = run_list(run, 0);
    struct value_dict *seen = run_dict(run);
    struct attr_path path = attr_path_read(run, a[2]);
    bool keep_case = arg_bool(run, a[1], false);
    for (size_t i = 0; i < list->len; i++) {
        struct value key = key_of(run, &path, list->items[i], keep_case);
        uint64_t hash = hash_of(run, key);
        run_charge(run, 1);
        if (dict_find(seen, key, hash))
            continue;
        dict_put(run->arena, seen, key, hash, value_of_none());
        run_push(run, out, list->items[i]);
    }
    return run_iter(run, out, "generator");
}

static struct value extreme(struct run *run, const struct value *a, bool largest)
{
    const struct value_list *list = list_of(run, a[0]);
    struct attr_path path = attr_path_read(run, a[2]);
    bool keep_case = arg_bool(run, a[1], false);
    if (!list->len)
        return run_undefined(run, STR("item"), NULL, "no aggregated item, sequence was empty");
    struct value best = list->items[0], best_key = key_of(run, &path, best, keep_case);
    for (size_t i = 1; i < list->len; i++) {
        struct value key = key_of(run, &path, list->items[i], keep_case);
        if (largest ? order(run, best_key, key) < 0 : order(run, key, best_key) < 0) {
            best = list->items[i];
            best_key = key;
        }
    }
    return best;
}

static struct value filter_min(struct run *run, const struct value *a)
{
    return extreme(run, a, false);
}

static struct value filter_max(struct run *run, const struct value *a)
{
    return extreme(run, a, true);
}

static struct value filter_sum(struct run *run, const struct value *a)
{
    const struct value_list *list = list_of(run, a[0]);
    struct attr_path path = attr_path_read(run, a[1]);
    struct value sum = a[2].type == VALUE_MISSING ? value_of_int(0) : a[2];
    if (sum.type == VALUE_STR)
        run_fail(run, "sum() can't sum strings");
    for (size_t i = 0; i < list->len; i++) {
        run_charge(run, 1);
        sum = binary_op(run, OP_ADD, sum, attr_path_get(run, &path, list->items[i], (struct value){0}));
    }
    return sum;
}

static struct value filter_groupby(struct run *run, const struct value *a)
{
    struct value_list *list = list_copy(run, a[0]), *keys = run_list(run, list->len), *out = run_list(run, 0);
    struct attr_path path = attr_path_read(run, a[1]);
    bool keep_case = arg_bool(run, a[3], false);
    for (size_t i = 0; i < list->len; i++) {
        struct value key = attr_path_get(run, &path, list->items[i], a[2]);
        run_push(run, keys, keep_case ? key : fold_case(run, key));
    }
    sort_by_keys(run, keys->items, list->items, list->len, false);
    for (size_t i = 0; i < list->len;) {
        struct value_list *group = run_list(run, 4), *tuple = run_list(run, 2);
        size_t first = i;
        while (i < list->len && equals(run, keys->items[first], keys->items[i]))
            run_push(run, group, list->items[i++]);
        if (i == first) /* nan is a group of its own */
            run_push(run, group, list->items[i++]);
        run_push(run, tuple, attr_path_get(run, &path, group->items[0], a[2]));
        run_push(run, tuple, value_of_list(group));
        struct value v = value_of_tuple(tuple);
        v.flags = VALUE_GROUP;
        run_push(run, out, v);
    }
    return value_of_list(out);
}

static bool is_empty(struct run *run, struct value v)
{
    if (v.type == VALUE_ITER)
        return false;
    return !truth(run, v);
}

static const struct value *find_kwarg(const struct args *args, const char *name)
{
    for (size_t i = 0; i < args->kw_len; i++) {
        if (str_eqz(args->kwargs[i].name, name))
            return &args->kwargs[i].value;
    }
    return NULL;
}

static struct value filter_map(struct run *run, struct value self, const struct args *args)
{
    struct value_list *out = run_list(run, 0);
    const struct value *attribute = args->len ? NULL : find_kwarg(args, "attribute");
    const struct value *otherwise = find_kwarg(args, "default");
    if (is_empty(run, self))
        return run_iter(run, out, "generator");
    if (!args->len && !attribute)
        run_fail(run, "map requires a filter argument");
    if (attribute && args->kw_len > (otherwise ? 2U : 1U))
        run_fail(run, "map got an unexpected keyword argument");
    struct attr_path path = attribute ? attr_path_read(run, *attribute) : (struct attr_path){0};
    struct args rest = {args->items + 1, args->kwargs, args->len - 1, args->kw_len};
    struct walk walk;
    struct value v;
    walk_start(run, &walk, self);
    while (walk_next(run, &walk, &v)) {
        run_charge(run, 1);
        run_push(run, out,
                 attribute ? attr_path_get(run, &path, v, otherwise ? *otherwise : (struct value){0})
                           : apply_filter(run, args->items[0], v, &rest));
    }
    return run_iter(run, out, "generator");
}

static struct value pick(struct run *run, struct value self, const struct args *args, bool attribute, bool wanted)
{
    struct value_list *out = run_list(run, 0);
    size_t off = attribute ? 1 : 0;
    if (is_empty(run, self))
        return run_iter(run, out, "generator");
    if (attribute && !args->len)
        run_fail(run, "missing parameter for attribute name");
    struct attr_path path = attribute ? attr_path_read(run, args->items[0]) : (struct attr_path){0};
    struct args rest = {args->items + off + 1, args->kwargs, args->len > off ? args->len - off - 1 : 0, args->kw_len};
    struct walk walk;
    struct value v;
    walk_start(run, &walk, self);
    while (walk_next(run, &walk, &v)) {
        run_charge(run, 1);
        struct value of = attr_path_get(run, &path, v, (struct value){0});
        bool holds = args->len > off ? apply_test(run, args->items[off], of, &rest) : truth(run, of);
        if (holds == wanted)
            run_push(run, out, v);
    }
    return run_iter(run, out, "generator");
}

static struct value filter_select(struct run *run, struct value self, const struct args *args)
{
    return pick(run, self, args, false, true);
}

static struct value filter_reject(struct run *run, struct value self, const struct args *args)
{
    return pick(run, self, args, false, false);
}

static struct value filter_selectattr(struct run *run, struct value self, const struct args *args)
{
    return pick(run, self, args, true, true);
}

static struct value filter_rejectattr(struct run *run, struct value self, const struct args *args)
{
    return pick(run, self, args, true, false);
}

static struct value filter_attr(struct run *run, const struct value *a)
{
    struct str name = arg_str(run, a[1], NULL, "name");
    if (a[0].type == VALUE_UNDEFINED)
        run_fail_undefined(run, a[0]);
    if (a[0].type == VALUE_DICT && !builtin_find_method(VALUE_DICT, name))
        return run_undefined(run, name, type_owner(a[0]), NULL);
    return get_attr(run, a[0], name, str_hash(name));
}

static const struct builtin rows[] = {
    {"sort", filter_sort, NULL, 0, {"reverse", "case_sensitive", "attribute"}},
    {"unique", filter_unique, NULL, 0, {"case_sensitive", "attribute"}},
    {"min", filter_min, NULL, 0, {"case_sensitive", "attribute"}},
    {"max", filter_max, NULL, 0, {"case_sensitive", "attribute"}},
    {"sum", filter_sum, NULL, 0, {"attribute", "start"}},
    {"groupby", filter_groupby, NULL, 1, {"attribute", "default", "case_sensitive"}},
    {"map", NULL, filter_map, 0, {NULL}},
    {"select", NULL, filter_select, 0, {NULL}},
    {"reject", NULL, filter_reject, 0, {NULL}},
    {"selectattr", NULL, filter_selectattr, 0, {NULL}},
    {"rejectattr", NULL, filter_rejectattr, 0, {NULL}},
    {"attr", filter_attr, NULL, 1, {"name"}},
};
const struct builtin_table filters_pick = BUILTIN_TABLE(rows);
