#include "template/json_text.h"
#include "template/run.h"
#include "template/text.h"

/* Filters for HTML, URLs and JSON in HTML. */

static struct value filter_escape(struct run *run, const struct value *a)
{
    return escape(run, a[0]);
}

static struct value filter_forceescape(struct run *run, const struct value *a)
{
    return escape(run, value_of_str(to_text(run, a[0])));
}

static struct value filter_safe(struct run *run, const struct value *a)
{
    return make_safe(to_text(run, a[0]));
}

static struct value filter_xmlattr(struct run *run, const struct value *a)
{
    bool space = arg_bool(run, a[1], true);
    struct text_builder tb = {.run = run};
    if (a[0].type == VALUE_UNDEFINED)
        run_fail_undefined(run, a[0]);
    if (a[0].type != VALUE_DICT)
        run_fail(run, "'%s' object has no attribute 'items'", type_name(a[0]));
    for (size_t i = 0; i < a[0].as.dict->len; i++) {
        const struct value_entry *entry = &a[0].as.dict->entries[i];
        if (entry->value.type == VALUE_NONE || entry->value.type == VALUE_UNDEFINED)
            continue;
        struct str key = arg_str(run, entry->key, NULL, "an attribute's name");
        for (size_t k = 0; k < key.len; k++) {
            if (strchr(" \t\n\r\f\v/>=", key.data[k]))
                run_fail(run, "invalid character in attribute name: " STR_FMT, STR_ARG(to_repr(run, entry->key)));
        }
        if (space || tb.len)
            tb_addc(&tb, ' ');
        tb_add(&tb, value_text(escape(run, entry->key)));
        tb_add(&tb, STR("=\""));
        tb_add(&tb, value_text(escape(run, entry->value)));
        tb_addc(&tb, '"');
    }
    struct value v = value_of_str(tb_str(&tb));
    v.flags = run->autoescape ? VALUE_SAFE : 0;
    return v;
}

static void quote(struct text_builder *tb, struct str s, bool query)
{
    static const char hex[] = "0123456789ABCDEF";
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        bool plain = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (plain || (c >= '0' && c <= '9') || (c && strchr("_.-~", c)) || (c == '/' && !query)) {
            tb_addc(tb, (char)c);
        } else if (c == ' ' && query) {
            tb_addc(tb, '+');
        } else {
            tb_addc(tb, '%');
            tb_addc(tb, hex[c >> 4]);
            tb_addc(tb, hex[c & 15]);
        }
    }
}

static void quote_pair(struct text_builder *tb, struct value key, struct value v)
{
    if (tb->len)
        tb_addc(tb, '&');
    quote(tb, to_text(tb->run, key), true);
    tb_addc(tb, '=');
    quote(tb, to_text(tb->run, v), true);
}

static struct value filter_urlencode(struct run *run, const struct value *a)
{
    struct text_builder tb = {.run = run};
    if (a[0].type == VALUE_DICT) {
        for (size_t i = 0; i < a[0].as.dict->len; i++)
            quote_pair(&tb, a[0].as.dict->entries[i].key, a[0].as.dict->entries[i].value);
    } else if (a[0].type == VALUE_STR || !is_iterable(a[0])) {
        quote(&tb, to_text(run, a[0]), false);
    } else {
        const struct value_list *list = list_of(run, a[0]);
        for (size_t i = 0; i < list->len; i++) {
            const struct value_list *pair = list_of(run, list->items[i]);
            if (pair->len != 2)
                run_fail(run, "not a pair of key and value");
            quote_pair(&tb, pair->items[0], pair->items[1]);
        }
    }
    return value_of_str(tb_str(&tb));
}

static struct value filter_tojson(struct run *run, const struct value *a)
{
    struct text_builder tb = {.run = run}, pad = {.run = run};
    struct json_style style = {.sort_keys = true, .ascii = true, .comma = ", ", .colon = ": ", .html = true};
    if (arg_given(a[1])) {
        if (a[1].type == VALUE_STR) {
            tb_add(&pad, value_text(a[1]));
        } else {
            int64_t n = arg_int(run, a[1], 0, "indent");
            tb_fill(&pad, ' ', n > 0 ? (size_t)n : 0);
        }
        tb_addc(&pad, '\0');
        style.indent = pad.data;
        style.comma = ",";
    }
    json_text_add(&tb, a[0], &style);
    return make_safe(tb_str(&tb));
}

static const struct builtin rows[] = {
    {"escape", filter_escape, NULL, 0, {NULL}},           {"e", filter_escape, NULL, 0, {NULL}},
    {"forceescape", filter_forceescape, NULL, 0, {NULL}}, {"safe", filter_safe, NULL, 0, {NULL}},
    {"xmlattr", filter_xmlattr, NULL, 0, {"autospace"}},  {"urlencode", filter_urlencode, NULL, 0, {NULL}},
    {"tojson", filter_tojson, NULL, 0, {"indent"}},
};
const struct builtin_table filters_markup = BUILTIN_TABLE(rows);
