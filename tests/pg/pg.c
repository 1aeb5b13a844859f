#include "pg/pg.h"

#include "base/buf.h"
#include "pg/cluster.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static struct arena *arena;
static const char *url;
static struct pg *pg;
static struct err err;

static void setup(void)
{
    arena = arena_new();
    url = test_empty_database(arena);
    pg = test_connect(url);
    err = (struct err){0};
}

static void teardown(void)
{
    pg_close(pg);
    arena_free(arena);
}

TestSuite(pg, .init = setup, .fini = teardown);

static void must(int rc)
{
    cr_assert_eq(rc, 0, "%s", err.text);
}

static int64_t backend_of(struct pg *of)
{
    return PQbackendPID(pg_raw(of));
}

/* Ends the server's side of a connection and waits until it is gone. */
static void kill_backend(int64_t pid)
{
    struct pg *other = test_connect(url);
    struct pg_rows rows;
    must(
        pg_query(other, arena, "SELECT pg_terminate_backend($1::int, 10000)", PG_ONE, &rows, &err, pg_int(arena, pid)));
    cr_assert(pg_is_true(&rows, 0, 0));
    pg_close(other);
}

Test(pg, parameters_come_back_as_they_went_in)
{
    struct pg_rows rows;
    const char bytes[] = {0, 1, '\'', '\\', (char)0xff};
    const char *const items[] = {"a", "", "b,c", "d\"e\\f", "NULL", "{}", NULL};
    const char *const *back;
    must(pg_query(pg, arena, "SELECT $1::text, $2::text, $3::bigint, $4::boolean, $5::bytea, $6::text[], ''", PG_ONE,
                  &rows, &err, PG_TEXT("it's é"), PG_NULL, pg_int(arena, INT64_MIN), pg_bool(true),
                  PG_BYTES(((struct str){bytes, sizeof bytes})), pg_text_array(arena, items, 7)));
    cr_assert_str_eq(pg_text(&rows, 0, 0), "it's é");
    cr_assert(pg_is_null(&rows, 0, 1));
    cr_assert_null(pg_text(&rows, 0, 1));
    cr_assert_null(pg_str(&rows, 0, 1).data);
    cr_assert_eq(pg_integer(&rows, 0, 1), 0);
    cr_assert_eq(pg_integer(&rows, 0, 2), INT64_MIN);
    cr_assert(pg_is_true(&rows, 0, 3));
    struct str got = pg_bytes(arena, &rows, 0, 4);
    cr_assert_eq(got.len, sizeof bytes);
    cr_assert_eq(memcmp(got.data, bytes, sizeof bytes), 0);
    cr_assert_eq(pg_array_texts(arena, &rows, 0, 5, &back), 7);
    for (int i = 0; i < 6; i++)
        cr_assert_str_eq(back[i], items[i]);
    cr_assert_null(back[6]);
    cr_assert_str_eq(pg_text(&rows, 0, 6), "");
}

Test(pg, a_session_has_its_settings_whatever_the_database_says)
{
    struct pg_rows rows;
    must(pg_query(pg, arena,
                  "SELECT current_setting('TimeZone'), current_setting('client_encoding'), "
                  "current_setting('application_name'), timestamptz '2026-01-31 12:00:00+02'",
                  PG_ONE, &rows, &err));
    cr_assert_str_eq(pg_text(&rows, 0, 0), "UTC");
    cr_assert_str_eq(pg_text(&rows, 0, 1), "UTF8");
    cr_assert_str_eq(pg_text(&rows, 0, 2), "yellow");
    cr_assert_str_eq(pg_text(&rows, 0, 3), "2026-01-31 10:00:00+00");
}

Test(pg, the_shape_of_an_answer_is_checked)
{
    static const char none[] = "SELECT 1 WHERE false", two[] = "VALUES (1), (2)";
    struct pg_rows rows;
    cr_assert_eq(pg_query(pg, arena, none, PG_ONE, &rows, &err), -ERR_NOT_FOUND);
    cr_assert_str_eq(err.text, "database: no row where one is expected");
    cr_assert_eq(pg_query(pg, arena, two, PG_ONE, &rows, &err), -ERR_INTERNAL);
    cr_assert_str_eq(err.text, "database: 2 rows where one is expected");
    cr_assert_eq(pg_query(pg, arena, two, PG_MAYBE, &rows, &err), -ERR_INTERNAL);
    must(pg_query(pg, arena, none, PG_MAYBE, &rows, &err));
    cr_assert_eq(rows.count, 0);
    must(pg_query(pg, arena, two, PG_MANY, &rows, &err));
    cr_assert_eq(rows.count, 2);
    cr_assert_eq(pg_integer(&rows, 1, 0), 2);
    must(pg_query(pg, arena, two, PG_NONE, NULL, &err));
}

