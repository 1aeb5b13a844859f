#include "stack/offer.h"

static const struct {
    const char *name;
    enum parameter_type type;
} types[OFFER_TYPE_COUNT] = {
    [OFFER_HOSTNAME] = {"hostname", PARAMETER_HOSTNAME},
    [OFFER_NAMESPACE] = {"namespace", PARAMETER_NAMESPACE},
    [OFFER_SECRET] = {"secret", PARAMETER_K8S_NAME},
    [OFFER_CONFIG_MAP] = {"config-map", PARAMETER_K8S_NAME},
    [OFFER_CLAIM] = {"claim", PARAMETER_K8S_NAME},
    [OFFER_SERVICE_ACCOUNT] = {"service-account", PARAMETER_K8S_NAME},
    [OFFER_K8S_NAME] = {"k8s-name", PARAMETER_K8S_NAME},
    [OFFER_STRING] = {"string", PARAMETER_STRING},
};

const char *offer_type_name(enum offer_type type)
{
    return types[type].name;
}

enum parameter_type offer_parameter_type(enum offer_type type)
{
    return types[type].type;
}

static bool type_parse(struct str text, enum offer_type *out)
{
    for (size_t i = 0; i < OFFER_TYPE_COUNT; i++) {
        if (str_eqz(text, types[i].name)) {
            *out = (enum offer_type)i;
            return true;
        }
    }
    return false;
}

static const struct yaml_node *scalar(const struct yaml_node *node, const char *key)
{
    const struct yaml_node *value = yaml_get(node, key);
    return value && value->type == YAML_SCALAR ? value : NULL;
}

static int read_one(const char *file, const struct yaml_node *key, const struct yaml_node *node, bool provides,
                    struct offer *out, struct err *err)
{
    static const char *const known[] = {"type", "value", "doc", "external", NULL};
    const struct yaml_node *type = scalar(node, "type"), *value = scalar(node, "value"), *doc = scalar(node, "doc"),
                           *external = scalar(node, "external");
    if (node->type != YAML_MAPPING || !type || !value || !doc || !str_is_name(key->text))
        return err_set(err, ERR_SYNTAX, "%s:%u: %s: type, value and doc are needed", file, key->line, key->text.data);
    for (size_t i = 0; i < node->len; i++) {
        size_t k = 0;
        while (known[k] && !str_eqz(node->keys[i].text, known[k]))
            k++;
        if (!known[k] || (external && !provides))
            return err_set(err, ERR_SYNTAX, "%s:%u: %s: there is no key %s here", file, node->keys[i].line,
                           key->text.data, known[k] ? "external" : node->keys[i].text.data);
    }
    *out = (struct offer){.name = key->text.data,
                          .doc = doc->text.data,
                          .text = value->text.data,
                          .file = file,
                          .external = external && str_eqz(external->text, "true"),
                          .line = key->line};
    if (!type_parse(type->text, &out->type))
        return err_set(err, ERR_SYNTAX, "%s:%u: %s: there is no type %s", file, type->line, out->name, type->text.data);
    return 0;
}

int offers_read(struct arena *arena, const char *file, const struct yaml_node *map, bool provides, struct offers *out,
                struct err *err)
{
    struct offers read = {0};
    if (map && map->type != YAML_MAPPING)
        return err_set(err, ERR_SYNTAX, "%s:%u: %s is a map of names", file, map->line,
                       provides ? "provides" : "requires");
    read.items = arena_calloc(arena, map ? map->len : 0, sizeof *read.items);
    for (size_t i = 0; map && i < map->len; i++) {
        int rc = read_one(file, &map->keys[i], &map->items[i], provides, &read.items[i], err);
        if (rc < 0)
            return rc;
        read.len++;
    }
    *out = read;
    return 0;
}

const struct offer *offers_find(const struct offers *offers, const char *name)
{
    for (size_t i = 0; i < offers->len; i++)
        if (strcmp(offers->items[i].name, name) == 0)
            return &offers->items[i];
    return NULL;
}
