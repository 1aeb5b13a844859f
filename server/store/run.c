#include "store/run.h"

#include "sql.h"
#include "store/ecosystem.h"

static struct run_row run_read(const struct pg_rows *rows, size_t i)
{
    return (struct run_row){
        .id = pg_integer(rows, i, 0),
        .job = pg_integer(rows, i, 1),
        .key = {pg_text(rows, i, 2), job_kind_from(pg_text(rows, i, 3)), pg_text(rows, i, 4), pg_text(rows, i, 5)},
        .fence = pg_integer(rows, i, 6),
        .batch = pg_integer(rows, i, 7),
        .attempt = pg_integer(rows, i, 8),
        .state = pg_text(rows, i, 9),
        .started_by = pg_text(rows, i, 10),
        .started_at = pg_text(rows, i, 11),
        .heartbeat_at = pg_text(rows, i, 12),
        .lease_until = pg_text(rows, i, 13),
        .expired = pg_is_true(rows, i, 14),
        .finished_at = pg_text(rows, i, 15),
        .progress = pg_str(rows, i, 16),
        .counts = pg_str(rows, i, 17),
        .watermark = pg_text(rows, i, 18),
        .cause = pg_text(rows, i, 19),
        .message = pg_text(rows, i, 20),
        .report_hash = pg_text(rows, i, 21),
        .batch_state = pg_text(rows, i, 22),
        .cancel_requested_by = pg_text(rows, i, 23),
    };
}

int run_store_get(struct pg *pg, struct arena *arena, const char *ecosystem, int64_t id, struct run_row *out,
                  struct err *err)
{
    struct pg_rows rows;
    if (pg_query(pg, arena, sql_run_by_id, PG_MAYBE, &rows, err, PG_TEXT(ecosystem), pg_int(arena, id)) != 0)
        return -err->code;
    if (!rows.count)
        return ecosystem_lacks(err, ecosystem, "run %lld", (long long)id);
    *out = run_read(&rows, 0);
    return 0;
}

int run_store_insert(struct pg *pg, struct arena *arena, const struct run_row *row, int64_t lease_ms, int64_t *id,
                     struct err *err)
{
    struct pg_rows rows;
    if (pg_query(pg, arena, sql_run_insert, PG_ONE, &rows, err, pg_int(arena, row->job), pg_int(arena, row->fence),
                 pg_int(arena, row->batch), pg_int(arena, row->attempt), PG_TEXT(row->started_by),
                 pg_int(arena, lease_ms)) != 0)
        return -err->code;
    *id = pg_integer(&rows, 0, 0);
    return 0;
}

int run_store_touch(struct pg *pg, struct arena *arena, int64_t id, int64_t lease_ms, struct str progress,
                    struct err *err)
{
    return pg_query(pg, arena, sql_run_touch, PG_NONE, NULL, err, pg_int(arena, id), pg_int(arena, lease_ms),
                    PG_TEXT(progress.data));
}

int run_store_close(struct pg *pg, struct arena *arena, const struct run_row *row, struct err *err)
{
    return pg_query(pg, arena, sql_run_close, PG_NONE, NULL, err, pg_int(arena, row->id), PG_TEXT(row->state),
                    PG_TEXT(row->counts.data), PG_TEXT(row->watermark), PG_TEXT(row->cause), PG_TEXT(row->message),
                    PG_TEXT(row->report_hash));
}

int run_store_expired(struct pg *pg, struct arena *arena, struct run_id **out, size_t *count, struct err *err)
{
    struct pg_rows rows;
    if (pg_query(pg, arena, sql_run_expired, PG_MANY, &rows, err) != 0)
        return -err->code;
    *out = arena_calloc(arena, rows.count + 1, sizeof **out);
    *count = rows.count;
    for (size_t i = 0; i < rows.count; i++)
        (*out)[i] = (struct run_id){pg_text(&rows, i, 0), pg_integer(&rows, i, 1)};
    return 0;
}
