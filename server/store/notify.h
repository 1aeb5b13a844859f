#ifndef YELLOW_STORE_NOTIFY_H
#define YELLOW_STORE_NOTIFY_H

#include "pg/pg.h"

/* The channel on which replicas tell each other what changed. Payloads: "inbox" (a delivery came), "version ECO N"
 * (N is in force now), "jobs ECO" (jobs, runs or hints of ECO changed), "holds ECO", "tokens", and "ping"
 * (nothing: the channel is heard; control/status.h). */
#define NOTIFY_CHANNEL "yellow"

/* Sends payload when the transaction commits (at once outside of one). */
int notify_send(struct pg *pg, struct arena *arena, const char *payload, struct err *err);

#endif
