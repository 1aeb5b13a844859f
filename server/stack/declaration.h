#ifndef YELLOW_STACK_DECLARATION_H
#define YELLOW_STACK_DECLARATION_H

#include "base/yaml.h"

/* What the declarations of components and assemblies have in common: one YAML document that names and explains itself
 * and has no key that nobody reads. */

struct declaration {
    const struct yaml_node *root;
    const char *name, *doc, *file; /* file:line is where it stands, and what messages say */
    unsigned line;
    bool own; /* of a model, not built in */
};

/* Reads a file. head is the key that names it ("component"); known is the NULL-terminated list of the other keys. The
 * result is on the arena. Errors: ERR_SYNTAX with file:line. */
int declaration_read(struct arena *arena, const char *file, struct str text, const char *head, const char *const *known,
                     struct declaration *out, struct err *err);
/* As above for the body of a document of a model (JSON), which is named by `name` and stands at file:line: all of its
 * nodes get that line. */
int declaration_read_own(struct arena *arena, const char *file, unsigned line, struct str body,
                         const char *const *known, struct declaration *out, struct err *err);

#endif
