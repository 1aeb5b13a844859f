#ifndef YELLOW_PG_LISTEN_H
#define YELLOW_PG_LISTEN_H

#include "base/err.h"

/* A thread of its own with a connection of its own that LISTENs on one channel and reconnects by itself. */
struct pg_listener;

/* on_notify gets each payload. on_connected runs after each LISTEN took effect, so after every gap: whoever keeps a
 * cache reads again what it may have missed. Both on the listener's thread. */
struct pg_listener *pg_listener_new(const char *url, const char *channel,
                                    void (*on_notify)(void *ctx, const char *payload), void (*on_connected)(void *ctx),
                                    void *ctx);
void pg_listener_free(struct pg_listener *listener);

#endif
