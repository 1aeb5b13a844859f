#include "pg/copy.h"

#include "base/time.h"
#include "pg/internal.h"

#include <poll.h>
#include <sys/socket.h>

/* A Unix socket takes 200 KiB, and says that it takes more when the server has read nearly all of them: it would wait
 * for each piece. So the socket is made longer, as far as the system allows, and what does not go into it waits here
 * while more rows are made, until so much has come together. Sockets of TCP grow by themselves. */
enum { ABANDON_MS = 10000, COPY_SOCKET = 2 << 20, COPY_WAITING = 1 << 19 };

/* Runs sql up to the begin of its COPY in the direction that is wanted. */
static int copy_begin(struct pg *pg, const char *sql, enum pg_copy direction, int wake_fd, struct err *err)
{
    if (pg->broken)
        return err_set(err, ERR_UNAVAILABLE, "database: the connection was lost");
    if (pg->copy != PG_COPY_NONE)
        return err_set(err, ERR_INTERNAL, "database: a COPY is under way on this connection");
    PGresult *result = NULL;
    pg->copy_deadline = pg_statement_deadline(pg);
    pg->copy_wake = pg->wake_fd;
    if (wake_fd >= 0)
        pg->wake_fd = wake_fd;
    pg_count_statement();
    int rc =
        PQsendQuery(pg->conn, sql) ? pg_finish_statement(pg, pg->copy_deadline, &result, err) : pg_fail(pg, NULL, err);
    if (rc)
        goto out;
    ExecStatusType wanted = direction == PG_COPY_OUT ? PGRES_COPY_OUT : PGRES_COPY_IN;
    ExecStatusType status = result ? PQresultStatus(result) : PGRES_FATAL_ERROR;
    if (status == PGRES_FATAL_ERROR) {
        rc = pg_fail(pg, result, err);
    } else if (status != wanted) {
        /* A COPY of the other direction is open now, or nothing is. */
        pg->broken = status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
        rc = err_set(err, ERR_INTERNAL, "database: not a COPY %s statement",
                     direction == PG_COPY_OUT ? "TO STDOUT" : "FROM STDIN");
    }
out:
    PQclear(result);
    if (rc)
        pg->wake_fd = pg->copy_wake;
    else
        pg->copy = direction;
    return rc;
}

/* Back to a connection that takes statements, or a broken one. */
static int copy_done(struct pg *pg, int rc)
{
    pg->copy = PG_COPY_NONE;
    pg->wake_fd = pg->copy_wake;
    PQfreemem(pg->copy_message);
    pg->copy_message = NULL;
    buf_dispose(&pg->copy_out);
    return rc;
}

/* The server's last word about a COPY. */
static int copy_result(struct pg *pg, int64_t deadline, int64_t *rows, struct err *err)
{
    PGresult *result = NULL;
    int64_t count = 0;
    int rc = pg_finish_statement(pg, deadline, &result, err);
    if (!rc && (!result || PQresultStatus(result) != PGRES_COMMAND_OK))
        rc = pg_fail(pg, result, err);
    if (!rc)
        (void)str_int64(str_from(PQcmdTuples(result)), 0, INT64_MAX, &count);
    if (!rc && rows)
        *rows = count;
    PQclear(result);
    return rc;
}

int pg_copy_out_begin(struct pg *pg, const char *sql, int wake_fd, struct err *err)
{
    return copy_begin(pg, sql, PG_COPY_OUT, wake_fd, err);
}

int pg_copy_out_next(struct pg *pg, struct str *data, struct err *err)
{
    if (pg->copy != PG_COPY_OUT)
        return err_set(err, pg->broken ? ERR_UNAVAILABLE : ERR_INTERNAL, "database: %s",
                       pg->broken ? "the connection was lost" : "no COPY TO STDOUT is under way");
    PQfreemem(pg->copy_message);
    pg->copy_message = NULL;
    int len;
    /* What is there already is read without asking whether it is. */
    for (bool asked = false; (len = PQgetCopyData(pg->conn, &pg->copy_message, 1)) == 0; asked = true) {
        int rc = asked ? pg_wait(PQsocket(pg->conn), POLLIN, pg->copy_deadline, pg->wake_fd, err) : 0;
        if (rc) {
            pg->broken = true;
            return copy_done(pg, rc);
        }
        if (!PQconsumeInput(pg->conn)) {
            pg->broken = true;
            return copy_done(pg, pg_fail(pg, NULL, err));
        }
    }
    if (len > 0) {
        *data = (struct str){pg->copy_message, (size_t)len};
        return 1;
    }
    if (len == -1)
        return copy_done(pg, copy_result(pg, pg->copy_deadline, NULL, err));
    return copy_done(pg, pg_fail(pg, NULL, err));
}

/* Reads what still comes until the server is ready for statements again. */
static int copy_drain(struct pg *pg, int64_t deadline)
{
    for (int len;;) {
        char *message = NULL;
        while ((len = PQgetCopyData(pg->conn, &message, 1)) > 0) {
            PQfreemem(message);
            message = NULL;
        }
        if (len < 0)
            break;
        if (pg_wait(PQsocket(pg->conn), POLLIN, deadline, pg->wake_fd, ERR_IGNORED) || !PQconsumeInput(pg->conn))
            return -1;
    }
    PGresult *result = NULL;
    int rc = pg_finish_statement(pg, deadline, &result, ERR_IGNORED);
    PQclear(result);
    return rc;
}

