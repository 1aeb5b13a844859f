#include "store/job.h"

#include "pg/cluster.h"
#include "store/job_kit.h"
#include "store/levels.h"

#include <criterion/criterion.h>

static struct arena *arena;
static struct pg *pg;
static struct err err;

static void setup(void)
{
    arena = arena_new();
    pg = test_connect(test_database(arena));
    err = (struct err){0};
    kit_ecosystem(pg, "acme");
}

static void teardown(void)
{
    pg_close(pg);
    arena_free(arena);
}

TestSuite(job, .init = setup, .fini = teardown);

static struct job_row get(enum job_kind kind, const char *platform, const char *name)
{
    struct job_row row;
    cr_assert_eq(job_store_get(pg, arena, &(struct job_key){"acme", kind, platform, name}, &row, &err), 0, "%s",
                 err.text);
    return row;
}

static void set_hint(const char *name, const char *memory, const char *memory_limit)
{
    struct resources values = {.value = {memory, memory_limit}};
    struct job_key key = {"acme", JOB_STREAM, "Live", name};
    cr_assert_eq(hint_store_put(pg, arena, &key, &values, 7, "ann", &err), 0, "%s", err.text);
}

Test(job, a_new_job_has_the_resources_of_its_levels)
{
    struct job jobs[] = {kit_stream("Live", "customers"), kit_transformer("Live", "mask")};
    jobs[0].feeds = (struct texts){(const char *[]){"marketing", "sales \"x\""}, 2};
    kit_apply(pg, "acme", 1, jobs, 2);
    struct job_row row = get(JOB_STREAM, "Live", "customers");
    cr_assert_str_eq(row.state, "idle");
    cr_assert_eq(row.revision, 1);
    cr_assert_eq(row.version_in, 1);
    cr_assert_eq(row.retired_in, 0);
    cr_assert_eq(row.feeds.len, 2);
    cr_assert_str_eq(row.feeds.items[1], "sales \"x\"");
    cr_assert_null(row.dataset);
    cr_assert_null(row.batch_state);
    cr_assert_str_eq(row.resources.value[RESOURCE_MEMORY_REQUEST], "256Mi");
    cr_assert_str_eq(row.resources.value[RESOURCE_MEMORY_LIMIT], "1Gi");
    cr_assert_str_eq(row.resources.value[RESOURCE_CPU_REQUEST], "100m");
    cr_assert_str_eq(row.resources.value[RESOURCE_CPU_LIMIT], "500m");
    cr_assert_str_eq(get(JOB_TRANSFORMER, "Live", "mask").resources.value[RESOURCE_CPU_LIMIT], "1");
}

Test(job, the_same_jobs_again_touch_no_row)
{
    struct job jobs[] = {kit_stream("Live", "customers"), kit_stream("Live", "orders")};
    kit_apply(pg, "acme", 1, jobs, 2);
    const char *sql = "select string_agg(xmin::text || ctid::text, ' ' order by name) from jobs";
    const char *before = kit_value(pg, arena, sql);
    kit_apply(pg, "acme", 2, jobs, 2);
    cr_assert_str_eq(kit_value(pg, arena, sql), before);
}

Test(job, a_change_of_one_job_writes_that_row_alone)
{
    struct job jobs[] = {kit_stream("Live", "customers"), kit_stream("Live", "orders")};
    kit_apply(pg, "acme", 1, jobs, 2);
    const char *sql = "select xmin::text || ctid::text from jobs where name = 'customers'";
    const char *before = kit_value(pg, arena, sql);
    jobs[1].schedule = "0 * * * *";
    kit_apply(pg, "acme", 2, jobs, 2);
    cr_assert_str_eq(kit_value(pg, arena, sql), before);
    struct job_row row = get(JOB_STREAM, "Live", "orders");
    cr_assert_str_eq(row.schedule, "0 * * * *");
    cr_assert_eq(row.version_in, 1);
    cr_assert_eq(row.version_changed, 2);
    cr_assert_eq(row.revision, 2);
}