Test(pg, errors_have_a_kind_and_never_quote_a_value)
{
    static const struct {
        const char *sql;
        enum err_code code;
        const char *state, *text;
    } cases[] = {
        {"INSERT INTO t VALUES ($1::text)", ERR_CONFLICT, "23505",
         "database: duplicate key value violates unique constraint \"t_pkey\" (23505)"},
        {"SELECT $1::text::int", ERR_INTERNAL, "22P02", "database: a value does not fit its type (22P02)"},
        {"SELECT nothing, $1::text", ERR_INTERNAL, "42703", "database: column \"nothing\" does not exist (42703)"},
    };
    must(pg_script(pg, "CREATE TABLE t (a text PRIMARY KEY); INSERT INTO t VALUES ('sesame')", &err));
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(pg_query(pg, arena, cases[i].sql, PG_NONE, NULL, &err, PG_TEXT("sesame")), -(int)cases[i].code);
        cr_assert_str_eq(err.sqlstate, cases[i].state);
        cr_assert_str_eq(err.text, cases[i].text);
    }
    must(pg_query(pg, arena, "SELECT 1", PG_NONE, NULL, &err));
}

Test(pg, an_error_of_a_script_names_its_line)
{
    cr_assert_eq(pg_script(pg, "SELECT 1;\n-- é\nSELECT nothing;\n", &err), -ERR_INTERNAL);
    cr_assert_str_eq(err.text, "line 3: database: column \"nothing\" does not exist (42703)");
}

Test(pg, a_command_says_how_many_rows_it_changed)
{
    struct pg_rows rows;
    must(pg_script(pg, "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2), (3)", &err));
    must(pg_query(pg, arena, "UPDATE t SET a = a + 1 WHERE a > 1", PG_NONE, &rows, &err));
    cr_assert_eq(rows.affected, 2);
}

Test(pg, a_statement_ends_at_its_deadline_and_the_connection_stays)
{
    must(pg_set_statement_ms(pg, 50, &err));
    cr_assert_eq(pg_query(pg, arena, "SELECT pg_sleep(60)", PG_NONE, NULL, &err), -ERR_TIMEOUT);
    cr_assert_str_eq(err.text, "database: the statement was cancelled at its deadline (57014)");
    must(pg_query(pg, arena, "SELECT 1", PG_NONE, NULL, &err));
}

Test(pg, a_server_that_hangs_in_a_statement_is_given_up_by_the_client)
{
    pid_t backend = (pid_t)backend_of(pg);
    must(pg_set_statement_ms(pg, 1, &err));
    cr_assert_eq(kill(backend, SIGSTOP), 0);
    cr_assert_eq(pg_query(pg, arena, "SELECT 1", PG_NONE, NULL, &err), -ERR_TIMEOUT);
    cr_assert_eq(kill(backend, SIGCONT), 0);
    cr_assert_str_eq(err.text, "the database did not answer before the deadline");
    cr_assert_eq(pg_query(pg, arena, "SELECT 1", PG_NONE, NULL, &err), -ERR_UNAVAILABLE);
}

Test(pg, a_lost_connection_is_unavailable_and_stays_so)
{
    kill_backend(backend_of(pg));
    cr_assert_eq(pg_query(pg, arena, "SELECT 1", PG_NONE, NULL, &err), -ERR_UNAVAILABLE);
    cr_assert_eq(pg_query(pg, arena, "SELECT 1", PG_NONE, NULL, &err), -ERR_UNAVAILABLE);
    cr_assert_str_eq(err.text, "database: the connection was lost");
}

