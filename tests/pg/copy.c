#include "pg/copy.h"

#include "base/buf.h"
#include "pg/cluster.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <sys/resource.h>
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

TestSuite(copy, .init = setup, .fini = teardown);

static void must(int rc)
{
    cr_assert(eq(int, rc, 0), "%s", err.text);
}

static int64_t number(const char *sql)
{
    struct pg_rows rows;
    must(pg_query(pg, arena, sql, PG_ONE, &rows, &err));
    return pg_integer(&rows, 0, 0);
}

static void expect(int rc, enum err_code code, const char *text)
{
    cr_expect(eq(int, rc, -(int)code));
    cr_expect(eq(str, err.text, (char *)text));
}

/* Reads a COPY to its end: how many messages and bytes. */
static int read_all(size_t *messages, size_t *bytes)
{
    struct str data;
    int rc;
    *messages = *bytes = 0;
    while ((rc = pg_copy_out_next(pg, &data, &err)) > 0) {
        ++*messages;
        *bytes += data.len;
    }
    return rc;
}

Test(copy, out_gives_each_row_in_one_message)
{
    struct str data;
    must(pg_copy_out_begin(pg, "COPY (SELECT i, 'x' FROM generate_series(1, 2) i) TO STDOUT", -1, &err));
    cr_assert(eq(int, pg_copy_out_next(pg, &data, &err), 1));
    cr_expect(str_eqz(data, "1\tx\n"));
    cr_assert(eq(int, pg_copy_out_next(pg, &data, &err), 1));
    cr_expect(str_eqz(data, "2\tx\n"));
    cr_expect(eq(int, pg_copy_out_next(pg, &data, &err), 0));
    expect(pg_copy_out_next(pg, &data, &err), ERR_INTERNAL, "database: no COPY TO STDOUT is under way");
    cr_expect(eq(i64, number("SELECT 7"), 7));
}

Test(copy, rows_of_many_megabytes_go_out_and_in)
{
    enum { BIG = 40 << 20 };
    size_t messages, bytes;
    must(pg_script(pg, "CREATE TABLE t (a text)", &err));
    struct buf row = {0};
    buf_reserve(&row, BIG + 1);
    memset(row.data, 'y', BIG);
    row.data[BIG] = '\n';
    row.len = BIG + 1;
    int64_t rows = 0;
    must(pg_copy_in_begin(pg, "COPY t FROM STDIN", -1, &err));
    must(pg_copy_in_write(pg, STR("small\n"), &err));
    must(pg_copy_in_write(pg, buf_str(&row), &err));
    must(pg_copy_in_write(pg, STR("small\n"), &err));
    must(pg_copy_in_end(pg, &rows, &err));
    buf_dispose(&row);
    cr_expect(eq(i64, rows, 3));
    cr_expect(eq(i64, number("SELECT max(length(a)) FROM t"), BIG));
    must(pg_copy_out_begin(pg, "COPY t TO STDOUT", -1, &err));
    must(read_all(&messages, &bytes));
    cr_expect(eq(sz, messages, 3));
    cr_expect(eq(sz, bytes, BIG + 1 + 2 * 6));
}

Test(copy, small_pieces_become_large_messages_and_no_byte_is_lost)
{
    int64_t rows = 0;
    must(pg_script(pg, "CREATE TABLE t (a int, b text)", &err));
    must(pg_copy_in_begin(pg, "COPY t FROM STDIN", -1, &err));
    for (int i = 0; i < 100000; i++) {
        const char *line = arena_printf(arena, "%d\tname %d\n", i, i);
        size_t half = strlen(line) / 2;
        must(pg_copy_in_write(pg, (struct str){line, half}, &err));
        must(pg_copy_in_write(pg, str_from(line + half), &err));
    }
    must(pg_copy_in_end(pg, &rows, &err));
    cr_expect(eq(i64, rows, 100000));
    cr_expect(eq(i64, number("SELECT count(*) FROM t WHERE b = 'name ' || a"), 100000));
}

