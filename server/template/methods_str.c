#include "template/format.h"
#include "template/run.h"
#include "template/text.h"

/* Python's str methods, first half: cutting, joining, replacing, searching. A safe string (Markup) gives safe strings
 * and escapes what it takes in. */

static struct value like(struct value self, struct str text)
{
    struct value v = value_of_str(text);
    v.flags = self.flags & VALUE_SAFE;
    return v;
}

/* A text argument, escaped where self is safe. */
static struct str taken(struct run *run, struct value self, struct value v, const char *what)
{
    (void)arg_str(run, v, NULL, what);
    return value_text(self.flags & VALUE_SAFE ? escape(run, v) : v);
}

static int64_t limit(struct run *run, struct value v)
{
    int64_t n = arg_int(run, v, -1, "count");
    return n < 0 ? INT64_MAX : n;
}

static void split_spaces(struct run *run, struct value self, int64_t max, struct value_list *out)
{
    struct str s = text_lstrip(value_text(self));
    while (s.len) {
        run_charge(run, 1);
        if (max-- == 0) {
            run_push(run, out, like(self, s));
            return;
        }
        size_t n = 0;
        while (n < s.len && !text_space_prefix((struct str){s.data + n, s.len - n}))
            n += text_char_len((struct str){s.data + n, s.len - n});
        run_push(run, out, like(self, (struct str){s.data, n}));
        s = text_lstrip((struct str){s.data + n, s.len - n});
    }
}

static struct value str_split(struct run *run, const struct value *a)
{
    struct value_list *out = run_list(run, 0);
    int64_t max = limit(run, a[2]);
    run_charge(run, a[0].len / 32);
    if (!arg_given(a[1])) {
        split_spaces(run, a[0], max, out);
        return value_of_list(out);
    }
    struct str s = value_text(a[0]), sep = arg_str(run, a[1], NULL, "sep");
    if (!sep.len)
        run_fail(run, "empty separator");
    for (;;) {
        size_t at = max-- > 0 ? text_find(s, sep, 0) : SIZE_MAX;
        run_charge(run, 1);
        if (at == SIZE_MAX)
            break;
        run_push(run, out, like(a[0], (struct str){s.data, at}));
        s = (struct str){s.data + at + sep.len, s.len - at - sep.len};
    }
    run_push(run, out, like(a[0], s));
    return value_of_list(out);
}

static void reverse_items(struct value_list *list)
{
    for (size_t i = 0, k = list->len; i + 1 < k; i++) {
        struct value v = list->items[i];
        list->items[i] = list->items[--k];
        list->items[k] = v;
    }
}

static void rsplit_spaces(struct run *run, struct value self, int64_t max, struct value_list *out)
{
    struct str s = text_rstrip(value_text(self));
    while (s.len) {
        run_charge(run, 1);
        if (max-- == 0) {
            run_push(run, out, like(self, s));
            return;
        }
        size_t n = s.len;
        while (n > 0) {
            size_t last = n - 1;
            while (last > 0 && ((unsigned char)s.data[last] & 0xc0) == 0x80)
                last--;
            if (text_space_prefix((struct str){s.data + last, n - last}))
                break;
            n = last;
        }
        run_push(run, out, like(self, (struct str){s.data + n, s.len - n}));
        s = text_rstrip((struct str){s.data, n});
    }
}

static struct value str_rsplit(struct run *run, const struct value *a)
{
    struct value_list *out = run_list(run, 0);
    int64_t max = limit(run, a[2]);
    run_charge(run, a[0].len / 32);
    if (!arg_given(a[1])) {
        rsplit_spaces(run, a[0], max, out);
        reverse_items(out);
        return value_of_list(out);
    }
    struct str s = value_text(a[0]), sep = arg_str(run, a[1], NULL, "sep");
    if (!sep.len)
        run_fail(run, "empty separator");
    for (;;) {
        run_charge(run, text_rfind_cost(s, sep));
        size_t at = max-- > 0 ? text_rfind(s, sep) : SIZE_MAX;
        run_charge(run, 1);
        if (at == SIZE_MAX)
            break;
        run_push(run, out, like(a[0], (struct str){s.data + at + sep.len, s.len - at - sep.len}));
        s.len = at;
    }
    run_push(run, out, like(a[0], s));
    reverse_items(out);
    return value_of_list(out);
}

static struct value str_splitlines(struct run *run, const struct value *a)
{
    struct value_list *out = run_list(run, 0);
    struct str rest = value_text(a[0]), line;
    bool keep = arg_bool(run, a[1], false);
    size_t end;
    run_charge(run, rest.len / 16);
    while (text_next_line(&rest, &line, &end))
        run_push(run, out, like(a[0], (struct str){line.data, line.len + (keep ? end : 0)}));
    return value_of_list(out);
}

