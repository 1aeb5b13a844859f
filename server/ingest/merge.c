#include "ingest/merge.h"

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

int merge_run(struct merge *merge, struct err *err)
{
    struct intake intake = {0};
    bool sorted = may_compare(merge);
    int rc = open_intake(merge, &intake, &sorted, err);
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
