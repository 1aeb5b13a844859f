#include "base/crypto.h"
#include "base/quantity.h"
#include "template/json_text.h"
#include "template/k8s_name.h"
#include "template/number.h"
#include "template/run.h"
#include "template/text.h"

#include <math.h>
#include <stdio.h>

/* Filters that Jinja2 does not have: values into YAML, Python and Kubernetes without a way to change the structure
 * around them. */
static const struct json_style plain_json = {.comma = ", ", .colon = ": "};

static struct value filter_to_json(struct run *run, const struct value *a)
{
    struct text_builder tb = {.run = run};
    json_text_add(&tb, a[0], &plain_json);
    return value_of_str(tb_str(&tb));
}

/* Whether YAML 1.1 and 1.2 both read s as a string when it stands bare: only names that look like nothing else. */
static bool is_bare(struct str s)
{
    static const char *const words[] = {"null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf"};
    if (!s.len || s.len > 200 || !((s.data[0] | 0x20) >= 'a' && (s.data[0] | 0x20) <= 'z'))
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.data[i];
        bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        if (!letter && !(c >= '0' && c <= '9') && !(c && strchr("_-./", c)))
            return false;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t k = 0;
        while (k < s.len && words[i][k] && (s.data[k] | 0x20) == words[i][k])
            k++;
        if (k == s.len && !words[i][k])
            return false;
    }
    return true;
}

static void yaml_string(struct text_builder *tb, struct str s)
{
    if (is_bare(s))
        tb_add(tb, s);
    else
        json_text_add_string(tb, s, &plain_json);
}

static void yaml_value(struct text_builder *tb, struct value v, unsigned depth, bool inline_first);

static void yaml_margin(struct text_builder *tb, unsigned depth)
{
    if (tb->len)
        tb_addc(tb, '\n');
    tb_fill(tb, ' ', (size_t)depth * 2);
}

static void yaml_dict(struct text_builder *tb, const struct value_dict *dict, unsigned depth, bool inline_first)
{
    for (size_t i = 0; i < dict->len; i++) {
        struct value key = dict->entries[i].key, v = dict->entries[i].value;
        if (i || !inline_first)
            yaml_margin(tb, depth);
        if (key.type == VALUE_STR)
            yaml_string(tb, value_text(key));
        else
            yaml_value(tb, key, depth, true);
        tb_addc(tb, ':');
        bool nested = (v.type == VALUE_DICT && v.as.dict->len) || (value_is_seq(v) && v.as.list->len);
        if (!nested)
            tb_addc(tb, ' ');
        yaml_value(tb, v, depth + 1, false);
    }
}

static void yaml_list(struct text_builder *tb, const struct value_list *list, unsigned depth, bool inline_first)
{
    for (size_t i = 0; i < list->len; i++) {
        if (i || !inline_first)
            yaml_margin(tb, depth);
        tb_add(tb, STR("- "));
        yaml_value(tb, list->items[i], depth + 1, true);
    }
}

static void yaml_value(struct text_builder *tb, struct value v, unsigned depth, bool inline_first)
{
    if (depth > 100)
        run_fail(tb->run, "value nested too deep for YAML");
    run_charge(tb->run, 1);
    if (v.type == VALUE_DICT && v.as.dict->len)
        yaml_dict(tb, v.as.dict, depth, inline_first);
    else if (value_is_seq(v) && v.as.list->len)
        yaml_list(tb, v.as.list, depth, inline_first);
    else if (v.type == VALUE_STR)
        yaml_string(tb, value_text(v));
    else if (value_is_seq(v))
        tb_add(tb, STR("[]"));
    else if (v.type == VALUE_FLOAT && isnan(v.as.d))
        tb_add(tb, STR(".nan")); /* YAML has words of its own for what JSON has no number for */
    else if (v.type == VALUE_FLOAT && isinf(v.as.d))
        tb_add(tb, v.as.d < 0 ? STR("-.inf") : STR(".inf"));
    else
        json_text_add(tb, v, &plain_json);
}

static struct value filter_to_yaml(struct run *run, const struct value *a)
{
    struct text_builder tb = {.run = run};
    yaml_value(&tb, a[0], 0, true);
    return value_of_str(tb_str(&tb));
}

static struct value filter_quote_yaml(struct run *run, const struct value *a)
{
    struct text_builder tb = {.run = run};
    json_text_add_string(&tb, to_text(run, a[0]), &plain_json);
    return value_of_str(tb_str(&tb));
}

static struct value filter_quote_python(struct run *run, const struct value *a)
{
    struct value v = a[0];
    switch (v.type) {
    case VALUE_NONE:
    case VALUE_BOOL:
    case VALUE_INT:
    case VALUE_BIG:
    case VALUE_LIST:
    case VALUE_TUPLE:
    case VALUE_DICT:
        return value_of_str(to_repr(run, v));
    case VALUE_FLOAT:
        if (v.as.d - v.as.d != 0)
            run_fail(run, "python has no literal for nan and inf");
        return value_of_str(to_repr(run, v));
    default:
        return value_of_str(to_repr(run, value_of_str(to_text(run, v))));
    }
}

static struct value filter_b64encode(struct run *run, const struct value *a)
{
    return value_of_str(str_from(crypto_base64(run->arena, to_text(run, a[0]))));
}

static struct value filter_sha256(struct run *run, const struct value *a)
{
    char *hex = run_alloc(run, SHA256_HEX_SIZE);
    crypto_sha256_hex(to_text(run, a[0]), hex);
    return value_of_str(str_from(hex));
}

static struct value filter_k8s_name(struct run *run, const struct value *a)
{
    return value_of_str(k8s_name(run->arena, to_text(run, a[0]), K8S_NAME_MAX));
}

/* A Kubernetes quantity, checked as the model checks its own. */
static struct value filter_quantity(struct run *run, const struct value *a)
{
    struct str s = to_text(run, a[0]);
    int64_t milli;
    if (quantity_parse(s, &milli))
        return value_of_str(s);
    run_fail(run, "not a quantity: " STR_FMT, STR_ARG(to_repr(run, value_of_str(s))));
}

static const struct builtin rows[] = {
    {"to_json", filter_to_json, NULL, 0, {NULL}},       {"to_yaml", filter_to_yaml, NULL, 0, {NULL}},
    {"quote_yaml", filter_quote_yaml, NULL, 0, {NULL}}, {"quote_python", filter_quote_python, NULL, 0, {NULL}},
    {"b64encode", filter_b64encode, NULL, 0, {NULL}},   {"sha256", filter_sha256, NULL, 0, {NULL}},
    {"k8s_name", filter_k8s_name, NULL, 0, {NULL}},     {"quantity", filter_quantity, NULL, 0, {NULL}},
};
const struct builtin_table filters_yellow = BUILTIN_TABLE(rows);
