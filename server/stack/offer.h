#ifndef YELLOW_STACK_OFFER_H
#define YELLOW_STACK_OFFER_H

#include "stack/parameter.h"

/* What components provide to each other and require of each other: hosts, secrets, claims, ... Each has a type and a
 * template that gives its value, or several values, one a line:
 *
 *   provides:
 *     hostname: {type: hostname, value: "{{ name }}.{{ namespace }}.svc", doc: Where it answers.}
 *     keys: {type: secret, external: true, value: "{{ secret }}", doc: Made by whoever runs the cluster.}
 *   requires:
 *     database: {type: hostname, value: "{{ database_host }}", doc: Its database.}
 *
 * A requirement is met when a component of the assembly provides that type with that value. What is `external` is not
 * made by the stack: somebody else has to see to it, and the stack says so. */
enum offer_type {
    OFFER_HOSTNAME,
    OFFER_NAMESPACE,
    OFFER_SECRET,
    OFFER_CONFIG_MAP,
    OFFER_CLAIM,
    OFFER_SERVICE_ACCOUNT,
    OFFER_K8S_NAME,
    OFFER_STRING,
    OFFER_TYPE_COUNT
};

struct offer {
    const char *name, *doc, *text; /* text: a template */
    enum offer_type type;
    bool external;
    const char *file; /* where it is declared */
    unsigned line;
};
struct offers {
    struct offer *items;
    size_t len;
};

/* "hostname", "secret", ...: as written in declarations. */
const char *offer_type_name(enum offer_type type);
/* The type of parameter that a value of it is good for. */
enum parameter_type offer_parameter_type(enum offer_type type);
/* Reads `provides:` or `requires:` of a declaration in file. NULL is an empty map. `external` goes with provides alone.
 */
int offers_read(struct arena *arena, const char *file, const struct yaml_node *map, bool provides, struct offers *out,
                struct err *err);
/* NULL when there is none of that name. */
const struct offer *offers_find(const struct offers *offers, const char *name);

#endif
