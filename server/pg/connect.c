#include "base/buf.h"
#include "base/time.h"
#include "pg/internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

/* What every session relies on: results as text in one form, whatever the database's or the role's defaults are. */
static const struct pg_setting session_settings[] = {
    {"TimeZone", "'UTC'", 0},
    {"DateStyle", "'ISO, YMD'", 0},
    {"IntervalStyle", "'postgres'", 0},
    {"bytea_output", "'hex'", 0},
    {"standard_conforming_strings", "on", 0},
    {"tcp_keepalives_idle", "30", 0},
    {"tcp_keepalives_interval", "10", 0},
    {"tcp_keepalives_count", "3", 0},
    /* A server that works for a client that has gone stops soon. */
    {"client_connection_check_interval", "'5s'", 140000},
};

const struct pg_setting *pg_session_settings(size_t *n)
{
    *n = sizeof session_settings / sizeof *session_settings;
    return session_settings;
}

static void ignore_notice(void *ctx, const PGresult *result)
{
    (void)ctx;
    (void)result;
}

int pg_wait(int fd, short events, int64_t deadline_ms, int wake_fd, struct err *err)
{
    for (;;) {
        int64_t left = deadline_ms ? deadline_ms - time_monotonic_ms() : -1;
        if (deadline_ms && left <= 0)
            return err_set(err, ERR_TIMEOUT, "the database did not answer before the deadline");
        struct pollfd fds[2] = {{fd, events, 0}, {wake_fd, POLLIN, 0}};
        int n = poll(fds, wake_fd >= 0 ? 2 : 1, left > 60000 || left < 0 ? 60000 : (int)left);
        if (n < 0 && errno != EINTR)
            return err_set(err, ERR_IO, "poll: %s", strerror(errno));
        if (n > 0 && wake_fd >= 0 && fds[1].revents)
            return err_set(err, ERR_CANCELLED, "cancelled");
        if (n > 0 && fds[0].revents)
            return 0;
    }
}

/* The first line of libpq's message without its end: the rest is advice for people at a terminal. */
static void first_line(const char *message, char *out, size_t size)
{
    size_t len = strcspn(message, "\n");
    if (len >= size)
        len = size - 1;
    memcpy(out, message, len);
    out[len] = '\0';
}

/* "connection to server at ... failed: FATAL:  28P01: password ...": takes the SQLSTATE out of the text. The word
 * before it is in the server's language. */