static struct value three(struct run *run, struct value self, struct str a, struct str b, struct str c)
{
    struct value_list *list = run_list(run, 3);
    run_push(run, list, like(self, a));
    run_push(run, list, like(self, b));
    run_push(run, list, like(self, c));
    return value_of_tuple(list);
}

static struct value partition(struct run *run, const struct value *a, bool last)
{
    struct str s = value_text(a[0]), sep = taken(run, a[0], a[1], "sep");
    if (!sep.len)
        run_fail(run, "empty separator");
    run_charge(run, last ? text_rfind_cost(s, sep) : 0);
    size_t at = last ? text_rfind(s, sep) : text_find(s, sep, 0);
    if (at == SIZE_MAX)
        return last ? three(run, a[0], STR(""), STR(""), s) : three(run, a[0], s, STR(""), STR(""));
    return three(run, a[0], (struct str){s.data, at}, sep, (struct str){s.data + at + sep.len, s.len - at - sep.len});
}

static struct value str_partition(struct run *run, const struct value *a)
{
    return partition(run, a, false);
}

static struct value str_rpartition(struct run *run, const struct value *a)
{
    return partition(run, a, true);
}

static struct value str_join(struct run *run, const struct value *a)
{
    const struct value_list *list = list_of(run, a[1]);
    struct text_builder tb = {.run = run};
    bool safe = a[0].flags & VALUE_SAFE;
    for (size_t i = 0; i < list->len; i++) {
        run_charge(run, 1);
        if (i)
            tb_add(&tb, value_text(a[0]));
        if (safe) {
            tb_add(&tb, value_text(escape(run, list->items[i])));
            continue;
        }
        if (list->items[i].type != VALUE_STR)
            run_fail(run, "sequence item %zu: expected str instance, %s found", i, type_name(list->items[i]));
        tb_add(&tb, value_text(list->items[i]));
    }
    return like(a[0], tb_str(&tb));
}

static struct value str_replace(struct run *run, const struct value *a)
{
    struct value args[] = {a[0], a[1], a[2], a[3]};
    (void)arg_str(run, a[1], NULL, "old");
    (void)arg_str(run, a[2], NULL, "new");
    if (a[0].flags & VALUE_SAFE) {
        args[1] = escape(run, a[1]);
        args[2] = escape(run, a[2]);
    }
    if (a[3].type != VALUE_MISSING && a[3].type == VALUE_NONE)
        run_fail(run, "'NoneType' object cannot be interpreted as an integer");
    bool saved = run->autoescape;
    run->autoescape = false;
    struct value v = builtin_find_filter(STR("replace"))->fn(run, args);
    run->autoescape = saved;
    return like(a[0], value_text(v));
}

static struct value strip(struct run *run, const struct value *a, bool left, bool right)
{
    struct str s = value_text(a[0]);
    if (arg_given(a[1]))
        return like(a[0], strip_set(run, s, taken(run, a[0], a[1], "chars"), left, right));
    if (left)
        s = text_lstrip(s);
    return like(a[0], right ? text_rstrip(s) : s);
}

static struct value str_strip(struct run *run, const struct value *a)
{
    return strip(run, a, true, true);
}

static struct value str_lstrip(struct run *run, const struct value *a)
{
    return strip(run, a, true, false);
}

static struct value str_rstrip(struct run *run, const struct value *a)
{
    return strip(run, a, false, true);
}

static struct value str_removeprefix(struct run *run, const struct value *a)
{
    struct str s = value_text(a[0]), prefix = arg_str(run, a[1], NULL, "prefix");
    return value_of_str(str_starts(s, prefix) ? (struct str){s.data + prefix.len, s.len - prefix.len} : s);
}

static struct value str_removesuffix(struct run *run, const struct value *a)
{
    struct str s = value_text(a[0]), suffix = arg_str(run, a[1], NULL, "suffix");
    return value_of_str(str_ends(s, suffix) ? (struct str){s.data, s.len - suffix.len} : s);
}

/* self[start:end] in bytes, and where it begins in characters; false when start is behind the end. */
static bool window(struct run *run, const struct value *a, struct str *out, int64_t *first)
{
    const struct value bounds[] = {a[2].type == VALUE_MISSING ? value_of_none() : a[2],
                                   a[3].type == VALUE_MISSING ? value_of_none() : a[3], value_of_none()};
    struct str s = value_text(a[0]);
    int64_t step;
    size_t len = text_len(s), n = slice_bounds(run, len, bounds, first, &step);
    int64_t start = 0;
    if (a[2].type != VALUE_MISSING && as_int(a[2], &start) && start > (int64_t)len)
        return false;
    size_t from = text_offset(s, (size_t)*first);
    struct str rest = {s.data + from, s.len - from};
    *out = (struct str){rest.data, text_offset(rest, n)};
    return true;
}