Test(pg, a_repeated_statement_is_prepared_and_follows_a_changed_table)
{
    struct pg_rows rows;
    must(pg_script(pg, "CREATE TABLE t (a int); INSERT INTO t VALUES (1)", &err));
    for (int i = 0; i < 3; i++)
        must(pg_query(pg, arena, "SELECT * FROM t", PG_ONE, &rows, &err));
    must(pg_query(pg, arena, "SELECT statement FROM pg_prepared_statements", PG_ONE, &rows, &err));
    cr_assert_str_eq(pg_text(&rows, 0, 0), "SELECT * FROM t");
    must(pg_script(pg, "ALTER TABLE t ADD b text DEFAULT 'new'", &err));
    must(pg_query(pg, arena, "SELECT * FROM t", PG_ONE, &rows, &err));
    cr_assert_str_eq(pg_text(&rows, 0, 1), "new");
}

Test(pg, statements_are_counted)
{
    uint64_t before = pg_statement_count();
    must(pg_query(pg, arena, "SELECT 1", PG_NONE, NULL, &err));
    cr_assert_eq(pg_statement_count(), before + 1);
}

Test(pg, a_bad_url_is_not_quoted)
{
    struct pg *none = NULL;
    cr_assert_eq(pg_connect("postgresql://u:secret%zz@h/d", 1000, &none, &err), -ERR_INVALID);
    cr_assert_str_eq(err.text, "the database url cannot be read");
    cr_assert_str_eq(err.hint, "postgresql://user@host:5432/name, or key=value pairs");
}

Test(pg, a_password_with_a_slash_is_not_taken_for_an_address)
{
    static const char *const urls[] = {"postgresql://u:sec/ret@127.0.0.1:1/d", "postgres://u:se@c/ret@127.0.0.1:1/d",
                                       "postgresql://u:1/ret@127.0.0.1:1/d?sslmode=disable"};
    struct pg *none = NULL;
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        cr_expect_eq(pg_connect(urls[i], 1000, &none, &err), -ERR_INVALID);
        cr_expect_str_eq(err.text, "the database url cannot be read");
        cr_expect_str_eq(err.hint, "behind the host there is no '@'; in a password '/' is written %2F, and '@' %40");
    }
    cr_expect_eq(pg_connect("postgresql://u:sec%2Fret@127.0.0.1:1/d?application_name=a@b", 1000, &none, &err),
                 -ERR_UNAVAILABLE);
    cr_expect(strstr(err.text, "Connection refused"), "%s", err.text);
}

Test(pg, a_server_that_never_answers_is_given_up_at_the_deadline)
{
    /* The kernel takes the connection; nobody speaks. */
    char dir[] = "/tmp/yellow-mute-XXXXXX";
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct pg *none = NULL;
    cr_assert_not_null(mkdtemp(dir));
    (void)snprintf(address.sun_path, sizeof address.sun_path, "%s/.s.PGSQL.5432", dir);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    cr_assert_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    cr_assert_eq(listen(fd, 1), 0);
    cr_assert_eq(pg_connect(arena_printf(arena, "host=%s dbname=x user=x", dir), 100, &none, &err), -ERR_TIMEOUT);
    cr_assert_str_eq(err.text, arena_printf(arena, "database: no connection to %s before the deadline", dir));
    (void)close(fd);
    (void)unlink(address.sun_path);
    (void)rmdir(dir);
}

/* --- transactions --- */

struct steps {
    int runs;
    int fail_until; /* the first ones fail as two serializable transactions do */
    int64_t kill;   /* this backend before fn returns */
};

static int insert_step(struct pg *of, struct arena *a, void *ctx, struct err *e)
{
    struct steps *steps = ctx;
    int rc = pg_query(of, a, "INSERT INTO t VALUES ($1::int)", PG_NONE, NULL, e, pg_int(a, ++steps->runs));
    if (!rc && steps->runs < steps->fail_until)
        rc = pg_query(of, a, "DO $$ BEGIN RAISE SQLSTATE '40001'; END $$", PG_NONE, NULL, e);
    return rc;
}

static int64_t count_rows(void)
{
    struct pg *fresh = test_connect(url);
    struct pg_rows rows;
    must(pg_query(fresh, arena, "SELECT count(*) FROM t", PG_ONE, &rows, &err));
    pg_close(fresh);
    return pg_integer(&rows, 0, 0);
}

Test(pg, a_transaction_is_tried_again_after_a_serialization_failure)
{
    struct steps steps = {.fail_until = 3};
    must(pg_script(pg, "CREATE TABLE t (a int)", &err));
    must(pg_transaction(pg, arena, insert_step, &steps, &err));
    cr_assert_eq(steps.runs, 3);
    cr_assert_eq(count_rows(), 1);
}

