#ifndef YELLOW_INGEST_TARGET_H
#define YELLOW_INGEST_TARGET_H

#include "ingest/credential.h"
#include "pg/pg.h"

/* Connections to a merge database. */

/* application: as it shows in pg_stat_activity. An error names the container. */
int target_connect(struct arena *arena, const struct container *merge, const struct credential *credential,
                   const char *application, struct pg **out, struct err *err);
/* The cause (model/cause.h) of a connection that did not come about. */
const char *target_cause(const struct err *err);

#endif
