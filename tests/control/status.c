#include "control/status.h"

#include "base/time.h"
#include "control/notice.h"
#include "control/run.h"
#include "http/shared.h"
#include "pg/cluster.h"
#include "pg/listen.h"
#include "store/job_kit.h"

#include <criterion/criterion.h>
#include <pthread.h>

static struct arena *arena;
static struct pg *pg;
static struct pg_pool *pool;
static struct statuses *statuses;
static struct notice_targets targets;
static struct err err;
static const char *url;
static _Atomic int64_t clock_us;
static const int64_t second = 1000000;

static int64_t now(void)
{
    return atomic_load(&clock_us);
}

static void setup(void)
{
    arena = arena_new();
    url = test_database(arena);
    pg = test_connect(url);
    pool = pg_pool_new(&(struct pg_pool_options){
        .url = url, .size = 4, .connect_deadline_ms = 5000, .take_deadline_ms = 5000, .statement_ms = 20000});
    statuses = statuses_new(pool);
    statuses_set_clock(statuses, now);
    targets = (struct notice_targets){.statuses = statuses};
    atomic_store(&clock_us, time_now_us());
    err = (struct err){0};
    kit_ecosystem(pg, "acme");
}

static void teardown(void)
{
    statuses_free(statuses);
    pg_pool_free(pool);
    pg_close(pg);
    arena_free(arena);
}

TestSuite(status, .init = setup, .fini = teardown);

static void apply(size_t n)
{
    struct job jobs[] = {kit_stream("Live", "customers"), kit_stream("Live", "orders"), kit_stream("Live", "parts"),
                         kit_transformer("Live", "mask")};
    kit_apply(pg, "acme", 1, jobs, n);
    (void)kit_value(pg, arena, "update ecosystems set version = 1");
}

static json_t *document(void)
{
    struct http_shared *shared = NULL;
    json_t *out = NULL;
    cr_assert_eq(statuses_get(statuses, "acme", &shared, &err), 0, "%s", err.text);
    cr_assert_eq(json_read(arena, shared->body, &out, &err), 0, "%s", err.text);
    http_shared_unref(shared);
    return out;
}

static const char *etag(void)
{
    struct http_shared *shared = NULL;
    cr_assert_eq(statuses_get(statuses, "acme", &shared, &err), 0, "%s", err.text);
    const char *out = arena_strdup(arena, shared->etag);
    http_shared_unref(shared);
    return out;
}

static const char *text(const json_t *doc, const char *object, const char *key)
{
    const char *value = json_text(json_object_get(doc, object), key);
    return value ? value : "";
}

static int64_t number(const json_t *doc, const char *object, const char *key)
{
    return json_integer_value(json_object_get(json_object_get(doc, object), key));
}

Test(status, without_jobs_health_is_unknown)
{
    json_t *doc = document();
    cr_assert_str_eq(text(doc, "health", "verdict"), "unknown");
    cr_assert_str_eq(text(doc, "health", "reason"), "there is no model version yet");
    cr_assert(json_is_null(json_object_get(doc, "worst_lag")));
}

Test(status, an_unknown_ecosystem_is_not_found)
{
    struct http_shared *shared = NULL;
    cr_assert_eq(statuses_get(statuses, "nobody", &shared, &err), -ERR_NOT_FOUND);
    cr_assert_str_eq(err.text, "there is no ecosystem nobody");
    cr_assert_null(statuses_peek(statuses, "nobody"));
}

Test(status, counts_and_verdict_follow_the_states_of_jobs)
{
    apply(4);
    json_t *doc = document();
    cr_assert_str_eq(text(doc, "health", "verdict"), "ok");
    cr_assert_str_eq(text(doc, "health", "reason"), "none of 4 jobs failed");
    cr_assert_eq(number(doc, "streams", "idle"), 3);
    cr_assert_eq(number(doc, "transformers", "idle"), 1);
    cr_assert_eq(json_integer_value(json_object_get(doc, "streams_without_commit")), 3);

    (void)kit_value(pg, arena,
                    "update jobs set state = 'failed', cause = 'source-unreachable', "
                    "message = E'no route\\nsecond line' where name = 'orders'");
    statuses_invalidate(statuses, "acme");
    doc = document();
    cr_assert_str_eq(text(doc, "health", "verdict"), "degraded");
    cr_assert_str_eq(text(doc, "health", "reason"),
                     "1 of 4 jobs failed or were lost; first: stream Live/orders failed: source-unreachable");
    json_t *failure = json_array_get(json_object_get(doc, "failures"), 0);
    cr_assert_str_eq(json_text(failure, "message"), "no route");
    cr_assert_str_eq(json_text(failure, "hint"), "check the container's address and that the source is up");

    (void)kit_value(pg, arena, "update jobs set priority = 'critical' where name = 'orders'");
    statuses_invalidate(statuses, "acme");
    cr_assert_str_eq(text(document(), "health", "verdict"), "failing");
}