static bool any_affix(struct run *run, struct str s, struct value affix, bool prefix)
{
    if (affix.type == VALUE_TUPLE) {
        for (size_t i = 0; i < affix.as.list->len; i++) {
            if (any_affix(run, s, affix.as.list->items[i], prefix))
                return true;
        }
        return false;
    }
    struct str text = arg_str(run, affix, NULL, prefix ? "prefix" : "suffix");
    return prefix ? str_starts(s, text) : str_ends(s, text);
}

static struct value str_startswith(struct run *run, const struct value *a)
{
    struct str s;
    int64_t first;
    return value_of_bool(window(run, a, &s, &first) && any_affix(run, s, a[1], true));
}

static struct value str_endswith(struct run *run, const struct value *a)
{
    struct str s;
    int64_t first;
    return value_of_bool(window(run, a, &s, &first) && any_affix(run, s, a[1], false));
}

static int64_t find(struct run *run, const struct value *a, bool last)
{
    struct str s, needle = arg_str(run, a[1], NULL, "sub");
    int64_t first;
    if (!window(run, a, &s, &first))
        return -1;
    run_charge(run, s.len / 16);
    run_charge(run, last ? text_rfind_cost(s, needle) : 0);
    size_t at = last ? text_rfind(s, needle) : text_find(s, needle, 0);
    return at == SIZE_MAX ? -1 : first + (int64_t)text_len((struct str){s.data, at});
}

static struct value str_find(struct run *run, const struct value *a)
{
    return value_of_int(find(run, a, false));
}

static struct value str_rfind(struct run *run, const struct value *a)
{
    return value_of_int(find(run, a, true));
}

static struct value str_index(struct run *run, const struct value *a)
{
    int64_t at = find(run, a, false);
    if (at < 0)
        run_fail(run, "substring not found");
    return value_of_int(at);
}

static struct value str_rindex(struct run *run, const struct value *a)
{
    int64_t at = find(run, a, true);
    if (at < 0)
        run_fail(run, "substring not found");
    return value_of_int(at);
}

static struct value str_count(struct run *run, const struct value *a)
{
    struct str s, needle = arg_str(run, a[1], NULL, "sub");
    int64_t first, n = 0;
    if (!window(run, a, &s, &first))
        return value_of_int(0);
    run_charge(run, s.len / 8);
    if (!needle.len)
        return value_of_int((int64_t)text_len(s) + 1);
    for (size_t at = text_find(s, needle, 0); at != SIZE_MAX; at = text_find(s, needle, at + needle.len))
        n++;
    return value_of_int(n);
}

static struct value str_format(struct run *run, struct value self, const struct args *args)
{
    return format_brace(run, self, args);
}

static struct value str_format_map(struct run *run, struct value self, const struct args *args)
{
    if (args->len != 1 || args->kw_len || args->items[0].type != VALUE_DICT)
        run_fail(run, "format_map() takes one mapping");
    const struct value_dict *dict = args->items[0].as.dict;
    struct keyword_value *kwargs = run_alloc(run, dict->len * sizeof *kwargs);
    size_t n = 0;
    for (size_t i = 0; i < dict->len; i++) {
        if (dict->entries[i].key.type == VALUE_STR)
            kwargs[n++] = (struct keyword_value){value_text(dict->entries[i].key), dict->entries[i].value};
    }
    return format_brace(run, self, &(struct args){NULL, kwargs, 0, n});
}

static const struct builtin rows[] = {
    {"split", str_split, NULL, 0, {"sep", "maxsplit"}},
    {"rsplit", str_rsplit, NULL, 0, {"sep", "maxsplit"}},
    {"splitlines", str_splitlines, NULL, 0, {"keepends"}},
    {"partition", str_partition, NULL, 1, {"sep"}},
    {"rpartition", str_rpartition, NULL, 1, {"sep"}},
    {"join", str_join, NULL, 1, {"iterable"}},
    {"replace", str_replace, NULL, 2, {"old", "new", "count"}},
    {"strip", str_strip, NULL, 0, {"chars"}},
    {"lstrip", str_lstrip, NULL, 0, {"chars"}},
    {"rstrip", str_rstrip, NULL, 0, {"chars"}},
    {"removeprefix", str_removeprefix, NULL, 1, {"prefix"}},
    {"removesuffix", str_removesuffix, NULL, 1, {"suffix"}},
    {"startswith", str_startswith, NULL, 1, {"prefix", "start", "end"}},
    {"endswith", str_endswith, NULL, 1, {"suffix", "start", "end"}},
    {"find", str_find, NULL, 1, {"sub", "start", "end"}},
    {"rfind", str_rfind, NULL, 1, {"sub", "start", "end"}},
    {"index", str_index, NULL, 1, {"sub", "start", "end"}},
    {"rindex", str_rindex, NULL, 1, {"sub", "start", "end"}},
    {"count", str_count, NULL, 1, {"sub", "start", "end"}},
    {"format", NULL, str_format, 0, {NULL}},
    {"format_map", NULL, str_format_map, 0, {NULL}},
};
const struct builtin_table methods_str = BUILTIN_TABLE(rows);
