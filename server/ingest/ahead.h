#ifndef YELLOW_INGEST_AHEAD_H
#define YELLOW_INGEST_AHEAD_H

#include "pg/pg.h"

/* A connection that a thread makes while something else is waited for. */
struct ahead;

/* NULL when there is no thread to be had. Free with ahead_free. */
struct ahead *ahead_begin(const char *conninfo, int64_t deadline_ms, int wake_fd);
/* As pg_connect_until: the connection of ahead (NULL allowed) when it goes there and was not taken yet, or one that is
 * made now. */
int ahead_take(struct ahead *ahead, const char *conninfo, int64_t deadline_ms, int wake_fd, struct pg **out,
               struct err *err);
/* Waits for the thread; closes what nobody took. */
void ahead_free(struct ahead *ahead);

#endif
