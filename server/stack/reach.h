#ifndef YELLOW_STACK_REACH_H
#define YELLOW_STACK_REACH_H

#include "base/crypto.h"
#include "base/map.h"

/* What a component is rendered from: its declaration and every template that it reaches by include, import or extends.
 * Where the hash of all that is the same, and the values are, the artifacts are. */
struct reach {
    struct arena *arena;
    bool (*load)(void *ctx, const char *name, struct str *text);
    void *ctx;
    const struct map *files; /* of a model; all of its templates count when a name is not written out. NULL: none */
    struct map seen;         /* name -> itself, in order; {.arena = arena} */
};

/* Adds the templates that a text names, and theirs. */
void reach_add_text(struct reach *reach, struct str text);
/* Adds a template, and what it names; one that is not there counts as such. */
void reach_add(struct reach *reach, const char *name);
/* SHA-256, in hexadecimal, of the declaration and of everything that was added. */
void reach_hash(const struct reach *reach, struct str declaration, char out[SHA256_HEX_SIZE]);

#endif
