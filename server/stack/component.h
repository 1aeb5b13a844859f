#ifndef YELLOW_STACK_COMPONENT_H
#define YELLOW_STACK_COMPONENT_H

#include "base/crypto.h"
#include "stack/offer.h"
#include "template/template.h"

/* A component: templates and the declaration of what they need (parameters, requires) and offer (provides). Its
 * declaration is templates/components/NAME/component.yaml, or a document of kind Component in a model:
 *
 *   component: postgres
 *   doc: What it is for.
 *   parameters: [{name, type, required, default, values, doc}, ...]
 *   provides: {hostname: {type: hostname, value: "{{ name }}.{{ namespace }}.svc", doc: Where it answers.}}
 *   requires: {secret: {type: secret, value: "{{ secret }}", doc: Its keys.}}     both rendered with the parameters
 *   volumes: [{size: storage, replicas: storage_replicas}]      parameters; what they take of the cluster's capacity
 *   artifacts: [{template: postgres.yaml.j2, media_type: application/yaml}]
 */
struct component_artifact {
    const char *template; /* the template's full name: "components/postgres/postgres.yaml.j2", "model/PATH" */
    const char *file;     /* its own name without .j2: "postgres.yaml" */
    const char *media_type;
};

struct component_volume {
    const char *size, *replicas; /* parameters; replicas NULL: one copy */
};

struct component {
    const char *name, *doc, *file; /* file: where it is declared */
    unsigned line;
    bool own;                       /* of a model, not built in */
    struct template_env *templates; /* where its templates are; borrowed */
    struct parameters parameters;
    struct offers provides, requires;
    struct component_volume *volumes;
    size_t volume_count;
    struct component_artifact *artifacts;
    size_t artifact_count;
    char hash[SHA256_HEX_SIZE]; /* of the declaration and of every template that it reaches (stack/reach.h) */
};

/* Reads a declaration; file is its name in messages, "templates/components/postgres/component.yaml". */
int component_read(struct arena *arena, const char *file, struct str text, struct component *out, struct err *err);

/* Reads the body of a document of kind Component (its JSON is YAML), which stands at file:line of the model: every
 * message says so. Its templates are files of the model, named from the model's root without "..". */
int component_read_own(struct arena *arena, struct str body, const char *file, unsigned line, struct component *out,
                       struct err *err);
/* The name of an artifact of an instance: "postgres" and "postgres.yaml" make postgres.yaml, "airflow" and "rbac.yaml"
 * make airflow-rbac.yaml. */
const char *component_artifact_name(struct arena *arena, const struct component *component, const char *instance,
                                    const struct component_artifact *artifact);

#endif
