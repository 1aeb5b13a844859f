#include "ingest/merge.h"

#include "ingest/builder.h"
#include "ingest/merge_ways.h"
#include "ingest/order.h"

static bool may_compare(const struct merge *merge)
{
    return merge->kind->whole && !merge->plan.fresh && !merge->plan.alter && order_is_possible(merge->dataset);
}

static bool is_load(const struct merge *merge)
{
    return merge->plan.fresh || (!merge->plan.alter && !merge_replaces(merge) && merge->dataset->key_count == 0);
}

/* Each row that was read met one fate; those that the capture put aside were read, too. */
static void add_up(struct merge *merge)
{
    struct counts *counts = &merge->counts;
    counts->quarantined = quarantine_count(merge->ingest->quarantine, merge->dataset->name);
    counts->read += counts->quarantined - merge->refused;
    counts->unchanged = counts->read - counts->quarantined - counts->inserted - counts->updated;
}

static int open_intake(struct merge *merge, struct intake *intake, bool *sorted, struct err *err)
{
    struct rows *rows = NULL;
    int rc = merge->kind->rows(merge->capture, merge->index, *sorted, &rows, sorted, err);
    if (rc)
        return ingest_fail(merge->ingest, "source-error", rc);
    intake_init(intake, merge, rows);
    atomic_store(&merge->ingest->progress->phase, PHASE_CAPTURE);
    return 0;
}

/* The source promised an order and did not keep it: its rows are read again, as they come. */
static int stage_again(struct merge *merge, struct intake *intake, struct err *err)
{
    bool sorted = false;
    if (quarantine_count(merge->ingest->quarantine, merge->dataset->name))
        return err_set(err, ERR_CONFLICT, "rows of the source came out of order after some were put aside");
    intake_dispose(intake);
    merge->counts = (struct counts){0};
    int rc = open_intake(merge, intake, &sorted, err);
    return rc ? rc : merge_stage(merge, intake, err);
}

/* 1 when the source's rows are those of the batch before, and the table still has as many. */
static int is_same(struct merge *merge, struct err *err)
{
    struct ingest *ingest = merge->ingest;
    int64_t count;
    if (!merge->kind->same || !merge->kind->whole || merge->plan.fresh || merge->plan.alter || ingest->operation)
        return 0;
    int rc = merge->kind->same(merge->capture, merge->index, &count, err);
    if (rc <= 0)
        return rc ? ingest_fail(ingest, "source-error", rc) : 0;
    struct buf *sql = buf_new(ingest->arena);
    struct pg_rows rows;
    buf_adds(sql, "select count(*) from ");
    builder_table(sql, merge->dataset->schema, merge->dataset->table);
    buf_adds(sql, ingest->work->milestoned ? " where yellow_batch_out = " TABLE_LIVE : "");
    rc = pg_query(ingest->target, ingest->arena, buf_text(sql), PG_ONE, &rows, err);
    if (rc || pg_integer(&rows, 0, 0) != count)
        return rc;
    merge->counts.read = count;
    merge->way = "none";
    atomic_fetch_add(&ingest->progress->rows, (uint64_t)count);
    return 1;
}

int merge_run(struct merge *merge, struct err *err)
{
    struct intake intake = {0};
    bool sorted = may_compare(merge);
    int rc = is_same(merge, err);
    if (rc < 0)
        return rc;
    if (rc) {
        add_up(merge);
        return 0;
    }
    rc = open_intake(merge, &intake, &sorted, err);
    if (rc)
        return rc;
    if (is_load(merge))
        rc = merge_load(merge, &intake, err);
    else if (!sorted)
        rc = merge_stage(merge, &intake, err);
    else if ((rc = merge_compare(merge, &intake, err)) == 1)
        rc = stage_again(merge, &intake, err);
    intake_dispose(&intake);
    if (!rc)
        add_up(merge);
    return rc;
}