Test(pg, a_transaction_is_tried_five_times_at_most)
{
    struct steps steps = {.fail_until = 100};
    must(pg_script(pg, "CREATE TABLE t (a int)", &err));
    cr_assert_eq(pg_transaction(pg, arena, insert_step, &steps, &err), -ERR_BUSY);
    cr_assert_str_eq(err.sqlstate, "40001");
    cr_assert_eq(steps.runs, 5);
    cr_assert_eq(count_rows(), 0);
}

static int refuse_step(struct pg *of, struct arena *a, void *ctx, struct err *e)
{
    (void)ctx;
    int rc = pg_query(of, a, "INSERT INTO t VALUES (1)", PG_NONE, NULL, e);
    return rc ? rc : err_set(e, ERR_CONFLICT, "not today");
}

Test(pg, a_refused_transaction_leaves_nothing)
{
    must(pg_script(pg, "CREATE TABLE t (a int)", &err));
    cr_assert_eq(pg_transaction(pg, arena, refuse_step, NULL, &err), -ERR_CONFLICT);
    cr_assert_str_eq(err.text, "not today");
    cr_assert_eq(count_rows(), 0);
    must(pg_query(pg, arena, "SELECT 1", PG_NONE, NULL, &err));
}

static int overlook_step(struct pg *of, struct arena *a, void *ctx, struct err *e)
{
    (void)ctx;
    (void)pg_query(of, a, "SELECT nothing", PG_NONE, NULL, e);
    return 0;
}

Test(pg, an_overlooked_error_does_not_pass_for_a_commit)
{
    cr_assert_eq(pg_transaction(pg, arena, overlook_step, NULL, &err), -ERR_INTERNAL);
    cr_assert_str_eq(err.text, "database: a failed statement was overlooked, the transaction was rolled back");
}

static int nested_step(struct pg *of, struct arena *a, void *ctx, struct err *e)
{
    return pg_transaction(of, a, insert_step, ctx, e);
}

Test(pg, transactions_do_not_nest)
{
    struct steps steps = {0};
    cr_assert_eq(pg_transaction(pg, arena, nested_step, &steps, &err), -ERR_INTERNAL);
    cr_assert_str_eq(err.text, "database: a transaction is open already");
    cr_assert_eq(steps.runs, 0);
}

static int killed_step(struct pg *of, struct arena *a, void *ctx, struct err *e)
{
    int rc = insert_step(of, a, ctx, e);
    kill_backend(backend_of(of));
    return rc;
}

Test(pg, a_commit_without_an_answer_is_unknown)
{
    struct steps steps = {0};
    must(pg_script(pg, "CREATE TABLE t (a int)", &err));
    cr_assert_eq(pg_transaction(pg, arena, killed_step, &steps, &err), -ERR_UNAVAILABLE);
    cr_assert_str_eq(err.sqlstate, "08007");
    cr_assert_str_eq(err.text, "database: the connection was lost before the answer to COMMIT (08007)");
    cr_assert_eq(steps.runs, 1);
    cr_assert_eq(count_rows(), 0);
}

/* Between the client and the server's socket: passes everything on, until told to swallow the server's answers and to
 * hang up at the first one. */
struct proxy {
    int listener, client, server;
    char dir[32];
    struct sockaddr_un to;
    atomic_bool swallow;
    pthread_t thread;
};

static void *proxy_run(void *arg)
{
    struct proxy *p = arg;
    char bytes[65536];
    p->client = accept(p->listener, NULL, NULL);
    p->server = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(p->server, (struct sockaddr *)&p->to, sizeof p->to) != 0)
        return NULL;
    for (;;) {
        struct pollfd fds[2] = {{p->client, POLLIN, 0}, {p->server, POLLIN, 0}};
        ssize_t len = 0;
        if (poll(fds, 2, -1) < 0)
            break;
        int from = fds[1].revents ? 1 : 0;
        len = read(from ? p->server : p->client, bytes, sizeof bytes);
        if (len <= 0 || (from && atomic_load(&p->swallow)))
            break;
        if (write(from ? p->client : p->server, bytes, (size_t)len) != len)
            break;
    }
    (void)close(p->client);
    (void)close(p->server);
    return NULL;
}

