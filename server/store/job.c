#include "store/job.h"

#include "sql.h"
#include "store/ecosystem.h"
#include "store/notify.h"

/* Columns of the view job_rows, in order. */
enum job_column {
    ID,
    ECOSYSTEM,
    KIND,
    PSP,
    PLATFORM,
    NAME,
    STORE,
    DATASET,
    WORKSPACE,
    TEAM,
    CAPTURE,
    SCHEDULE,
    MILESTONING,
    PRIORITY,
    FEEDS,
    INPUTS,
    LEVELS,
    RESOURCES,
    HINT_SKIPPED = RESOURCES + RESOURCE_COUNT,
    VERSION_IN,
    VERSION_CHANGED,
    RETIRED_IN,
    STATE,
    REVISION,
    FENCE,
    BATCH,
    BATCH_STATE,
    WATERMARK,
    LAST_COMMIT_AT,
    CAUSE,
    MESSAGE,
    CHANGED_AT,
    RUN_ID,
    RUN_STARTED_BY,
    RUN_STARTED_AT,
    RUN_LEASE_UNTIL,
    RUN_EXPIRED,
    RUN_PROGRESS,
    HINT_REVISION,
    HINT_VALUES,
    HINT_UPDATED_BY = HINT_VALUES + RESOURCE_COUNT,
    HINT_UPDATED_AT,
    TIMEZONE,
    RUN_REQUESTED_AT,
    RUN_REQUESTED_BY,
    OPERATION,
    CANCEL_REQUESTED_AT,
    CANCEL_REQUESTED_BY
};

static struct texts texts_of(struct arena *arena, const struct pg_rows *rows, size_t i, int column)
{
    const char *const *items = NULL;
    size_t n = pg_array_texts(arena, rows, i, column, &items);
    struct texts out = {arena_calloc(arena, n + 1, sizeof *out.items), n};
    for (size_t k = 0; k < n; k++)
        out.items[k] = items[k];
    return out;
}

static struct resources resources_of(const struct pg_rows *rows, size_t i, int column)
{
    struct resources out;
    for (int r = 0; r < RESOURCE_COUNT; r++)
        out.value[r] = pg_text(rows, i, column + r);
    return out;
}

static struct job_row job_read(struct arena *arena, const struct pg_rows *rows, size_t i)
{
    return (struct job_row){
        .id = pg_integer(rows, i, ID),
        .key = {pg_text(rows, i, ECOSYSTEM), job_kind_from(pg_text(rows, i, KIND)), pg_text(rows, i, PLATFORM),
                pg_text(rows, i, NAME)},
        .psp = pg_text(rows, i, PSP),
        .store = pg_text(rows, i, STORE),
        .dataset = pg_text(rows, i, DATASET),
        .workspace = pg_text(rows, i, WORKSPACE),
        .team = pg_text(rows, i, TEAM),
        .capture = pg_text(rows, i, CAPTURE),
        .schedule = pg_text(rows, i, SCHEDULE),
        .timezone = pg_text(rows, i, TIMEZONE),
        .milestoning = pg_text(rows, i, MILESTONING),
        .priority = pg_text(rows, i, PRIORITY),
        .feeds = texts_of(arena, rows, i, FEEDS),
        .inputs = texts_of(arena, rows, i, INPUTS),
        .levels = pg_str(rows, i, LEVELS),
        .resources = resources_of(rows, i, RESOURCES),
        .hint_skipped = pg_text(rows, i, HINT_SKIPPED),
        .version_in = (int)pg_integer(rows, i, VERSION_IN),
        .version_changed = (int)pg_integer(rows, i, VERSION_CHANGED),
        .retired_in = (int)pg_integer(rows, i, RETIRED_IN),
        .state = pg_text(rows, i, STATE),
        .revision = pg_integer(rows, i, REVISION),
        .fence = pg_integer(rows, i, FENCE),
        .batch = pg_integer(rows, i, BATCH),
        .batch_state = pg_text(rows, i, BATCH_STATE),
        .watermark = pg_text(rows, i, WATERMARK),
        .last_commit_at = pg_text(rows, i, LAST_COMMIT_AT),
        .cause = pg_text(rows, i, CAUSE),
        .message = pg_text(rows, i, MESSAGE),
        .changed_at = pg_text(rows, i, CHANGED_AT),
        .run = {pg_integer(rows, i, RUN_ID), pg_text(rows, i, RUN_STARTED_BY), pg_text(rows, i, RUN_STARTED_AT),
                pg_text(rows, i, RUN_LEASE_UNTIL), pg_is_true(rows, i, RUN_EXPIRED), pg_str(rows, i, RUN_PROGRESS),
                pg_text(rows, i, CANCEL_REQUESTED_AT), pg_text(rows, i, CANCEL_REQUESTED_BY)},
        .hint = {pg_integer(rows, i, HINT_REVISION), resources_of(rows, i, HINT_VALUES),
                 pg_text(rows, i, HINT_UPDATED_BY), pg_text(rows, i, HINT_UPDATED_AT)},
        .run_requested_at = pg_text(rows, i, RUN_REQUESTED_AT),
        .run_requested_by = pg_text(rows, i, RUN_REQUESTED_BY),
        .operation = pg_str(rows, i, OPERATION),
    };
}

