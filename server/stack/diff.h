#ifndef YELLOW_STACK_DIFF_H
#define YELLOW_STACK_DIFF_H

#include "stack/stack.h"

/* What lies between two stacks of one PSP: artifacts that come, go or change. Pure: for plans, for the API, for
 * `yellow render --diff`. */

/* A value that differs, in an artifact of YAML or JSON. Documents are matched by what they are (apiVersion, kind,
 * namespace, name), items of a list by their `name` where all have one, else by their place. */
struct stack_path {
    const char *object;      /* "apps/v1 StatefulSet yellow-ny/postgres", "document 2", or NULL: the only document */
    const char *pointer;     /* RFC 6901, into the newer document; of what is gone, into the older. "": the whole */
    const json_t *from, *to; /* NULL: absent there */
};

struct artifact_diff {
    const struct artifact *from, *to; /* one of them NULL: it came or went */
    struct stack_path *paths;         /* of one that changed; none when it has no tree, or none but comments changed */
    size_t path_count;
    struct str text; /* unified, with a/NAME and b/NAME at its head */
    size_t lines_added, lines_removed;
};

struct stack_diff {
    struct artifact_diff *items; /* in the order of the newer stack, then what is gone */
    size_t len, added, removed, changed;
    char from_sha256[65], to_sha256[65];
};

/* An empty stack ({0}) stands for none. Everything is on the arena; artifacts are borrowed from the stacks. */
void stack_diff_make(struct arena *arena, const struct stack *from, const struct stack *to, struct stack_diff *out);

/* All texts, one after the other: what patch reads. */
void stack_diff_write_text(const struct stack_diff *diff, struct buf *out);

/* {"from": {"sha256"}, "to": {"sha256"}, "summary": {added, removed, changed}, "added": [artifact], "removed":
 * [artifact], "changed": [{name, component, media_type, from: {bytes, sha256}, to: {...}, paths: [{object, pointer,
 * from, to}], lines: {added, removed}, text}]}; an absent side of a path is left out. Added and removed artifacts have
 * their text as well. A new reference. */
json_t *stack_diff_json(const struct stack_diff *diff);

#endif
