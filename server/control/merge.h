#ifndef YELLOW_CONTROL_MERGE_H
#define YELLOW_CONTROL_MERGE_H

#include "control/commit.h"
#include "control/push.h"
#include "store/ecosystem.h"

/* Checks the commit head of the branch and makes it the version in force, or rejects it with all findings; either way
 * the claim's delivery has its outcome in the same transaction. */
int merge_head(const struct commit_service *service, struct arena *arena, const struct delivery_claim *claim,
               const struct ecosystem_row *ecosystem, const struct push *push, const char *head, struct err *err);

#endif
