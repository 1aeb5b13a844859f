#include "base/time.h"
#include "pg/internal.h"

#include <ctype.h>
#include <inttypes.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

/* The server's statement_timeout comes first; this much later the client stops to believe in the server. */
enum { CLIENT_MARGIN_MS = 3000 };

static atomic_uint_fast64_t statements;

void pg_count_statement(void)
{
    atomic_fetch_add_explicit(&statements, 1, memory_order_relaxed);
}

uint64_t pg_statement_count(void)
{
    return atomic_load_explicit(&statements, memory_order_relaxed);
}

int64_t pg_statement_deadline(const struct pg *pg)
{
    return pg->statement_ms ? time_monotonic_ms() + pg->statement_ms + CLIENT_MARGIN_MS : 0;
}

int64_t pg_statement_ms(const struct pg *pg)
{
    return pg->statement_ms;
}

/* First match by prefix of the SQLSTATE wins. hide: the server's text may quote a value. */
static const struct {
    const char *prefix;
    enum err_code code;
    bool hide;
    const char *text, *hint;
} states[] = {
    {"57014", ERR_TIMEOUT, true, "the statement was cancelled at its deadline", ""},
    {"23", ERR_CONFLICT, false, "", ""},
    {"40", ERR_BUSY, false, "", ""},
    {"55P03", ERR_BUSY, false, "", ""},
    {"57P", ERR_UNAVAILABLE, false, "", ""},
    {"08", ERR_UNAVAILABLE, false, "", ""},
    {"53", ERR_UNAVAILABLE, false, "", ""},
    {"25006", ERR_UNAVAILABLE, false, "", "the server is read-only: connect to the primary"},
    {"42501", ERR_INTERNAL, false, "", "the database user lacks a privilege"},
    {"22", ERR_INTERNAL, true, "a value does not fit its type", ""},
};

static void set_lower(char *text)
{
    /* "ERROR: Foo" style capitals only: an acronym at the beginning stays. */
    if (isupper((unsigned char)text[0]) && !isupper((unsigned char)text[1]))
        text[0] = (char)tolower((unsigned char)text[0]);
}

int pg_fail(struct pg *pg, const PGresult *result, struct err *err)
{
    const char *state = result ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    if (!state) {
        /* libpq's own want of memory looks like a lost connection, and would be looked for at the other end. */
        if (strstr(PQerrorMessage(pg->conn), "cannot allocate memory for"))
            arena_exhausted(0);
        pg->broken = true;
        ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH)
            return err_set(err, ERR_INVALID, "database: a COPY %s, and no client at its other end",
                           status == PGRES_COPY_IN ? "FROM STDIN" : "TO STDOUT");
        if (result && PQstatus(pg->conn) == CONNECTION_OK)
            return err_set(err, ERR_INTERNAL, "database: unexpected answer %s", PQresStatus(PQresultStatus(result)));
        return err_set(err, ERR_UNAVAILABLE, "database: the connection was lost");
    }
    enum err_code code = ERR_INTERNAL;
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY), *hint = "";
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (strncmp(state, states[i].prefix, strlen(states[i].prefix)) != 0)
            continue;
        code = states[i].code;
        hint = states[i].hint;
        if (states[i].hide)
            text = states[i].text;
        break;
    }
    if (PQstatus(pg->conn) != CONNECTION_OK) {
        pg->broken = true;
        code = ERR_UNAVAILABLE;
    }
    char line[700];
    (void)snprintf(line, sizeof line, "%s", text ? text : "no message");
    set_lower(line);
    int rc = err_set(err, code, "database: %s (%s)", line, state);
    (void)snprintf(err->sqlstate, sizeof err->sqlstate, "%s", state);
    if (*hint)
        (void)err_hint(err, "%s", hint);
    return rc;
}

int pg_flush(struct pg *pg, int64_t deadline_ms, struct err *err)
{
    while (PQflush(pg->conn) > 0) {
        int rc = pg_wait(PQsocket(pg->conn), POLLIN | POLLOUT, deadline_ms, pg->wake_fd, err);
        if (rc) {
            pg->broken = true;
            return rc;
        }
        /* The server may not take more before its answers are read. A failure here shows up in PQgetResult. */
        if (!PQconsumeInput(pg->conn))
            break;
    }
    return 0;
}

