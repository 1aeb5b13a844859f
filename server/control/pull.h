#ifndef YELLOW_CONTROL_PULL_H
#define YELLOW_CONTROL_PULL_H

#include "control/commit.h"
#include "control/forge.h"
#include "store/ecosystem.h"

/* The label that approves the breaking changes of a pull request's plan, by being put on it. */
extern const char pull_approving_label[];

/* Plans the head of an open pull request against the version in force and has the forge told: a status of the head and
 * one comment, in the transaction of the delivery's outcome ("planned"; "superseded" when the branch has moved on,
 * "rejected" when the registered repository does not have the head). Errors as of commit_process. */
int pull_process(const struct commit_service *service, struct arena *arena, const struct delivery_claim *claim,
                 const struct ecosystem_row *ecosystem, const struct forge_pull *pull, struct delivery_outcome *outcome,
                 struct err *err);

/* References of closed pull requests leave the mirror of this server, whichever one was told of their end. */
int pull_prune(const struct commit_service *service, struct arena *arena, const struct ecosystem_row *ecosystem,
               struct err *err);
/* It is no longer open: not to be planned again, and its references go from the mirror of this replica. */
int pull_close(const struct commit_service *service, struct arena *arena, const struct ecosystem_row *ecosystem,
               const struct forge *forge, const struct forge_pull *pull, struct err *err);

/* Turns (control/turns.h) of a struct commit_service: plans one open pull request at most again whose plan is against
 * another version than the one in force. The forge is told what differs. */
int pull_step(void *service, bool *worked, struct err *err);
int pull_wait(void *service, int64_t *ms, struct err *err);

#endif
