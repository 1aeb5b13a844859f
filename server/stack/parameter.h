#ifndef YELLOW_STACK_PARAMETER_H
#define YELLOW_STACK_PARAMETER_H

#include "base/json.h"
#include "base/vec.h"
#include "base/yaml.h"

/* A declared parameter of a component or an assembly. A value has to satisfy its type before any template sees it, so
 * that no value can change the structure of what is rendered. */
enum parameter_type {
    PARAMETER_K8S_NAME,
    PARAMETER_NAMESPACE,
    PARAMETER_HOSTNAME,
    PARAMETER_PORT,
    PARAMETER_QUANTITY,
    PARAMETER_STORAGE,
    PARAMETER_STORAGE_CLASS,
    PARAMETER_IMAGE,
    PARAMETER_PULL_POLICY,
    PARAMETER_CREDENTIAL,
    PARAMETER_STRING,
    PARAMETER_INTEGER,
    PARAMETER_BOOLEAN,
    PARAMETER_ENUM,
    PARAMETER_LIST,
    PARAMETER_MAP,
    PARAMETER_TYPE_COUNT
};

struct parameters {
    struct parameter *items;
    size_t len;
};

struct parameter {
    const char *name, *doc;
    enum parameter_type type;
    enum parameter_type items; /* list: the type of each item; PARAMETER_TYPE_COUNT: any */
    struct parameters fields;  /* map, or list of maps: the keys that it has; none: any */
    bool required;
    json_t *fallback; /* the declared default; NULL: none, an absent value is then JSON null */
    json_t *values;   /* enum: array of texts */
    const char *file; /* where it is declared, for messages */
    unsigned line;
};

/* "k8s-name", "port", ...: as written in declarations. */
const char *parameter_type_name(enum parameter_type type);

/* What a value of the type looks like, for messages: "a port (1 to 65535)". */
const char *parameter_type_expects(enum parameter_type type);

/* "list of port", "map of name, keys": type with what it holds, on the arena. */
const char *parameter_type_text(struct arena *arena, const struct parameter *parameter);

/* Reads the `parameters:` list of a declaration in file: name, type, doc, required, default, values (of an enum), items
 * (the type of a list's items), fields (the keys of a map: a list of parameters, or `resources`). NULL is an empty
 * list. */
int parameters_read(struct arena *arena, const char *file, const struct yaml_node *list, struct parameters *out,
                    struct err *err);

/* Whether what is good for a parameter of type from is good for one of type to: a k8s-name is a hostname, too. */
bool parameter_type_fits(enum parameter_type from, enum parameter_type to);

/* Whether value (never NULL, JSON null allowed for an optional one) satisfies the declaration. */
bool parameter_accepts(const struct parameter *parameter, const json_t *value);

/* NULL when no parameter has that name. */
const struct parameter *parameters_find(const struct parameters *parameters, const char *name);

/* A YAML tree as JSON, plain scalars by the core schema. Owned by the arena. */
json_t *parameter_value(struct arena *arena, const struct yaml_node *node);

#endif