int pg_finish_statement(struct pg *pg, int64_t deadline_ms, PGresult **out, struct err *err)
{
    PGresult *last = NULL;
    int rc = pg_flush(pg, deadline_ms, err);
    while (!rc) {
        while (!rc && PQisBusy(pg->conn)) {
            rc = pg_wait(PQsocket(pg->conn), POLLIN, deadline_ms, pg->wake_fd, err);
            if (rc)
                pg->broken = true;
            else if (!PQconsumeInput(pg->conn))
                break;
        }
        if (rc)
            break;
        PGresult *result = PQgetResult(pg->conn);
        if (!result)
            break;
        bool failed = last && PQresultStatus(last) == PGRES_FATAL_ERROR;
        PQclear(failed ? result : last);
        last = failed ? last : result;
        ExecStatusType status = PQresultStatus(last);
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH)
            break;
        if (PQstatus(pg->conn) != CONNECTION_OK) {
            pg->broken = true;
            break;
        }
    }
    if (rc) {
        PQclear(last);
        return rc;
    }
    *out = last;
    return 0;
}

/* The slot of sql, or NULL when its place is taken by another text. Probes a few places. */
static struct pg_prepared *cache_find(struct pg *pg, const char *sql, uint64_t *hash)
{
    *hash = str_hash(str_from(sql));
    for (uint64_t i = 0; i < 4; i++) {
        struct pg_prepared *entry = &pg->cache[(*hash + i) % PG_PREPARED_SLOTS];
        if (!entry->sql || (entry->hash == *hash && strcmp(entry->sql, sql) == 0))
            return entry;
    }
    return NULL;
}

static int prepare(struct pg *pg, const char *name, const char *sql, int64_t deadline, struct err *err)
{
    PGresult *result = NULL;
    pg_count_statement();
    int rc = PQsendPrepare(pg->conn, name, sql, 0, NULL) ? pg_finish_statement(pg, deadline, &result, err)
                                                         : pg_fail(pg, NULL, err);
    if (!rc && PQresultStatus(result) != PGRES_COMMAND_OK)
        rc = pg_fail(pg, result, err);
    PQclear(result);
    return rc;
}

struct wire_params {
    const char *values[64];
    int lengths[64], formats[64];
};

static int send_statement(struct pg *pg, const char *sql, const struct wire_params *wire, int n, bool may_prepare,
                          int64_t deadline, PGresult **result, struct err *err)
{
    uint64_t hash;
    struct pg_prepared *entry = may_prepare ? cache_find(pg, sql, &hash) : NULL;
    char name[32] = "";
    if (entry && !entry->sql) {
        entry->sql = strdup(sql);
        entry->hash = hash;
        if (!entry->sql)
            abort();
    } else if (entry) {
        (void)snprintf(name, sizeof name, "y%td", entry - pg->cache);
        if (!entry->prepared) {
            int rc = prepare(pg, name, sql, deadline, err);
            if (rc)
                return rc;
            entry->prepared = true;
        }
    }
    pg_count_statement();
    int sent = *name ? PQsendQueryPrepared(pg->conn, name, n, wire->values, wire->lengths, wire->formats, 0)
                     : PQsendQueryParams(pg->conn, sql, n, NULL, wire->values, wire->lengths, wire->formats, 0);
    if (!sent)
        return pg_fail(pg, NULL, err);
    return pg_finish_statement(pg, deadline, result, err);
}

/* A migration changed a table under a prepared statement (0A000), or a proxy gave us another server connection
 * (26000): what this connection believes to be prepared is of no use. */
static bool is_stale_plan(const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return state && (strcmp(state, "26000") == 0 ||
                     (strcmp(state, "0A000") == 0 && strstr(PQresultErrorMessage(result), "cached plan")));
}

static void forget_prepared(struct pg *pg)
{
    for (size_t i = 0; i < PG_PREPARED_SLOTS; i++)
        pg->cache[i].prepared = false;
    PGresult *result = NULL;
    if (PQsendQuery(pg->conn, "DEALLOCATE ALL"))
        (void)pg_finish_statement(pg, pg_statement_deadline(pg), &result, ERR_IGNORED);
    PQclear(result);
}

