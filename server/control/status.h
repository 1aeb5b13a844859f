#ifndef YELLOW_CONTROL_STATUS_H
#define YELLOW_CONTROL_STATUS_H

#include "http/http.h"
#include "pg/pool.h"

/* The status document of each ecosystem as a pre-built response. A poll of an unchanged one runs no SQL and builds no
 * JSON. */
struct statuses;

struct statuses *statuses_new(struct pg_pool *pool);
void statuses_free(struct statuses *statuses);
/* The current document when it is known to be current, as a reference; NULL when it must be built (never waits). */
struct http_shared *statuses_peek(struct statuses *statuses, const char *ecosystem);
/* As above, and builds it when needed (SQL). ERR_NOT_FOUND for an unknown ecosystem. */
int statuses_get(struct statuses *statuses, const char *ecosystem, struct http_shared **out, struct err *err);
/* The rows changed (NULL: of all ecosystems): the next get builds anew. */
void statuses_invalidate(struct statuses *statuses, const char *ecosystem);
/* Runs now and then on a thread of serve: makes runs without heartbeat `lost`, and lets time-dependent words (late,
 * lag) follow the clock without a poll paying for it. */
int statuses_tick(struct statuses *statuses, struct err *err);

#endif
