#ifndef YELLOW_PG_EMBEDDED_H
#define YELLOW_PG_EMBEDDED_H

#include "base/arena.h"
#include "base/err.h"

#include <sys/types.h>

/* A private PostgreSQL cluster in a folder, owned by one Yellow, reached by a Unix socket that only its user (and root)
 * can open. In the folder: data/ (the cluster), run/ (the socket), log, lock (held while a Yellow owns it), url (how
 * to connect), and socket-dir when run/ is too long a path for a socket. */
struct pg_embedded;

struct pg_embedded_options {
    const char *dir;     /* made when absent */
    int64_t deadline_ms; /* until it accepts connections; 0: one minute */
    bool no_sync;        /* fsync off: for tests alone */
};

/* Makes the cluster when there is none, starts it as a child that ends when the calling thread ends (so call it from
 * the main thread), waits until it accepts connections and makes the database "yellow". As root, the cluster belongs to
 * the user postgres, or nobody. What a killed Yellow left running is stopped first. ERR_CONFLICT when another Yellow
 * owns dir, ERR_IO for what the machine lacks. */
int pg_embedded_start(const struct pg_embedded_options *options, struct pg_embedded **out, struct err *err);
/* A libpq URL; borrowed. */
const char *pg_embedded_conninfo(const struct pg_embedded *embedded);
/* Starts the cluster again when its postmaster has ended, without waiting for it; from the same thread as the start. */
int pg_embedded_revive(struct pg_embedded *embedded, bool *revived, struct err *err);
/* Of the postmaster. */
pid_t pg_embedded_pid(const struct pg_embedded *embedded);
/* Fast shutdown, waits for its end, gives the folder free. NULL is allowed. */
void pg_embedded_stop(struct pg_embedded *embedded);

/* How to connect to the running cluster of dir, for commands beside the server; on the arena. ERR_UNAVAILABLE when no
 * Yellow runs it. */
int pg_embedded_url(struct arena *arena, const char *dir, const char **url, struct err *err);

#endif
