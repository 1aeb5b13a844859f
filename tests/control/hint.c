#include "control/hint.h"

#include "pg/cluster.h"
#include "store/job_kit.h"

#include <criterion/criterion.h>
#include <pthread.h>

static struct arena *arena;
static struct pg *pg;
static struct pg_pool *pool;
static struct err err;
static const struct job_key customers = {"acme", JOB_STREAM, "Live", "customers"};

static void setup(void)
{
    arena = arena_new();
    const char *url = test_database(arena);
    pg = test_connect(url);
    pool = pg_pool_new(&(struct pg_pool_options){
        .url = url, .size = 4, .connect_deadline_ms = 5000, .take_deadline_ms = 5000, .statement_ms = 20000});
    err = (struct err){0};
    kit_ecosystem(pg, "acme");
    struct job jobs[] = {kit_stream("Live", "customers")};
    kit_apply(pg, "acme", 1, jobs, 1);
}

static void teardown(void)
{
    pg_pool_free(pool);
    pg_close(pg);
    arena_free(arena);
}

TestSuite(hint, .init = setup, .fini = teardown);

static int always(void *ctx, const struct job_row *job, struct err *why)
{
    (void)ctx;
    (void)job;
    (void)why;
    return 0;
}

static struct hint_change change_of(const struct resources *values)
{
    return (struct hint_change){
        .pool = pool, .actor = "ann", .key = customers, .values = values, .precondition = always};
}

static struct job_row job(void)
{
    struct job_row row;
    cr_assert_eq(job_store_get(pg, arena, &customers, &row, &err), 0, "%s", err.text);
    return row;
}

static void *change_thread(void *ctx)
{
    struct arena *own = arena_new();
    struct resources values = {.value = {[RESOURCE_MEMORY_REQUEST] = "300Mi"}};
    struct hint_change change = change_of(&values);
    struct hint_result result;
    struct err why = {0};
    *(int *)ctx = hint_change(&change, own, &result, &why);
    arena_free(own);
    return NULL;
}

Test(hint, a_hint_that_comes_in_mid_merge_sees_the_merged_levels)
{
    int rc = 1;
    pthread_t thread;
    struct job merged = kit_stream("Live", "customers");
    struct jobs jobs = {&merged, 1};
    merged.level_count = 2;
    merged.levels[1] = merged.levels[0];
    merged.levels[0] = (struct resource_level){
        "psp-default", "PlatformServiceProvider yellow-ny, defaults.ingestion", {.value = {"128Mi", "512Mi"}}};
    (void)kit_value(pg, arena, "begin");
    cr_assert_eq(job_store_apply(pg, arena, "acme", 2, NULL, &jobs, &err), 0, "%s", err.text);
    (void)pthread_create(&thread, NULL, change_thread, &rc);
    while (strcmp(kit_value(pg, arena, "select count(*) from pg_locks where not granted"), "0") == 0)
        (void)kit_value(pg, arena, "select pg_sleep(0.005)");
    (void)kit_value(pg, arena, "commit");
    (void)pthread_join(thread, NULL);
    cr_assert_eq(rc, 0);
    struct job_row row = job();
    cr_assert_str_eq(row.resources.value[RESOURCE_MEMORY_REQUEST], "300Mi");
    cr_assert_str_eq(row.resources.value[RESOURCE_MEMORY_LIMIT], "512Mi");
    cr_assert_eq(row.version_changed, 2);
    cr_assert_eq(row.hint.revision, row.revision);
}

Test(hint, the_same_values_again_change_nothing)
{
    struct hint_result first, second;
    struct resources values = {.value = {[RESOURCE_CPU_REQUEST] = "200m"}};
    struct hint_change change = change_of(&values);
    cr_assert_eq(hint_change(&change, arena, &first, &err), 0, "%s", err.text);
    cr_assert(first.created);
    cr_assert_eq(hint_change(&change, arena, &second, &err), 0, "%s", err.text);
    cr_assert(!second.created);
    cr_assert_eq(second.job.revision, first.job.revision);
    cr_assert_str_eq(kit_value(pg, arena, "select count(*) from audit"), "1");
}

