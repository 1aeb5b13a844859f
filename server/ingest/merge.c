#include "ingest/merge.h"

#include "ingest/merge_ways.h"
#include "ingest/order.h"

static bool may_compare(const struct merge *merge)
{
    return merge->kind->whole && !merge->plan.fresh && !merge->plan.alter && order_is_possible(merge->dataset);
}

static bool is_load(const struct merge *merge)
{
    return merge->plan.fresh || (!merge->plan.alter && !merge->kind->whole && merge->dataset->key_count == 0);
}

/* Each row that was read met one fate; those that the capture put aside were read, too. */
static void add_up(struct merge *merge)
{
    struct counts *counts = &merge->counts;
    counts->quarantined = quarantine_count(merge->ingest->quarantine, merge->dataset->name);
    counts->read += counts->quarantined - merge->refused;
    counts->unchanged = counts->read - counts->quarantined - counts->inserted - counts->updated;
}

int merge_run(struct merge *merge, struct err *err)
{
    struct intake intake;
    struct rows *rows = NULL;
    bool sorted = false, compare = may_compare(merge);
    int rc = merge->kind->rows(merge->capture, merge->index, compare, &rows, &sorted, err);
    if (rc)
        return ingest_fail(merge->ingest, "source-error", rc);
    intake_init(&intake, merge, rows);
    if (is_load(merge))
        rc = merge_load(merge, &intake, err);
    else
        rc = merge_stage(merge, &intake, err);
    (void)sorted;
    intake_dispose(&intake);
    if (!rc)
        add_up(merge);
    return rc;
}
