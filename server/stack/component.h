#ifndef YELLOW_STACK_COMPONENT_H
#define YELLOW_STACK_COMPONENT_H

#include "stack/parameter.h"

/* A component: templates and the declaration of what they need (parameters) and offer (provides). Its declaration is
 * templates/components/NAME/component.yaml:
 *
 *   component: postgres
 *   doc: What it is for.
 *   parameters: [{name, type, required, default, values, doc}, ...]
 *   provides: {hostname: "{{ name }}.{{ namespace }}.svc"}      rendered with the checked parameters
 *   volumes: [{size: storage, replicas: storage_replicas}]      parameters; what they take of the cluster's capacity
 *   artifacts: [{template: postgres.yaml.j2, media_type: application/yaml}]
 */
struct component_artifact {
    const char *template; /* the template's full name: "components/postgres/postgres.yaml.j2" */
    const char *file;     /* its own name without .j2: "postgres.yaml" */
    const char *media_type;
};

struct component_output {
    const char *name, *text; /* text: a template */
};

struct component_volume {
    const char *size, *replicas; /* parameters; replicas NULL: one copy */
};

struct component {
    const char *name, *doc;
    struct parameters parameters;
    struct component_output *provides;
    size_t provide_count;
    struct component_volume *volumes;
    size_t volume_count;
    struct component_artifact *artifacts;
    size_t artifact_count;
};

/* Reads a declaration; file is its name in messages, "templates/components/postgres/component.yaml". */
int component_read(struct arena *arena, const char *file, struct str text, struct component *out, struct err *err);

#endif
