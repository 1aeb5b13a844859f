#ifndef YELLOW_CONTROL_NOTICE_H
#define YELLOW_CONTROL_NOTICE_H

#include "control/auth.h"
#include "control/scheduler.h"
#include "control/snapshot.h"
#include "control/status.h"
#include "control/worker.h"

/* What the replicas tell each other (store/notify.h), handed to whom it concerns. Each may be NULL. */
struct notice_targets {
    struct snapshots *snapshots;
    struct statuses *statuses;
    struct commit_workers *workers;
    struct auth *auth;
    struct scheduler *scheduler;
};

/* For pg_listener_new; ctx is a struct notice_targets. An unknown payload, perhaps of a later release, is left alone.
 */
void notice_take(void *ctx, const char *payload);
/* After a gap anything may have changed. */
void notice_take_gap(void *ctx);

#endif
