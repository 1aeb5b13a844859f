#ifndef YELLOW_MODEL_RESOURCES_JSON_H
#define YELLOW_MODEL_RESOURCES_JSON_H

#include "base/json.h"
#include "model/resources.h"

/* {"requests": {"memory": "256Mi", "cpu": "100m"}, "limits": {...}}, without what is not given; a new reference. */
json_t *resources_json(const struct resources *resources);
/* The same back; texts are copied. ERR_INVALID names the pointer of an unknown key or a text that is no quantity. */
int resources_from_json(struct arena *arena, const json_t *json, struct resources *out, struct err *err);
/* [{"name", "source", "values": as resources_json}], in order; a new reference. */
json_t *levels_json(const struct resource_level *levels, size_t n);
/* The same back, on the arena. */
int levels_from_json(struct arena *arena, const json_t *json, struct resource_level **levels, size_t *n,
                     struct err *err);
/* {"requests.memory": {"value", "level", "source", "losers": [{"level", "source", "value"}]}, ...}: for each of the
 * four the winner, and the levels that gave a value and lost, in order; a new reference. */
json_t *resource_resolution_json(const struct resource_level *levels, size_t n,
                                 const struct resource_resolution *resolution);

#endif