Test(copy, an_abandoned_out_leaves_a_connection_that_works)
{
    struct str data;
    must(
        pg_copy_out_begin(pg, "COPY (SELECT repeat('x', 1000) FROM generate_series(1, 10000000)) TO STDOUT", -1, &err));
    cr_assert(eq(int, pg_copy_out_next(pg, &data, &err), 1));
    pg_copy_out_abandon(pg);
    pg_copy_out_abandon(pg);
    cr_expect(not(pg_is_broken(pg)));
    cr_expect(eq(i64, number("SELECT 7"), 7));
}

Test(copy, an_abandoned_in_leaves_nothing)
{
    must(pg_script(pg, "CREATE TABLE t (a text)", &err));
    must(pg_copy_in_begin(pg, "COPY t FROM STDIN", -1, &err));
    for (int i = 0; i < 10000; i++)
        must(pg_copy_in_write(pg, STR("a row that is not wanted in the end\n"), &err));
    pg_copy_in_abandon(pg, "not wanted");
    pg_copy_in_abandon(pg, "not wanted");
    cr_expect(not(pg_is_broken(pg)));
    cr_expect(eq(i64, number("SELECT count(*) FROM t"), 0));
}

Test(copy, the_stop_ends_a_wait_for_rows)
{
    struct str data;
    int wake[2];
    cr_assert(eq(int, pipe(wake), 0));
    must(pg_copy_out_begin(pg,
                           "COPY (SELECT repeat('x', 20000), pg_sleep(case when i = 4 then 100 else 0 end) FROM "
                           "generate_series(1, 5) i) TO STDOUT",
                           wake[0], &err));
    cr_assert(eq(int, pg_copy_out_next(pg, &data, &err), 1));
    cr_assert(eq(sz, (size_t)write(wake[1], "x", 1), 1));
    int rc;
    while ((rc = pg_copy_out_next(pg, &data, &err)) > 0)
        ;
    expect(rc, ERR_CANCELLED, "cancelled");
    cr_expect(pg_is_broken(pg));
    expect(pg_copy_out_next(pg, &data, &err), ERR_UNAVAILABLE, "database: the connection was lost");
    pg_copy_out_abandon(pg);
}

Test(copy, the_stop_ends_a_wait_for_a_server_that_takes_nothing)
{
    int wake[2], rc = 0;
    struct pg *other = test_connect(url);
    cr_assert(eq(int, pipe(wake), 0));
    must(pg_script(pg,
                   "CREATE TABLE t (a text); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS "
                   "'BEGIN PERFORM pg_advisory_lock(1); RETURN NEW; END'; "
                   "CREATE TRIGGER f BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()",
                   &err));
    must(pg_script(other, "SELECT pg_advisory_lock(1)", &err));
    must(pg_copy_in_begin(pg, "COPY t FROM STDIN", wake[0], &err));
    must(pg_copy_in_write(pg, STR("a\n"), &err));
    cr_assert(eq(sz, (size_t)write(wake[1], "x", 1), 1));
    struct buf piece = {0};
    for (int i = 0; i < 1000; i++)
        buf_adds(&piece, "a row that fills a socket's buffer soon, as nobody reads it\n");
    while (!rc)
        rc = pg_copy_in_write(pg, buf_str(&piece), &err);
    buf_dispose(&piece);
    expect(rc, ERR_CANCELLED, "cancelled");
    cr_expect(pg_is_broken(pg));
    pg_close(other);
}

