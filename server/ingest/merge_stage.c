#include "ingest/builder.h"
#include "ingest/merge_ways.h"
#include "ingest/stage.h"
#include "ingest/writer.h"

#include <inttypes.h>
#include <stdio.h>

/* All rows into a temporary table, which goes with the transaction, then a few statements over it and the table. Rows
 * are equal when their binary values are: 1.0 and 1.00, '1 month' and '30 days' differ. */

/* Runs one statement; *count (NULL allowed) is how many rows it changed. */
static int run(struct stage *stage, const struct buf *sql, int64_t *count, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(stage->merge->ingest->target, stage->merge->ingest->arena, buf_text(sql), PG_NONE, &rows, err);
    if (!rc && count)
        *count = rows.affected;
    return rc;
}

static const char *live(const struct stage *stage)
{
    return stage->merge->ingest->work->milestoned ? " and t.yellow_batch_out = " TABLE_LIVE : "";
}

/* Of rows that are there and go, or are there in another form. */
static void add_close(struct buf *sql, const struct stage *stage)
{
    const struct work *work = stage->merge->ingest->work;
    if (work->milestoned)
        buf_addf(sql, "update %s t set yellow_batch_out = %" PRId32, stage->target, work->batch - 1);
    else
        buf_addf(sql, "delete from %s t", stage->target);
}

static void add_insert(struct buf *sql, const struct stage *stage)
{
    const struct work *work = stage->merge->ingest->work;
    buf_addf(sql, "insert into %s (", stage->target);
    builder_columns(sql, stage->merge->dataset, "");
    buf_adds(sql, work->milestoned ? ", yellow_batch_in, yellow_batch_out) select " : ", yellow_batch_id) select ");
    builder_columns(sql, stage->merge->dataset, "s.");
    buf_addf(sql, ", %" PRId32 "%s from %s s", work->batch, work->milestoned ? ", " TABLE_LIVE : "", stage->table);
}

static int delete_vanished(struct stage *stage, struct err *err)
{
    struct buf *sql = buf_new(stage->merge->ingest->arena);
    add_close(sql, stage);
    buf_addf(sql, " where not exists (select from %s s where ", stage->table);
    builder_key_equal(sql, stage->merge->dataset, "t.", "s.");
    buf_addf(sql, ")%s", live(stage));
    return run(stage, sql, &stage->merge->counts.deleted, err);
}

/* Rows that changed end, too; insert_missing brings them back as they are now. */
static int end_different(struct stage *stage, struct err *err)
{
    struct buf *sql = buf_new(stage->merge->ingest->arena);
    add_close(sql, stage);
    buf_addf(sql, " %s %s s where ", stage->merge->ingest->work->milestoned ? "from" : "using", stage->table);
    builder_key_equal(sql, stage->merge->dataset, "t.", "s.");
    buf_adds(sql, " and ");
    stage_differs(sql, stage);
    buf_adds(sql, live(stage));
    return run(stage, sql, &stage->merge->counts.updated, err);
}

static int insert_missing(struct stage *stage, struct err *err)
{
    struct buf *sql = buf_new(stage->merge->ingest->arena);
    int64_t *inserted = &stage->merge->counts.inserted;
    add_insert(sql, stage);
    buf_addf(sql, " where not exists (select from %s t where ", stage->target);
    builder_key_equal(sql, stage->merge->dataset, "t.", "s.");
    buf_addf(sql, "%s)", live(stage));
    int rc = run(stage, sql, inserted, err);
    if (!rc && *inserted < stage->merge->counts.updated)
        return writer_refuse(stage->merge, stage->merge->counts.updated, *inserted, err);
    if (!rc)
        *inserted -= stage->merge->counts.updated;
    return rc;
}

/* Without a key: equal rows are paired, each with one of its like; what has no partner goes or comes. Of equal rows
 * the oldest stay. */
static int match_rows(struct stage *stage, struct err *err)
{
    const struct merge *merge = stage->merge;
    bool milestoned = merge->ingest->work->milestoned;
    const char *pairs = arena_printf(merge->ingest->arena, "pg_temp.yellow_pairs_%zu", merge->index);
    struct buf *sql = buf_new(merge->ingest->arena);
    buf_addf(sql, "create temporary table yellow_pairs_%zu on commit drop as select s.place as n, t.place as c from ",
             merge->index);
    stage_numbered(sql, stage, stage->table, "yellow_batch_n", "yellow_batch_n", "");
    buf_adds(sql, " s full join ");
    stage_numbered(sql, stage, stage->target, "ctid", milestoned ? table_batch_in : table_batch_id,
                   milestoned ? " where t.yellow_batch_out = " TABLE_LIVE : "");
    buf_adds(sql, " t");
    buf_adds(sql, " using (hash, nth) where s.place is null or t.place is null");
    int rc = run(stage, sql, NULL, err);
    struct buf *gone = buf_new(merge->ingest->arena), *come = buf_new(merge->ingest->arena);
    add_close(gone, stage);
    buf_addf(gone, "%s %s p where p.c = t.ctid", merge->ingest->work->milestoned ? " from" : " using", pairs);
    if (!rc)
        rc = run(stage, gone, &stage->merge->counts.deleted, err);
    add_insert(come, stage);
    buf_addf(come, " join %s p on p.n = s.yellow_batch_n", pairs);
    return rc ? rc : run(stage, come, &stage->merge->counts.inserted, err);
}

static int insert_all(struct stage *stage, struct err *err)
{
    struct buf *sql = buf_new(stage->merge->ingest->arena);
    add_insert(sql, stage);
    return run(stage, sql, &stage->merge->counts.inserted, err);
}

static int match_keys(struct stage *stage, struct err *err)
{
    int rc = merge_replaces(stage->merge) ? delete_vanished(stage, err) : 0;
    if (!rc)
        rc = end_different(stage, err);
    return rc ? rc : insert_missing(stage, err);
}

int merge_stage(struct merge *merge, struct intake *intake, struct err *err)
{
    struct stage stage;
    int rc = stage_fill(&stage, merge, intake, err);
    if (!rc && merge->dataset->key_count && !intake->ascending && intake->accepted > 1)
        rc = merge_drop_repeated(merge, stage.table, "yellow_batch_n", err);
    if (!rc && merge->plan.alter) {
        rc = table_alter(merge->ingest->target, merge->ingest->arena, merge->dataset, &merge->plan, err);
        if (rc == -ERR_CONFLICT)
            (void)ingest_fail(merge->ingest, "schema-changed", rc);
    }
    if (!rc)
        rc = merge->dataset->key_count ? match_keys(&stage, err)
             : merge_replaces(merge)   ? match_rows(&stage, err)
                                       : insert_all(&stage, err);
    const struct counts *counts = &merge->counts;
    merge->way = counts->inserted || counts->updated || counts->deleted ? "stage" : "none";
    return rc;
}