static void take_sqlstate(char *line, char state[6])
{
    for (char *at = strstr(line, ":  "); at; at = strstr(at + 1, ":  ")) {
        char *code = at + 3;
        if (strspn(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 5 || strncmp(code + 5, ": ", 2) != 0)
            continue;
        memcpy(state, code, 5);
        state[5] = '\0';
        memmove(code, code + 7, strlen(code + 7) + 1);
        return;
    }
}

static int connect_failed(PGconn *conn, struct err *err)
{
    char line[600], state[6] = "";
    first_line(PQerrorMessage(conn), line, sizeof line);
    take_sqlstate(line, state);
    if (!*state && PQconnectionNeedsPassword(conn))
        memcpy(state, "28P01", sizeof state);
    int rc = err_set(err, ERR_UNAVAILABLE, "database: %s", line);
    memcpy(err->sqlstate, state, sizeof state);
    return rc;
}

static int connect_poll(PGconn *conn, int64_t deadline, int wake_fd, struct err *err)
{
    PostgresPollingStatusType state = PGRES_POLLING_WRITING;
    while (state != PGRES_POLLING_OK) {
        if (state == PGRES_POLLING_FAILED)
            return connect_failed(conn, err);
        short events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        int rc = pg_wait(PQsocket(conn), events, deadline, wake_fd, err);
        if (rc == -ERR_TIMEOUT)
            return err_set(err, ERR_TIMEOUT, "database: no connection to %s before the deadline",
                           PQhost(conn) && *PQhost(conn) ? PQhost(conn) : "the server");
        if (rc)
            return rc;
        state = PQconnectPoll(conn);
    }
    return 0;
}

/* A password with a bare '/' ends before its time: libpq takes its parts for host, port and database, and says them in
 * errors. The '@' that should have ended it stands behind the slash then. */
static bool has_split_password(const char *url)
{
    const char *rest = strncmp(url, "postgresql://", 13) == 0 ? url + 13
                       : strncmp(url, "postgres://", 11) == 0 ? url + 11
                                                              : "";
    rest += strcspn(rest, "/?");
    return memchr(rest, '@', strcspn(rest, "?")) != NULL;
}

/* The texts of libpq about a malformed URL quote it, password and all, so they are not passed on. */
static int check_url(const char *url, struct err *err)
{
    char *message = NULL;
    PQconninfoOption *options = url ? PQconninfoParse(url, &message) : NULL;
    PQfreemem(message);
    if (!options) {
        (void)err_set(err, ERR_INVALID, "the database url cannot be read");
        return err_hint(err, "postgresql://user@host:5432/name, or key=value pairs");
    }
    PQconninfoFree(options);
    if (!has_split_password(url))
        return 0;
    (void)err_set(err, ERR_INVALID, "the database url cannot be read");
    return err_hint(err, "behind the host there is no '@'; in a password '/' is written %%2F, and '@' %%40");
}

/* Runs a text; *out is its last result, of that status, and is the caller's. */
static int run_until(struct pg *pg, const char *sql, ExecStatusType status, int64_t deadline, PGresult **out,
                     struct err *err)
{
    PGresult *result = NULL;
    int rc = PQsendQuery(pg->conn, sql) ? pg_finish_statement(pg, deadline, &result, err) : pg_fail(pg, NULL, err);
    if (!rc && (!result || PQresultStatus(result) != status))
        rc = pg_fail(pg, result, err);
    if (rc)
        PQclear(result);
    else
        *out = result;
    return rc;
}

static void add_settings(struct buf *sql, const struct pg *pg, const struct pg_setting *settings, size_t n)
{
    int version = PQserverVersion(pg->conn);
    for (size_t i = 0; i < n; i++)
        if (version >= settings[i].since)
            buf_addf(sql, "SET %s = %s;", settings[i].name, settings[i].value);
}

int pg_set(struct pg *pg, const struct pg_setting *settings, size_t n, struct err *err)
{
    struct buf sql = {0};
    PGresult *result = NULL;
    pg_count_statement();
    add_settings(&sql, pg, settings, n);
    int rc = run_until(pg, buf_text(&sql), PGRES_COMMAND_OK, pg_statement_deadline(pg), &result, err);
    PQclear(result);
    buf_dispose(&sql);
    return rc;
}

/* The server's process that answers now, and the settings of a new connection before. */
static int ask_backend(struct pg *pg, bool settle, int64_t deadline, int *backend, struct err *err)
{
    struct buf sql = {0};
    PGresult *result = NULL;
    int64_t value = 0;
    if (settle)
        add_settings(&sql, pg, session_settings, sizeof session_settings / sizeof *session_settings);
    buf_adds(&sql, "SELECT pg_catalog.pg_backend_pid()");
    int rc = run_until(pg, buf_text(&sql), PGRES_TUPLES_OK, deadline, &result, err);
    if (!rc && PQntuples(result) == 1)
        (void)str_int64(str_from(PQgetvalue(result, 0, 0)), INT32_MIN, INT32_MAX, &value);
    *backend = (int)value;
    PQclear(result);
    buf_dispose(&sql);
    return rc;
}

/* A connection as libpq makes it. */
static int open_connection(const char *url, int64_t deadline, int wake_fd, struct pg **out, struct err *err)
{
    /* Later keywords win over the URL; the keepalives stand before it so that a URL can tune them. */
    static const char *const keys[] = {"keepalives_idle",           "keepalives_interval", "keepalives_count",
                                       "tcp_user_timeout",          "gssencmode",          "dbname",
                                       "fallback_application_name", "client_encoding",     NULL};
    /* A credential is a password: what Kerberos would say need not be asked. */
    const char *const values[] = {"30", "10", "3", "60000", "disable", url, "yellow", "UTF8", NULL};
    struct pg *pg = calloc(1, sizeof *pg);
    if (!pg)
        abort();
    pg->wake_fd = wake_fd;
    pg->conn = PQconnectStartParams(keys, values, 1);
    if (!pg->conn)
        abort();
    (void)PQsetNoticeReceiver(pg->conn, ignore_notice, NULL);
    (void)PQsetErrorVerbosity(pg->conn, PQERRORS_VERBOSE); /* the one way to the SQLSTATE of a refusal */
    int rc = PQstatus(pg->conn) == CONNECTION_BAD ? connect_failed(pg->conn, err)
                                                  : connect_poll(pg->conn, deadline, wake_fd, err);
    (void)PQsetErrorVerbosity(pg->conn, PQERRORS_DEFAULT);
    if (!rc && PQsetnonblocking(pg->conn, 1) != 0)
        rc = pg_fail(pg, NULL, err);
    if (rc)
        pg_close(pg);
    else
        *out = pg;
    return rc;
}

static int refuse_shared(struct err *err)
{
    (void)err_set(err, ERR_INVALID, "database: a connection pooler in between gives each transaction another session");
    return err_hint(err, "set its pool mode to session for this user and database, or name the server itself");
}

/* A pooler, whose processes are not the server's, may give each client a session for as long as it stays (pool_mode
 * session), or each transaction another one: then settings, prepared statements, locks and LISTEN are soon somebody
 * else's. Two connections with one process, or one that changes its process, prove that. Who else uses the pool may
 * hide it for a moment, so they are asked several times. A pool without a place for another session gives each client
 * its own. */
static int check_pooler(struct pg *pg, const char *url, int64_t deadline, struct err *err)
{
    enum { LOOKS = 3, POOLER_MS = 1000 };
    struct pg *other = NULL;
    int64_t soon = time_monotonic_ms() + POOLER_MS;
    int mine, its, first = 0, rc = 0;
    bool shared = false;
    bool there = open_connection(url, soon < deadline ? soon : deadline, pg->wake_fd, &other, ERR_IGNORED) == 0;
    for (int i = 0; there && !rc && !shared && i < LOOKS; i++) {
        there = ask_backend(other, false, soon, &its, ERR_IGNORED) == 0;
        rc = ask_backend(pg, false, deadline, &mine, err);
        first = i ? first : its;
        shared = there && !rc && (its == mine || its != first || mine != pg->backend);
    }
    pg_close(other);
    return shared ? refuse_shared(err) : rc;
}

int pg_check_session(struct pg *pg, struct err *err)
{
    int backend;
    if (!pg->pooled)
        return 0;
    int rc = ask_backend(pg, false, pg_statement_deadline(pg), &backend, err);
    return rc ? rc : backend == pg->backend ? 0 : refuse_shared(err);
}

bool pg_is_pooled(const struct pg *pg)
{
    return pg->pooled;
}

int pg_connect_until(const char *url, int64_t deadline_ms, int wake_fd, struct pg **out, struct err *err)
{
    int64_t deadline = time_monotonic_ms() + deadline_ms;
    struct pg *pg = NULL;
    int rc = check_url(url, err);
    if (!rc)
        rc = open_connection(url, deadline, wake_fd, &pg, err);
    if (!rc)
        rc = ask_backend(pg, true, deadline, &pg->backend, err);
    if (!rc) {
        pg->pooled = pg->backend != PQbackendPID(pg->conn);
        rc = pg->pooled ? check_pooler(pg, url, deadline, err) : 0;
    }
    if (rc)
        pg_close(pg);
    else
        *out = pg;
    return rc;
}

int pg_connect(const char *url, int64_t deadline_ms, struct pg **out, struct err *err)
{
    return pg_connect_until(url, deadline_ms, -1, out, err);
}

void pg_close(struct pg *pg)
{
    if (!pg)
        return;
    PQfinish(pg->conn);
    PQfreemem(pg->copy_message);
    buf_dispose(&pg->copy_out);
    for (size_t i = 0; i < PG_PREPARED_SLOTS; i++)
        free(pg->cache[i].sql);
    free(pg);
}

void pg_set_wake(struct pg *pg, int wake_fd)
{
    pg->wake_fd = wake_fd;
}

bool pg_is_broken(const struct pg *pg)
{
    return pg->broken || PQstatus(pg->conn) != CONNECTION_OK;
}

PGconn *pg_raw(struct pg *pg)
{
    return pg->conn;
}

bool pg_is_alive(struct pg *pg, bool ask, int64_t deadline_ms)
{
    if (pg->broken || PQstatus(pg->conn) != CONNECTION_OK)
        return false;
    /* An idle server only speaks to say something asynchronous, or goodbye. The last words may come in several reads.
     */
    for (int i = 0; i < 8; i++) {
        struct pollfd fd = {PQsocket(pg->conn), POLLIN, 0};
        if (poll(&fd, 1, 0) <= 0)
            break;
        if (!PQconsumeInput(pg->conn) || PQisBusy(pg->conn) || PQstatus(pg->conn) != CONNECTION_OK || i == 7)
            return false;
    }
    if (!ask)
        return true;
    PGresult *result = NULL;
    bool alive = PQsendQuery(pg->conn, "") && pg_finish_statement(pg, deadline_ms, &result, ERR_IGNORED) == 0 &&
                 PQresultStatus(result) == PGRES_EMPTY_QUERY;
    PQclear(result);
    return alive;
}
