#ifndef YELLOW_STACK_CONTEXT_H
#define YELLOW_STACK_CONTEXT_H

#include "model/job.h"
#include "stack/parameter.h"

/* What the references of an assembly can reach: {"psp": {...}, "model": {...}}, a plain JSON tree with keys in a fixed
 * order. Owned by the arena. jobs: of the model, or NULL: they are made here. Without listed there is no "model.jobs",
 * which is dear to make for a large model, and which few assemblies name. */
json_t *stack_context_make(struct arena *arena, const struct model *model, const struct jobs *jobs,
                           const struct psp *psp, bool listed);

/* The "model" half of it: {"ecosystem", "credentials": [{name, type, secret}] that the PSP's streams and merge use,
 * "egress": [{port, host, namespace, cidr}] where their containers are (namespace: of a Service of the cluster, cidr:
 * of an address, both null: a name), "jobs": [{kind, platform, name, kube_name, schedule, priority, resources, image,
 * credentials: [{name, secret}]}]}: a transformer's job ingests its output, whose streams are no jobs of their own
 * here. A new reference. */
json_t *stack_context_model(struct arena *arena, const struct model *model, const struct jobs *jobs,
                            const struct psp *psp, bool listed);

/* [{name, secret}] of the credentials that a job of the store needs on a PSP; a new reference. */
json_t *stack_job_credentials(struct arena *arena, const struct model *model, const struct psp *psp, const char *store);

/* The image that a transformer brings its command in, borrowed; NULL: the PSP's own does, or workspace is NULL. */
const char *stack_job_image(const struct model *model, const char *workspace);

/* The value at a dotted path ("psp.storage_classes.postgres"), borrowed; NULL when there is no such key. */
const json_t *stack_context_find(const json_t *context, const char *path);

/* The type of what stands at a path that begins with "psp." or "model."; false when nothing ever does. */
bool stack_context_type(const char *path, enum parameter_type *out);

#endif