Test(job, a_job_that_vanishes_is_retired_and_comes_back_with_its_batches)
{
    struct job jobs[] = {kit_stream("Live", "customers"), kit_stream("Live", "orders")};
    kit_apply(pg, "acme", 1, jobs, 2);
    (void)kit_value(pg, arena,
                    "update jobs set batch = 4, batch_state = 'failed', state = 'failed', cause = 'internal'");
    kit_apply(pg, "acme", 2, jobs, 1);
    struct job_row row = get(JOB_STREAM, "Live", "orders");
    cr_assert_str_eq(row.state, "retired");
    cr_assert_eq(row.retired_in, 2);
    cr_assert_null(row.cause);
    cr_assert_str_eq(get(JOB_STREAM, "Live", "customers").state, "failed");
    kit_apply(pg, "acme", 3, jobs, 1);
    cr_assert_eq(get(JOB_STREAM, "Live", "orders").revision, row.revision);
    kit_apply(pg, "acme", 4, jobs, 2);
    row = get(JOB_STREAM, "Live", "orders");
    cr_assert_str_eq(row.state, "idle");
    cr_assert_eq(row.retired_in, 0);
    cr_assert_eq(row.version_in, 4);
    cr_assert_eq(row.batch, 4);
    cr_assert_str_eq(row.batch_state, "failed");
}

Test(job, a_job_that_comes_back_while_its_run_lives_is_running)
{
    struct job jobs[] = {kit_stream("Live", "customers"), kit_stream("Live", "orders")};
    kit_apply(pg, "acme", 1, jobs, 2);
    (void)kit_value(pg, arena,
                    "insert into batches (job, batch, state, attempts) select id, 1, 'started', 1 from jobs");
    (void)kit_value(pg, arena,
                    "insert into runs (job, fence, batch, attempt, started_by, lease_until) "
                    "select id, 1, 1, 1, 'x', now() + interval '1 hour' from jobs where name = 'orders'");
    kit_apply(pg, "acme", 2, jobs, 1);
    kit_apply(pg, "acme", 3, jobs, 2);
    cr_assert_str_eq(get(JOB_STREAM, "Live", "orders").state, "running");
}

Test(job, the_hint_of_the_api_stands_in_front_of_the_levels)
{
    struct job jobs[] = {kit_stream("Live", "customers"), kit_stream("Live", "orders")};
    set_hint("orders", "512Mi", NULL);
    kit_apply(pg, "acme", 1, jobs, 2);
    struct job_row row = get(JOB_STREAM, "Live", "orders");
    cr_assert_str_eq(row.resources.value[RESOURCE_MEMORY_REQUEST], "512Mi");
    cr_assert_str_eq(row.resources.value[RESOURCE_MEMORY_LIMIT], "1Gi");
    cr_assert_eq(row.hint.revision, 7);
    cr_assert_str_eq(row.hint.values.value[RESOURCE_MEMORY_REQUEST], "512Mi");
    cr_assert_null(row.hint.values.value[RESOURCE_MEMORY_LIMIT]);
    cr_assert_null(row.hint_skipped);
    cr_assert_str_eq(get(JOB_STREAM, "Live", "customers").resources.value[RESOURCE_MEMORY_REQUEST], "256Mi");
}

Test(job, a_hint_that_a_merge_makes_impossible_is_kept_but_skipped_until_it_fits_again)
{
    struct job jobs[] = {kit_stream("Live", "customers")};
    set_hint("customers", "900Mi", NULL);
    kit_apply(pg, "acme", 1, jobs, 1);
    cr_assert_str_eq(get(JOB_STREAM, "Live", "customers").resources.value[RESOURCE_MEMORY_REQUEST], "900Mi");

    jobs[0].level_count = 2;
    jobs[0].levels[1] = jobs[0].levels[0];
    jobs[0].levels[0] = (struct resource_level){"psp-default",
                                                "PlatformServiceProvider yellow-ny, defaults.ingestion",
                                                {.value = {[RESOURCE_MEMORY_LIMIT] = "512Mi"}}};
    kit_apply(pg, "acme", 2, jobs, 1);
    struct job_row row = get(JOB_STREAM, "Live", "customers");
    cr_assert_str_eq(row.resources.value[RESOURCE_MEMORY_REQUEST], "256Mi");
    cr_assert_str_eq(row.resources.value[RESOURCE_MEMORY_LIMIT], "512Mi");
    cr_assert_not_null(strstr(row.hint_skipped, "900Mi"));
    cr_assert_eq(row.hint.revision, 7);

    jobs[0].levels[0].values.value[RESOURCE_MEMORY_LIMIT] = "2Gi";
    kit_apply(pg, "acme", 3, jobs, 1);
    row = get(JOB_STREAM, "Live", "customers");
    cr_assert_str_eq(row.resources.value[RESOURCE_MEMORY_REQUEST], "900Mi");
    cr_assert_null(row.hint_skipped);
}

