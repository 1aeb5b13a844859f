#ifndef YELLOW_STACK_STACK_H
#define YELLOW_STACK_STACK_H

#include "model/job.h"
#include "template/template.h"

/* One PSP of one model rendered into artifacts. Pure: the same model, templates and PSP give the same bytes. */
struct artifact {
    const char *name;                   /* unique in the stack: "10-namespace.yaml"; a path-safe name */
    const char *component, *media_type; /* "application/yaml", "text/x-python", ... */
    struct str text;
    char sha256[65];
};
/* Something that the stack names and does not make: a secret, a host. Whoever applies it sees to it. */
struct external {
    const char *type, *name, *component, *doc; /* "secret", "yellow-ny-merge-rw", instance, what it is */
};
struct stack {
    struct artifact *artifacts;
    size_t count;
    struct external *externals;
    size_t external_count;
    char sha256[65];
};

/* The built-in templates and declarations: compiled once, immutable, shared by threads. */
struct stack_library;
/* Reads the declarations under templates/ from the embedded files (find: name -> text). */
int stack_library_new(struct stack_library **out, struct err *err);
void stack_library_free(struct stack_library *library);

/* findings get everything that is wrong with the PSP's assembly and parameters (all at once); ERR_INVALID then. */
int stack_render(struct arena *arena, const struct stack_library *library, const struct model *model, const char *psp,
                 struct findings *findings, struct stack *out, struct err *err);
/* Checks assembly and parameters of every PSP by rendering its stack; adds findings. For `validate` and the merge.
 * jobs: of the model, or NULL: they are made here. */
void stack_check(const struct stack_library *library, const struct model *model, const struct jobs *jobs,
                 struct findings *findings);
/* All YAML artifacts as one multi-document text, in order, each led by "# artifact: NAME". */
void stack_write_yaml(const struct stack *stack, struct buf *out);

#endif
