#include "store/operation.h"

#include "sql.h"

int operation_store_write(struct pg *pg, struct arena *arena, const struct job_row *row, const char *ask_run,
                          struct err *err)
{
    const char *operation = row->operation.data ? arena_strndup(arena, row->operation.data, row->operation.len) : NULL;
    return pg_query(pg, arena, sql_job_operate, PG_NONE, NULL, err, pg_int(arena, row->id), PG_TEXT(row->state),
                    PG_TEXT(row->cause), PG_TEXT(row->message), pg_bool(ask_run != NULL), PG_TEXT(ask_run),
                    PG_TEXT(operation));
}

int operation_store_done(struct pg *pg, struct arena *arena, int64_t job, int64_t id, struct err *err)
{
    return pg_query(pg, arena, sql_job_operated, PG_NONE, NULL, err, pg_int(arena, job), pg_int(arena, id));
}

int operation_store_cancel(struct pg *pg, struct arena *arena, int64_t run, const char *by, struct err *err)
{
    return pg_query(pg, arena, sql_run_cancel, PG_NONE, NULL, err, pg_int(arena, run), PG_TEXT(by));
}

int operation_store_watermark(struct pg *pg, struct arena *arena, int64_t job, int64_t batch, const char **out,
                              bool *found, struct err *err)
{
    struct pg_rows rows;
    if (pg_query(pg, arena, sql_batch_watermark, PG_MAYBE, &rows, err, pg_int(arena, job), pg_int(arena, batch)) != 0)
        return -err->code;
    *found = rows.count > 0;
    *out = rows.count ? pg_text(&rows, 0, 0) : NULL;
    return 0;
}

int operation_store_is_later(struct pg *pg, struct arena *arena, bool number, const char *watermark, const char *other,
                             bool *out, struct err *err)
{
    struct pg_rows rows;
    if (pg_query(pg, arena, sql_watermark_later, PG_ONE, &rows, err, PG_TEXT(number ? "number" : "time"),
                 PG_TEXT(watermark), PG_TEXT(other)) == 0) {
        *out = pg_is_true(&rows, 0, 0);
        return 0;
    }
    if (strncmp(err->sqlstate, "22", 2) != 0)
        return -(int)err->code;
    return err_set(err, ERR_INVALID, "\"%.100s\" is no %s", watermark, number ? "number" : "date or time");
}