static int check_shape(const PGresult *result, enum pg_shape shape, struct err *err)
{
    int count = PQntuples(result);
    if (shape == PG_ONE && count == 0)
        return err_set(err, ERR_NOT_FOUND, "database: no row where one is expected");
    if ((shape == PG_ONE || shape == PG_MAYBE) && count > 1)
        return err_set(err, ERR_INTERNAL, "database: %d rows where one is expected", count);
    return 0;
}

static void clear_result(void *result)
{
    PQclear(result);
}

int pg_exec(struct pg *pg, struct arena *arena, const char *sql, enum pg_shape shape, const struct pg_param *params,
            size_t param_count, struct pg_rows *rows, struct err *err)
{
    struct wire_params wire;
    if (param_count > sizeof wire.values / sizeof *wire.values)
        return err_set(err, ERR_INTERNAL, "database: %zu parameters in one statement", param_count);
    if (pg->broken)
        return err_set(err, ERR_UNAVAILABLE, "database: the connection was lost");
    for (size_t i = 0; i < param_count; i++) {
        if (params[i].len > INT32_MAX)
            return err_set(err, ERR_TOO_LARGE, "database: parameter %zu has %zu bytes", i + 1, params[i].len);
        wire.values[i] = params[i].text;
        wire.lengths[i] = (int)params[i].len;
        wire.formats[i] = params[i].binary;
    }
    int64_t deadline = pg_statement_deadline(pg);
    bool was_idle = PQtransactionStatus(pg->conn) == PQTRANS_IDLE;
    PGresult *result = NULL;
    int rc = send_statement(pg, sql, &wire, (int)param_count, true, deadline, &result, err);
    if (!rc && result && is_stale_plan(result)) {
        /* Inside a transaction everything is lost already; the pool closes the connection. */
        if (was_idle) {
            PQclear(result);
            result = NULL;
            forget_prepared(pg);
            rc = send_statement(pg, sql, &wire, (int)param_count, false, deadline, &result, err);
        } else {
            pg->broken = true;
            rc = err_set(err, ERR_BUSY, "database: a table changed under a prepared statement (0A000)");
        }
    }
    if (rc)
        goto out;
    ExecStatusType status = result ? PQresultStatus(result) : PGRES_FATAL_ERROR;
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        rc = pg_fail(pg, result, err);
        goto out;
    }
    rc = check_shape(result, shape, err);
    if (rc || !rows)
        goto out;
    int64_t affected = 0;
    (void)str_int64(str_from(PQcmdTuples(result)), 0, INT64_MAX, &affected);
    *rows = (struct pg_rows){result, (size_t)PQntuples(result), affected};
    arena_defer(arena, clear_result, result);
    result = NULL;
out:
    PQclear(result);
    return rc;
}

/* Statements of a text that stand before its position-th character are on line 1 + their newlines. */
static unsigned line_of(const char *text, const char *position)
{
    int64_t chars = 0;
    unsigned line = 1;
    (void)str_int64(str_from(position), 0, INT32_MAX, &chars);
    for (; *text && chars > 1; text++) {
        line += *text == '\n';
        chars -= (*text & 0xC0) != 0x80;
    }
    return line;
}

int pg_script(struct pg *pg, const char *sql, struct err *err)
{
    if (pg->broken)
        return err_set(err, ERR_UNAVAILABLE, "database: the connection was lost");
    PGresult *result = NULL;
    pg_count_statement();
    int rc = PQsendQuery(pg->conn, sql) ? pg_finish_statement(pg, pg_statement_deadline(pg), &result, err)
                                        : pg_fail(pg, NULL, err);
    if (!rc && !result)
        rc = pg_fail(pg, NULL, err);
    if (!rc) {
        ExecStatusType status = PQresultStatus(result);
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK && status != PGRES_EMPTY_QUERY) {
            rc = pg_fail(pg, result, err);
            const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
            if (position)
                rc = err_prefix(err, "line %u", line_of(sql, position));
        }
    }
    PQclear(result);
    return rc;
}

int pg_set_statement_ms(struct pg *pg, int64_t ms, struct err *err)
{
    char sql[80];
    (void)snprintf(sql, sizeof sql, "SET statement_timeout = %" PRId64, ms);
    int rc = pg_script(pg, sql, err);
    if (!rc)
        pg->statement_ms = ms;
    return rc;
}
