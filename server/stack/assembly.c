#include "stack/assembly.h"

#include "stack/declaration.h"

static const char *const known[] = {"assembly", "doc", "parameters", "components", NULL};

static void read_bindings(struct arena *arena, const struct yaml_node *with, struct instance *out)
{
    out->binding_count = with ? with->len : 0;
    out->bindings = arena_calloc(arena, out->binding_count, sizeof *out->bindings);
    for (size_t i = 0; i < out->binding_count; i++) {
        const struct yaml_node *value = &with->items[i];
        struct binding *binding = &out->bindings[i];
        binding->parameter = with->keys[i].text.data;
        binding->line = value->line;
        bool text = value->type == YAML_SCALAR && value->scalar == YAML_STRING;
        if (text && str_starts(value->text, STR("$$")))
            binding->value = json_own(arena, json_stringn(value->text.data + 1, value->text.len - 1));
        else if (text && str_starts(value->text, STR("$")))
            binding->reference = value->text.data + 1;
        else
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
    *out = (struct instance){
        .name = as ? as->text.data : component->text.data, .component = component->text.data, .line = node->line};
    for (size_t i = 0; i < before->instance_count; i++)
        if (strcmp(before->instances[i].name, out->name) == 0)
            return err_set(err, ERR_SYNTAX,
                           "%s:%u: the name %s is taken by line %u; give one of them another with as:", file,
                           node->line, out->name, before->instances[i].line);
    read_bindings(arena, with, out);
    return 0;
}

int assembly_read(struct arena *arena, const char *file, struct str text, struct assembly *out, struct err *err)
{
    const struct yaml_node *root;
    int rc = declaration_read(arena, file, text, "assembly", known, &root, err);
    if (rc < 0)
        return rc;
    struct assembly read = {
        .name = yaml_get(root, "assembly")->text.data, .doc = yaml_get(root, "doc")->text.data, .file = file};
    rc = parameters_read(arena, file, yaml_get(root, "parameters"), &read.parameters, err);
    if (rc < 0)
        return rc;
    const struct yaml_node *list = yaml_get(root, "components");
    if (!list || list->type != YAML_SEQUENCE || list->len == 0)
        return err_set(err, ERR_SYNTAX, "%s:%u: components: a list is needed", file, root->line);
    read.instances = arena_calloc(arena, list->len, sizeof *read.instances);
    for (size_t i = 0; i < list->len; i++) {
        rc = read_instance(arena, file, &list->items[i], &read, &read.instances[i], err);
        if (rc < 0)
            return rc;
        read.instance_count++;
    }
    *out = read;
    return 0;
}
