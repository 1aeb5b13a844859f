#ifndef YELLOW_CONTROL_POLLER_H
#define YELLOW_CONTROL_POLLER_H

#include "control/commit.h"

/* Repairs missed webhooks: looks at each repository from time to time, and where the branch has a head that nobody told
 * of, makes a delivery (forge "poll") that says so. Replicas take turns by the database. All is borrowed. */
struct poller {
    const struct commit_service *service;
    int64_t interval_ms;
};

/* Turns (control/turns.h) of a struct poller: looks at one repository at most. An error is the database's; a repository
 * that cannot be reached is logged and has its next turn. */
int poller_step(void *poller, bool *worked, struct err *err);
int poller_wait(void *poller, int64_t *ms, struct err *err);

#endif
