#ifndef YELLOW_PG_COPY_H
#define YELLOW_PG_COPY_H

#include "base/buf.h"
#include "pg/pg.h"

/* COPY as a stream, for data that fits no memory. One at a time on a connection; between begin and end the connection
 * takes nothing else. wake_fd (-1: none) readable ends any waiting with ERR_CANCELLED; the connection is broken then.
 */

/* COPY ... TO STDOUT. */
int pg_copy_out_begin(struct pg *pg, const char *sql, int wake_fd, struct err *err);
/* The next message as the server sent it (of the binary form: the header stands before the first row, in one message
 * with it or alone; then one row each; then the trailer): 1 and *data, borrowed until the next call; 0 at the end, when
 * the COPY has succeeded; negative on errors. */
int pg_copy_out_next(struct pg *pg, struct str *data, struct err *err);
/* Ends a COPY that was not read to its end: it is cancelled. Harmless after the end. */
void pg_copy_out_abandon(struct pg *pg);

/* The server reads message by message: one of this size costs it much less than one a row. With the 5 bytes of its head
 * it is what libpq sends at once, without a tail that is sent and waited for by itself. */
enum { PG_COPY_PIECE = (1 << 16) - 5 };

/* COPY ... FROM STDIN: bytes in any pieces. */
int pg_copy_in_begin(struct pg *pg, const char *sql, int wake_fd, struct err *err);
int pg_copy_in_write(struct pg *pg, struct str data, struct err *err);
/* Writes the whole pieces at the beginning of data, which keeps the rest: nothing is copied once more. */
int pg_copy_in_take(struct pg *pg, struct buf *data, struct err *err);
/* Whether the server was behind since this was last asked: what was written did not all go at once. */
bool pg_copy_in_was_behind(struct pg *pg);
/* Sends the end and waits for the server's word; *rows (NULL allowed) is how many it took. */
int pg_copy_in_end(struct pg *pg, int64_t *rows, struct err *err);
/* Gives up: the server forgets what was sent. Harmless after the end. */
void pg_copy_in_abandon(struct pg *pg, const char *why);

#endif