static int no_job(struct arena *arena, const struct job_key *key, struct err *err)
{
    return ecosystem_lacks(err, key->ecosystem, "%s", job_key_text(arena, key));
}

int job_store_get(struct pg *pg, struct arena *arena, const struct job_key *key, struct job_row *out, struct err *err)
{
    struct pg_rows rows;
    if (pg_query(pg, arena, sql_job_by_name, PG_MAYBE, &rows, err, PG_TEXT(key->ecosystem),
                 PG_TEXT(job_kind_names[key->kind]), PG_TEXT(key->platform), PG_TEXT(key->name)) != 0)
        return -err->code;
    if (!rows.count)
        return no_job(arena, key, err);
    *out = job_read(arena, &rows, 0);
    return 0;
}

int job_store_by_id(struct pg *pg, struct arena *arena, int64_t id, struct job_row *out, struct err *err)
{
    struct pg_rows rows;
    if (pg_query(pg, arena, sql_job_by_id, PG_ONE, &rows, err, pg_int(arena, id)) != 0)
        return -err->code;
    *out = job_read(arena, &rows, 0);
    return 0;
}

int job_store_lock(struct pg *pg, struct arena *arena, const struct job_key *key, struct job_row *out, struct err *err)
{
    struct pg_rows rows;
    if (pg_query(pg, arena, sql_job_lock, PG_MAYBE, &rows, err, PG_TEXT(key->ecosystem),
                 PG_TEXT(job_kind_names[key->kind]), PG_TEXT(key->platform), PG_TEXT(key->name)) != 0)
        return -err->code;
    if (!rows.count)
        return no_job(arena, key, err);
    return job_store_by_id(pg, arena, pg_integer(&rows, 0, 0), out, err);
}

int job_store_lock_of_run(struct pg *pg, struct arena *arena, const char *ecosystem, int64_t run, struct job_row *out,
                          struct err *err)
{
    struct pg_rows rows;
    if (pg_query(pg, arena, sql_job_lock_of_run, PG_MAYBE, &rows, err, PG_TEXT(ecosystem), pg_int(arena, run)) != 0)
        return -err->code;
    if (!rows.count)
        return ecosystem_lacks(err, ecosystem, "run %lld", (long long)run);
    return job_store_by_id(pg, arena, pg_integer(&rows, 0, 0), out, err);
}

int job_store_list(struct pg *pg, struct arena *arena, const struct job_filter *filter, struct job_row **out,
                   size_t *count, struct err *err)
{
    struct pg_rows rows;
    if (pg_query(pg, arena, sql_job_list, PG_MANY, &rows, err, PG_TEXT(filter->ecosystem),
                 PG_TEXT(job_kind_names[filter->kind]), PG_TEXT(filter->psp), PG_TEXT(filter->platform),
                 PG_TEXT(filter->store), PG_TEXT(filter->team), PG_TEXT(filter->state), PG_TEXT(filter->after_platform),
                 PG_TEXT(filter->after_name), pg_int(arena, (int64_t)filter->limit)) != 0)
        return -err->code;
    *out = arena_calloc(arena, rows.count + 1, sizeof **out);
    for (size_t i = 0; i < rows.count; i++)
        (*out)[i] = job_read(arena, &rows, i);
    *count = rows.count;
    return 0;
}

int job_store_set_status(struct pg *pg, struct arena *arena, const struct job_row *row, bool committed, struct err *err)
{
    return pg_query(pg, arena, sql_job_set_status, PG_NONE, NULL, err, pg_int(arena, row->id), PG_TEXT(row->state),
                    pg_int(arena, row->fence), pg_int(arena, row->batch), PG_TEXT(row->batch_state),
                    PG_TEXT(row->watermark), PG_TEXT(row->cause), PG_TEXT(row->message), pg_bool(committed));
}

int job_store_set_resources(struct pg *pg, struct arena *arena, int64_t id, const struct resources *values,
                            int64_t *revision, struct err *err)
{
    struct pg_rows rows;
    if (pg_query(pg, arena, sql_job_set_resources, PG_ONE, &rows, err, pg_int(arena, id),
                 PG_TEXT(values->value[RESOURCE_MEMORY_REQUEST]), PG_TEXT(values->value[RESOURCE_MEMORY_LIMIT]),
                 PG_TEXT(values->value[RESOURCE_CPU_REQUEST]), PG_TEXT(values->value[RESOURCE_CPU_LIMIT])) != 0)
        return -err->code;
    *revision = pg_integer(&rows, 0, 0);
    return 0;
}

int job_store_notify(struct pg *pg, struct arena *arena, const char *ecosystem, struct err *err)
{
    return notify_send(pg, arena, arena_printf(arena, "jobs %s", ecosystem), err);
}
