#include "store/job_schedule.h"

#include "sql.h"

enum schedule_column {
    KIND,
    PLATFORM,
    NAME,
    STORE,
    SCHEDULE,
    PRIORITY,
    INPUTS,
    RESOURCES,
    TIMEZONE = RESOURCES + RESOURCE_COUNT,
    STATE,
    WORKSPACE
};

static struct scheduled_job read_row(struct arena *arena, const struct pg_rows *rows, size_t i)
{
    const char *const *inputs = NULL;
    size_t n = pg_array_texts(arena, rows, i, INPUTS, &inputs);
    struct scheduled_job job = {
        .kind = pg_text(rows, i, KIND),
        .platform = pg_text(rows, i, PLATFORM),
        .name = pg_text(rows, i, NAME),
        .store = pg_text(rows, i, STORE),
        .schedule = pg_text(rows, i, SCHEDULE),
        .timezone = pg_text(rows, i, TIMEZONE),
        .state = pg_text(rows, i, STATE),
        .workspace = pg_text(rows, i, WORKSPACE),
        .priority = pg_text(rows, i, PRIORITY),
        .inputs = {arena_calloc(arena, n + 1, sizeof *job.inputs.items), n},
    };
    for (size_t k = 0; k < n; k++)
        job.inputs.items[k] = inputs[k];
    for (int r = 0; r < RESOURCE_COUNT; r++)
        job.resources.value[r] = pg_text(rows, i, RESOURCES + r);
    return job;
}

int job_store_schedule(struct pg *pg, struct arena *arena, const char *ecosystem, const char *psp,
                       const char *const after[3], size_t limit, struct scheduled_job **out, size_t *count,
                       struct err *err)
{
    struct pg_rows rows;
    if (pg_query(pg, arena, sql_job_schedule, PG_MANY, &rows, err, PG_TEXT(ecosystem), PG_TEXT(psp), PG_TEXT(after[0]),
                 PG_TEXT(after[1]), PG_TEXT(after[2]), pg_int(arena, (int64_t)limit)) != 0)
        return -err->code;
    *out = arena_calloc(arena, rows.count + 1, sizeof **out);
    for (size_t i = 0; i < rows.count; i++)
        (*out)[i] = read_row(arena, &rows, i);
    *count = rows.count;
    return 0;
}
