#ifndef YELLOW_CONTROL_POLLER_H
#define YELLOW_CONTROL_POLLER_H

#include "control/commit.h"

/* Repairs missed webhooks: looks at each repository from time to time, and where the branch has a head that nobody told
 * of, makes a delivery (forge "poll") that says so. Replicas take turns by the database. */
struct poller;

/* service is borrowed. The database and the forges may be away. */
struct poller *poller_new(const struct commit_service *service, int64_t interval_ms);
int poller_start(struct poller *poller, struct err *err);
/* Waits ms for a look that is under way; false: it goes on, and the thread is no longer to be waited for. */
bool poller_stop(struct poller *poller, int64_t ms);
/* Ends the thread. NULL is allowed. */
void poller_free(struct poller *poller);

/* One turn on the calling thread: looks at one repository at most. *worked: there was one. An error is the database's;
 * a repository that cannot be reached is logged and has its next turn. */
int poller_step(struct poller *poller, bool *worked, struct err *err);

#endif
