#ifndef YELLOW_CONTROL_BACKLOG_H
#define YELLOW_CONTROL_BACKLOG_H

#include "pg/pool.h"

/* Reads how many deliveries wait and how long the oldest has waited, for /metrics. The workers are processes of their
 * own, perhaps on other machines: the database is what all of them agree on. */
int backlog_measure(struct pg_pool *pool, struct err *err);

#endif
