#ifndef YELLOW_TESTS_STACK_HOSTILE_H
#define YELLOW_TESTS_STACK_HOSTILE_H

#include "stack/media.h"

/* Values that mean something to YAML, Python, shells or templates, and a look at what they did to a tree. */

/* How many for each parameter and name: YELLOW_HOSTILE_VALUES, else what an everyday run has time for. */
size_t hostile_count(void);

/* A value out of seed: characters with a meaning, and, one in three, a word that a name may be and that YAML could read
 * as something else (no, 1e3, null). May hold NULs. On the arena. */
struct str hostile_value(struct arena *arena, unsigned *seed);

/* A YAML text as a run of nodes: every key, scalar, list and map in order. */
struct tree {
    const struct yaml_node **nodes;
    size_t len;
};
struct tree hostile_tree(struct arena *arena, struct str text);

/* NULL when the tree of value differs from that of a plain word in texts alone that the word is in: a and b are the
 * trees of two words, word is a's. Else what is wrong. texts: what a changed leaf may be besides its own text with the
 * value in the word's place. */
const char *hostile_compare(struct arena *arena, const struct tree *a, const struct tree *b, struct str word,
                            const struct tree *value_tree, struct str value, const struct str *texts, size_t count);

#endif