Test(job, twenty_thousand_jobs_are_applied_in_four_statements)
{
    enum { COUNT = 20000 };
    struct job *jobs = arena_calloc(arena, COUNT, sizeof *jobs);
    for (size_t i = 0; i < COUNT; i++)
        jobs[i] = kit_stream("Live", arena_printf(arena, "store%05zu", i));
    struct jobs all = {jobs, COUNT};
    uint64_t before = pg_statement_count();
    cr_assert_eq(job_store_apply(pg, arena, "acme", 1, NULL, &all, &err), 0, "%s", err.text);
    cr_assert_eq(pg_statement_count() - before, 4); /* the hints' lock, the hints, the difference, the notification */
    jobs[100].team = "usa/other";
    cr_assert_eq(job_store_apply(pg, arena, "acme", 2, NULL, &all, &err), 0, "%s", err.text);
    cr_assert_str_eq(kit_value(pg, arena, "select count(*) from jobs where version_changed = 2"), "1");
    cr_assert_str_eq(kit_value(pg, arena, "select count(*) from jobs"), "20000");
}

/* Any of a few jobs, each with one of a few faces; sorted, as a model has them. */
static size_t random_jobs(uint64_t *random, struct job out[12])
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f"};
    static const char *const schedules[] = {"*/5 * * * *", "0 * * * *", "external"};
    static const char *const readers[] = {"marketing", "sales"};
    size_t n = 0;
    for (size_t i = 0; i < 12; i++) {
        *random = *random * 6364136223846793005u + 1442695040888963407u;
        unsigned bits = (unsigned)(*random >> 33);
        if (bits % 4 == 0)
            continue;
        struct job *job = &out[n++];
        *job = i < 6 ? kit_stream("Live", names[i]) : kit_transformer("Live", names[i - 6]);
        job->schedule = schedules[(bits >> 2) % 12 ? 0 : (bits >> 6) % 3];
        job->dataset = i < 6 && (bits >> 8) % 9 == 0 ? "t1" : NULL;
        job->feeds = (struct texts){(const char **)(uintptr_t)readers, 1 + (bits >> 12) % 9 / 8};
        job->priority = (bits >> 16) % 7 ? PRIORITY_MEDIUM : PRIORITY_HIGH;
        if ((bits >> 20) % 5 == 0) {
            job->levels[job->level_count++] = job->levels[0];
            job->levels[0] = (struct resource_level){
                "psp-default", (bits >> 24) % 2 ? "here" : "there", {.value = {[RESOURCE_MEMORY_LIMIT] = "512Mi"}}};
        }
    }
    return n;
}

Test(job, what_differs_from_the_former_jobs_makes_the_rows_that_all_jobs_make)
{
    static const char *const same =
        "with face as (select j.*, row_number() over (partition by ecosystem order by id) from jobs j) "
        "select count(*) from (select to_jsonb(f) - '{id,ecosystem,changed_at,row_number}'::text[] from face f "
        " where ecosystem = 'acme' except select to_jsonb(f) - '{id,ecosystem,changed_at,row_number}'::text[] "
        " from face f where ecosystem = 'twin') d";
    uint64_t random = 7;
    struct job former[12], jobs[12];
    size_t before = 0;
    kit_ecosystem(pg, "twin");
    for (const char *const *name = (const char *const[]){"acme", "twin", NULL}; *name; name++) {
        struct job_key key = {*name, JOB_STREAM, "Live", "b"};
        struct resources values = {.value = {"900Mi"}};
        cr_assert_eq(hint_store_put(pg, arena, &key, &values, 1, "ann", &err), 0, "%s", err.text);
    }
    for (int version = 1; version <= 60; version++) {
        size_t n = random_jobs(&random, jobs);
        struct jobs from = {former, before}, to = {jobs, n};
        cr_assert_eq(job_store_apply(pg, arena, "acme", version, version > 1 ? &from : NULL, &to, &err), 0, "%s",
                     err.text);
        kit_apply(pg, "twin", version, jobs, n);
        cr_assert_str_eq(kit_value(pg, arena, same), "0", "version %d", version);
        memcpy(former, jobs, sizeof former);
        before = n;
    }
    cr_assert_str_eq(kit_value(pg, arena, "select count(*) from jobs"), "24");
    cr_assert_str_eq(kit_value(pg, arena, "select count(*) from jobs where revision > 20"), "24");
}

