#include "ingest/builder.h"
#include "ingest/merge_ways.h"

#include <inttypes.h>

enum { BATCH_OF_BAD_ROWS = 10000 };

/* The rows that stand behind another one with their key. No column of a model begins with yellow_batch. */
static void add_repeated(struct buf *sql, const struct merge *merge, const char *table, const char *place)
{
    buf_addf(sql, "(select %s as yellow_batch_place, ", place);
    builder_columns(sql, merge->dataset, "");
    buf_adds(sql, ", row_number() over (partition by ");
    builder_key(sql, merge->dataset, "");
    buf_addf(sql, " order by %s%s) as yellow_batch_nth from %s) r where r.yellow_batch_nth > 1", place,
             merge->kind->whole ? "" : " desc", table);
}

static int quarantine_repeated(struct merge *merge, const char *table, const char *place, struct err *err)
{
    struct arena *arena = merge->ingest->arena;
    struct buf *query = buf_new(arena);
    buf_adds(query, "declare yellow_repeated no scroll cursor for select left(row_to_json(yellow_batch_row)::text, "
                    "4096) from (select ");
    builder_columns(query, merge->dataset, "r.");
    buf_adds(query, " from ");
    add_repeated(query, merge, table, place);
    buf_adds(query, " order by r.yellow_batch_place) yellow_batch_row");
    int rc = pg_script(merge->ingest->target, buf_text(query), err);
    for (size_t n = BATCH_OF_BAD_ROWS; !rc && n == BATCH_OF_BAD_ROWS;) {
        struct arena *page = arena_new();
        struct pg_rows rows = {0};
        rc = pg_query(merge->ingest->target, page, "fetch 10000 from yellow_repeated", PG_MANY, &rows, err);
        for (size_t i = 0; !rc && i < rows.count; i++)
            rc = intake_refuse(merge, NULL, "the key was there before in the same snapshot", pg_str(&rows, i, 0), err);
        n = rows.count;
        arena_free(page);
    }
    return rc ? rc : pg_script(merge->ingest->target, "close yellow_repeated", err);
}

/* Cheaper than to number all rows: most often there is nothing to drop. */
static int any_repeated(struct merge *merge, const char *table, bool *any, struct err *err)
{
    struct buf *sql = buf_new(merge->ingest->arena);
    struct pg_rows rows;
    buf_addf(sql, "select exists (select from %s group by ", table);
    builder_key(sql, merge->dataset, "");
    buf_adds(sql, " having count(*) > 1)");
    int rc = pg_query(merge->ingest->target, merge->ingest->arena, buf_text(sql), PG_ONE, &rows, err);
    *any = !rc && pg_is_true(&rows, 0, 0);
    return rc;
}

int merge_drop_repeated(struct merge *merge, const char *table, const char *place, struct err *err)
{
    struct arena *arena = merge->ingest->arena;
    struct pg_rows rows;
    bool any = false;
    int rc = any_repeated(merge, table, &any, err);
    if (rc || !any)
        return rc;
    if (merge->kind->whole)
        rc = quarantine_repeated(merge, table, place, err);
    struct buf *sql = buf_new(arena);
    buf_addf(sql, "delete from %s where %s in (select r.yellow_batch_place from ", table, place);
    add_repeated(sql, merge, table, place);
    buf_addc(sql, ')');
    if (!rc)
        rc = pg_query(merge->ingest->target, arena, buf_text(sql), PG_NONE, &rows, err);
    if (!rc && !merge->kind->whole)
        merge->superseded += rows.affected;
    return rc;
}
