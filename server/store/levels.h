#ifndef YELLOW_STORE_LEVELS_H
#define YELLOW_STORE_LEVELS_H

#include "model/resources_json.h"

/* The API's hint among the resource levels of a job row. */

/* The name of the level that a hint set through the API makes, in front of all others. */
extern const char level_api_hint[];

/* The member names of one of the four values: "requests" and "memory". */
struct resource_path {
    const char *side, *unit;
    const char *pointer; /* "/requests/memory" */
};
extern const struct resource_path resource_paths[RESOURCE_COUNT];

bool resources_empty(const struct resources *resources);
bool resources_equal(const struct resources *a, const struct resources *b);

/* ERR_INTERNAL when text (jobs.levels) is not what levels_json writes. */
int levels_read(struct arena *arena, struct str text, struct resource_level **levels, size_t *n, struct err *err);
/* The levels with the hint in front, when it gives a value; *n counts it. */
struct resource_level *levels_with_hint(struct arena *arena, const struct resource_level *levels, size_t *n,
                                        const struct resources *hint);

#endif
