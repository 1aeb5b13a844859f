#ifndef YELLOW_STACK_MEDIA_H
#define YELLOW_STACK_MEDIA_H

#include "base/err.h"
#include "base/map.h"
#include "base/yaml.h"

/* The media types of artifacts: what was rendered has to be what its type says, whatever the values were. */
struct media {
    const char *type; /* "application/yaml" */
    int (*check)(struct arena *arena, const char *name, struct str text, struct map *objects, struct err *err);
};

/* NULL for a type that artifacts cannot have. */
const struct media *media_find(const char *type);

/* Checks an artifact: YAML parses into maps, JSON parses, every line of a unit file is a section, an assignment or a
 * comment, Python's brackets and strings end where they should. objects gathers the Kubernetes objects ("apiVersion
 * kind namespace/name" -> the artifact's name) that artifacts of a stack hold: two of one name are an error. */
int media_check(struct arena *arena, const char *type, const char *name, struct str text, struct map *objects,
                struct err *err);

/* The documents of a YAML text within the limits of artifacts; 0 when it is no YAML. On the arena. */
size_t media_read_yaml(struct arena *arena, struct str text, struct yaml_node **documents);

#endif
