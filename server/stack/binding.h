#ifndef YELLOW_STACK_BINDING_H
#define YELLOW_STACK_BINDING_H

#include "model/job.h"
#include "stack/library.h"

/* The values of one PSP's assembly: every parameter of every instance bound and checked, and every requirement met. */
struct bound {
    const struct instance *instance;
    const struct component *component;
    json_t *values;              /* parameter -> value, in order of declaration; owned by the arena */
    json_t *given;               /* the same for templates, with `yellow`: ecosystem, psp, instance, component */
    const struct value *context; /* of given; NULL until a template is rendered: bound_context */
    struct rendering *offers; /* what it provides, then what it requires; a text without data could not be rendered */
};
struct provision {
    const struct offer *offer;
    const struct instance *instance; /* who provides it */
    const char *value;
};
struct bindings {
    struct bound *items;
    size_t len;
    struct provision *provisions; /* in order */
    size_t provision_count;
};

/* What the templates of an instance get. */
const struct value *bound_context(struct arena *arena, struct bound *bound);

/* The key of what is rendered for an instance: its component with all that it reaches, and its values. what tells
 * renderings of one instance apart: "artifacts". */
struct stack_key bound_key(const struct bound *bound, const char *what);

/* Binds all instances. jobs: of the model, or NULL: they are made here. What is wrong goes to findings (all of it),
 * where the PSP gives the parameter, else at the PSP's place. False when there was an error.
 */
bool bindings_make(struct arena *arena, const struct stack_library *library, const struct model *model,
                   const struct jobs *jobs, const struct object *psp, struct findings *findings, struct bindings *out);

#endif
