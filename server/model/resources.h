#ifndef YELLOW_MODEL_RESOURCES_H
#define YELLOW_MODEL_RESOURCES_H

#include "base/arena.h"
#include "base/err.h"
#include "base/quantity.h"
#include "base/str.h"

/* The four values of a job's size (DOMAIN.md section 6), as Kubernetes quantities in their text form. */
enum resource {
    RESOURCE_MEMORY_REQUEST,
    RESOURCE_MEMORY_LIMIT,
    RESOURCE_CPU_REQUEST,
    RESOURCE_CPU_LIMIT,
    RESOURCE_COUNT
};

struct resources {
    const char *value[RESOURCE_COUNT]; /* NULL: not given here */
};

/* "requests.memory", "limits.memory", "requests.cpu", "limits.cpu": their names in every message and document. */
extern const char *const resource_names[RESOURCE_COUNT];

/* One place a value can come from. Levels are ordered: the first that gives a value wins, each of the four on its own.
 */
struct resource_level {
    const char *name;   /* "api-hint", "psp-hint", "store-hint", "kind-hint", "psp-default", "system-default" */
    const char *source; /* which one, for people: "PlatformServiceProvider yellow-ny, hints[0]" */
    struct resources values;
};

struct resource_resolution {
    struct resources values;       /* all four, from the winners */
    size_t winner[RESOURCE_COUNT]; /* index into the levels */
};

/* The last level (system default) gives all four. ERR_INVALID when, after resolution, a request exceeds its limit: the
 * text names both values and the levels they came from. */
int resources_resolve(const struct resource_level *levels, size_t n, struct resource_resolution *out, struct err *err);

/* The two halves of resources_resolve, for who wants all that is wrong: the winners, without a look at what they are;
 * and one pair of request and limit, ERR_INVALID as above. */
int resources_pick(const struct resource_level *levels, size_t n, struct resource_resolution *out, struct err *err);
int resources_check_pair(const struct resource_level *levels, const struct resource_resolution *resolution,
                         const enum resource pair[2], struct err *err);
extern const enum resource resource_pairs[2][2]; /* {request, limit} of memory and of CPU */

/* Whether its memory limit is one in which no process of Yellow's starts: 512m, half a byte, is written for 512Mi. */
bool resources_is_too_small(const struct resources *resources);
#define RESOURCES_MEMORY_MIN "16Mi"

/* System defaults: ingestion (256Mi/1Gi, 100m/500m) and transformer (512Mi/2Gi, 200m/1). */
extern const struct resources resources_system_ingestion, resources_system_transformer;

#endif
