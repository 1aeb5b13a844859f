#include "store/batch.h"

#include "sql.h"

int batch_store_start(struct pg *pg, struct arena *arena, int64_t job, int64_t batch, const char *state,
                      int64_t *attempt, struct err *err)
{
    struct pg_rows rows;
    if (pg_query(pg, arena, sql_batch_start, PG_ONE, &rows, err, pg_int(arena, job), pg_int(arena, batch),
                 PG_TEXT(state)) != 0)
        return -err->code;
    *attempt = pg_integer(&rows, 0, 0);
    return 0;
}

int batch_store_move(struct pg *pg, struct arena *arena, int64_t job, const struct batch_row *row, struct err *err)
{
    return pg_query(pg, arena, sql_batch_move, PG_NONE, NULL, err, pg_int(arena, job), pg_int(arena, row->batch),
                    PG_TEXT(row->state), PG_TEXT(row->counts.data), PG_TEXT(row->watermark), PG_TEXT(row->cause),
                    PG_TEXT(row->message));
}

int batch_store_list(struct pg *pg, struct arena *arena, int64_t job, int64_t before, size_t limit,
                     struct batch_row **out, size_t *count, struct err *err)
{
    struct pg_rows rows;
    if (pg_query(pg, arena, sql_batch_list, PG_MANY, &rows, err, pg_int(arena, job),
                 before ? pg_int(arena, before) : PG_NULL, pg_int(arena, (int64_t)limit)) != 0)
        return -err->code;
    *out = arena_calloc(arena, rows.count + 1, sizeof **out);
    *count = rows.count;
    for (size_t i = 0; i < rows.count; i++)
        (*out)[i] = (struct batch_row){
            .batch = pg_integer(&rows, i, 0),
            .state = pg_text(&rows, i, 1),
            .attempts = pg_integer(&rows, i, 2),
            .started_at = pg_text(&rows, i, 3),
            .ingested_at = pg_text(&rows, i, 4),
            .committed_at = pg_text(&rows, i, 5),
            .failed_at = pg_text(&rows, i, 6),
            .counts = pg_str(&rows, i, 7),
            .watermark = pg_text(&rows, i, 8),
            .cause = pg_text(&rows, i, 9),
            .message = pg_text(&rows, i, 10),
        };
    return 0;
}
