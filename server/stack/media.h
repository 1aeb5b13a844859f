#ifndef YELLOW_STACK_MEDIA_H
#define YELLOW_STACK_MEDIA_H

#include "base/err.h"
#include "base/map.h"
#include "base/yaml.h"

/* The media types of artifacts: what was rendered has to be what its type says, whatever the values were. */
/* A Kubernetes object that an artifact holds. */
struct media_object {
    const char *identity; /* "apiVersion kind namespace/name": nobody else in a stack has it */
    const char *kind, *name;
    unsigned line;
};
struct media_objects {
    struct media_object *items;
    size_t len;
};

struct media {
    const char *type; /* "application/yaml" */
    int (*check)(struct arena *arena, const char *name, struct str text, struct media_objects *objects,
                 struct err *err);
};

/* NULL for a type that artifacts cannot have. */
const struct media *media_find(const char *type);

/* Checks an artifact: YAML parses into maps, JSON parses, every line of a unit file is a section, an assignment or a
 * comment, Python's brackets and strings end where they should. objects gets the Kubernetes objects that it holds, on
 * the arena. */
int media_check(struct arena *arena, const char *type, const char *name, struct str text, struct media_objects *objects,
                struct err *err);
/* Puts the objects of an artifact into those of its stack (identity -> the artifact's name): two that are the same are
 * an error. */
int media_claim(struct arena *arena, const char *artifact, const struct media_objects *objects, struct map *stack,
                struct err *err);

/* The documents of a YAML text within the limits of artifacts; 0 when it is no YAML. On the arena. */
size_t media_read_yaml(struct arena *arena, struct str text, struct yaml_node **documents);

#endif
