#include "stack/component.h"

#include "stack/declaration.h"

static const char *const known[] = {"component", "doc", "parameters", "provides", "volumes", "artifacts", NULL};

static const struct yaml_node *member(const struct yaml_node *node, const char *key, enum yaml_type type)
{
    const struct yaml_node *value = yaml_get(node, key);
    return value && value->type == type ? value : NULL;
}

static int read_artifacts(struct arena *arena, const char *file, const struct yaml_node *list, struct component *out,
                          struct err *err)
{
    out->artifacts = arena_calloc(arena, list->len, sizeof *out->artifacts);
    for (size_t i = 0; i < list->len; i++) {
        const struct yaml_node *item = &list->items[i], *name = member(item, "template", YAML_SCALAR),
                               *media = member(item, "media_type", YAML_SCALAR);
        if (!name || !media || !str_ends(name->text, STR(".j2")) || memchr(name->text.data, '/', name->text.len))
            return err_set(err, ERR_SYNTAX,
                           "%s:%u: an artifact needs template (NAME.j2 beside the declaration) and media_type", file,
                           item->line);
        out->artifacts[out->artifact_count++] = (struct component_artifact){
            .template = arena_printf(arena, "components/%s/%s", out->name, name->text.data),
            .file = arena_strndup(arena, name->text.data, name->text.len - 3),
            .media_type = media->text.data,
        };
    }
    return 0;
}

static bool is_parameter(const struct component *component, const struct yaml_node *name, enum parameter_type type)
{
    const struct parameter *parameter = name ? parameters_find(&component->parameters, name->text.data) : NULL;
    return parameter && parameter->type == type;
}

static int read_volumes(struct arena *arena, const char *file, const struct yaml_node *list, struct component *out,
                        struct err *err)
{
    out->volumes = arena_calloc(arena, list ? list->len : 0, sizeof *out->volumes);
    for (size_t i = 0; list && i < list->len; i++) {
        const struct yaml_node *item = &list->items[i], *size = member(item, "size", YAML_SCALAR),
                               *replicas = member(item, "replicas", YAML_SCALAR);
        if (!is_parameter(out, size, PARAMETER_STORAGE) ||
            (replicas && !is_parameter(out, replicas, PARAMETER_INTEGER)))
            return err_set(err, ERR_SYNTAX,
                           "%s:%u: a volume has size (a parameter of type storage) and replicas (one of type integer)",
                           file, item->line);
        out->volumes[out->volume_count++] =
            (struct component_volume){size->text.data, replicas ? replicas->text.data : NULL};
    }
    return 0;
}

int component_read(struct arena *arena, const char *file, struct str text, struct component *out, struct err *err)
{
    const struct yaml_node *root;
    int rc = declaration_read(arena, file, text, "component", known, &root, err);
    if (rc < 0)
        return rc;
    struct component read = {.name = yaml_get(root, "component")->text.data, .doc = yaml_get(root, "doc")->text.data};
    rc = parameters_read(arena, file, yaml_get(root, "parameters"), &read.parameters, err);
    if (rc < 0)
        return rc;
    const struct yaml_node *provides = yaml_get(root, "provides"),
                           *artifacts = member(root, "artifacts", YAML_SEQUENCE);
    if (provides && provides->type != YAML_MAPPING)
        return err_set(err, ERR_SYNTAX, "%s:%u: provides is a map of names to texts", file, provides->line);
    read.provide_count = provides ? provides->len : 0;
    read.provides = arena_calloc(arena, read.provide_count, sizeof *read.provides);
    for (size_t i = 0; i < read.provide_count; i++)
        read.provides[i] = (struct component_output){provides->keys[i].text.data, provides->items[i].text.data};
    if (!artifacts)
        return err_set(err, ERR_SYNTAX, "%s:%u: artifacts: a list is needed", file, root->line);
    rc = read_volumes(arena, file, member(root, "volumes", YAML_SEQUENCE), &read, err);
    if (rc == 0)
        rc = read_artifacts(arena, file, artifacts, &read, err);
    if (rc < 0)
        return rc;
    *out = read;
    return 0;
}
