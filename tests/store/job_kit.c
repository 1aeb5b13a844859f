#include "store/job_kit.h"

#include <criterion/criterion.h>

static struct job kit_job(enum job_kind kind, const char *platform, const char *name, const struct resources *defaults)
{
    struct job job = {.kind = kind,
                      .psp = "yellow-ny",
                      .platform = platform,
                      .name = name,
                      .store = name,
                      .team = "usa/sales",
                      .capture = kind == JOB_STREAM ? "sql-snapshot" : "sql",
                      .schedule = kind == JOB_STREAM ? "*/5 * * * *" : "inputs",
                      .timezone = "UTC",
                      .milestoning = MILESTONING_LIVE,
                      .priority = PRIORITY_MEDIUM,
                      .level_count = 1};
    job.levels[0] = (struct resource_level){"system-default", "the system's default", *defaults};
    return job;
}

struct job kit_stream(const char *platform, const char *name)
{
    return kit_job(JOB_STREAM, platform, name, &resources_system_ingestion);
}

struct job kit_transformer(const char *platform, const char *name)
{
    struct job job = kit_job(JOB_TRANSFORMER, platform, name, &resources_system_transformer);
    job.workspace = "marketing";
    return job;
}

void kit_ecosystem(struct pg *pg, const char *name)
{
    struct err err = {0};
    struct arena *arena = arena_new();
    cr_assert_eq(pg_query(pg, arena,
                          "insert into ecosystems (name, url, branch, secrets) values ($1, 'file:///m', 'main', '[]')",
                          PG_NONE, NULL, &err, PG_TEXT(name)),
                 0, "%s", err.text);
    arena_free(arena);
}

struct apply {
    const char *ecosystem;
    int version;
    struct jobs jobs;
};

static int apply_tx(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct apply *apply = ctx;
    return job_store_apply(pg, arena, apply->ecosystem, apply->version, NULL, &apply->jobs, err);
}

void kit_apply(struct pg *pg, const char *ecosystem, int version, struct job *jobs, size_t n)
{
    struct err err = {0};
    struct arena *arena = arena_new();
    struct apply apply = {ecosystem, version, {jobs, n}};
    cr_assert_eq(pg_transaction(pg, arena, apply_tx, &apply, &err), 0, "%s", err.text);
    arena_free(arena);
}

const char *kit_value(struct pg *pg, struct arena *arena, const char *sql)
{
    struct err err = {0};
    struct pg_rows rows;
    cr_assert_eq(pg_query(pg, arena, sql, PG_MAYBE, &rows, &err), 0, "%s: %s", sql, err.text);
    return rows.count && pg_text(&rows, 0, 0) ? pg_text(&rows, 0, 0) : "";
}
