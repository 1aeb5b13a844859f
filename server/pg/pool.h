#ifndef YELLOW_PG_POOL_H
#define YELLOW_PG_POOL_H

#include "pg/pg.h"

/* Connections shared by threads. The pool exists while the database is away: taking one fails with ERR_UNAVAILABLE and
 * works again when the database is back. */
struct pg_pool;

struct pg_pool_options {
    const char *url;
    size_t size;                 /* at most this many connections */
    int64_t connect_deadline_ms; /* for one attempt */
    int64_t take_deadline_ms;    /* for waiting until one is free: then ERR_BUSY */
    int64_t statement_ms;        /* for a statement, and for the pause between two of a transaction; 0: none */
};

struct pg_pool *pg_pool_new(const struct pg_pool_options *options);
/* Waits for all connections to be given back. */
void pg_pool_free(struct pg_pool *pool);
/* A connection that is known to be alive or was just made. Give it back with pg_pool_give, always. */
int pg_pool_take(struct pg_pool *pool, struct pg **out, struct err *err);
/* Closes it instead when its connection is broken or a transaction is open. NULL is allowed. */
void pg_pool_give(struct pg_pool *pool, struct pg *pg);
/* Takes a connection, sends a statement and gives the connection back: whether the database answers now. */
int pg_pool_ping(struct pg_pool *pool, struct err *err);
/* Runs fn in a transaction on a connection of the pool (take, pg_transaction, give). */
int pg_pool_transaction(struct pg_pool *pool, struct arena *arena, pg_tx_fn *fn, void *ctx, struct err *err);

#endif
