#ifndef YELLOW_MODEL_PLACE_H
#define YELLOW_MODEL_PLACE_H

#include "model/finding.h"

/* Where single values of a file stand. Objects and list items keep their own place; this is for the values in them, by
 * the address of their text, so that a dangling reference is shown where it is written. Written for every value and
 * read only when something is wrong, so it is a list and no table. */
struct places;

struct places *places_new(struct arena *arena);
/* text must not move or be put twice. */
void places_put(struct places *places, const char *text, unsigned line, unsigned column);
/* owner's path with the line and column of text, or owner itself when text is not known. places may be NULL. */
struct place places_of(const struct places *places, const char *text, struct place owner);

#endif
