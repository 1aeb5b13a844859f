#ifndef YELLOW_TEMPLATE_VALUE_H
#define YELLOW_TEMPLATE_VALUE_H

#include "base/arena.h"
#include "base/json.h"
#include "base/str.h"

/* The values that templates see: none, booleans, integers, floats, strings, lists and dicts that keep the order of
 * their keys. Immutable once rendered with. On an arena. */
struct value;

const struct value *value_none(void);
const struct value *value_bool(bool b);
const struct value *value_int(struct arena *arena, int64_t n);
const struct value *value_float(struct arena *arena, double d);
/* The text is borrowed. */
const struct value *value_str(struct arena *arena, struct str s);
struct value *value_list(struct arena *arena);
void value_list_add(struct arena *arena, struct value *list, const struct value *item);
struct value *value_dict(struct arena *arena);
/* Key is borrowed; a key that is there already is replaced in its place. */
void value_dict_set(struct arena *arena, struct value *dict, const char *key, const struct value *item);
/* A copy of a JSON tree; strings are borrowed from it. */
const struct value *value_from_json(struct arena *arena, const json_t *json);

#endif