Test(job, the_former_jobs_again_are_not_even_sent)
{
    struct job jobs[] = {kit_stream("Live", "customers"), kit_stream("Live", "orders")}, again[2];
    memcpy(again, jobs, sizeof again);
    kit_apply(pg, "acme", 1, jobs, 2);
    uint64_t before = pg_statement_count();
    cr_assert_eq(job_store_apply(pg, arena, "acme", 2, &(struct jobs){jobs, 2}, &(struct jobs){again, 2}, &err), 0);
    cr_assert_eq(pg_statement_count() - before, 0);
}

Test(job, pages_by_key_hold_every_job_once_while_others_come_in_between)
{
    struct job jobs[60];
    for (size_t i = 0; i < 60; i++)
        jobs[i] = kit_stream(i % 2 ? "Live" : "Forensic", arena_printf(arena, "s%02zu", i));
    kit_apply(pg, "acme", 1, jobs, 40);
    struct job_filter filter = {.ecosystem = "acme", .kind = JOB_STREAM, .limit = 7};
    struct map seen = {.arena = arena};
    for (size_t page = 0;; page++) {
        struct job_row *rows;
        size_t count;
        cr_assert_eq(job_store_list(pg, arena, &filter, &rows, &count, &err), 0, "%s", err.text);
        for (size_t i = 0; i < count; i++) {
            const char *key = arena_printf(arena, "%s/%s", rows[i].key.platform, rows[i].key.name);
            cr_assert_null(map_put(&seen, str_from(key), &rows[i]), "%s twice", key);
        }
        if (count < filter.limit)
            break;
        filter.after_platform = rows[count - 1].key.platform;
        filter.after_name = rows[count - 1].key.name;
        kit_apply(pg, "acme", (int)page + 2, jobs, 40 + (page + 1 < 20 ? page + 1 : 20));
    }
    for (size_t i = 0; i < 40; i++)
        cr_assert_not_null(map_getz(&seen, arena_printf(arena, "%s/%s", jobs[i].platform, jobs[i].name)));
}

Test(job, filters_choose_by_platform_team_and_state)
{
    struct job jobs[] = {kit_stream("Forensic", "customers"), kit_stream("Live", "customers"),
                         kit_stream("Live", "orders"), kit_transformer("Live", "mask")};
    jobs[2].team = "usa/logistics";
    kit_apply(pg, "acme", 1, jobs, 4);
    kit_apply(pg, "acme", 2, jobs + 1, 3);
    struct job_row *rows;
    size_t count;
    struct job_filter filter = {.ecosystem = "acme", .kind = JOB_STREAM, .limit = 10, .team = "usa/logistics"};
    cr_assert_eq(job_store_list(pg, arena, &filter, &rows, &count, &err), 0);
    cr_assert_eq(count, 1);
    cr_assert_str_eq(rows[0].key.name, "orders");
    filter.team = NULL;
    filter.state = "retired";
    cr_assert_eq(job_store_list(pg, arena, &filter, &rows, &count, &err), 0);
    cr_assert_eq(count, 1);
    cr_assert_str_eq(rows[0].key.platform, "Forensic");
}

Test(job, an_unknown_job_is_not_found_by_its_name)
{
    struct job_row row;
    struct job_key key = {"acme", JOB_STREAM, "Live", "nothing"};
    cr_assert_eq(job_store_get(pg, arena, &key, &row, &err), -ERR_NOT_FOUND);
    cr_assert_str_eq(err.text, "ecosystem acme has no stream Live/nothing");
}

Test(job, levels_come_back_as_they_were_written)
{
    struct resource_level levels[] = {{"psp-hint", "PlatformServiceProvider p, hints[0]", {.value = {"2Gi", "4Gi"}}},
                                      {"system-default", "the system's default", resources_system_ingestion}};
    struct buf text = {0};
    json_t *json = levels_json(levels, 2);
    json_write(&text, json);
    struct resource_level *back;
    size_t n;
    cr_assert_eq(levels_read(arena, buf_str(&text), &back, &n, &err), 0, "%s", err.text);
    cr_assert_eq(n, 2);
    for (size_t i = 0; i < 2; i++) {
        cr_assert_str_eq(back[i].name, levels[i].name);
        cr_assert_str_eq(back[i].source, levels[i].source);
        cr_assert(resources_equal(&back[i].values, &levels[i].values));
    }
    json_decref(json);
    buf_dispose(&text);
}
