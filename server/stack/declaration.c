#include "stack/declaration.h"

static const struct yaml_limits limits = {.bytes = 1 << 20, .depth = 16, .nodes = 20000};

static int take(const char *file, const struct yaml_node *node, const char *head, bool own, const char *const *known,
                struct declaration *out, struct err *err)
{
    if (node->type != YAML_MAPPING)
        return err_set(err, ERR_SYNTAX, "%s:%u: a declaration is a map", file, node->line);
    for (size_t i = 0; i < node->len; i++) {
        struct str key = node->keys[i].text;
        bool found = str_eqz(key, head) || (own && str_eqz(key, "kind"));
        for (size_t k = 0; !found && known[k]; k++)
            found = str_eqz(key, known[k]);
        if (!found)
            return err_set(err, ERR_SYNTAX, "%s:%u: there is no key %s", file, node->keys[i].line, key.data);
    }
    const struct yaml_node *name = yaml_get(node, head), *doc = yaml_get(node, "doc");
    if (!name || name->type != YAML_SCALAR || !str_is_name(name->text))
        return err_set(err, ERR_SYNTAX, "%s:%u: %s: a name is needed", file, node->line, head);
    if (!doc || doc->type != YAML_SCALAR)
        return err_set(err, ERR_SYNTAX, "%s:%u: doc: a text is needed", file, node->line);
    *out = (struct declaration){node, name->text.data, doc->text.data, file, node->line, own};
    return 0;
}

int declaration_read(struct arena *arena, const char *file, struct str text, const char *head, const char *const *known,
                     struct declaration *out, struct err *err)
{
    struct yaml_node *node;
    int rc = yaml_read_one(arena, text, &limits, &node, err);
    if (rc < 0)
        return err_prefix(err, "%s", file);
    return take(file, node, head, false, known, out, err);
}

/* Recursion is bounded by limits.depth. */
static void set_line(struct yaml_node *node, unsigned line)
{
    node->line = line;
    for (size_t i = 0; i < node->len; i++) {
        if (node->type == YAML_MAPPING)
            node->keys[i].line = line;
        set_line(&node->items[i], line);
    }
}

int declaration_read_own(struct arena *arena, const char *file, unsigned line, struct str body,
                         const char *const *known, struct declaration *out, struct err *err)
{
    struct yaml_node *node;
    int rc = yaml_read_one(arena, body, &limits, &node, err);
    if (rc < 0)
        return err_prefix(err, "%s:%u", file, line);
    set_line(node, line);
    return take(file, node, "name", true, known, out, err);
}