Test(copy, an_error_of_the_server_in_mid_copy_is_told_and_the_connection_goes_on)
{
    size_t messages, bytes;
    must(pg_copy_out_begin(pg, "COPY (SELECT 1 / (i - 5000) FROM generate_series(1, 10000) i) TO STDOUT", -1, &err));
    int rc = read_all(&messages, &bytes);
    expect(rc, ERR_INTERNAL, "database: a value does not fit its type (22012)");
    cr_expect(eq(sz, messages, 4999));
    must(pg_script(pg, "CREATE TABLE t (a int PRIMARY KEY)", &err));
    must(pg_copy_in_begin(pg, "COPY t FROM STDIN", -1, &err));
    for (int i = 0; i < 100000; i++)
        must(pg_copy_in_write(pg, STR("1\n"), &err));
    expect(pg_copy_in_end(pg, NULL, &err), ERR_CONFLICT,
           "database: duplicate key value violates unique constraint \"t_pkey\" (23505)");
    cr_expect(eq(i64, number("SELECT count(*) FROM t"), 0));
    expect(pg_copy_out_begin(pg, "COPY nowhere TO STDOUT", -1, &err), ERR_INTERNAL,
           "database: relation \"nowhere\" does not exist (42P01)");
    expect(pg_copy_out_begin(pg, "SELECT 1", -1, &err), ERR_INTERNAL, "database: not a COPY TO STDOUT statement");
    cr_expect(eq(i64, number("SELECT 7"), 7));
}

/* Ends the server's side and waits until it is gone. */
static void cut(void)
{
    struct pg *other = test_connect(url);
    struct pg_rows rows;
    must(pg_query(other, arena, "SELECT pg_terminate_backend($1::int, 10000)", PG_ONE, &rows, &err,
                  pg_int(arena, PQbackendPID(pg_raw(pg)))));
    cr_assert(pg_is_true(&rows, 0, 0));
    pg_close(other);
}

Test(copy, a_cut_connection_is_unavailable)
{
    struct str data;
    size_t messages, bytes;
    must(
        pg_copy_out_begin(pg, "COPY (SELECT repeat('x', 1000) FROM generate_series(1, 10000000)) TO STDOUT", -1, &err));
    cr_assert(eq(int, pg_copy_out_next(pg, &data, &err), 1));
    cut();
    cr_expect(eq(int, read_all(&messages, &bytes), -ERR_UNAVAILABLE), "%s", err.text);
    cr_expect(pg_is_broken(pg));
    pg_close(pg);
    pg = test_connect(url);
    must(pg_script(pg, "CREATE TABLE t (a text)", &err));
    must(pg_copy_in_begin(pg, "COPY t FROM STDIN", -1, &err));
    must(pg_copy_in_write(pg, STR("a\n"), &err));
    cut();
    cr_expect(eq(int, pg_copy_in_end(pg, NULL, &err), -ERR_UNAVAILABLE), "%s", err.text);
    cr_expect(pg_is_broken(pg));
}

Test(copy, one_at_a_time)
{
    must(pg_copy_out_begin(pg, "COPY (SELECT 1) TO STDOUT", -1, &err));
    expect(pg_copy_in_begin(pg, "COPY t FROM STDIN", -1, &err), ERR_INTERNAL,
           "database: a COPY is under way on this connection");
    expect(pg_copy_in_write(pg, STR("a"), &err), ERR_INTERNAL, "database: no COPY FROM STDIN is under way");
    pg_copy_out_abandon(pg);
    cr_expect(eq(i64, number("SELECT 7"), 7));
}

#if !defined(__SANITIZE_ADDRESS__)
/* A lost connection would be looked for at the other end. */
Test(copy, a_row_that_memory_has_no_room_for_ends_the_process_as_out_of_memory, .exit_code = EXIT_OUT_OF_MEMORY)
{
    struct err none = {0};
    struct str row;
    struct pg *own = test_connect(test_cluster_url());
    const struct rlimit limit = {192 << 20, 192 << 20};
    cr_assert_eq(setrlimit(RLIMIT_DATA, &limit), 0);
    cr_assert_eq(pg_copy_out_begin(own, "copy (select repeat('x', 300000000)) to stdout", -1, &none), 0, "%s",
                 none.text);
    (void)pg_copy_out_next(own, &row, &none);
}
#endif
