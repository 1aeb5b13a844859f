#ifndef YELLOW_CONTROL_STATUS_H
#define YELLOW_CONTROL_STATUS_H

#include "http/http.h"
#include "pg/pool.h"

/* The status document of each ecosystem as a pre-built response. A poll of an unchanged one runs no SQL and builds no
 * JSON.
 *
 * How fresh it is: what this process writes is seen by the next poll (statuses_invalidate before the writer answers);
 * what another replica writes, when its notification arrives. A notification can get lost with the listener's
 * connection, so a document counts as current only while something was heard on the channel within the last
 * STATUS_BLIND_MS, or while it is itself younger than that; statuses_tick makes sure that there is something to hear.
 * So no document is served that is staler than STATUS_BLIND_MS, whatever is disconnected or half open. */
struct statuses;
enum { STATUS_BLIND_MS = 10000 };

struct statuses *statuses_new(struct pg_pool *pool);
void statuses_free(struct statuses *statuses);
/* The current document when it is known to be current, as a reference; NULL when it must be built (never waits). */
struct http_shared *statuses_peek(struct statuses *statuses, const char *ecosystem);
/* As above, and builds it when needed (one statement). ERR_NOT_FOUND for an unknown ecosystem. */
int statuses_get(struct statuses *statuses, const char *ecosystem, struct http_shared **out, struct err *err);
/* The rows changed (NULL: of all ecosystems): the next get builds anew, and a build under way is not kept. */
void statuses_invalidate(struct statuses *statuses, const char *ecosystem);
/* Something came from the channel just now, whatever it says: control/notice.h calls it for every payload and after
 * every LISTEN (together with an invalidation of all, as what came before was missed). */
void statuses_heard(struct statuses *statuses);
/* Runs every few seconds (at most half of STATUS_BLIND_MS apart) on a thread of serve: makes runs without heartbeat
 * `lost`, sends "ping" on the channel when it is quiet, and lets time-dependent words (lag) follow the clock without a
 * poll paying for it. */
int statuses_tick(struct statuses *statuses, struct err *err);
/* For tests: a clock in microseconds instead of time_coarse_us. */
void statuses_set_clock(struct statuses *statuses, int64_t (*now_us)(void));

#endif
