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
 * A text that begins with '$' is a reference, alone or inside of a list or a map: $psp.*, $model.*, $parameters.NAME or
 * $INSTANCE.OUTPUT of a component further up; '$$' is a text that begins with '$'. Nothing here knows of Kubernetes.
 */
struct binding {
    const char *parameter;
    json_t *value; /* as it is written, references and all */
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
    unsigned line;
    bool own; /* of a model, not built in */
    struct parameters parameters;
    struct instance *instances;
    size_t instance_count;
};

/* Reads a declaration; file is its name in messages, "templates/assemblies/yellow-local.yaml". */
int assembly_read(struct arena *arena, const char *file, struct str text, struct assembly *out, struct err *err);
/* Reads the body of a document of kind Assembly, which stands at file:line. */
int assembly_read_own(struct arena *arena, struct str body, const char *file, unsigned line, struct assembly *out,
                      struct err *err);
/* The path that a value refers to ("psp.namespace"), or NULL when it is no reference. Borrowed. */
const char *binding_reference(const json_t *value);
/* Whether anything in the assembly refers to the path. */
bool assembly_refers(const struct assembly *assembly, const char *path);

#endif
