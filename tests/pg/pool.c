#include "pg/pool.h"

#include "pg/cluster.h"
#include "pg/embedded.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"

static struct arena *arena;
static struct err err;

static void setup(void)
{
    arena = arena_new();
    err = (struct err){0};
}

static void teardown(void)
{
    arena_free(arena);
}

TestSuite(pool, .init = setup, .fini = teardown);

static struct pg_pool *make_pool(const char *url, size_t size, int64_t take_ms)
{
    return pg_pool_new(&(struct pg_pool_options){
        .url = url, .size = size, .connect_deadline_ms = 5000, .take_deadline_ms = take_ms, .statement_ms = 10000});
}

static int64_t backend_of(struct pg *pg)
{
    return PQbackendPID(pg_raw(pg));
}

Test(pool, a_connection_is_used_again)
{
    struct pg_pool *pool = make_pool(test_cluster_url(), 2, 1000);
    struct pg *pg = NULL;
    cr_assert_eq(pg_pool_take(pool, &pg, &err), 0, "%s", err.text);
    int64_t first = backend_of(pg);
    cr_assert_eq(pg_statement_ms(pg), 10000);
    pg_pool_give(pool, pg);
    cr_assert_eq(pg_pool_take(pool, &pg, &err), 0, "%s", err.text);
    cr_assert_eq(backend_of(pg), first);
    pg_pool_give(pool, pg);
    pg_pool_give(pool, NULL);
    pg_pool_free(pool);
}

Test(pool, who_stands_still_in_a_transaction_loses_it_and_its_locks)
{
    struct pg_pool *pool = pg_pool_new(&(struct pg_pool_options){.url = test_database(arena),
                                                                 .size = 2,
                                                                 .connect_deadline_ms = 5000,
                                                                 .take_deadline_ms = 5000,
                                                                 .statement_ms = 1000});
    struct pg *still = NULL, *other = NULL;
    cr_assert_eq(pg_pool_take(pool, &still, &err), 0, "%s", err.text);
    cr_assert_eq(pg_pool_take(pool, &other, &err), 0, "%s", err.text);
    cr_assert_eq(pg_script(still, "begin; select pg_advisory_xact_lock(1)", &err), 0, "%s", err.text);
    cr_assert_eq(pg_set_statement_ms(other, 0, &err), 0, "%s", err.text);
    cr_assert_eq(pg_script(other, "select pg_advisory_xact_lock(1)", &err), 0, "%s", err.text);
    cr_assert_eq(pg_script(still, "select 1", &err), -ERR_UNAVAILABLE);
    pg_pool_give(pool, still);
    pg_pool_give(pool, other);
    pg_pool_free(pool);
}

Test(pool, who_waits_too_long_is_told_that_all_are_in_use)
{
    struct pg_pool *pool = make_pool(test_cluster_url(), 2, 20);
    struct pg *held[2] = {0}, *third = NULL;
    cr_assert_eq(pg_pool_take(pool, &held[0], &err), 0, "%s", err.text);
    cr_assert_eq(pg_pool_take(pool, &held[1], &err), 0, "%s", err.text);
    cr_assert_eq(pg_pool_take(pool, &third, &err), -ERR_BUSY);
    cr_assert_str_eq(err.text, "database: all 2 connections are in use");
    cr_assert_null(third);
    pg_pool_give(pool, held[1]);
    cr_assert_eq(pg_pool_take(pool, &third, &err), 0, "%s", err.text);
    pg_pool_give(pool, third);
    pg_pool_give(pool, held[0]);
    pg_pool_free(pool);
}

struct waiter {
    struct pg_pool *pool;
    struct pg *got;
    int rc;
};

static void *wait_for_one(void *arg)
{
    struct waiter *waiter = arg;
    waiter->rc = pg_pool_take(waiter->pool, &waiter->got, ERR_IGNORED);
    return NULL;
}

