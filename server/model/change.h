#ifndef YELLOW_MODEL_CHANGE_H
#define YELLOW_MODEL_CHANGE_H

#include "model/model.h"

/* What a model has that a former one has not, as far as it decides what must be looked at again. */
struct model_change {
    bool wide;         /* more differs than stores, workspaces and what nobody looks at of PSPs, or a transformer does:
                          everything is looked at */
    bool stacks;       /* more than stores, workspaces and zones differs: what jobs and stacks are made of */
    bool workspaces;   /* a workspace came, went or differs */
    bool faces;        /* a store came, went, or differs in more than its datasets */
    struct map stores; /* names of those that came, went or differ */
    struct name_filter names;
    bool *same; /* by the index of the model's object: the former one has it with the same body */
};

/* On the arena, which must not outlive the models. */
struct model_change model_change_of(struct arena *arena, const struct model *former, const struct model *model);

/* Whether both models make the same jobs and the same stacks: nothing but datasets of stores and zones differs. */
static inline bool model_change_keeps_jobs(const struct model_change *change)
{
    return !change->stacks && !change->workspaces && !change->faces;
}
void model_change_add(struct model_change *change, const struct object *store);
/* Whether the store is one of those. */
bool model_change_has(const struct model_change *change, const char *store);
/* Whether a sink of the workspace names one of those. */
bool model_change_reaches(const struct model_change *change, const struct workspace *workspace);

#endif
