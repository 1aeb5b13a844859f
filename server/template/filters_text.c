#include "template/format.h"
#include "template/run.h"
#include "template/text.h"

/* Filters on text. Names of parameters are Jinja2's. */

/* text with v's mark of safety. */
static struct value like(struct value v, struct str text)
{
    struct value out = value_of_str(text);
    out.flags = v.type == VALUE_STR ? v.flags & VALUE_SAFE : 0;
    return out;
}

static struct value to_case(struct run *run, struct value v, enum text_case to)
{
    v = to_string(run, v);
    run_charge(run, v.len / 4);
    return like(v, text_to_case(run->arena, value_text(v), to));
}

static struct value filter_upper(struct run *run, const struct value *a)
{
    return to_case(run, a[0], CASE_UPPER);
}

static struct value filter_lower(struct run *run, const struct value *a)
{
    return to_case(run, a[0], CASE_LOWER);
}

static struct value filter_capitalize(struct run *run, const struct value *a)
{
    return to_case(run, a[0], CASE_CAPITAL);
}

/* Jinja2's own title(): words begin after white space and after any of -({[< */
static struct value filter_title(struct run *run, const struct value *a)
{
    struct value v = to_string(run, a[0]);
    struct str s = value_text(v);
    struct text_builder tb = {.run = run};
    bool start = true;
    run_charge(run, s.len / 4);
    for (size_t at = 0; at < s.len;) {
        struct str rest = {s.data + at, s.len - at};
        size_t n = text_char_len(rest);
        bool between = memchr("-({[<", rest.data[0], 5) || text_space_prefix((struct str){rest.data, n});
        if (between || start) {
            tb_add(&tb, between ? (struct str){rest.data, n}
                                : text_to_case(run->arena, (struct str){rest.data, n}, CASE_UPPER));
        } else {
            /* The rest of the word at once: final sigma needs it. */
            size_t end = n;
            while (end < rest.len && !memchr("-({[<", rest.data[end], 5) &&
                   !text_space_prefix((struct str){rest.data + end, rest.len - end}))
                end++;
            tb_add(&tb, text_to_case(run->arena, (struct str){rest.data, end}, CASE_LOWER));
            n = end;
        }
        start = between;
        at += n;
    }
    return value_of_str(tb_str(&tb)); /* Jinja2 joins the words as plain text */
}

static struct value filter_trim(struct run *run, const struct value *a)
{
    struct value v = to_string(run, a[0]);
    if (!arg_given(a[1]))
        return like(v, text_strip(value_text(v)));
    return like(v, strip_set(run, value_text(v), arg_str(run, a[1], NULL, "chars"), true, true));
}

static struct value filter_string(struct run *run, const struct value *a)
{
    return to_string(run, a[0]);
}

static struct value filter_replace(struct run *run, const struct value *a)
{
    struct value of = to_string(run, a[0]), old = to_string(run, a[1]), new = to_string(run, a[2]);
    int64_t count = arg_given(a[3]) ? arg_int(run, a[3], -1, "count") : -1;
    uint8_t safe = 0;
    if (run->autoescape) {
        if (old.flags & VALUE_SAFE || (new.flags &VALUE_SAFE && !(of.flags & VALUE_SAFE)))
            of = escape(run, of);
        safe = of.flags & VALUE_SAFE;
        if (safe) {
            old = escape(run, old);
            new = escape(run, new);
        }
    }
    struct text_builder tb = {.run = run};
    struct str s = value_text(of), needle = value_text(old);
    size_t from = 0;
    run_charge(run, s.len / 16);
    if (needle.len && text_find(s, needle, 0) == SIZE_MAX)
        return like(of, s);
    while (count != 0) {
        size_t at = text_find(s, needle, from);
        if (at == SIZE_MAX || (!needle.len && at >= s.len && from > s.len))
            break;
        run_charge(run, 1);
        if (!needle.len) { /* between all characters */
            tb_add(&tb, value_text(new));
            size_t n = at < s.len ? text_char_len((struct str){s.data + at, s.len - at}) : 0;
            tb_add(&tb, (struct str){s.data + at, n});
            from = at + n;
            if (count > 0)
                count--;
            if (!n) {
                from = s.len;
                break;
            }
            continue;
        }
        tb_add(&tb, (struct str){s.data + from, at - from});
        tb_add(&tb, value_text(new));
        from = at + needle.len;
        if (count > 0)
            count--;
    }
    tb_add(&tb, (struct str){s.data + from, s.len - from});
    struct value v = value_of_str(tb_str(&tb));
    v.flags = safe;
    return v;
}

