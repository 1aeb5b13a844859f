#include "stack/assembly.h"

#include "stack/declaration.h"

static const char *const known[] = {"doc", "parameters", "components", NULL};

static void read_bindings(struct arena *arena, const struct yaml_node *with, struct instance *out)
{
    out->binding_count = with ? with->len : 0;
    out->bindings = arena_calloc(arena, out->binding_count, sizeof *out->bindings);
    for (size_t i = 0; i < out->binding_count; i++) {
        const struct yaml_node *value = &with->items[i];
        struct binding *binding = &out->bindings[i];
        binding->parameter = with->keys[i].text.data;
        binding->line = value->line;
        binding->value = parameter_value(arena, value);
    }
}

static int read_instance(struct arena *arena, const char *file, const struct yaml_node *node,
                         const struct assembly *before, struct instance *out, struct err *err)
{
    const struct yaml_node *component = yaml_get(node, "component"), *as = yaml_get(node, "as"),
                           *with = yaml_get(node, "with");
    if (!component || component->type != YAML_SCALAR || (with && with->type != YAML_MAPPING))
        return err_set(err, ERR_SYNTAX, "%s:%u: a component of an assembly has component, as and with (a map)", file,
                       node->line);
    if (as && (as->type != YAML_SCALAR || !str_is_name(as->text)))
        return err_set(err, ERR_SYNTAX, "%s:%u: as: a name is needed", file, as->line);
    *out = (struct instance){
        .name = as ? as->text.data : component->text.data, .component = component->text.data, .line = node->line};
    static const char *const taken[] = {"psp", "model", "parameters"};
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcmp(taken[i], out->name) == 0)
            return err_set(err, ERR_SYNTAX, "%s:%u: the name %s is taken by $%s; give another with as:", file,
                           node->line, out->name, out->name);
    for (size_t i = 0; i < before->instance_count; i++)
        if (strcmp(before->instances[i].name, out->name) == 0)
            return err_set(err, ERR_SYNTAX,
                           "%s:%u: the name %s is taken by line %u; give one of them another with as:", file,
                           node->line, out->name, before->instances[i].line);
    read_bindings(arena, with, out);
    return 0;
}

static int read_body(struct arena *arena, const struct yaml_node *root, struct assembly *out, struct err *err)
{
    int rc = parameters_read(arena, out->file, yaml_get(root, "parameters"), &out->parameters, err);
    if (rc < 0)
        return rc;
    const struct yaml_node *list = yaml_get(root, "components");
    if (!list || list->type != YAML_SEQUENCE || list->len == 0)
        return err_set(err, ERR_SYNTAX, "%s:%u: components: a list is needed", out->file, root->line);
    out->instances = arena_calloc(arena, list->len, sizeof *out->instances);
    for (size_t i = 0; i < list->len; i++) {
        rc = read_instance(arena, out->file, &list->items[i], out, &out->instances[i], err);
        if (rc < 0)
            return rc;
        out->instance_count++;
    }
    return 0;
}

static int make(struct arena *arena, const struct declaration *from, struct assembly *out, struct err *err)
{
    struct assembly made = {
        .name = from->name, .doc = from->doc, .file = from->file, .line = from->line, .own = from->own};
    int rc = read_body(arena, from->root, &made, err);
    if (rc == 0)
        *out = made;
    return rc;
}

int assembly_read(struct arena *arena, const char *file, struct str text, struct assembly *out, struct err *err)
{
    struct declaration from;
    int rc = declaration_read(arena, file, text, "assembly", known, &from, err);
    return rc < 0 ? rc : make(arena, &from, out, err);
}

int assembly_read_own(struct arena *arena, struct str body, const char *file, unsigned line, struct assembly *out,
                      struct err *err)
{
    struct declaration from;
    int rc = declaration_read_own(arena, file, line, body, known, &from, err);
    return rc < 0 ? rc : make(arena, &from, out, err);
}

const char *binding_reference(const json_t *value)
{
    const char *text = json_string_value(value);
    return text && text[0] == '$' && text[1] != '$' ? text + 1 : NULL;
}

/* Recursion is bounded by the depth of a declaration. */
static bool value_refers(const json_t *value, const char *path)
{
    const char *reference = binding_reference(value), *key;
    bool found = reference && strcmp(reference, path) == 0;
    json_t *item;
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)value, i, item) found = found || value_refers(item, path);
    json_object_foreach((json_t *)(uintptr_t)value, key, item) found = found || value_refers(item, path);
    return found;
}

bool assembly_refers(const struct assembly *assembly, const char *path)
{
    for (size_t i = 0; i < assembly->instance_count; i++)
        for (size_t b = 0; b < assembly->instances[i].binding_count; b++)
            if (value_refers(assembly->instances[i].bindings[b].value, path))
                return true;
    return false;
}
