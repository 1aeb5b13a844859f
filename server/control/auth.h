#ifndef YELLOW_CONTROL_AUTH_H
#define YELLOW_CONTROL_AUTH_H

#include "http/http.h"
#include "pg/pool.h"

/* Bearer tokens in memory: all that are live, by the SHA-256 of their text, so that a request with a known token, and
 * one with a wrong one, runs no SQL. They are read again after each change (payload "tokens" of the channel), at least
 * every 60 seconds, and at most once a second when an unknown token comes. While the database is away, what is in
 * memory counts for 5 minutes; after that nobody gets in. */
struct auth;

struct auth *auth_new(struct pg_pool *pool);
void auth_free(struct auth *auth);
/* An http_authenticate with its app as struct auth: HTTP_DEFER when it would have to read and may not wait;
 * ERR_UNAUTHORIZED for an unknown or expired token, ERR_UNAVAILABLE when it cannot be told. Texts of out are on the
 * arena. */
int auth_check(struct auth *auth, struct arena *arena, bool may_wait, struct str token, struct http_principal *out,
               struct err *err);
/* An http_authenticated: whether what auth_check gave is still so: nothing has changed since as far as is known, the
 * reading is fresh and the token has not expired. False means: check again. Takes no lock. */
bool auth_holds(const struct auth *auth, const struct http_principal *who);
/* Tokens changed, or may have: the next check reads them. */
void auth_invalidate(struct auth *auth);
/* For tests: a clock in microseconds instead of time_coarse_us. */
void auth_set_clock(struct auth *auth, int64_t (*now_us)(void));

#endif
