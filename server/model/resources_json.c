#include "model/resources_json.h"

static const struct path {
    const char *part, *key;
} paths[RESOURCE_COUNT] = {
    [RESOURCE_MEMORY_REQUEST] = {"requests", "memory"},
    [RESOURCE_MEMORY_LIMIT] = {"limits", "memory"},
    [RESOURCE_CPU_REQUEST] = {"requests", "cpu"},
    [RESOURCE_CPU_LIMIT] = {"limits", "cpu"},
};

json_t *resources_json(const struct resources *resources)
{
    static const enum resource order[] = {RESOURCE_MEMORY_REQUEST, RESOURCE_CPU_REQUEST, RESOURCE_MEMORY_LIMIT,
                                          RESOURCE_CPU_LIMIT};
    json_t *json = json_object();
    for (size_t i = 0; i < RESOURCE_COUNT; i++) {
        const struct path *path = &paths[order[i]];
        if (!resources->value[order[i]])
            continue;
        if (!json_object_get(json, path->part))
            json_object_set_new(json, path->part, json_object());
        json_object_set_new(json_object_get(json, path->part), path->key, json_string(resources->value[order[i]]));
    }
    return json;
}

static int read_part(struct arena *arena, const char *part, const json_t *json, struct resources *out, struct err *err)
{
    if (!json_is_object(json))
        return err_set(err, ERR_INVALID, "/%s is no object", part);
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)json, key, value)
    {
        int r = 0;
        while (r < RESOURCE_COUNT && (strcmp(paths[r].part, part) != 0 || strcmp(paths[r].key, key) != 0))
            r++;
        if (r == RESOURCE_COUNT) {
            err_set(err, ERR_INVALID, "/%s has no key \"%s\"", part, key);
            return err_hint(err, "memory and cpu");
        }
        int64_t milli;
        const char *text = json_string_value(value);
        if (!text || !quantity_parse((struct str){text, json_string_length(value)}, &milli)) {
            err_set(err, ERR_INVALID, "/%s/%s is no quantity", part, key);
            return err_hint(err, "a Kubernetes quantity above zero as text, such as \"500m\" or \"1.5Gi\"");
        }
        out->value[r] = arena_strdup(arena, text);
    }
    return 0;
}

int resources_from_json(struct arena *arena, const json_t *json, struct resources *out, struct err *err)
{
    struct resources result = {0};
    if (!json_is_object(json))
        return err_set(err, ERR_INVALID, "resources are no object");
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)json, key, value)
    {
        if (strcmp(key, "requests") != 0 && strcmp(key, "limits") != 0) {
            err_set(err, ERR_INVALID, "resources have no key \"%s\"", key);
            return err_hint(err, "requests and limits");
        }
        int rc = read_part(arena, key, value, &result, err);
        if (rc)
            return rc;
    }
    *out = result;
    return 0;
}

json_t *levels_json(const struct resource_level *levels, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        json_t *item = json_object();
        json_object_set_new(item, "name", json_string(levels[i].name));
        json_object_set_new(item, "source", json_string(levels[i].source));
        json_object_set_new(item, "values", resources_json(&levels[i].values));
        json_array_append_new(list, item);
    }
    return list;
}

int levels_from_json(struct arena *arena, const json_t *json, struct resource_level **levels, size_t *n,
                     struct err *err)
{
    if (!json_is_array(json))
        return err_set(err, ERR_INVALID, "resource levels are no list");
    size_t len = json_array_size(json);
    struct resource_level *list = arena_calloc(arena, len, sizeof *list);
    for (size_t i = 0; i < len; i++) {
        const json_t *item = json_array_get(json, i);
        const char *name = json_text(item, "name"), *source = json_text(item, "source");
        if (!name || !source)
            return err_set(err, ERR_INVALID, "resource level %zu has no name or source", i);
        list[i].name = arena_strdup(arena, name);
        list[i].source = arena_strdup(arena, source);
        int rc = resources_from_json(arena, json_object_get(item, "values"), &list[i].values, err);
        if (rc)
            return err_prefix(err, "resource level %zu", i);
    }
    *levels = list;
    *n = len;
    return 0;
}

json_t *resource_resolution_json(const struct resource_level *levels, size_t n,
                                 const struct resource_resolution *resolution)
{
    json_t *json = json_object();
    for (int r = 0; r < RESOURCE_COUNT; r++) {
        const struct resource_level *winner = &levels[resolution->winner[r]];
        json_t *losers = json_array();
        for (size_t i = resolution->winner[r] + 1; i < n; i++) {
            if (!levels[i].values.value[r])
                continue;
            json_t *loser = json_object();
            json_object_set_new(loser, "level", json_string(levels[i].name));
            json_object_set_new(loser, "source", json_string(levels[i].source));
            json_object_set_new(loser, "value", json_string(levels[i].values.value[r]));
            json_array_append_new(losers, loser);
        }
        json_t *item = json_object();
        json_object_set_new(item, "value", json_string(resolution->values.value[r]));
        json_object_set_new(item, "level", json_string(winner->name));
        json_object_set_new(item, "source", json_string(winner->source));
        json_object_set_new(item, "losers", losers);
        json_object_set_new(json, resource_names[r], item);
    }
    return json;
}
