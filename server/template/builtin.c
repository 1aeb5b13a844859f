#include "template/builtin.h"

static const struct builtin *find_in(const struct builtin_table *const *tables, size_t len, struct str name)
{
    for (size_t t = 0; name.len && t < len; t++) {
        for (size_t i = 0; i < tables[t]->len; i++) {
            const char *row = tables[t]->rows[i].name;
            if (row[0] == name.data[0] && str_eqz(name, row))
                return &tables[t]->rows[i];
        }
    }
    return NULL;
}

size_t builtin_param_count(const struct builtin *builtin)
{
    size_t n = 0;
    while (n < BUILTIN_PARAMS && builtin->params[n])
        n++;
    return n;
}

const struct builtin *builtin_find_filter(struct str name)
{
    static const struct builtin_table *const tables[] = {&filters_text, &filters_seq,    &filters_pick,
                                                         &filters_num,  &filters_markup, &filters_yellow,
                                                         &filters_wrap, &filters_pprint, &filters_link};
    return find_in(tables, sizeof tables / sizeof *tables, name);
}

const struct builtin *builtin_find_test(struct str name)
{
    static const struct builtin_table *const tables[] = {&tests_all};
    return find_in(tables, 1, name);
}

const struct builtin *builtin_find_global(struct str name)
{
    static const struct builtin_table *const tables[] = {&globals_all};
    return find_in(tables, 1, name);
}

const struct builtin *builtin_find_method(enum value_type type, struct str name)
{
    static const struct builtin_table *const text[] = {&methods_str, &methods_str_more},
                                             *const list[] = {&methods_list}, *const tuple[] = {&methods_tuple},
                                             *const dict[] = {&methods_dict}, *const loop[] = {&methods_loop},
                                             *const cycler[] = {&methods_cycler};
    switch (type) {
    case VALUE_STR:
        return find_in(text, 2, name);
    case VALUE_LIST:
        return find_in(list, 1, name);
    case VALUE_TUPLE:
    case VALUE_RANGE:
        return find_in(tuple, 1, name);
    case VALUE_DICT:
        return find_in(dict, 1, name);
    case VALUE_LOOP:
        return find_in(loop, 1, name);
    case VALUE_CYCLER:
        return find_in(cycler, 1, name);
    default:
        return NULL;
    }
}

enum loop_attr builtin_loop_attr(struct str name)
{
    static const char *const names[] = {
        [LOOP_INDEX] = "index",         [LOOP_INDEX0] = "index0",    [LOOP_REVINDEX] = "revindex",
        [LOOP_REVINDEX0] = "revindex0", [LOOP_FIRST] = "first",      [LOOP_LAST] = "last",
        [LOOP_LENGTH] = "length",       [LOOP_DEPTH] = "depth",      [LOOP_DEPTH0] = "depth0",
        [LOOP_PREVITEM] = "previtem",   [LOOP_NEXTITEM] = "nextitem"};
    for (enum loop_attr i = LOOP_INDEX; i <= LOOP_NEXTITEM; i++) {
        if (name.len && name.data[0] == names[i][0] && str_eqz(name, names[i]))
            return i;
    }
    return LOOP_NONE;
}

void builtin_resolve_attr(struct node *node)
{
    struct str name = node->as.attr.name;
    node->as.attr.loop_attr = (uint8_t)builtin_loop_attr(name);
    node->as.attr.of->methods[0] = builtin_find_method(VALUE_STR, name);
    node->as.attr.of->methods[1] = builtin_find_method(VALUE_LIST, name);
    node->as.attr.of->methods[2] = builtin_find_method(VALUE_DICT, name);
    node->as.attr.dict_method = node->as.attr.of->methods[2] != NULL;
}

const struct builtin *builtin_attr_method(const struct node *node, enum value_type type)
{
    switch (type) {
    case VALUE_STR:
        return node->as.attr.of->methods[0];
    case VALUE_LIST:
        return node->as.attr.of->methods[1];
    case VALUE_DICT:
        return node->as.attr.of->methods[2];
    case VALUE_NAMESPACE:
        return NULL;
    default:
        return builtin_find_method(type, node->as.attr.name);
    }
}
