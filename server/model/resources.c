#include "model/resources.h"

const char *const resource_names[RESOURCE_COUNT] = {
    [RESOURCE_MEMORY_REQUEST] = "requests.memory",
    [RESOURCE_MEMORY_LIMIT] = "limits.memory",
    [RESOURCE_CPU_REQUEST] = "requests.cpu",
    [RESOURCE_CPU_LIMIT] = "limits.cpu",
};

const struct resources resources_system_ingestion = {.value = {[RESOURCE_MEMORY_REQUEST] = "256Mi",
                                                               [RESOURCE_MEMORY_LIMIT] = "1Gi",
                                                               [RESOURCE_CPU_REQUEST] = "100m",
                                                               [RESOURCE_CPU_LIMIT] = "500m"}};
const struct resources resources_system_transformer = {.value = {[RESOURCE_MEMORY_REQUEST] = "512Mi",
                                                                 [RESOURCE_MEMORY_LIMIT] = "2Gi",
                                                                 [RESOURCE_CPU_REQUEST] = "200m",
                                                                 [RESOURCE_CPU_LIMIT] = "1"}};

const enum resource resource_pairs[2][2] = {{RESOURCE_MEMORY_REQUEST, RESOURCE_MEMORY_LIMIT},
                                            {RESOURCE_CPU_REQUEST, RESOURCE_CPU_LIMIT}};

bool resources_is_too_small(const struct resources *resources)
{
    const char *limit = resources->value[RESOURCE_MEMORY_LIMIT];
    int64_t bytes, min;
    return limit && quantity_parse(str_from(limit), &bytes) && quantity_parse(STR(RESOURCES_MEMORY_MIN), &min) &&
           bytes < min;
}

static int read_milli(const struct resource_level *levels, const struct resource_resolution *resolution,
                      enum resource resource, int64_t *milli, struct err *err)
{
    const char *text = resolution->values.value[resource];
    if (quantity_parse(str_from(text), milli))
        return 0;
    return err_set(err, ERR_INVALID, "%s is \"%s\" (%s), which is no quantity", resource_names[resource], text,
                   levels[resolution->winner[resource]].source);
}

int resources_check_pair(const struct resource_level *levels, const struct resource_resolution *resolution,
                         const enum resource pair[2], struct err *err)
{
    enum resource request = pair[0], limit = pair[1];
    int64_t low, high;
    int rc = read_milli(levels, resolution, request, &low, err);
    if (rc == 0)
        rc = read_milli(levels, resolution, limit, &high, err);
    if (rc || low <= high)
        return rc;
    const struct resource_level *from = &levels[resolution->winner[request]], *to = &levels[resolution->winner[limit]];
    err_set(err, ERR_INVALID, "%s %s (%s: %s) is more than %s %s (%s: %s)", resource_names[request],
            resolution->values.value[request], from->name, from->source, resource_names[limit],
            resolution->values.value[limit], to->name, to->source);
    return err_hint(err, "give both in one place, or raise %s", resource_names[limit]);
}

int resources_pick(const struct resource_level *levels, size_t n, struct resource_resolution *out, struct err *err)
{
    struct resource_resolution result = {0};
    for (int r = 0; r < RESOURCE_COUNT; r++) {
        size_t level = 0;
        while (level < n && !levels[level].values.value[r])
            level++;
        if (level == n)
            return err_set(err, ERR_INTERNAL, "no level gives %s", resource_names[r]);
        result.values.value[r] = levels[level].values.value[r];
        result.winner[r] = level;
    }
    *out = result;
    return 0;
}

int resources_resolve(const struct resource_level *levels, size_t n, struct resource_resolution *out, struct err *err)
{
    struct resource_resolution result;
    int rc = resources_pick(levels, n, &result, err);
    for (size_t i = 0; i < 2 && rc == 0; i++)
        rc = resources_check_pair(levels, &result, resource_pairs[i], err);
    if (rc == 0)
        *out = result;
    return rc;
}
