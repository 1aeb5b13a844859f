#include "template/format.h"
#include "template/number.h"
#include "template/text.h"

struct brace {
    struct run *run;
    const struct args *args;
    int64_t next; /* the next argument without a number; -1: they have numbers */
    bool safe;
};

static struct value argument(struct brace *b, struct str name)
{
    int64_t n;
    if (!name.len || number_parse_int(name, 10, &n)) {
        bool numbered = name.len > 0;
        if (numbered ? b->next > 0 : b->next < 0)
            run_fail(b->run, "cannot switch between automatic field numbering and manual field specification");
        if (numbered)
            b->next = -1;
        else
            n = b->next++;
        if ((size_t)n >= b->args->len)
            run_fail(b->run, "replacement index %lld out of range for positional args tuple", (long long)n);
        return b->args->items[n];
    }
    for (size_t i = 0; i < b->args->kw_len; i++) {
        if (str_eq(b->args->kwargs[i].name, name))
            return b->args->kwargs[i].value;
    }
    run_fail(b->run, "no key '" STR_FMT "'", STR_ARG(name));
}

/* name.attr[item]...: items only, and of data only. */
static struct value field(struct brace *b, struct str path)
{
    size_t n = 0;
    while (n < path.len && path.data[n] != '.' && path.data[n] != '[')
        n++;
    struct value v = argument(b, (struct str){path.data, n});
    while (n < path.len) {
        bool bracket = path.data[n++] == '[';
        size_t start = n;
        while (n < path.len && (bracket ? path.data[n] != ']' : path.data[n] != '.' && path.data[n] != '['))
            n++;
        struct str part = {path.data + start, n - start};
        if (bracket && n++ >= path.len)
            run_fail(b->run, "missing ']' in format string");
        if (!part.len)
            run_fail(b->run, "empty attribute in format string");
        int64_t at;
        if (!bracket) {
            v = get_attr(b->run, v, part, str_hash(part));
            if (v.type == VALUE_METHOD)
                run_fail(b->run, "access to a method in a format string");
        } else {
            v = get_item(b->run, v, number_parse_int(part, 10, &at) ? value_of_int(at) : value_of_str(part));
        }
        if (v.type == VALUE_UNDEFINED)
            run_fail_undefined(b->run, v);
    }
    return v;
}

static void format_all(struct brace *b, struct text_builder *tb, struct str s, unsigned depth);

/* What stands between braces: path[!conversion][:spec] */
static void replace_field(struct brace *b, struct text_builder *tb, struct str inside, unsigned depth)
{
    size_t end = 0;
    while (end < inside.len && inside.data[end] != '!' && inside.data[end] != ':') {
        if (inside.data[end] == '[')
            while (end < inside.len && inside.data[end] != ']')
                end++;
        end += end < inside.len;
    }
    struct value v = field(b, (struct str){inside.data, end});
    struct text_builder spec = {.run = b->run};
    if (end < inside.len && inside.data[end] == '!') {
        char how = end + 1 < inside.len ? inside.data[end + 1] : '\0';
        if ((how != 'r' && how != 's' && how != 'a') || (end + 2 < inside.len && inside.data[end + 2] != ':'))
            run_fail(b->run, "unknown conversion specifier in format string");
        v = value_of_str(how == 's' ? to_text(b->run, v) : to_repr(b->run, v));
        end += 2;
    }
    if (end < inside.len)
        format_all(b, &spec, (struct str){inside.data + end + 1, inside.len - end - 1}, depth + 1);
    if (b->safe && v.type == VALUE_STR && v.flags & VALUE_SAFE && spec.len)
        run_fail(b->run, "unsupported format specification for Markup");
    if (b->safe && v.type == VALUE_STR && v.flags & VALUE_SAFE) {
        tb_add(tb, value_text(v));
        return;
    }
    struct str text = format_spec(b->run, v, tb_str(&spec));
    tb_add(tb, b->safe ? value_text(escape(b->run, value_of_str(text))) : text);
}

static void format_all(struct brace *b, struct text_builder *tb, struct str s, unsigned depth)
{
    if (depth > 2)
        run_fail(b->run, "max string recursion exceeded");
    for (size_t at = 0; at < s.len;) {
        char c = s.data[at];
        if (c != '{' && c != '}') {
            tb_addc(tb, c);
            at++;
            continue;
        }
        if (at + 1 < s.len && s.data[at + 1] == c && depth == 0) {
            tb_addc(tb, c);
            at += 2;
            continue;
        }
        if (c == '}')
            run_fail(b->run, "single '}' encountered in format string");
        size_t open = 1, end = at + 1;
        while (end < s.len && open) {
            open += s.data[end] == '{';
            open -= s.data[end] == '}';
            end++;
        }
        if (open)
            run_fail(b->run,
                     at + 1 < s.len ? "expected '}' before end of string" : "single '{' encountered in format string");
        run_charge(b->run, 1);
        replace_field(b, tb, (struct str){s.data + at + 1, end - at - 2}, depth);
        at = end;
    }
}

struct value format_brace(struct run *run, struct value format, const struct args *args)
{
    struct brace b = {.run = run, .args = args, .safe = format.flags & VALUE_SAFE};
    struct text_builder tb = {.run = run};
    format_all(&b, &tb, value_text(format), 0);
    struct value v = value_of_str(tb_str(&tb));
    v.flags = format.flags & VALUE_SAFE;
    return v;
}
