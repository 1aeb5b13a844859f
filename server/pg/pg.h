#ifndef YELLOW_PG_PG_H
#define YELLOW_PG_PG_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <libpq-fe.h>

/* libpq with bound parameters, deadlines and one error contract. A struct pg is one connection, for one thread at a
 * time; it comes out of a pool (pg/pool.h) or from pg_connect. */
struct pg;

enum pg_shape {
    PG_NONE,  /* a command, or rows that nobody wants */
    PG_ONE,   /* exactly one row: none is ERR_NOT_FOUND, more is ERR_INTERNAL */
    PG_MAYBE, /* none or one row */
    PG_MANY
};

struct pg_param {
    const char *text; /* NULL: SQL NULL. Otherwise the value as text, or len bytes when binary */
    size_t len;
    int binary;
};
#define PG_TEXT(s) ((struct pg_param){(s), 0, 0})
#define PG_NULL ((struct pg_param){0})
#define PG_BYTES(s) ((struct pg_param){(s).data ? (s).data : "", (s).len, 1})
/* Text of a number, on the arena. */
struct pg_param pg_int(struct arena *arena, int64_t value);
struct pg_param pg_bool(bool value);
/* A text[] literal out of n texts, on the arena. */
struct pg_param pg_text_array(struct arena *arena, const char *const *items, size_t n);

/* Rows of one answer, on the arena. */
struct pg_rows {
    PGresult *result;
    size_t count;
    int64_t affected; /* rows changed by a command */
};

/* Runs one statement (text results). Errors: ERR_UNAVAILABLE when the connection is lost or absent, ERR_TIMEOUT at the
 * statement's deadline, ERR_CONFLICT on a unique, foreign key or exclusion violation (23xxx), ERR_BUSY on 40001, 40P01
 * and 55P03, ERR_INTERNAL otherwise; err->sqlstate is set. Values never appear in the text of an error. rows may be
 * NULL. */
int pg_exec(struct pg *pg, struct arena *arena, const char *sql, enum pg_shape shape, const struct pg_param *params,
            size_t param_count, struct pg_rows *rows, struct err *err);
/* pg_query(pg, arena, sql_delivery_claim, PG_MAYBE, &rows, err, PG_TEXT(eco), ...): parameters as arguments. */
#define pg_query(pg, arena, sql, shape, rows, err, ...)                                                                \
    pg_exec((pg), (arena), (sql), (shape), (const struct pg_param[]){__VA_ARGS__ __VA_OPT__(, ) PG_NULL},              \
            sizeof((const struct pg_param[]){__VA_ARGS__ __VA_OPT__(, ) PG_NULL}) / sizeof(struct pg_param) - 1,       \
            (rows), (err))

/* Columns of row i, by number. pg_text: NULL for SQL NULL; borrowed from rows. */
const char *pg_text(const struct pg_rows *rows, size_t row, int column);
struct str pg_str(const struct pg_rows *rows, size_t row, int column);
int64_t pg_integer(const struct pg_rows *rows, size_t row, int column); /* 0 for NULL */
bool pg_is_true(const struct pg_rows *rows, size_t row, int column);
bool pg_is_null(const struct pg_rows *rows, size_t row, int column);
/* A bytea column in hex form, decoded onto the arena. */
struct str pg_bytes(struct arena *arena, const struct pg_rows *rows, size_t row, int column);
/* The items of a one-dimensional array column of texts, on the arena; returns how many, 0 for SQL NULL. */
size_t pg_array_texts(struct arena *arena, const struct pg_rows *rows, size_t row, int column, const char *const **out);

/* Runs fn inside a transaction and commits it; on a negative result of fn rolls back and returns it. 40001 and 40P01
 * are tried again, at most 5 times: fn must be able to run again. When the answer to COMMIT is lost the error is
 * ERR_UNAVAILABLE with sqlstate "08007": the caller resolves it by reading before it tries again. */
typedef int pg_tx_fn(struct pg *pg, struct arena *arena, void *ctx, struct err *err);
int pg_transaction(struct pg *pg, struct arena *arena, pg_tx_fn *fn, void *ctx, struct err *err);

/* COPY table FROM STDIN: begin, rows of bytes in PostgreSQL's text or binary form, end. */
int pg_copy_in(struct pg *pg, struct arena *arena, const char *sql, struct str data, struct err *err);

/* For transactions that are no function: after a BEGIN by pg_script. A lost answer to COMMIT as above. */
int pg_commit(struct pg *pg, struct err *err);
/* Nothing when no transaction is open. A rollback that fails leaves a broken connection. */
int pg_rollback(struct pg *pg, struct err *err);

/* How many statements this process has sent, for tests and metrics. */
uint64_t pg_statement_count(void);

/* Runs a text of several statements without parameters, as migrations are. An error names the line of the text. */
int pg_script(struct pg *pg, const char *sql, struct err *err);

/* statement_timeout of the connection, 0: none. The client gives up a little later by itself, when the server does not
 * answer at all; the connection is of no use then. */
int pg_set_statement_ms(struct pg *pg, int64_t ms, struct err *err);
int64_t pg_statement_ms(const struct pg *pg);

/* Settings of a session, in one message; value is SQL. What came after the server's version is left out. */
struct pg_setting {
    const char *name, *value;
    int since; /* the first version that knows it, as PQserverVersion has it */
};
int pg_set(struct pg *pg, const struct pg_setting *settings, size_t n, struct err *err);
/* Those that every connection of pg_connect begins with. */
const struct pg_setting *pg_session_settings(size_t *n);

/* Connects within deadline_ms. Without a statement deadline. Free with pg_close (NULL allowed). ERR_INVALID when url
 * cannot be read, or leads to a connection pooler that gives each transaction another session, ERR_UNAVAILABLE or
 * ERR_TIMEOUT when nobody answers; the text never holds the password. A
 * server that answers with a refusal leaves its SQLSTATE: 28P01 or 28000 for the credential. */
int pg_connect(const char *url, int64_t deadline_ms, struct pg **out, struct err *err);
/* As pg_connect; readable wake_fd (-1: none) ends it early with ERR_CANCELLED, and later any waiting on the connection,
 * which is broken then. */
int pg_connect_until(const char *url, int64_t deadline_ms, int wake_fd, struct pg **out, struct err *err);
/* Whether a connection pooler is in between. */
bool pg_is_pooled(const struct pg *pg);
/* Inside of a transaction, where one is in between: that the session is still the one whose settings were made.
 * ERR_INVALID. */
int pg_check_session(struct pg *pg, struct err *err);
/* Another wake_fd from now on. */
void pg_set_wake(struct pg *pg, int wake_fd);
/* Its state is unknown or it is lost: only closing is left. */
bool pg_is_broken(const struct pg *pg);
void pg_close(struct pg *pg);
PGconn *pg_raw(struct pg *pg);

#endif
