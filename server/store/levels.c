#include "store/levels.h"

const char level_api_hint[] = "api-hint";

const struct resource_path resource_paths[RESOURCE_COUNT] = {
    [RESOURCE_MEMORY_REQUEST] = {"requests", "memory", "/requests/memory"},
    [RESOURCE_MEMORY_LIMIT] = {"limits", "memory", "/limits/memory"},
    [RESOURCE_CPU_REQUEST] = {"requests", "cpu", "/requests/cpu"},
    [RESOURCE_CPU_LIMIT] = {"limits", "cpu", "/limits/cpu"},
};

/* Requests before limits, memory before CPU: as people write them. */
static const enum resource order[RESOURCE_COUNT] = {RESOURCE_MEMORY_REQUEST, RESOURCE_CPU_REQUEST,
                                                    RESOURCE_MEMORY_LIMIT, RESOURCE_CPU_LIMIT};

json_t *resources_json(const struct resources *resources)
{
    json_t *out = json_object();
    for (size_t i = 0; i < RESOURCE_COUNT; i++) {
        const struct resource_path *path = &resource_paths[order[i]];
        const char *value = resources->value[order[i]];
        if (!value)
            continue;
        json_t *side = json_object_get(out, path->side);
        if (!side) {
            side = json_object();
            json_object_set_new(out, path->side, side);
        }
        json_object_set_new(side, path->unit, json_string(value));
    }
    return out;
}

struct resources resources_from_json(struct arena *arena, const json_t *value)
{
    struct resources out = {0};
    for (size_t i = 0; i < RESOURCE_COUNT; i++) {
        const json_t *side = json_object_get(value, resource_paths[i].side);
        out.value[i] = arena_strdup(arena, json_string_value(json_object_get(side, resource_paths[i].unit)));
    }
    return out;
}

bool resources_empty(const struct resources *resources)
{
    for (size_t i = 0; i < RESOURCE_COUNT; i++)
        if (resources->value[i])
            return false;
    return true;
}

bool resources_equal(const struct resources *a, const struct resources *b)
{
    for (size_t i = 0; i < RESOURCE_COUNT; i++)
        if (!str_eq(str_from(a->value[i]), str_from(b->value[i])) || !a->value[i] != !b->value[i])
            return false;
    return true;
}

json_t *levels_json(const struct resource_level *levels, size_t n)
{
    json_t *out = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(out, json_pack("{s:s, s:s, s:o}", "name", levels[i].name, "source",
                                             levels[i].source ? levels[i].source : "", "values",
                                             resources_json(&levels[i].values)));
    return out;
}

int levels_read(struct arena *arena, struct str text, struct resource_level **levels, size_t *n, struct err *err)
{
    json_t *list = NULL;
    if (json_read(arena, text, &list, err) != 0 || !json_is_array(list))
        return err_set(err, ERR_INTERNAL, "the resource levels of a job row do not read");
    *n = json_array_size(list);
    *levels = arena_calloc(arena, *n + 1, sizeof **levels);
    for (size_t i = 0; i < *n; i++) {
        const json_t *item = json_array_get(list, i);
        struct resource_level *level = &(*levels)[i];
        level->name = arena_strdup(arena, json_text(item, "name"));
        level->source = arena_strdup(arena, json_text(item, "source"));
        level->values = resources_from_json(arena, json_object_get(item, "values"));
        if (!level->name || !level->source)
            return err_set(err, ERR_INTERNAL, "the resource levels of a job row do not read");
    }
    return 0;
}

struct resource_level *levels_with_hint(struct arena *arena, const struct resource_level *levels, size_t *n,
                                        const struct resources *hint)
{
    struct resource_level *all = arena_calloc(arena, *n + 1, sizeof *all);
    size_t first = 0;
    if (!resources_empty(hint))
        all[first++] = (struct resource_level){level_api_hint, "the hint set through the API", *hint};
    if (*n)
        memcpy(all + first, levels, *n * sizeof *levels);
    *n += first;
    return all;
}
