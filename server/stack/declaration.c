#include "stack/declaration.h"

static const struct yaml_limits limits = {.bytes = 1 << 20, .depth = 16, .nodes = 20000};

int declaration_read(struct arena *arena, const char *file, struct str text, const char *head, const char *const *known,
                     const struct yaml_node **root, struct err *err)
{
    struct yaml_node *node;
    int rc = yaml_read_one(arena, text, &limits, &node, err);
    if (rc < 0)
        return err_prefix(err, "%s", file);
    if (node->type != YAML_MAPPING)
        return err_set(err, ERR_SYNTAX, "%s:%u: a declaration is a map", file, node->line);
    for (size_t i = 0; i < node->len; i++) {
        size_t k = 0;
        while (known[k] && !str_eqz(node->keys[i].text, known[k]))
            k++;
        if (!known[k])
            return err_set(err, ERR_SYNTAX, "%s:%u: there is no key %s", file, node->keys[i].line,
                           node->keys[i].text.data);
    }
    const struct yaml_node *name = yaml_get(node, head), *doc = yaml_get(node, "doc");
    if (!name || name->type != YAML_SCALAR || !str_is_name(name->text))
        return err_set(err, ERR_SYNTAX, "%s:%u: %s: a name is needed", file, node->line, head);
    if (!doc || doc->type != YAML_SCALAR)
        return err_set(err, ERR_SYNTAX, "%s:%u: doc: a text is needed", file, node->line);
    *root = node;
    return 0;
}
