#ifndef YELLOW_PG_INTERNAL_H
#define YELLOW_PG_INTERNAL_H

#include "base/buf.h"
#include "pg/pg.h"

/* What the files of pg/ share; nobody else includes it. */

enum { PG_PREPARED_SLOTS = 256 };

/* A statement text this connection has seen: prepared from its second use on, so that one-off SQL costs nothing. */
struct pg_prepared {
    uint64_t hash;
    char *sql; /* NULL: free */
    bool prepared;
};

enum pg_copy { PG_COPY_NONE, PG_COPY_OUT, PG_COPY_IN };

struct pg {
    PGconn *conn;
    int64_t statement_ms; /* 0: none */
    bool broken;          /* the protocol's state is unknown: only closing is left */
    int backend;          /* the server's process that the session began with */
    bool pooled;          /* somebody in between gave that process */
    int wake_fd;          /* -1: none; readable ends any waiting */
    struct pg_prepared cache[PG_PREPARED_SLOTS];
    /* A COPY under way (pg/copy.c). */
    enum pg_copy copy;
    int64_t copy_deadline;
    int copy_wake;       /* the wake_fd to go back to */
    char *copy_message;  /* the last one read; libpq's */
    struct buf copy_out; /* what was written and not sent yet */
    bool copy_behind;    /* the server took less than was sent */
    size_t copy_waiting; /* at most so much of what was sent is still in libpq's hands */
    struct pg *next;     /* in the pool's idle list */
    int64_t given_ms;    /* when it came back to the pool */
};

/* Waits for events on the socket until deadline_ms (monotonic; 0: none) or until wake_fd (-1: none) is readable:
 * ERR_TIMEOUT, ERR_CANCELLED. */
int pg_wait(int fd, short events, int64_t deadline_ms, int wake_fd, struct err *err);
/* The monotonic time at which the statement that starts now is given up, 0: never. */
int64_t pg_statement_deadline(const struct pg *pg);
/* Sends what is queued and reads answers to their end. *out is the last result, or the first failed one, and is the
 * caller's (PQclear); NULL when the connection went away. A COPY ends the reading with its result. */
int pg_finish_statement(struct pg *pg, int64_t deadline_ms, PGresult **out, struct err *err);
/* Flushes and waits until the socket takes more. */
int pg_flush(struct pg *pg, int64_t deadline_ms, struct err *err);
/* err for a failed result, or for the lost connection when result is NULL. */
int pg_fail(struct pg *pg, const PGresult *result, struct err *err);
void pg_count_statement(void);
/* An idle connection: false when the server has closed it, or when it does not answer before deadline_ms. */
bool pg_is_alive(struct pg *pg, bool ask, int64_t deadline_ms);

#endif
