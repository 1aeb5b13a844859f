#include "store/levels.h"

const char level_api_hint[] = "api-hint";

const struct resource_path resource_paths[RESOURCE_COUNT] = {
    [RESOURCE_MEMORY_REQUEST] = {"requests", "memory", "/requests/memory"},
    [RESOURCE_MEMORY_LIMIT] = {"limits", "memory", "/limits/memory"},
    [RESOURCE_CPU_REQUEST] = {"requests", "cpu", "/requests/cpu"},
    [RESOURCE_CPU_LIMIT] = {"limits", "cpu", "/limits/cpu"},
};

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

int levels_read(struct arena *arena, struct str text, struct resource_level **levels, size_t *n, struct err *err)
{
    json_t *list = NULL;
    struct err why = {0};
    if (json_read(arena, text, &list, &why) != 0 || levels_from_json(arena, list, levels, n, &why) != 0)
        return err_set(err, ERR_INTERNAL, "the resource levels of a job row do not read: %.200s", why.text);
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