static const char *proxy_start(struct proxy *p)
{
    struct sockaddr_un own = {.sun_family = AF_UNIX};
    const char *host = strstr(url, "host=") + 5;
    (void)snprintf(p->dir, sizeof p->dir, "/tmp/yellow-proxy-XXXXXX");
    cr_assert_not_null(mkdtemp(p->dir));
    (void)snprintf(own.sun_path, sizeof own.sun_path, "%s/.s.PGSQL.5432", p->dir);
    p->to.sun_family = AF_UNIX;
    (void)snprintf(p->to.sun_path, sizeof p->to.sun_path, "%s/.s.PGSQL.5432", host);
    p->listener = socket(AF_UNIX, SOCK_STREAM, 0);
    cr_assert_eq(bind(p->listener, (struct sockaddr *)&own, sizeof own), 0);
    cr_assert_eq(listen(p->listener, 1), 0);
    cr_assert_eq(pthread_create(&p->thread, NULL, proxy_run, p), 0);
    return arena_printf(arena, "%.*shost=%s", (int)(host - 5 - url), url, p->dir);
}

static void proxy_stop(struct proxy *p)
{
    (void)pthread_join(p->thread, NULL);
    (void)close(p->listener);
    (void)unlink(arena_printf(arena, "%s/.s.PGSQL.5432", p->dir));
    (void)rmdir(p->dir);
}

static struct proxy proxy;

static int swallowed_step(struct pg *of, struct arena *a, void *ctx, struct err *e)
{
    int rc = insert_step(of, a, ctx, e);
    atomic_store(&proxy.swallow, true);
    return rc;
}

Test(pg, a_commit_that_was_done_but_not_answered_is_unknown_and_found_by_reading)
{
    struct steps steps = {0};
    must(pg_script(pg, "CREATE TABLE t (a int)", &err));
    struct pg *through = test_connect(proxy_start(&proxy));
    cr_assert_eq(pg_transaction(through, arena, swallowed_step, &steps, &err), -ERR_UNAVAILABLE);
    cr_assert_str_eq(err.sqlstate, "08007");
    cr_assert_str_eq(err.hint, "whether the transaction took effect is unknown: read before trying again");
    pg_close(through);
    proxy_stop(&proxy);
    cr_assert_eq(count_rows(), 1);
}

Test(pg, a_refused_user_or_database_is_known_by_its_sqlstate)
{
    struct pg *none = NULL;
    const char *query = strchr(url, '?');
    cr_assert_eq(pg_connect(arena_printf(arena, "postgresql://yellow@/nowhere%s", query), 10000, &none, &err),
                 -ERR_UNAVAILABLE);
    cr_assert_str_eq(err.sqlstate, "3D000");
    cr_assert_str_eq(strstr(err.text, "FATAL"), "FATAL:  database \"nowhere\" does not exist");
    cr_assert_eq(pg_connect(arena_printf(arena, "postgresql://nobody-here@/postgres%s", query), 10000, &none, &err),
                 -ERR_UNAVAILABLE);
    cr_assert_str_eq(err.sqlstate, "28000");
}

Test(pg, copy_in_takes_rows_and_reports_bad_ones)
{
    struct buf *rows = buf_new(arena);
    struct pg_rows count;
    for (int i = 0; i < 50000; i++)
        buf_addf(rows, "%d\tname %d\n", i, i);
    must(pg_script(pg, "CREATE TABLE t (a int PRIMARY KEY, b text)", &err));
    must(pg_copy_in(pg, arena, "COPY t FROM STDIN", buf_str(rows), &err));
    must(pg_query(pg, arena, "SELECT count(*), max(a), max(b) FROM t", PG_ONE, &count, &err));
    cr_assert_eq(pg_integer(&count, 0, 0), 50000);
    cr_assert_eq(pg_integer(&count, 0, 1), 49999);
    cr_assert_eq(pg_copy_in(pg, arena, "COPY t FROM STDIN", STR("sesame\tx\n"), &err), -ERR_INTERNAL);
    cr_assert_str_eq(err.text, "database: a value does not fit its type (22P02)");
    cr_assert_eq(pg_copy_in(pg, arena, "COPY t FROM STDIN", STR("1\tx\n"), &err), -ERR_CONFLICT);
    must(pg_query(pg, arena, "SELECT 1", PG_NONE, NULL, &err));
    cr_assert_eq(pg_copy_in(pg, arena, "SELECT 1", STR(""), &err), -ERR_INTERNAL);
    cr_assert_str_eq(err.text, "database: not a COPY FROM STDIN statement");
}