Test(pool, who_waits_gets_the_connection_that_comes_back)
{
    struct pg_pool *pool = make_pool(test_cluster_url(), 1, 60000);
    struct waiter waiter = {pool, NULL, 1};
    struct pg *pg = NULL;
    pthread_t thread;
    cr_assert_eq(pg_pool_take(pool, &pg, &err), 0, "%s", err.text);
    cr_assert_eq(pthread_create(&thread, NULL, wait_for_one, &waiter), 0);
    pg_pool_give(pool, pg);
    (void)pthread_join(thread, NULL);
    cr_assert_eq(waiter.rc, 0);
    cr_assert_eq(waiter.got, pg);
    pg_pool_give(pool, waiter.got);
    pg_pool_free(pool);
}

Test(pool, a_connection_with_an_open_transaction_does_not_come_back)
{
    struct pg_pool *pool = make_pool(test_cluster_url(), 1, 1000);
    struct pg *pg = NULL;
    cr_assert_eq(pg_pool_take(pool, &pg, &err), 0, "%s", err.text);
    int64_t first = backend_of(pg);
    cr_assert_eq(pg_script(pg, "BEGIN", &err), 0);
    pg_pool_give(pool, pg);
    cr_assert_eq(pg_pool_take(pool, &pg, &err), 0, "%s", err.text);
    cr_assert_neq(backend_of(pg), first);
    cr_assert_eq(PQtransactionStatus(pg_raw(pg)), PQTRANS_IDLE);
    pg_pool_give(pool, pg);
    pg_pool_free(pool);
}

Test(pool, a_connection_that_died_in_the_pool_is_replaced)
{
    struct pg_pool *pool = make_pool(test_cluster_url(), 1, 1000);
    struct pg *pg = NULL, *other = test_connect(test_cluster_url());
    cr_assert_eq(pg_pool_take(pool, &pg, &err), 0, "%s", err.text);
    int64_t first = backend_of(pg);
    pg_pool_give(pool, pg);
    cr_assert_eq(
        pg_query(other, arena, "SELECT pg_terminate_backend($1::int, 10000)", PG_ONE, NULL, &err, pg_int(arena, first)),
        0, "%s", err.text);
    cr_assert_eq(pg_pool_take(pool, &pg, &err), 0, "%s", err.text);
    cr_assert_neq(backend_of(pg), first);
    cr_assert_eq(pg_script(pg, "SELECT 1", &err), 0, "%s", err.text);
    pg_pool_give(pool, pg);
    pg_pool_free(pool);
    pg_close(other);
}

Test(pool, the_pool_outlives_its_database)
{
    char folder[] = "/tmp/yellow-test-XXXXXX";
    struct pg_embedded *cluster = NULL;
    struct pg *pg = NULL;
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chmod(folder, 0755), 0);
    const struct pg_embedded_options options = {.dir = arena_printf(arena, "%s/c", folder), .no_sync = true};
    cr_assert_eq(pg_embedded_start(&options, &cluster, &err), 0, "%s", err.text);
    struct pg_pool *pool = make_pool(pg_embedded_conninfo(cluster), 2, 1000);
    cr_assert_eq(pg_pool_take(pool, &pg, &err), 0, "%s", err.text);
    pg_pool_give(pool, pg);

    pg_embedded_stop(cluster);
    cr_assert_eq(pg_pool_take(pool, &pg, &err), -ERR_UNAVAILABLE);
    cr_assert_eq(pg_pool_take(pool, &pg, &err), -ERR_UNAVAILABLE);

    cr_assert_eq(pg_embedded_start(&options, &cluster, &err), 0, "%s", err.text);
    cr_assert_eq(pg_pool_take(pool, &pg, &err), 0, "%s", err.text);
    cr_assert_eq(pg_script(pg, "SELECT 1", &err), 0, "%s", err.text);
    pg_pool_give(pool, pg);
    pg_pool_free(pool);
    pg_embedded_stop(cluster);
    cr_assert_eq(file_remove_tree(folder, &err), 0, "%s", err.text);
}
