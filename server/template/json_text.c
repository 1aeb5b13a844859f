#include "template/json_text.h"
#include "template/number.h"
#include "template/select.h"
#include "template/text.h"

#include <math.h>

enum { JSON_DEPTH = 100 };

struct writer {
    struct text_builder *tb;
    const struct json_style *style;
    unsigned depth;
};

static void add_unit(struct text_builder *tb, uint32_t unit)
{
    static const char hex[] = "0123456789abcdef";
    const char text[] = {'\\', 'u', hex[unit >> 12 & 15], hex[unit >> 8 & 15], hex[unit >> 4 & 15], hex[unit & 15]};
    tb_add(tb, (struct str){text, sizeof text});
}

static const char *short_escape(uint32_t c)
{
    switch (c) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    case '\b':
        return "\\b";
    case '\f':
        return "\\f";
    default:
        return NULL;
    }
}

void json_text_add_string(struct text_builder *tb, struct str s, const struct json_style *style)
{
    tb_addc(tb, '"');
    for (size_t at = 0; at < s.len;) {
        uint32_t c;
        size_t n = text_decode((struct str){s.data + at, s.len - at}, &c);
        const char *known = short_escape(c);
        if (known)
            tb_add(tb, str_from(known));
        else if (c < 0x20 || (style->html && (c == '<' || c == '>' || c == '&' || c == '\'')) ||
                 (!style->ascii && (c == 0x7f || c == 0x85 || c == 0x2028 || c == 0x2029 || c == 0xfeff)))
            add_unit(tb, c);
        else if (c < 0x7f || (!style->ascii && n > 1))
            tb_add(tb, (struct str){s.data + at, n});
        else if (c < 0x10000) {
            add_unit(tb, c);
        } else {
            add_unit(tb, 0xd800 + ((c - 0x10000) >> 10));
            add_unit(tb, 0xdc00 + ((c - 0x10000) & 0x3ff));
        }
        at += n;
    }
    tb_addc(tb, '"');
}

static void write_value(struct writer *w, struct value v);

static void new_line(struct writer *w, bool first)
{
    const struct json_style *style = w->style;
    if (!first)
        tb_add(w->tb, str_from(style->comma));
    if (!style->indent)
        return;
    tb_addc(w->tb, '\n');
    for (unsigned i = 0; i < w->depth; i++)
        tb_add(w->tb, str_from(style->indent));
}

static void write_list(struct writer *w, const struct value_list *list)
{
    tb_addc(w->tb, '[');
    w->depth++;
    for (size_t i = 0; i < list->len; i++) {
        new_line(w, i == 0);
        write_value(w, list->items[i]);
    }
    w->depth--;
    if (list->len && w->style->indent)
        new_line(w, true);
    tb_addc(w->tb, ']');
}

static void write_float(struct writer *w, double d)
{
    char text[NUMBER_FLOAT_SIZE];
    if (isnan(d))
        tb_add(w->tb, STR("NaN"));
    else if (isinf(d))
        tb_add(w->tb, d < 0 ? STR("-Infinity") : STR("Infinity"));
    else
        tb_add(w->tb, (struct str){text, number_print_float(d, text)});
}

static struct str key_text(struct writer *w, struct value key)
{
    switch (key.type) {
    case VALUE_STR:
        return value_text(key);
    case VALUE_NONE:
        return STR("null");
    case VALUE_BOOL:
        return key.as.b ? STR("true") : STR("false");
    case VALUE_INT:
    case VALUE_BIG:
    case VALUE_FLOAT:
        return to_text(w->tb->run, key);
    default:
        run_fail(w->tb->run, "keys must be str, int, float, bool or None, not %s", type_name(key));
    }
}

static void write_dict(struct writer *w, const struct value_dict *dict)
{
    struct run *run = w->tb->run;
    struct value *keys = run_alloc(run, dict->len * sizeof *keys), *values = run_alloc(run, dict->len * sizeof *keys);
    for (size_t i = 0; i < dict->len; i++) {
        keys[i] = dict->entries[i].key;
        values[i] = dict->entries[i].value;
    }
    if (w->style->sort_keys)
        sort_by_keys(run, keys, values, dict->len, false);
    tb_addc(w->tb, '{');
    w->depth++;
    for (size_t i = 0; i < dict->len; i++) {
        new_line(w, i == 0);
        json_text_add_string(w->tb, key_text(w, keys[i]), w->style);
        tb_add(w->tb, str_from(w->style->colon));
        write_value(w, values[i]);
    }
    w->depth--;
    if (dict->len && w->style->indent)
        new_line(w, true);
    tb_addc(w->tb, '}');
}

static void write_value(struct writer *w, struct value v)
{
    run_charge(w->tb->run, 1);
    if (w->depth > JSON_DEPTH)
        run_fail(w->tb->run, "value nested too deep for JSON");
    switch (v.type) {
    case VALUE_NONE:
        tb_add(w->tb, STR("null"));
        break;
    case VALUE_BOOL:
        tb_add(w->tb, v.as.b ? STR("true") : STR("false"));
        break;
    case VALUE_INT:
    case VALUE_BIG:
        tb_add(w->tb, to_text(w->tb->run, v));
        break;
    case VALUE_FLOAT:
        write_float(w, v.as.d);
        break;
    case VALUE_STR:
        json_text_add_string(w->tb, value_text(v), w->style);
        break;
    case VALUE_LIST:
    case VALUE_TUPLE:
        write_list(w, v.as.list);
        break;
    case VALUE_DICT:
        write_dict(w, v.as.dict);
        break;
    case VALUE_UNDEFINED:
        run_fail_undefined(w->tb->run, v);
    default:
        run_fail(w->tb->run, "object of type %s is not JSON serializable", type_name(v));
    }
}

void json_text_add(struct text_builder *tb, struct value v, const struct json_style *style)
{
    struct writer w = {tb, style, 0};
    write_value(&w, v);
}
