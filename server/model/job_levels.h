#ifndef YELLOW_MODEL_JOB_LEVELS_H
#define YELLOW_MODEL_JOB_LEVELS_H

#include "model/job.h"

/* Where the four resource values of a job come from. */
struct psp_levels;

/* What all jobs of a PSP share: its hints by what they name, its defaults. */
struct psp_levels *psp_levels_new(struct arena *arena, const struct object *psp);
/* Fills levels, level_count and resolved of the job. store is the job's store, workspace the transformer's (NULL for a
 * stream). A request over its limit is a finding. */
void psp_levels_resolve(const struct psp_levels *levels, struct job *job, const struct object *store,
                        const struct object *workspace, struct findings *findings);

#endif