void pg_copy_out_abandon(struct pg *pg)
{
    if (pg->copy != PG_COPY_OUT)
        return;
    char text[256];
    PGcancel *cancel = pg->broken ? NULL : PQgetCancel(pg->conn);
    if (!cancel || !PQcancel(cancel, text, sizeof text) || copy_drain(pg, time_monotonic_ms() + ABANDON_MS) != 0)
        pg->broken = true;
    PQfreeCancel(cancel);
    (void)copy_done(pg, 0);
}

int pg_copy_in_begin(struct pg *pg, const char *sql, int wake_fd, struct err *err)
{
    int family = AF_UNSPEC, size = COPY_SOCKET;
    socklen_t len = sizeof family;
    if (getsockopt(PQsocket(pg->conn), SOL_SOCKET, SO_DOMAIN, &family, &len) == 0 && family == AF_UNIX)
        (void)setsockopt(PQsocket(pg->conn), SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    pg->copy_waiting = 0;
    pg->copy_behind = false;
    return copy_begin(pg, sql, PG_COPY_IN, wake_fd, err);
}

static int copy_put(struct pg *pg, struct str data, struct err *err)
{
    int sent;
    while ((sent = PQputCopyData(pg->conn, data.data, (int)data.len)) == 0) {
        int rc = pg_flush(pg, pg->copy_deadline, err);
        if (rc)
            return rc;
    }
    if (sent < 0)
        return pg_fail(pg, NULL, err);
    pg->copy_waiting = PQflush(pg->conn) == 0 ? 0 : pg->copy_waiting + data.len;
    pg->copy_behind = pg->copy_behind || pg->copy_waiting;
    if (pg->copy_waiting < COPY_WAITING)
        return 0;
    pg->copy_waiting = 0;
    return pg_flush(pg, pg->copy_deadline, err);
}

int pg_copy_in_write(struct pg *pg, struct str data, struct err *err)
{
    if (pg->copy != PG_COPY_IN)
        return err_set(err, pg->broken ? ERR_UNAVAILABLE : ERR_INTERNAL, "database: %s",
                       pg->broken ? "the connection was lost" : "no COPY FROM STDIN is under way");
    while (data.len) {
        size_t room = PG_COPY_PIECE - pg->copy_out.len, len = data.len < room ? data.len : room;
        bool whole = pg->copy_out.len == 0 && data.len >= PG_COPY_PIECE;
        struct str piece = {data.data, len};
        if (!whole) {
            buf_add(&pg->copy_out, data.data, len);
            piece = buf_str(&pg->copy_out);
        }
        data = (struct str){data.data + len, data.len - len};
        if (piece.len < PG_COPY_PIECE)
            break;
        int rc = copy_put(pg, piece, err);
        if (rc) {
            pg->broken = true;
            return copy_done(pg, rc);
        }
        buf_cut(&pg->copy_out, 0);
    }
    return 0;
}

bool pg_copy_in_was_behind(struct pg *pg)
{
    bool behind = pg->copy_behind;
    pg->copy_behind = false;
    return behind;
}

int pg_copy_in_take(struct pg *pg, struct buf *data, struct err *err)
{
    size_t rest = data->len % PG_COPY_PIECE, whole = data->len - rest;
    int rc = pg_copy_in_write(pg, (struct str){data->data, whole}, err);
    memmove(data->data, data->data + whole, rest);
    buf_cut(data, rest);
    return rc;
}

/* why: NULL for success. */
static int copy_in_close(struct pg *pg, const char *why, int64_t deadline, int64_t *rows, struct err *err)
{
    int rc = !why && pg->copy_out.len ? copy_put(pg, buf_str(&pg->copy_out), err) : 0, ended = 0;
    while (!rc && (ended = PQputCopyEnd(pg->conn, why)) == 0)
        rc = pg_flush(pg, deadline, err);
    if (!rc && ended < 0)
        rc = pg_fail(pg, NULL, err);
    if (rc)
        pg->broken = true;
    else
        rc = copy_result(pg, deadline, rows, err);
    return copy_done(pg, rc);
}

int pg_copy_in_end(struct pg *pg, int64_t *rows, struct err *err)
{
    if (pg->copy != PG_COPY_IN)
        return err_set(err, pg->broken ? ERR_UNAVAILABLE : ERR_INTERNAL, "database: %s",
                       pg->broken ? "the connection was lost" : "no COPY FROM STDIN is under way");
    return copy_in_close(pg, NULL, pg->copy_deadline, rows, err);
}

void pg_copy_in_abandon(struct pg *pg, const char *why)
{
    if (pg->copy == PG_COPY_IN)
        (void)copy_in_close(pg, why, time_monotonic_ms() + ABANDON_MS, NULL, ERR_IGNORED);
}

int pg_copy_in(struct pg *pg, struct arena *arena, const char *sql, struct str data, struct err *err)
{
    (void)arena;
    int rc = pg_copy_in_begin(pg, sql, -1, err);
    if (!rc)
        rc = pg_copy_in_write(pg, data, err);
    return rc ? rc : pg_copy_in_end(pg, NULL, err);
}
