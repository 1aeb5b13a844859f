#include "ingest/builder.h"
#include "ingest/merge_ways.h"
#include "ingest/writer.h"

enum { ANALYZE_FROM = 10000 };

static int add_all(struct merge *merge, struct intake *intake, struct err *err)
{
    struct writer writer;
    struct str tuple;
    writer_init(&writer, merge, merge->plan.fresh);
    int rc;
    while ((rc = intake_next(intake, &tuple, err)) > 0) {
        rc = writer_add(&writer, tuple, err);
        if (rc)
            break;
    }
    if (!rc)
        rc = writer_end(&writer, err);
    writer_dispose(&writer);
    return rc;
}

/* Keys that are in order already are sorted by looking at them: in little memory, which stays in the cache. */
static int add_sorted_index(struct merge *merge, struct err *err)
{
    struct buf *sql = buf_new(merge->ingest->arena);
    buf_adds(sql, "set local maintenance_work_mem = '64MB'; ");
    buf_adds(sql, merge->plan.index);
    buf_adds(sql, "; set local maintenance_work_mem to default");
    return pg_script(merge->ingest->target, buf_text(sql), err);
}

/* Makes the index of a new table. Whether a key is there twice is asked of the index where nobody knows. */
static int add_index(struct merge *merge, const struct intake *intake, struct err *err)
{
    struct pg *pg = merge->ingest->target;
    if (intake->ascending || !intake->accepted)
        return add_sorted_index(merge, err);
    int rc = pg_script(pg, "savepoint yellow_index", err);
    if (!rc)
        rc = pg_script(pg, merge->plan.index, err);
    if (!rc || strcmp(err->sqlstate, "23505") != 0)
        return rc;
    struct buf *table = buf_new(merge->ingest->arena);
    builder_table(table, merge->dataset->schema, merge->dataset->table);
    rc = pg_script(pg, "rollback to savepoint yellow_index", err);
    if (!rc)
        rc = merge_drop_repeated(merge, buf_text(table), "ctid", err);
    return rc ? rc : pg_script(pg, merge->plan.index, err);
}

/* The next batch plans by the table's size and key. A sample of these is soon taken, and leaves the table one that was
 * not analyzed: autovacuum does the rest, for whoever reads, outside of the batch. */
static int analyze(struct merge *merge, struct err *err)
{
    struct buf *sql = buf_new(merge->ingest->arena);
    bool keyed = merge->dataset->key_count > 0;
    buf_adds(sql, keyed ? "set local default_statistics_target = 10; analyze " : "analyze ");
    builder_table(sql, merge->dataset->schema, merge->dataset->table);
    if (keyed) {
        buf_adds(sql, " (");
        builder_key(sql, merge->dataset, "");
        buf_adds(sql, "); set local default_statistics_target to default");
    }
    return pg_script(merge->ingest->target, buf_text(sql), err);
}

int merge_load(struct merge *merge, struct intake *intake, struct err *err)
{
    const struct work *work = merge->ingest->work;
    int rc = merge->plan.create ? pg_script(merge->ingest->target, merge->plan.create, err) : 0;
    if (!rc)
        rc = add_all(merge, intake, err);
    if (!rc && merge->plan.fresh)
        rc = pg_script(merge->ingest->target,
                       table_beside(merge->ingest->arena, merge->dataset, work->milestoned, work->batch), err);
    if (!rc && merge->plan.index)
        rc = add_index(merge, intake, err);
    if (!rc && merge->plan.fresh && intake->accepted >= ANALYZE_FROM)
        rc = analyze(merge, err);
    merge->counts.inserted = merge->counts.read - merge->refused - merge->superseded;
    /* A table that is made anew counts from here, without a row, too. */
    merge->way = merge->plan.fresh ? "rebuild" : merge->counts.inserted ? "append" : "none";
    return rc;
}
