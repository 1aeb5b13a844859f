#include "template/bigint.h"
#include "template/number.h"
#include "template/value.h"

#include <math.h>

/* Decimal, 0x or 0o, with a sign: what the core schema takes for an integer. */
static int from_int(struct arena *arena, const struct yaml_node *node, struct value *out, struct err *err)
{
    bool based = node->text.len > 2 && (node->text.data[1] == 'x' || node->text.data[1] == 'o');
    if (bigint_read_text(arena, node->text, based ? 0 : 10, out) == 1)
        return 0;
    return err_set(err, ERR_INVALID, "%u:%u: integer of more than %d digits", node->line, node->column, BIGINT_DIGITS);
}

static struct value from_float(struct str text)
{
    double d;
    if (number_read_float(text, &d))
        return value_of_float(d);
    bool minus = text.data[0] == '-', not_a_number = (text.data[text.len - 1] | 0x20) == 'n';
    return value_of_float(not_a_number ? (double)NAN : minus ? -(double)INFINITY : (double)INFINITY);
}

static int from_scalar(struct arena *arena, const struct yaml_node *node, struct value *out, struct err *err)
{
    enum yaml_scalar kind = node->quoted ? YAML_STRING : node->scalar;
    if (kind == YAML_INT)
        return from_int(arena, node, out, err);
    if (kind == YAML_FLOAT)
        *out = from_float(node->text);
    else if (kind == YAML_BOOL)
        *out = value_of_bool((node->text.data[0] | 0x20) == 't');
    else
        *out = kind == YAML_NULL ? value_of_none() : value_of_str(node->text);
    return 0;
}

static int from_node(struct arena *arena, struct value_dict *keys, const struct yaml_node *node, struct value *out,
                     struct err *err)
{
    if (node->type == YAML_SCALAR)
        return from_scalar(arena, node, out, err);
    int rc = 0;
    struct value item = {.type = VALUE_NONE};
    struct value made = *(node->type == YAML_SEQUENCE ? value_list(arena) : value_dict(arena));
    for (size_t i = 0; rc == 0 && i < node->len; i++) {
        rc = from_node(arena, keys, &node->items[i], &item, err);
        if (made.type == VALUE_LIST)
            *list_push(arena, made.as.list) = item;
        else
            dict_put_shared(arena, keys, made.as.dict, node->keys[i].text, item);
    }
    *out = made;
    return rc;
}

int value_from_yaml(struct arena *arena, const struct yaml_node *node, struct value **out, struct err *err)
{
    struct value *made = value_dict(arena);
    struct value_dict keys = {0};
    int rc = from_node(arena, &keys, node, made, err);
    if (rc == 0)
        *out = made;
    return rc;
}
