#ifndef YELLOW_CONTROL_SCHEDULER_TOKEN_H
#define YELLOW_CONTROL_SCHEDULER_TOKEN_H

#include "pg/pool.h"

/* The bearer token of a scheduler's children: made when it starts, kept in a file that its own user alone can read,
 * made anew each day, and of no use a week later whatever happens. It can take and report runs, and nothing else. */
struct scheduler_token {
    char name[32];   /* of the token that is in force; "" before the first */
    char path[4096]; /* whoever has it sets that */
    int64_t made_ms; /* monotonic */
    int64_t made_at; /* milliseconds since 1970 */
};

/* Makes the token when there is none or it is a day old, also where a clock that was put forward says so. instance
 * names the scheduler. */
int scheduler_token_keep(struct scheduler_token *token, struct pg_pool *pool, const char *instance, struct err *err);
/* Ends it, and removes the file. */
void scheduler_token_drop(struct scheduler_token *token, struct pg_pool *pool);

#endif
