#include "stack/component.h"

#include "stack/declaration.h"
#include "stack/media.h"

static const char *const known[] = {"doc", "parameters", "provides", "requires", "volumes", "artifacts", NULL};

static const struct yaml_node *member(const struct yaml_node *node, const char *key, enum yaml_type type)
{
    const struct yaml_node *value = yaml_get(node, key);
    return value && value->type == type ? value : NULL;
}

/* A file of the model, from its root: no "..", no empty part, not absolute, nothing but plain names. */
static bool is_model_path(struct str path)
{
    struct str rest = path;
    for (size_t i = 0; i < path.len; i++)
        if ((unsigned char)path.data[i] < 0x20 || path.data[i] == '\\' || path.data[i] == 0x7f)
            return false;
    while (rest.data) {
        struct str part = str_cut(&rest, '/');
        if (part.len == 0 || part.data[0] == '.')
            return false;
    }
    return path.len > 0 && path.len < 512;
}

static bool is_artifact_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!plain && (!c || !strchr("._-", c)))
            return false;
    }
    return name.len > 3 && name.len < 128 && name.data[0] != '.';
}

static struct str last_part(struct str path)
{
    struct str rest = path, part = path;
    while (rest.data)
        part = str_cut(&rest, '/');
    return part;
}

static int read_artifacts(struct arena *arena, const char *file_name, const struct yaml_node *list,
                          struct component *out, struct err *err)
{
    out->artifacts = arena_calloc(arena, list->len, sizeof *out->artifacts);
    for (size_t i = 0; i < list->len; i++) {
        const struct yaml_node *item = &list->items[i], *name = member(item, "template", YAML_SCALAR),
                               *media = member(item, "media_type", YAML_SCALAR);
        bool good = name && media && item->len == 2 && str_ends(name->text, STR(".j2")) &&
                    (out->own ? is_model_path(name->text) : !memchr(name->text.data, '/', name->text.len));
        struct str file = good ? last_part(name->text) : (struct str){0};
        if (!good || !is_artifact_name(file))
            return err_set(
                err, ERR_SYNTAX, "%s:%u: an artifact needs template (%s) and media_type", file_name, item->line,
                out->own ? "NAME.j2, a path from the model's root without .." : "NAME.j2 beside the declaration");
        if (!media_find(media->text.data))
            return err_set(err, ERR_SYNTAX, "%s:%u: there is no media type %s for artifacts", file_name, media->line,
                           media->text.data);
        out->artifacts[out->artifact_count++] = (struct component_artifact){
            .template = out->own ? arena_printf(arena, "model/%s", name->text.data)
                                 : arena_printf(arena, "components/%s/%s", out->name, name->text.data),
            .file = arena_strndup(arena, file.data, file.len - 3),
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

static int read_body(struct arena *arena, const struct yaml_node *root, struct component *out, struct err *err)
{
    const struct yaml_node *artifacts = member(root, "artifacts", YAML_SEQUENCE);
    int rc = parameters_read(arena, out->file, yaml_get(root, "parameters"), &out->parameters, err);
    if (rc == 0)
        rc = offers_read(arena, out->file, yaml_get(root, "provides"), true, &out->provides, err);
    if (rc == 0)
        rc = offers_read(arena, out->file, yaml_get(root, "requires"), false, &out->requires, err);
    if (rc == 0 && !artifacts)
        rc = err_set(err, ERR_SYNTAX, "%s:%u: artifacts: a list is needed", out->file, root->line);
    if (rc == 0)
        rc = read_volumes(arena, out->file, member(root, "volumes", YAML_SEQUENCE), out, err);
    return rc < 0 ? rc : read_artifacts(arena, out->file, artifacts, out, err);
}

static int make(struct arena *arena, const struct declaration *from, struct component *out, struct err *err)
{
    struct component made = {
        .name = from->name, .doc = from->doc, .file = from->file, .line = from->line, .own = from->own};
    int rc = read_body(arena, from->root, &made, err);
    if (rc == 0)
        *out = made;
    return rc;
}

int component_read(struct arena *arena, const char *file, struct str text, struct component *out, struct err *err)
{
    struct declaration from;
    int rc = declaration_read(arena, file, text, "component", known, &from, err);
    return rc < 0 ? rc : make(arena, &from, out, err);
}

int component_read_own(struct arena *arena, struct str body, const char *file, unsigned line, struct component *out,
                       struct err *err)
{
    struct declaration from;
    int rc = declaration_read_own(arena, file, line, body, known, &from, err);
    return rc < 0 ? rc : make(arena, &from, out, err);
}

const char *component_artifact_name(struct arena *arena, const struct component *component, const char *instance,
                                    const struct component_artifact *artifact)
{
    struct str stem = str_from(artifact->file);
    struct str head = str_cut(&stem, '.');
    if (str_eqz(head, component->name))
        return arena_printf(arena, "%s.%s", instance, stem.data ? stem.data : "txt");
    return arena_printf(arena, "%s-%s", instance, artifact->file);
}
