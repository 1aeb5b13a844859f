#include "ingest/intake.h"

#include "ingest/order.h"
#include "ingest/tuple.h"
#include "ingest/tuple_text.h"

enum { CHECK_EVERY = 1024 };

void intake_init(struct intake *intake, struct merge *merge, struct rows *rows)
{
    const struct work_dataset *dataset = merge->dataset;
    *intake = (struct intake){.merge = merge, .rows = rows, .ascending = order_is_possible(dataset)};
    intake->required = arena_calloc(merge->ingest->arena, dataset->column_count, sizeof *intake->required);
    for (size_t i = 0; i < dataset->column_count; i++)
        intake->required[i] = dataset->columns[i].key || !dataset->columns[i].nullable;
}

void intake_dispose(struct intake *intake)
{
    if (intake->rows)
        intake->rows->close(intake->rows);
    intake->rows = NULL;
    buf_dispose(&intake->last);
}

int intake_refuse(struct merge *merge, const char *column, const char *reason, struct str record, struct err *err)
{
    struct quarantine_row row = {.dataset = merge->dataset->name, .column = column, .reason = reason, .record = record};
    merge->refused++;
    int rc = quarantine_add(merge->ingest->quarantine, &row, err);
    if (rc == -ERR_INVALID && column)
        (void)err_prefix(err, "column \"%s\": %s", column, reason);
    else if (rc == -ERR_INVALID)
        (void)err_prefix(err, "%s", reason);
    return rc ? ingest_fail(merge->ingest, "bad-data-over-limit", rc) : 0;
}

/* The first column without a value that needs one; the count of columns when there is none; more when the tuple is not
 * one of the dataset. */
static size_t find_missing(const struct intake *intake, struct str tuple)
{
    size_t count = intake->merge->dataset->column_count, at = 2, missing = count;
    if (tuple.len < 2 || wire_get16(tuple.data) != count)
        return SIZE_MAX;
    for (size_t i = 0; i < count; i++) {
        if (at + 4 > tuple.len)
            return SIZE_MAX;
        uint32_t len = wire_get32(tuple.data + at);
        at += 4;
        if (len != UINT32_MAX)
            at += len;
        else if (intake->required[i] && missing == count)
            missing = i;
    }
    return at == tuple.len ? missing : SIZE_MAX;
}

static int refuse_missing(struct intake *intake, size_t column, struct str tuple, struct err *err)
{
    struct merge *merge = intake->merge;
    struct buf record = {0};
    tuple_text(&record, merge->dataset, tuple);
    int rc = intake_refuse(merge, merge->dataset->columns[column].name,
                           merge->dataset->columns[column].key ? "null in a column of the key"
                                                               : "null in a column that is not nullable",
                           buf_str(&record), err);
    buf_dispose(&record);
    return rc;
}

int intake_next(struct intake *intake, struct str *tuple, struct err *err)
{
    struct merge *merge = intake->merge;
    for (;;) {
        if (merge->counts.read % CHECK_EVERY == 0) {
            int rc = progress_check(merge->ingest->progress, err);
            if (rc)
                return rc;
        }
        int rc = intake->rows->next(intake->rows, tuple, err);
        if (rc == 0)
            atomic_store(&merge->ingest->progress->phase, PHASE_MERGE);
        if (rc <= 0)
            return rc ? ingest_fail(merge->ingest, "source-error", rc) : 0;
        merge->counts.read++;
        size_t missing = find_missing(intake, *tuple);
        if (missing == merge->dataset->column_count)
            break;
        if (missing == SIZE_MAX)
            return err_set(err, ERR_INTERNAL, "dataset \"%s\": row %lld of the capture is not one of its columns",
                           merge->dataset->name, (long long)merge->counts.read);
        rc = refuse_missing(intake, missing, *tuple, err);
        if (rc)
            return rc;
    }
    if (intake->ascending) {
        intake->ascending = !intake->accepted || order_compare(merge->dataset, buf_str(&intake->last), *tuple) < 0;
        buf_cut(&intake->last, 0);
        buf_add(&intake->last, tuple->data, order_prefix(merge->dataset, *tuple));
    }
    intake->accepted++;
    return 1;
}
