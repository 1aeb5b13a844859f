#ifndef YELLOW_CONTROL_LAW_H
#define YELLOW_CONTROL_LAW_H

#include "model/model.h"
#include "store/ecosystem.h"

/* What a model may not do to the version in force (DOMAIN.md sections 3 and 4): from is its model, NULL before the
 * first version. Adds findings, unsorted. The pusher is the registered repository and branch; a repository that has no
 * name (a file:// URL without one in the configuration) counts as that of the Ecosystem's own owner. */
void law_judge(const struct ecosystem_row *ecosystem, const struct model *from, const struct model *to,
               struct findings *findings);

#endif
