#include "template/bigint.h"
#include "template/number.h"
#include "template/run.h"
#include "template/text.h"

#include <stdio.h>

enum { REPR_DEPTH = 100 };

static const char *const names[VALUE_TYPE_COUNT] = {
    [VALUE_UNDEFINED] = "Undefined",
    [VALUE_NONE] = "NoneType",
    [VALUE_BOOL] = "bool",
    [VALUE_INT] = "int",
    [VALUE_BIG] = "int",
    [VALUE_FLOAT] = "float",
    [VALUE_STR] = "str",
    [VALUE_LIST] = "list",
    [VALUE_TUPLE] = "tuple",
    [VALUE_ITER] = "generator",
    [VALUE_RANGE] = "range",
    [VALUE_DICT] = "dict",
    [VALUE_NAMESPACE] = "Namespace",
    [VALUE_MACRO] = "Macro",
    [VALUE_LOOP] = "LoopContext",
    [VALUE_METHOD] = "method",
    [VALUE_FUNCTION] = "function",
    [VALUE_MODULE] = "TemplateModule",
    [VALUE_CYCLER] = "Cycler",
    [VALUE_JOINER] = "Joiner",
    [VALUE_BLOCK] = "BlockReference",
    [VALUE_SELF] = "TemplateReference",
};

const char *type_name(struct value v)
{
    if (v.type == VALUE_VIEW)
        return v.as.list->kind;
    if (v.type == VALUE_STR && v.flags & VALUE_SAFE)
        return "Markup";
    return names[v.type] ? names[v.type] : "object";
}

const char *type_owner(struct value v)
{
    static const char *const owners[VALUE_TYPE_COUNT] = {
        [VALUE_NONE] = "None",          [VALUE_BOOL] = "bool object",
        [VALUE_INT] = "int object",     [VALUE_BIG] = "int object",
        [VALUE_FLOAT] = "float object", [VALUE_STR] = "str object",
        [VALUE_LIST] = "list object",   [VALUE_TUPLE] = "tuple object",
        [VALUE_DICT] = "dict object",   [VALUE_ITER] = "generator object",
        [VALUE_RANGE] = "range object",
    };
    return owners[v.type] ? owners[v.type] : type_name(v);
}

bool truth_other(struct run *run, struct value v)
{
    switch (v.type) {
    case VALUE_BOOL:
        return v.as.b;
    case VALUE_INT:
        return v.as.i != 0;
    case VALUE_FLOAT:
        return v.as.d != 0;
    case VALUE_STR:
        return v.len > 0;
    case VALUE_NONE:
    case VALUE_MISSING:
        return false;
    case VALUE_LIST:
    case VALUE_TUPLE:
    case VALUE_VIEW:
        return v.as.list->len > 0;
    case VALUE_DICT:
        return v.as.dict->len > 0;
    case VALUE_RANGE:
        return v.as.range->len > 0;
    case VALUE_UNDEFINED:
        if (v.flags & VALUE_STRICT)
            run_fail_undefined(run, v);
        return false;
    case VALUE_LOOP:
        return v.as.loop && truth(run, loop_attr(run, v.as.loop, LOOP_LENGTH));
    default:
        return true;
    }
}

static void add_number(struct text_builder *tb, struct value v)
{
    char text[NUMBER_FLOAT_SIZE];
    size_t n = v.type == VALUE_INT ? number_print_int(v.as.i, text) : number_print_float(v.as.d, text);
    tb_add(tb, (struct str){text, n});
}