static struct value filter_indent(struct run *run, const struct value *a)
{
    struct value of = a[0], width = a[1];
    if (of.type == VALUE_UNDEFINED)
        run_fail_undefined(run, of);
    struct str rest = arg_str(run, of, NULL, "what is indented"), line;
    bool first = arg_bool(run, a[2], false), blank = arg_bool(run, a[3], false);
    struct text_builder pad = {.run = run}, tb = {.run = run};
    if (width.type == VALUE_STR) {
        tb_add(&pad, value_text(of.flags & VALUE_SAFE ? escape(run, width) : width));
    } else {
        int64_t n = arg_int(run, width, 4, "width");
        tb_fill(&pad, ' ', n > 0 ? (size_t)n : 0);
    }
    size_t end, n = 0;
    tb_reserve(&tb, rest.len + (pad.len + 1) * 8);
    if (first)
        tb_add(&tb, tb_str(&pad));
    run_charge(run, rest.len / 16);
    /* A last line break ends a line that is empty and is kept. */
    bool more = true;
    while (more) {
        bool had = text_next_line(&rest, &line, &end);
        if (!had) {
            line = STR("");
            end = 0;
        }
        more = had && (rest.len || end);
        if (n++ > 0) {
            tb_addc(&tb, '\n');
            if (blank || line.len)
                tb_add(&tb, tb_str(&pad));
        }
        tb_add(&tb, line);
    }
    return like(of, tb_str(&tb));
}

static struct value filter_center(struct run *run, const struct value *a)
{
    struct value v = to_string(run, a[0]);
    int64_t width = arg_int(run, a[1], 80, "width"), len = (int64_t)text_len(value_text(v));
    if (width <= len)
        return v;
    size_t pad = (size_t)(width - len), left = pad / 2 + (pad & (size_t)width & 1);
    struct text_builder tb = {.run = run};
    tb_fill(&tb, ' ', left);
    tb_add(&tb, value_text(v));
    tb_fill(&tb, ' ', pad - left);
    return like(v, tb_str(&tb));
}

static struct value filter_truncate(struct run *run, const struct value *a)
{
    struct value v = a[0];
    int64_t length = arg_int(run, a[1], 255, "length"), leeway = arg_given(a[4]) ? arg_int(run, a[4], 5, "leeway") : 5;
    bool kill = arg_bool(run, a[2], false);
    struct str end = arg_str(run, a[3], "...", "end"), s = arg_str(run, v, NULL, "what is truncated");
    int64_t end_len = (int64_t)text_len(end);
    if (length < end_len)
        run_fail(run, "expected length >= %lld, got %lld", (long long)end_len, (long long)length);
    if (leeway < 0)
        run_fail(run, "expected leeway >= 0, got %lld", (long long)leeway);
    run_charge(run, s.len / 16);
    size_t len = text_len(s);
    if (leeway >= (int64_t)len || (int64_t)len - leeway <= length)
        return v;
    s.len = text_offset(s, (size_t)(length - end_len));
    size_t space = kill ? SIZE_MAX : text_rfind(s, STR(" "));
    if (space != SIZE_MAX)
        s.len = space;
    struct value tail = value_of_str(end);
    tail.flags = a[3].type == VALUE_STR ? a[3].flags : 0;
    return concat_text(run, like(v, s), tail);
}

static struct value filter_wordcount(struct run *run, const struct value *a)
{
    struct str s = to_text(run, a[0]);
    int64_t words = 0;
    bool inside = false;
    run_charge(run, s.len / 4);
    for (size_t at = 0; at < s.len;) {
        uint32_t c;
        at += text_decode((struct str){s.data + at, s.len - at}, &c);
        bool word = c == '_' || char_is(c, CHAR_ALPHA) || char_is(c, CHAR_NUMERIC);
        words += word && !inside;
        inside = word;
    }
    return value_of_int(words);
}

static struct value filter_format(struct run *run, struct value self, const struct args *args)
{
    if (args->len && args->kw_len)
        run_fail(run, "can't handle positional and keyword arguments at the same time");
    struct value with;
    if (args->kw_len) {
        struct value_dict *dict = run_dict(run);
        for (size_t i = 0; i < args->kw_len; i++)
            dict_put_text(run->arena, dict, args->kwargs[i].name, args->kwargs[i].value);
        with = value_of_dict(dict);
    } else {
        struct value_list *list = run_list(run, args->len);
        for (size_t i = 0; i < args->len; i++)
            list->items[list->len++] = args->items[i];
        with = value_of_tuple(list);
    }
    return format_percent(run, to_string(run, self), with);
}

static const struct builtin rows[] = {
    {"upper", filter_upper, NULL, 0, {NULL}},
    {"lower", filter_lower, NULL, 0, {NULL}},
    {"capitalize", filter_capitalize, NULL, 0, {NULL}},
    {"title", filter_title, NULL, 0, {NULL}},
    {"trim", filter_trim, NULL, 0, {"chars"}},
    {"string", filter_string, NULL, 0, {NULL}},
    {"replace", filter_replace, NULL, 2, {"old", "new", "count"}},
    {"indent", filter_indent, NULL, 0, {"width", "first", "blank"}},
    {"center", filter_center, NULL, 0, {"width"}},
    {"truncate", filter_truncate, NULL, 0, {"length", "killwords", "end", "leeway"}},
    {"wordcount", filter_wordcount, NULL, 0, {NULL}},
    {"format", NULL, filter_format, 0, {NULL}},
};
const struct builtin_table filters_text = BUILTIN_TABLE(rows);
