#include "store/schedule.h"

#include "sql.h"

enum schedule_column {
    ID,
    ECOSYSTEM,
    KIND,
    PLATFORM,
    NAME,
    PSP,
    STORE,
    SCHEDULE,
    TIMEZONE,
    PRIORITY,
    INPUTS,
    VERSION_CHANGED,
    STATE,
    OPERATION,
    CHANGED_AT,
    LAST_COMMIT_AT,
    RUN_REQUESTED_AT,
    STARTED_AT,
    FINISHED_AT,
    ATTEMPT,
    RUN,
    STARTED_BY,
    CANCEL_REQUESTED,
    RUNNING,
    RESOURCES
};

static int64_t time_at(const struct pg_rows *rows, size_t i, int column)
{
    return pg_is_null(rows, i, column) ? -1 : pg_integer(rows, i, column);
}

static struct schedule_row read_row(struct arena *arena, const struct pg_rows *rows, size_t i)
{
    const char *const *inputs = NULL;
    size_t n = pg_array_texts(arena, rows, i, INPUTS, &inputs);
    struct schedule_row row = {
        .id = pg_integer(rows, i, ID),
        .key = {pg_text(rows, i, ECOSYSTEM), job_kind_from(pg_text(rows, i, KIND)), pg_text(rows, i, PLATFORM),
                pg_text(rows, i, NAME)},
        .psp = pg_text(rows, i, PSP),
        .store = pg_text(rows, i, STORE),
        .schedule = pg_text(rows, i, SCHEDULE),
        .timezone = pg_text(rows, i, TIMEZONE),
        .priority = pg_text(rows, i, PRIORITY),
        .inputs = {arena_calloc(arena, n + 1, sizeof *row.inputs.items), n},
        .version_changed = (int)pg_integer(rows, i, VERSION_CHANGED),
        .state = pg_text(rows, i, STATE),
        .operation = pg_is_true(rows, i, OPERATION),
        .changed_at = time_at(rows, i, CHANGED_AT),
        .last_commit_at = time_at(rows, i, LAST_COMMIT_AT),
        .run_requested_at = time_at(rows, i, RUN_REQUESTED_AT),
        .run = {.id = pg_integer(rows, i, RUN),
                .started_at = time_at(rows, i, STARTED_AT),
                .finished_at = time_at(rows, i, FINISHED_AT),
                .attempt = (int)pg_integer(rows, i, ATTEMPT),
                .started_by = pg_text(rows, i, STARTED_BY),
                .cancel_requested = pg_is_true(rows, i, CANCEL_REQUESTED),
                .running = pg_is_true(rows, i, RUNNING)},
    };
    for (int r = 0; r < RESOURCE_COUNT; r++)
        row.resources.value[r] = pg_text(rows, i, RESOURCES + r);
    for (size_t k = 0; k < n; k++)
        row.inputs.items[k] = inputs[k];
    return row;
}

int schedule_store_read(struct pg *pg, struct arena *arena, int64_t since, struct schedule_row **out, size_t *count,
                        struct err *err)
{
    struct pg_rows rows;
    if (pg_query(pg, arena, sql_schedule_jobs, PG_MANY, &rows, err, pg_int(arena, since)) != 0)
        return -err->code;
    *out = arena_calloc(arena, rows.count + 1, sizeof **out);
    for (size_t i = 0; i < rows.count; i++)
        (*out)[i] = read_row(arena, &rows, i);
    *count = rows.count;
    return 0;
}

int schedule_store_now(struct pg *pg, struct arena *arena, int64_t *now, int64_t *versions, struct err *err)
{
    struct pg_rows rows;
    if (pg_query(pg, arena, sql_schedule_now, PG_ONE, &rows, err) != 0)
        return -err->code;
    *now = pg_integer(&rows, 0, 0);
    *versions = pg_integer(&rows, 0, 1);
    return 0;
}

int schedule_store_lock(struct pg *pg, struct arena *arena, struct err *err)
{
    return pg_query(pg, arena, sql_schedule_lock, PG_ONE, NULL, err);
}

int schedule_store_others(struct pg *pg, struct arena *arena, const char *scheduler, struct schedule_claim **out,
                          size_t *count, struct err *err)
{
    struct pg_rows rows;
    if (pg_query(pg, arena, sql_schedule_others, PG_MANY, &rows, err, PG_TEXT(scheduler)) != 0)
        return -err->code;
    *out = arena_calloc(arena, rows.count + 1, sizeof **out);
    for (size_t i = 0; i < rows.count; i++)
        (*out)[i] = (struct schedule_claim){.source = pg_text(&rows, i, 0), .target = pg_text(&rows, i, 1)};
    *count = rows.count;
    return 0;
}

static struct pg_param numbers(struct arena *arena, const int64_t *items, size_t count)
{
    const char **texts = arena_calloc(arena, count + 1, sizeof *texts);
    for (size_t i = 0; i < count; i++)
        texts[i] = arena_printf(arena, "%lld", (long long)items[i]);
    return pg_text_array(arena, texts, count);
}

int schedule_store_claim(struct pg *pg, struct arena *arena, const char *scheduler, const struct schedule_claim *claims,
                         size_t count, int64_t lease_ms, bool *got, struct err *err)
{
    struct pg_rows rows;
    int64_t *jobs = arena_calloc(arena, count + 1, sizeof *jobs), *runs = arena_calloc(arena, count + 1, sizeof *runs);
    const char **sources = arena_calloc(arena, count + 1, sizeof *sources),
               **targets = arena_calloc(arena, count + 1, sizeof *targets);
    for (size_t i = 0; i < count; i++) {
        jobs[i] = claims[i].job;
        sources[i] = claims[i].source;
        targets[i] = claims[i].target;
        runs[i] = claims[i].run;
        got[i] = false;
    }
    if (pg_query(pg, arena, sql_schedule_claim, PG_MANY, &rows, err, PG_TEXT(scheduler), numbers(arena, jobs, count),
                 pg_text_array(arena, sources, count), pg_text_array(arena, targets, count), pg_int(arena, lease_ms),
                 numbers(arena, runs, count)) != 0)
        return -err->code;
    for (size_t r = 0; r < rows.count; r++)
        for (size_t i = 0; i < count; i++)
            got[i] = got[i] || jobs[i] == pg_integer(&rows, r, 0);
    return 0;
}

int schedule_store_renew(struct pg *pg, struct arena *arena, const char *scheduler, int64_t lease_ms, struct err *err)
{
    return pg_query(pg, arena, sql_schedule_renew, PG_NONE, NULL, err, PG_TEXT(scheduler), pg_int(arena, lease_ms));
}

int schedule_store_release(struct pg *pg, struct arena *arena, const char *scheduler, const int64_t *jobs, size_t count,
                           struct err *err)
{
    return pg_query(pg, arena, sql_schedule_release, PG_NONE, NULL, err, PG_TEXT(scheduler),
                    jobs ? numbers(arena, jobs, count) : PG_NULL);
}
