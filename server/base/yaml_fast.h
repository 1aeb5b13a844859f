#ifndef YELLOW_BASE_YAML_FAST_H
#define YELLOW_BASE_YAML_FAST_H

#include "base/yaml.h"

/* One pass over the YAML that people and generators write, several times as fast as libyaml's events: reads text
 * (UTF-8, without byte order mark) as yaml_read does, or returns false when it is not sure that libyaml would find the
 * same documents and no problem. It reports nothing itself: what is wrong, rare or strange is libyaml's to judge. */
bool yaml_fast(struct arena *arena, struct arena *scratch, struct str text, const struct yaml_limits *limits,
               struct yaml_node **documents, size_t *count);

/* yaml_read without it, by libyaml alone: for the tests that prove the two equal. */
size_t yaml_read_events(struct arena *arena, struct str text, const struct yaml_limits *limits,
                        yaml_problem_fn *problem, void *ctx, struct yaml_node **documents);

#endif
