#ifndef YELLOW_STACK_ASSEMBLY_H
#define YELLOW_STACK_ASSEMBLY_H

#include "stack/component.h"

/* An assembly: components in order, each parameter bound to something. templates/assemblies/NAME.yaml:
 *
 *   assembly: yellow-single-postgres
 *   doc: What it makes.
 *   parameters: [...]                    what a PSP may give in its `parameters`
 *   components:
 *     - component: postgres
 *       as: database                     the instance's name, default: the component's
 *       with: {namespace: $psp.namespace, port: 5432, image: $parameters.postgres_image}
 *
 * A text that begins with '$' is a reference: $psp.*, $model.*, $parameters.NAME or $INSTANCE.OUTPUT of a component
 * further up; '$$' is a text that begins with '$'. Nothing here knows of Kubernetes.
 */
struct binding {
    const char *parameter;
    const char *reference; /* without the '$', or NULL */
    json_t *value;         /* a literal */
    unsigned line;
};

struct instance {
    const char *name, *component;
    struct binding *bindings;
    size_t binding_count;
    unsigned line;
};

struct assembly {
    const char *name, *doc, *file;
    struct parameters parameters;
    struct instance *instances;
    size_t instance_count;
};

int assembly_read(struct arena *arena, const char *file, struct str text, struct assembly *out, struct err *err);

#endif
