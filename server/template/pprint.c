#include "template/run.h"
#include "template/select.h"
#include "template/text.h"

/* Python's pprint.pformat: a value over several lines where it does not fit into 80 columns, dicts by their keys. */
enum { WIDTH = 80, DEEP = 100 };

struct printer {
    struct run *run;
    struct text_builder out;
};

/* Keys of unlike types are ordered by the name of the type. */
static bool comparable(struct value a, struct value b)
{
    double d;
    return a.type == b.type || (as_number(a, &d) && as_number(b, &d));
}

static void sort_keys(struct run *run, struct value_dict *dict)
{
    struct value *keys = run_alloc(run, dict->len * sizeof *keys), *at = run_alloc(run, dict->len * sizeof *at);
    struct value_entry *sorted = run_alloc(run, dict->len * sizeof *sorted);
    bool same = true;
    for (size_t i = 0; i < dict->len; i++) {
        same = same && comparable(dict->entries[0].key, dict->entries[i].key);
        at[i] = value_of_int((int64_t)i);
    }
    for (size_t i = 0; i < dict->len; i++)
        keys[i] = same ? dict->entries[i].key : value_of_str(str_from(type_name(dict->entries[i].key)));
    sort_by_keys(run, keys, at, dict->len, false);
    for (size_t i = 0; i < dict->len; i++)
        sorted[i] = dict->entries[at[i].as.i];
    memcpy(dict->entries, sorted, dict->len * sizeof *sorted);
}

/* A copy with all dicts in the order of their keys; only for printing: it has no index. */
static struct value ordered(struct run *run, struct value v, unsigned depth)
{
    if (depth > DEEP)
        run_fail(run, "value nested too deep to be printed");
    run_charge(run, 1);
    if (v.type == VALUE_DICT) {
        struct value_dict *dict = run_dict(run);
        dict->len = dict->cap = v.as.dict->len;
        dict->entries = run_alloc(run, dict->len * sizeof *dict->entries);
        for (size_t i = 0; i < dict->len; i++) {
            dict->entries[i] = v.as.dict->entries[i];
            dict->entries[i].value = ordered(run, dict->entries[i].value, depth + 1);
        }
        sort_keys(run, dict);
        return value_of_dict(dict);
    }
    if (v.type == VALUE_LIST || v.type == VALUE_TUPLE) {
        struct value_list *list = run_list(run, v.as.list->len);
        for (size_t i = 0; i < v.as.list->len; i++)
            run_push(run, list, ordered(run, v.as.list->items[i], depth + 1));
        v.as.list = list;
    }
    return v;
}

static void format(struct printer *p, struct value v, size_t indent, size_t allowance, unsigned level);

static void new_line(struct printer *p, size_t indent)
{
    tb_addc(&p->out, '\n');
    tb_fill(&p->out, ' ', indent);
}

static void format_list(struct printer *p, struct value v, size_t indent, size_t allowance, unsigned level)
{
    bool tuple = v.type == VALUE_TUPLE;
    struct str end = !tuple ? STR("]") : v.as.list->len == 1 ? STR(",)") : STR(")");
    tb_addc(&p->out, tuple ? '(' : '[');
    for (size_t i = 0; i < v.as.list->len; i++) {
        bool last = i + 1 == v.as.list->len;
        if (i) {
            tb_addc(&p->out, ',');
            new_line(p, indent + 1);
        }
        format(p, v.as.list->items[i], indent + 1, last ? allowance + end.len : 1, level);
    }
    tb_add(&p->out, end);
}

static void format_dict(struct printer *p, const struct value_dict *dict, size_t indent, size_t allowance,
                        unsigned level)
{
    tb_addc(&p->out, '{');
    for (size_t i = 0; i < dict->len; i++) {
        bool last = i + 1 == dict->len;
        struct str key = to_repr(p->run, dict->entries[i].key);
        if (i) {
            tb_addc(&p->out, ',');
            new_line(p, indent + 1);
        }
        tb_add(&p->out, key);
        tb_add(&p->out, STR(": "));
        format(p, dict->entries[i].value, indent + 1 + text_len(key) + 2, last ? allowance + 1 : 1, level);
    }
    tb_addc(&p->out, '}');
}

/* The pieces of a line as "word and the space behind it", put together up to width columns. */
static void cut_line(struct printer *p, struct str line, int64_t width, int64_t last_width, struct value_list *chunks)
{
    struct str current = {line.data, 0}, rest = line;
    while (rest.len) {
        size_t n = 0;
        while (n < rest.len && !text_space_prefix((struct str){rest.data + n, rest.len - n}))
            n += text_char_len((struct str){rest.data + n, rest.len - n});
        n += text_space_prefix((struct str){rest.data + n, rest.len - n});
        struct str candidate = {current.data, current.len + n};
        int64_t limit = n == rest.len ? last_width : width;
        run_charge(p->run, 1 + candidate.len / 16);
        if ((int64_t)text_len(to_repr(p->run, value_of_str(candidate))) > limit) {
            if (current.len)
                run_push(p->run, chunks, value_of_str(to_repr(p->run, value_of_str(current))));
            candidate = (struct str){rest.data, n};
        }
        current = candidate;
        rest = (struct str){rest.data + n, rest.len - n};
    }
    if (current.len)
        run_push(p->run, chunks, value_of_str(to_repr(p->run, value_of_str(current))));
}

static void format_string(struct printer *p, struct str s, size_t indent, size_t allowance, unsigned level)
{
    struct value_list *chunks = run_list(p->run, 4);
    struct str rest = s, line;
    size_t end;
    indent += level == 1;
    allowance += level == 1;
    int64_t width = (int64_t)WIDTH - (int64_t)indent;
    while (text_next_line(&rest, &line, &end)) {
        line.len += end;
        struct str repr = to_repr(p->run, value_of_str(line));
        int64_t last_width = rest.len ? width : width - (int64_t)allowance;
        if ((int64_t)text_len(repr) <= last_width)
            run_push(p->run, chunks, value_of_str(repr));
        else
            cut_line(p, line, width, last_width, chunks);
    }
    bool brackets = level == 1 && chunks->len > 1;
    if (brackets)
        tb_addc(&p->out, '(');
    for (size_t i = 0; i < chunks->len; i++) {
        if (i)
            new_line(p, indent);
        tb_add(&p->out, value_text(chunks->items[i]));
    }
    if (brackets)
        tb_addc(&p->out, ')');
}

static void format(struct printer *p, struct value v, size_t indent, size_t allowance, unsigned level)
{
    struct str repr = to_repr(p->run, v);
    run_charge(p->run, 1 + repr.len / 32);
    if (text_len(repr) + indent + allowance <= WIDTH)
        tb_add(&p->out, repr);
    else if (v.type == VALUE_DICT && v.as.dict->len)
        format_dict(p, v.as.dict, indent, allowance, level + 1);
    else if (v.type == VALUE_LIST || v.type == VALUE_TUPLE)
        format_list(p, v, indent, allowance, level + 1);
    else if (v.type == VALUE_STR && v.len && !(v.flags & VALUE_SAFE))
        format_string(p, value_text(v), indent, allowance, level + 1);
    else
        tb_add(&p->out, repr);
}

static struct value filter_pprint(struct run *run, const struct value *a)
{
    struct printer p = {.run = run, .out = {.run = run}};
    format(&p, ordered(run, a[0], 0), 0, 0, 0);
    return value_of_str(tb_str(&p.out));
}

static const struct builtin rows[] = {{"pprint", filter_pprint, NULL, 0, {NULL}}};
const struct builtin_table filters_pprint = BUILTIN_TABLE(rows);