static void add_escape(struct text_builder *tb, uint32_t c)
{
    char text[16];
    int n = snprintf(text, sizeof text, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
    tb_add(tb, (struct str){text, (size_t)n});
}

static void repr_text(struct text_builder *tb, struct str s)
{
    bool single = s.len && memchr(s.data, '\'', s.len), both = s.len && memchr(s.data, '"', s.len);
    char quote = single && !both ? '"' : '\'';
    tb_addc(tb, quote);
    for (size_t at = 0; at < s.len;) {
        uint32_t c;
        size_t n = text_decode((struct str){s.data + at, s.len - at}, &c);
        if (c == (uint32_t)quote || c == '\\') {
            tb_addc(tb, '\\');
            tb_addc(tb, (char)c);
        } else if (c == '\n' || c == '\r' || c == '\t') {
            tb_addc(tb, '\\');
            tb_addc(tb, c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
        } else if (c < 0x20 || c == 0x7f || (c >= 0x80 && (n == 1 || char_is(c, CHAR_HIDDEN)))) {
            add_escape(tb, c);
        } else {
            tb_add(tb, (struct str){s.data + at, n});
        }
        at += n;
    }
    tb_addc(tb, quote);
}

static void repr_items(struct text_builder *tb, const struct value_list *list, unsigned depth)
{
    for (size_t i = 0; i < list->len; i++) {
        if (i)
            tb_add(tb, STR(", "));
        print_repr(tb, list->items[i], depth);
    }
}

static void repr_dict(struct text_builder *tb, const struct value_dict *dict, unsigned depth)
{
    tb_addc(tb, '{');
    for (size_t i = 0; i < dict->len; i++) {
        if (i)
            tb_add(tb, STR(", "));
        print_repr(tb, dict->entries[i].key, depth);
        tb_add(tb, STR(": "));
        print_repr(tb, dict->entries[i].value, depth);
    }
    tb_addc(tb, '}');
}

/* <type 'name'> */
static void add_named(struct text_builder *tb, const char *type, struct str name)
{
    tb_add(tb, str_from(arena_printf(tb->run->arena, "<%s '" STR_FMT "'>", type, STR_ARG(name))));
}

static void repr_range(struct text_builder *tb, const struct value_range *range)
{
    tb_add(tb, STR("range("));
    add_number(tb, value_of_int(range->start));
    tb_add(tb, STR(", "));
    add_number(tb, value_of_int(range->stop));
    if (range->step != 1) {
        tb_add(tb, STR(", "));
        add_number(tb, value_of_int(range->step));
    }
    tb_addc(tb, ')');
}

static void repr_other(struct text_builder *tb, struct value v)
{
    switch (v.type) {
    case VALUE_MACRO:
        if (v.as.macro->node->name.len)
            add_named(tb, "Macro", v.as.macro->node->name);
        else
            tb_add(tb, STR("<Macro anonymous>"));
        break;
    case VALUE_MODULE:
        add_named(tb, "TemplateModule", str_from(v.as.module->name));
        break;
    case VALUE_SELF:
        add_named(tb, "TemplateReference", str_from(v.as.context->program->name));
        break;
    case VALUE_LOOP:
        tb_add(tb, STR("<LoopContext "));
        add_number(tb, loop_attr(tb->run, v.as.loop, LOOP_INDEX));
        tb_addc(tb, '/');
        add_number(tb, loop_attr(tb->run, v.as.loop, LOOP_LENGTH));
        tb_addc(tb, '>');
        break;
    default:
        tb_add(tb, str_from(arena_printf(tb->run->arena, "<%s object>", type_name(v))));
    }
}

void print_repr(struct text_builder *tb, struct value v, unsigned depth)
{
    if (depth > REPR_DEPTH)
        run_fail(tb->run, "value nested too deep to be printed");
    run_charge(tb->run, 1);
    switch (v.type) {
    case VALUE_NONE:
        tb_add(tb, STR("None"));
        break;
    case VALUE_BOOL:
        tb_add(tb, v.as.b ? STR("True") : STR("False"));
        break;
    case VALUE_INT:
    case VALUE_FLOAT:
        add_number(tb, v);
        break;
    case VALUE_BIG:
        if (bigint_is_negative(v))
            tb_addc(tb, '-');
        tb_add(tb, number_digits(tb->run, v, 10, false));
        break;
    case VALUE_STR:
        if (v.flags & VALUE_SAFE)
            tb_add(tb, STR("Markup("));
        repr_text(tb, value_text(v));
        if (v.flags & VALUE_SAFE)
            tb_addc(tb, ')');
        break;
    case VALUE_UNDEFINED:
        tb_add(tb, STR("Undefined"));
        break;
    case VALUE_LIST:
    case VALUE_TUPLE:
        tb_addc(tb, v.type == VALUE_LIST ? '[' : '(');
        repr_items(tb, v.as.list, depth + 1);
        if (v.type == VALUE_TUPLE && v.as.list->len == 1)
            tb_addc(tb, ',');
        tb_addc(tb, v.type == VALUE_LIST ? ']' : ')');
        break;
    case VALUE_VIEW:
        tb_add(tb, str_from(v.as.list->kind));
        tb_add(tb, STR("(["));
        repr_items(tb, v.as.list, depth + 1);
        tb_add(tb, STR("])"));
        break;
    case VALUE_DICT:
        repr_dict(tb, v.as.dict, depth + 1);
        break;
    case VALUE_NAMESPACE:
        tb_add(tb, STR("<Namespace "));
        repr_dict(tb, v.as.dict, depth + 1);
        tb_addc(tb, '>');
        break;
    case VALUE_RANGE:
        repr_range(tb, v.as.range);
        break;
    default:
        repr_other(tb, v);
    }
}

struct str to_repr(struct run *run, struct value v)
{
    struct text_builder tb = {.run = run};
    print_repr(&tb, v, 0);
    return tb_str(&tb);
}

struct str to_text(struct run *run, struct value v)
{
    switch (v.type) {
    case VALUE_STR:
        return value_text(v);
    case VALUE_UNDEFINED:
        if (v.flags & VALUE_STRICT)
            run_fail_undefined(run, v);
        return STR("");
    case VALUE_MODULE:
        return v.as.module->body;
    default:
        return to_repr(run, v);
    }
}

struct value to_string(struct run *run, struct value v)
{
    if (v.type == VALUE_STR)
        return v;
    struct value text = value_of_str(to_text(run, v));
    if (v.type == VALUE_MODULE && run->autoescape)
        text.flags = VALUE_SAFE;
    return text;
}
