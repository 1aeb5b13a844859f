#ifndef YELLOW_CONTROL_REPORTER_H
#define YELLOW_CONTROL_REPORTER_H

#include "control/forge_api.h"
#include "pg/pool.h"
#include "store/delivery.h"
#include "store/ecosystem.h"

/* Tells forges what became of commits, out of the outbox (store/report.h): with backoff, as slowly as a forge asks, and
 * nothing that it shows already. */

/* The forge of an ecosystem's configuration, {"kind", "api", "repository", "token"}, with what is left out: the usual
 * API, and the repository that the URL names. ERR_INVALID says what is wrong. The API is at https://, or http:// on
 * this machine. */
int reporter_address(struct arena *arena, const json_t *forge, const char *repository, struct forge_address *out,
                     struct err *err);
/* The token that goes there, on the arena: the one that the address names, which is to be bound to the API's host, or
 * the one that the server has for that host. ERR_UNAUTHORIZED without one that may go there. */
int reporter_token(struct arena *arena, const struct forge_address *address, const char **out, struct err *err);
/* The outcome of a commit, as a status of it; in the transaction of the outcome. What says nothing about a commit
 * (ignored, superseded) is told nobody. */
int reporter_tell(struct pg *pg, struct arena *arena, const struct ecosystem_row *repository,
                  const struct delivery_outcome *outcome, struct err *err);

/* Turns (control/turns.h) of a struct pg_pool: one report at most. */
int reporter_step(void *pool, bool *worked, struct err *err);
int reporter_wait(void *pool, int64_t *ms, struct err *err);

#endif
