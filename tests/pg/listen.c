#include "pg/listen.h"

#include "base/log.h"
#include "pg/cluster.h"

#include <criterion/criterion.h>
#include <pthread.h>

/* What the listener told, and a way to wait for it. */
struct heard {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int connected, notified;
    char last[64];
};

static void on_connected(void *ctx)
{
    struct heard *heard = ctx;
    (void)pthread_mutex_lock(&heard->lock);
    heard->connected++;
    (void)pthread_cond_broadcast(&heard->changed);
    (void)pthread_mutex_unlock(&heard->lock);
}

static void on_notify(void *ctx, const char *payload)
{
    struct heard *heard = ctx;
    (void)pthread_mutex_lock(&heard->lock);
    heard->notified++;
    (void)snprintf(heard->last, sizeof heard->last, "%s", payload);
    (void)pthread_cond_broadcast(&heard->changed);
    (void)pthread_mutex_unlock(&heard->lock);
}

static void wait_until(struct heard *heard, const int *counter, int value)
{
    (void)pthread_mutex_lock(&heard->lock);
    while (*counter < value)
        (void)pthread_cond_wait(&heard->changed, &heard->lock);
    (void)pthread_mutex_unlock(&heard->lock);
}

static void drop(void *ctx, struct str line)
{
    (void)ctx;
    (void)line;
}

static struct heard heard = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0, ""};

Test(listen, a_listener_hears_and_comes_back_after_a_lost_connection)
{
    struct arena *arena = arena_new();
    struct err err = {0};
    const char *url = test_empty_database(arena);
    struct pg *pg = test_connect(url);
    log_set_sink(drop, NULL);
    struct pg_listener *listener = pg_listener_new(url, "Yellow \"x\"", on_notify, on_connected, &heard);
    wait_until(&heard, &heard.connected, 1);
    cr_assert_eq(pg_script(pg, "SELECT pg_notify('Yellow \"x\"', 'one')", &err), 0, "%s", err.text);
    wait_until(&heard, &heard.notified, 1);
    cr_assert_str_eq(heard.last, "one");

    cr_assert_eq(pg_script(pg,
                           "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
                           "WHERE datname = current_database() AND pid <> pg_backend_pid()",
                           &err),
                 0, "%s", err.text);
    wait_until(&heard, &heard.connected, 2);
    cr_assert_eq(pg_script(pg, "SELECT pg_notify('Yellow \"x\"', 'two')", &err), 0, "%s", err.text);
    wait_until(&heard, &heard.notified, 2);
    cr_assert_str_eq(heard.last, "two");
    pg_listener_free(listener);
    pg_close(pg);
    arena_free(arena);
}

Test(listen, a_listener_without_a_database_can_be_ended)
{
    log_set_sink(drop, NULL);
    pg_listener_free(pg_listener_new("host=/nowhere", "yellow", on_notify, on_connected, &heard));
    cr_assert_eq(heard.connected, 0);
}
