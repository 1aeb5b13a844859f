#ifndef YELLOW_BASE_JSON_H
#define YELLOW_BASE_JSON_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#include <jansson.h>

/* Jansson's values under our rules: an arena owns what it is told to own, texts are compact and in key order of
 * arrival, so equal values built in one way have equal bytes. */

/* Reads one JSON value, all of text, no duplicate keys: ERR_SYNTAX with line and column. *out is owned by the arena. */
int json_read(struct arena *arena, struct str text, json_t **out, struct err *err);
/* The arena takes over one reference. Returns value. NULL (jansson's out of memory) ends the process. */
json_t *json_own(struct arena *arena, json_t *value);
/* Compact text appended to buf. */
void json_write(struct buf *buf, const json_t *value);
/* Compact text with keys sorted in byte order at every level: the form that hashes are made of. */
void json_write_canonical(struct buf *buf, const json_t *value);
/* Text as a JSON string with its quotes; each byte that is not part of well-formed UTF-8 becomes \ufffd. */
void json_write_text(struct buf *buf, struct str text);
/* Member key as text, or NULL when it is absent or not a string. Borrowed. */
const char *json_text(const json_t *object, const char *key);
/* Whether a list has the text; what is no list has nothing. */
bool json_has_text(const json_t *list, const char *text);
/* Text as a JSON string, null for NULL. A new reference. */
json_t *json_text_or_null(const char *text);

#endif