Test(hint, a_hint_never_has_the_same_revision_twice)
{
    struct hint_result result;
    struct resources values = {.value = {[RESOURCE_CPU_REQUEST] = "200m"}};
    struct hint_change put = change_of(&values), drop = change_of(NULL);
    cr_assert_eq(hint_change(&put, arena, &result, &err), 0, "%s", err.text);
    int64_t revision = result.job.hint.revision;
    cr_assert_eq(hint_change(&drop, arena, &result, &err), 0, "%s", err.text);
    cr_assert_eq(result.job.hint.revision, 0);
    cr_assert_eq(hint_change(&put, arena, &result, &err), 0, "%s", err.text);
    cr_assert_gt(result.job.hint.revision, revision);
    cr_assert_str_eq(kit_value(pg, arena, "select string_agg(action, ' ' order by id) from audit"),
                     "hint.put hint.delete hint.put");
}

Test(hint, a_request_over_its_limit_is_refused_by_name_and_nothing_is_written)
{
    struct hint_result result;
    struct resources values = {.value = {[RESOURCE_MEMORY_REQUEST] = "2Gi"}};
    struct hint_change change = change_of(&values);
    const char *rows = "select (select string_agg(j::text, '') from jobs j) || (select count(*) from hints)";
    const char *before = kit_value(pg, arena, rows);
    cr_assert_eq(hint_change(&change, arena, &result, &err), -ERR_INVALID);
    cr_assert_str_eq(err.text, "stream Live/customers: requests.memory 2Gi (api-hint: the hint set through the API) is "
                               "more than limits.memory 1Gi (system-default: the system's default)");
    cr_assert_str_eq(result.pointer, "/requests/memory");
    cr_assert_str_eq(kit_value(pg, arena, rows), before);
}

Test(hint, a_memory_limit_in_which_no_process_starts_is_refused)
{
    struct hint_result result;
    struct resources values = {.value = {[RESOURCE_MEMORY_REQUEST] = "256m", [RESOURCE_MEMORY_LIMIT] = "512m"}};
    struct hint_change change = change_of(&values);
    cr_assert_eq(hint_change(&change, arena, &result, &err), -ERR_INVALID);
    cr_assert_str_eq(err.text, "stream Live/customers: limits.memory 512m is less than 16Mi: no process starts in it");
    cr_assert_str_eq(err.hint, "memory counts in bytes: 512Mi, not 512m");
    cr_assert_str_eq(result.pointer, "/limits/memory");
}

Test(hint, a_skipped_hint_is_explained)
{
    struct hint_result result;
    struct resources values = {.value = {[RESOURCE_MEMORY_REQUEST] = "900Mi"}};
    struct hint_change change = change_of(&values);
    cr_assert_eq(hint_change(&change, arena, &result, &err), 0, "%s", err.text);
    struct job jobs[] = {kit_stream("Live", "customers")};
    jobs[0].levels[0].values.value[RESOURCE_MEMORY_LIMIT] = "512Mi";
    kit_apply(pg, "acme", 2, jobs, 1);
    struct job_row row = job();
    json_t *out;
    cr_assert_eq(hint_explain(arena, &row, &out, &err), 0, "%s", err.text);
    json_own(arena, out);
    json_t *value = json_object_get(json_object_get(out, "values"), "requests.memory");
    cr_assert_str_eq(json_text(value, "value"), "256Mi");
    cr_assert_str_eq(json_text(value, "level"), "system-default");
    cr_assert_str_eq(json_text(json_object_get(out, "skipped"), "level"), "api-hint");
    cr_assert_str_eq(json_text(json_object_get(out, "skipped"), "reason"),
                     "requests.memory 900Mi (api-hint: the hint set through the API) is more than limits.memory 512Mi "
                     "(system-default: the system's default)");
}
