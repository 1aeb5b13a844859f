#ifndef YELLOW_BASE_YAML_H
#define YELLOW_BASE_YAML_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* YAML as trees with positions: by one pass over what is common (base/yaml_fast.h), on libyaml's events otherwise, with
 * the same trees. A strict subset: no aliases or anchors, no tags, no duplicate keys, scalar keys only, UTF-8 only. */

enum yaml_type { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };

/* What a plain scalar means (YAML 1.2 core schema). A quoted or block scalar is always a string. */
enum yaml_scalar { YAML_STRING, YAML_NULL, YAML_BOOL, YAML_INT, YAML_FLOAT };

struct yaml_node {
    enum yaml_type type;
    unsigned line, column; /* of its first character; both from 1 */
    struct str text;       /* scalar: the text, NUL-terminated */
    enum yaml_scalar scalar;
    bool quoted;
    struct yaml_node *keys;  /* mapping: len keys, in order */
    struct yaml_node *items; /* mapping: len values; sequence: len items */
    size_t len;
};

struct yaml_limits {
    size_t bytes; /* of one text */
    size_t depth;
    size_t nodes; /* of one text, all documents together */
};

/* Called for each problem, in order: code is stable ("yaml-syntax", "yaml-duplicate-key", "yaml-alias", "yaml-tag",
 * "yaml-key", "yaml-depth", "yaml-size", "yaml-encoding"); text is lower case. */
typedef void yaml_problem_fn(void *ctx, unsigned line, unsigned column, const char *code, const char *text);

/* Reads all documents of text; empty documents are left out. Returns how many there are and the array in *documents
 * (on the arena). After a syntax or limit problem the rest of the text is not read, but the documents that were
 * complete are there. Never fails otherwise: what is wrong is reported. */
size_t yaml_read(struct arena *arena, struct str text, const struct yaml_limits *limits, yaml_problem_fn *problem,
                 void *ctx, struct yaml_node **documents);

/* As yaml_read for callers that want one document or an error: ERR_SYNTAX with "line:column: text". */
int yaml_read_one(struct arena *arena, struct str text, const struct yaml_limits *limits, struct yaml_node **out,
                  struct err *err);

/* The value under key, or NULL. node may be NULL. */
const struct yaml_node *yaml_get(const struct yaml_node *node, const char *key);

#endif