Test(status, failures_are_bounded_and_the_rest_is_counted)
{
    struct job jobs[30];
    for (size_t i = 0; i < 30; i++)
        jobs[i] = kit_stream("Live", arena_printf(arena, "s%02zu", i));
    kit_apply(pg, "acme", 1, jobs, 30);
    (void)kit_value(pg, arena, "update jobs set state = 'lost', cause = 'lost'");
    (void)kit_value(pg, arena, "update jobs set priority = 'high' where name = 's17'");
    json_t *doc = document(), *failures = json_object_get(doc, "failures");
    cr_assert_eq(json_array_size(failures), 20);
    cr_assert_eq(json_integer_value(json_object_get(doc, "failures_omitted")), 10);
    cr_assert_str_eq(json_text(json_array_get(failures, 0), "name"), "s17");
}

Test(status, a_thousand_polls_of_an_unchanged_document_run_no_statement)
{
    apply(4);
    const char *first = etag();
    uint64_t before = pg_statement_count();
    for (int i = 0; i < 1000; i++) {
        struct http_shared *shared = statuses_peek(statuses, "acme");
        cr_assert_not_null(shared);
        cr_assert_str_eq(shared->etag, first);
        http_shared_unref(shared);
    }
    cr_assert_eq(pg_statement_count() - before, 0);
}

Test(status, building_takes_one_statement)
{
    apply(4);
    /* A connection prepares what it runs a second time: that counts too, once. */
    for (int i = 0; i < 2; i++) {
        (void)document();
        statuses_invalidate(statuses, "acme");
    }
    uint64_t before = pg_statement_count();
    (void)document();
    cr_assert_eq(pg_statement_count() - before, 1);
}

Test(status, only_what_was_invalidated_is_built_anew)
{
    kit_ecosystem(pg, "other");
    struct http_shared *shared = NULL;
    (void)document();
    cr_assert_eq(statuses_get(statuses, "other", &shared, &err), 0);
    http_shared_unref(shared);
    notice_take(&targets, "jobs acme");
    cr_assert_null(statuses_peek(statuses, "acme"));
    shared = statuses_peek(statuses, "other");
    cr_assert_not_null(shared);
    http_shared_unref(shared);
    (void)document();
    notice_take(&targets, "version acme 3");
    cr_assert_null(statuses_peek(statuses, "acme"));
    (void)document();
    notice_take(&targets, "inbox");
    shared = statuses_peek(statuses, "acme");
    cr_assert_not_null(shared);
    http_shared_unref(shared);
    notice_take_gap(&targets);
    cr_assert_null(statuses_peek(statuses, "acme"));
    cr_assert_null(statuses_peek(statuses, "other"));
}

static void *get_thread(void *ctx)
{
    struct http_shared **out = ctx;
    struct err why = {0};
    if (statuses_get(statuses, "acme", out, &why) != 0)
        *out = NULL;
    return NULL;
}

/* Waits until a statement of another connection waits for a lock. */
static void await_blocked(void)
{
    while (strcmp(kit_value(pg, arena, "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"), "0") ==
           0)
        (void)kit_value(pg, arena, "select pg_sleep(0.005)");
}

static void build_across_an_invalidation(void)
{
    pthread_t thread;
    struct http_shared *old = NULL;
    struct pg *locker = test_connect(url);
    /* The build waits inside its statement, after it noted what it was to settle. */
    (void)kit_value(locker, arena, "begin");
    (void)kit_value(locker, arena, "lock table jobs in access exclusive mode");
    (void)pthread_create(&thread, NULL, get_thread, &old);
    await_blocked();
    statuses_invalidate(statuses, "acme");
    (void)kit_value(locker, arena, "rollback");
    (void)pthread_join(thread, NULL);
    cr_assert_not_null(old);
    http_shared_unref(old);
    cr_assert_null(statuses_peek(statuses, "acme"), "what was read before the invalidation is not current");
    pg_close(locker);
}

