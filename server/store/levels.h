#ifndef YELLOW_STORE_LEVELS_H
#define YELLOW_STORE_LEVELS_H

#include "base/json.h"
#include "model/resources.h"

/* Resources and their levels as JSON: the form of jobs.levels and of the API.
 * resources: {"requests": {"memory", "cpu"}, "limits": {"memory", "cpu"}}, absent where not given;
 * levels: [{"name", "source", "values": resources}], the first that gives a value wins. */

/* The name of the level that a hint set through the API makes, in front of all others. */
extern const char level_api_hint[];

/* The member names of one of the four values: "requests" and "memory". */
struct resource_path {
    const char *side, *unit;
    const char *pointer; /* "/requests/memory" */
};
extern const struct resource_path resource_paths[RESOURCE_COUNT];

/* A new reference. */
json_t *resources_json(const struct resources *resources);
/* Texts are copied to the arena; what is no text is left out. */
struct resources resources_from_json(struct arena *arena, const json_t *value);
bool resources_empty(const struct resources *resources);
bool resources_equal(const struct resources *a, const struct resources *b);

json_t *levels_json(const struct resource_level *levels, size_t n);
/* ERR_INTERNAL when text is not what levels_json writes. */
int levels_read(struct arena *arena, struct str text, struct resource_level **levels, size_t *n, struct err *err);
/* The levels with the hint in front, when it gives a value; *n counts it. */
struct resource_level *levels_with_hint(struct arena *arena, const struct resource_level *levels, size_t *n,
                                        const struct resources *hint);

#endif
