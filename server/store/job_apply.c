#include "base/log.h"
#include "sql.h"
#include "store/job.h"
#include "store/levels.h"

/* The columns of job_apply.sql in order. */
enum job_column {
    COLUMN_KIND,
    COLUMN_PSP,
    COLUMN_PLATFORM,
    COLUMN_NAME,
    COLUMN_STORE,
    COLUMN_DATASET,
    COLUMN_WORKSPACE,
    COLUMN_TEAM,
    COLUMN_CAPTURE,
    COLUMN_SCHEDULE,
    COLUMN_MILESTONING,
    COLUMN_PRIORITY,
    COLUMN_FEEDS,
    COLUMN_INPUTS,
    COLUMN_LEVELS,
    COLUMN_RESOURCES,
    COLUMN_HINT_SKIPPED = COLUMN_RESOURCES + RESOURCE_COUNT,
    COLUMN_TIMEZONE,
    COLUMN_COUNT
};

static const char *texts_literal(struct arena *arena, const struct texts *texts)
{
    return pg_text_array(arena, texts->items, texts->len).text;
}

/* The effective four, hint included; *skipped says why the hint does not count. */
static int effective(struct arena *arena, const char *ecosystem, const struct job *job, const struct resources *hint,
                     struct resources *out, const char **skipped, struct err *err)
{
    struct resource_resolution resolved;
    struct err why = {0};
    *skipped = NULL;
    if (hint) {
        size_t n = job->level_count;
        const struct resource_level *levels = levels_with_hint(arena, job->levels, &n, hint);
        if (resources_resolve(levels, n, &resolved, &why) == 0) {
            *out = resolved.values;
            return 0;
        }
        *skipped = arena_strdup(arena, why.text);
        log_event(LOG_WARN, "hint skipped", LOG_S("ecosystem", ecosystem), LOG_S("kind", job_kind_names[job->kind]),
                  LOG_S("platform", job->platform), LOG_S("name", job->name), LOG_S("why", *skipped), LOG_END);
    }
    if (resources_resolve(job->levels, job->level_count, &resolved, err) != 0)
        return err_prefix(err, "%s %s/%s", job_kind_names[job->kind], job->platform, job->name);
    *out = resolved.values;
    return 0;
}

static const char *levels_text(struct arena *arena, const struct job *job)
{
    struct buf *text = buf_new(arena);
    json_t *levels = levels_json(job->levels, job->level_count);
    json_write(text, levels);
    json_decref(levels);
    return buf_text(text);
}

/* The jobs that are sent: to be as they are, or to retire. */
struct sending {
    const struct job **jobs;
    bool *gone;
    size_t count;
};

static void add(struct sending *sending, const struct job *job, bool gone)
{
    sending->jobs[sending->count] = job;
    sending->gone[sending->count++] = gone;
}

/* All that differs from former; without one, all. */
static struct sending choose(struct arena *arena, const struct jobs *former, const struct jobs *jobs)
{
    size_t i = 0, j = 0, before = former ? former->count : 0, most = before + jobs->count;
    struct sending sending = {arena_calloc(arena, most, sizeof *sending.jobs),
                              arena_calloc(arena, most, sizeof *sending.gone), 0};
    bool same = former && former->items == jobs->items && before == jobs->count;
    while (!same && (i < before || j < jobs->count)) {
        const struct job *a = i < before ? &former->items[i] : NULL, *b = j < jobs->count ? &jobs->items[j] : NULL;
        int order = !a ? 1 : !b ? -1 : job_compare(a, b);
        if (order < 0)
            add(&sending, a, true);
        else if (order > 0 || !job_same(a, b))
            add(&sending, b, false);
        i += order <= 0;
        j += order >= 0;
    }
    return sending;
}

/* The columns of a job to be, at i. */
static int put_job(struct arena *arena, const char *ecosystem, const struct job *job, const struct map *hints,
                   const char **columns[COLUMN_COUNT], size_t i, struct err *err)
{
    struct resources values;
    const struct resources *hint = hint_find(hints, arena, job->kind, job->platform, job->name);
    if (effective(arena, ecosystem, job, hint, &values, &columns[COLUMN_HINT_SKIPPED][i], err) != 0)
        return -err->code;
    columns[COLUMN_PSP][i] = job->psp;
    columns[COLUMN_STORE][i] = job->store;
    columns[COLUMN_DATASET][i] = job->dataset;
    columns[COLUMN_WORKSPACE][i] = job->workspace;
    columns[COLUMN_TEAM][i] = job->team;
    columns[COLUMN_CAPTURE][i] = job->capture;
    columns[COLUMN_SCHEDULE][i] = job->schedule;
    columns[COLUMN_TIMEZONE][i] = job->timezone;
    columns[COLUMN_MILESTONING][i] = milestoning_names[job->milestoning];
    columns[COLUMN_PRIORITY][i] = priority_names[job->priority];
    columns[COLUMN_FEEDS][i] = texts_literal(arena, &job->feeds);
    columns[COLUMN_INPUTS][i] = texts_literal(arena, &job->inputs);
    columns[COLUMN_LEVELS][i] = levels_text(arena, job);
    for (size_t r = 0; r < RESOURCE_COUNT; r++)
        columns[COLUMN_RESOURCES + r][i] = values.value[r];
    return 0;
}

int job_store_apply(struct pg *pg, struct arena *arena, const char *ecosystem, int version, const struct jobs *former,
                    const struct jobs *jobs, struct err *err)
{
    struct map hints;
    struct sending sending = choose(arena, former, jobs);
    if (former && !sending.count)
        return 0;
    if (hint_store_lock(pg, arena, ecosystem, true, err) != 0 || hint_store_all(pg, arena, ecosystem, &hints, err) != 0)
        return -err->code;

    const char **columns[COLUMN_COUNT];
    for (size_t c = 0; c < COLUMN_COUNT; c++)
        columns[c] = arena_calloc(arena, sending.count + 1, sizeof **columns);
    for (size_t i = 0; i < sending.count; i++) {
        const struct job *job = sending.jobs[i];
        columns[COLUMN_KIND][i] = job_kind_names[job->kind];
        columns[COLUMN_PLATFORM][i] = job->platform;
        columns[COLUMN_NAME][i] = job->name;
        if (!sending.gone[i] && put_job(arena, ecosystem, job, &hints, columns, i, err) != 0)
            return -err->code;
    }

    struct pg_param params[3 + COLUMN_COUNT] = {PG_TEXT(ecosystem), pg_int(arena, version), pg_bool(!former)};
    for (size_t c = 0; c < COLUMN_COUNT; c++)
        params[3 + c] = pg_text_array(arena, columns[c], sending.count);
    struct pg_rows rows;
    if (pg_exec(pg, arena, sql_job_apply, PG_ONE, params, 3 + COLUMN_COUNT, &rows, err) != 0)
        return -err->code;
    log_event(LOG_INFO, "jobs applied", LOG_S("ecosystem", ecosystem), LOG_I("version", version),
              LOG_I("added", pg_integer(&rows, 0, 0)), LOG_I("changed", pg_integer(&rows, 0, 1)),
              LOG_I("retired", pg_integer(&rows, 0, 2)), LOG_END);
    return job_store_notify(pg, arena, ecosystem, err);
}