Test(status, a_first_build_that_an_invalidation_overtook_is_not_published)
{
    apply(4);
    build_across_an_invalidation();
}

Test(status, a_build_that_an_invalidation_overtook_is_not_published)
{
    apply(4);
    (void)document();
    statuses_invalidate(statuses, "acme");
    build_across_an_invalidation();
}

Test(status, words_about_time_change_once_a_minute_and_by_the_tick_alone)
{
    apply(4);
    (void)kit_value(pg, arena,
                    "update jobs set last_commit_at = clock_timestamp() - interval '61 seconds' "
                    "where name = 'orders'");
    (void)kit_value(pg, arena, "update jobs set last_commit_at = clock_timestamp() where name = 'parts'");
    json_t *doc = document();
    cr_assert_str_eq(text(doc, "worst_lag", "stream"), "orders");
    cr_assert_eq(number(doc, "worst_lag", "minutes"), 1);
    const char *first = etag();

    notice_take(&targets, "ping");
    cr_assert_eq(statuses_tick(statuses, &err), 0, "%s", err.text);
    cr_assert_str_eq(etag(), first);

    /* The clocks of both move on by a minute: until the tick the old one is served, without a statement. */
    (void)kit_value(pg, arena, "update jobs set last_commit_at = last_commit_at - interval '1 minute'");
    atomic_fetch_add(&clock_us, 60 * second);
    notice_take(&targets, "ping");
    uint64_t before = pg_statement_count();
    cr_assert_str_eq(etag(), first);
    cr_assert_eq(pg_statement_count() - before, 0);
    cr_assert_eq(statuses_tick(statuses, &err), 0, "%s", err.text);
    before = pg_statement_count();
    cr_assert_eq(number(document(), "worst_lag", "minutes"), 2);
    cr_assert_eq(pg_statement_count() - before, 0, "the tick paid for it");
}

Test(status, without_a_word_from_the_channel_a_document_is_current_for_ten_seconds)
{
    apply(4);
    (void)document();
    atomic_fetch_add(&clock_us, 10 * second);
    struct http_shared *shared = statuses_peek(statuses, "acme");
    cr_assert_not_null(shared);
    http_shared_unref(shared);
    atomic_fetch_add(&clock_us, 1);
    cr_assert_null(statuses_peek(statuses, "acme"));
    notice_take(&targets, "ping");
    shared = statuses_peek(statuses, "acme");
    cr_assert_not_null(shared);
    http_shared_unref(shared);
    atomic_fetch_add(&clock_us, 10 * second + 1);
    cr_assert_null(statuses_peek(statuses, "acme"));
}

static _Atomic int connections;

static void connected(void *ctx)
{
    notice_take_gap(ctx);
    atomic_fetch_add(&connections, 1);
}

Test(status, a_change_by_another_replica_arrives_through_the_channel)
{
    apply(4);
    struct pg_listener *listener = pg_listener_new(url, "yellow", notice_take, connected, &targets);
    while (atomic_load(&connections) == 0)
        (void)kit_value(pg, arena, "select pg_sleep(0.005)");
    (void)document();
    struct run_caller other = {.pool = pool, .actor = "airflow", .lease_ms = 60000};
    struct run_result result;
    struct job_key key = {"acme", JOB_STREAM, "Live", "orders"};
    cr_assert_eq(run_start(&other, arena, &key, &result, &err), 0, "%s", err.text);
    for (struct http_shared *shared; (shared = statuses_peek(statuses, "acme"));) {
        http_shared_unref(shared);
        (void)kit_value(pg, arena, "select pg_sleep(0.005)");
    }
    cr_assert_eq(number(document(), "streams", "running"), 1);
    pg_listener_free(listener);
}

Test(status, the_tick_makes_silent_runs_lost_and_shows_it)
{
    apply(4);
    struct run_caller caller = {.pool = pool, .actor = "airflow", .lease_ms = 60000};
    struct run_result result;
    struct job_key key = {"acme", JOB_TRANSFORMER, "Live", "mask"};
    cr_assert_eq(run_start(&caller, arena, &key, &result, &err), 0, "%s", err.text);
    (void)kit_value(pg, arena, "update runs set lease_until = clock_timestamp() - interval '1 second'");
    cr_assert_eq(number(document(), "transformers", "running"), 1);
    cr_assert_eq(statuses_tick(statuses, &err), 0, "%s", err.text);
    cr_assert_eq(number(document(), "transformers", "lost"), 1);
}
