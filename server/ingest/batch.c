#include "ingest/batch.h"

#include "base/time.h"
#include "ingest/counts.h"
#include "ingest/ledger.h"
#include "ingest/merge.h"
#include "ingest/names.h"
#include "ingest/operation.h"
#include "ingest/view.h"

#include <stdio.h>

/* What one run of a batch goes through, in this order: claim, plan, capture, merge, commit. */
struct batch {
    struct ingest ingest;
    const struct capture_kind *kind;
    struct capturing *capture;
    struct pg **target;
    struct pg *reader;
    const struct batch_options *options;
    struct ledger ledger;
    const char *shape;
    struct table_plan *plans;
    bool claimed, lost;
    int64_t staged_ms;
    struct batch_outcome *out;
};

static int64_t bad_row_limit(const struct work *work)
{
    return work->store && work->store->capture.present && work->store->capture.type == CAPTURE_CSV_S3
               ? work->store->capture.csv.bad_rows
               : 0;
}

static int reconnect(struct batch *batch, struct pg **out, struct err *err)
{
    if (!batch->options || !batch->options->reconnect)
        return err_set(err, ERR_UNAVAILABLE, "the merge database: no way to connect again");
    return batch->options->reconnect(batch->options->ctx, out, err);
}

/* A second connection, for reading a table while it is written. */
static int get_reader(void *ctx, struct pg **out, struct err *err)
{
    struct batch *batch = ctx;
    int rc = 0;
    if (!batch->reader) {
        rc = reconnect(batch, &batch->reader, err);
        if (rc)
            return rc;
        pg_set_wake(batch->reader, batch->ingest.progress->wake_fd);
        rc = ledger_mark_reader(batch->reader, batch->ingest.arena, &batch->ledger, err);
    }
    *out = batch->reader;
    return rc;
}

static int claim(struct batch *batch, struct err *err)
{
    struct ingest *ingest = &batch->ingest;
    int rc = ledger_prepare(ingest->target, ingest->arena, err);
    if (rc == -ERR_INVALID)
        return ingest_fail(ingest, "configuration", rc);
    if (!rc)
        rc = ledger_claim(ingest->target, ingest->arena, ingest->work, batch->shape, &batch->ledger, &batch->lost, err);
    batch->out->seen_fence = batch->lost ? batch->ledger.seen_fence : 0;
    if (rc)
        return ingest_fail(ingest,
                           batch->lost            ? cause_lost
                           : batch->ledger.behind ? "merge-behind"
                                                  : "target-error",
                           rc);
    ingest->stream = batch->ledger.stream;
    ingest->watermark = batch->ledger.watermark;
    batch->claimed = !batch->ledger.found;
    rc = batch->ledger.found ? operation_found(ingest, &batch->out->operation, err)
                             : operation_prepare(ingest, &batch->ledger, err);
    return rc ? ingest_fail(ingest, "target-error", rc) : 0;
}

/* The work with the columns that tables keep wider than the model has them; its shape is theirs, so that the next batch
 * looks again. */
static void follow_tables(struct batch *batch)
{
    struct ingest *ingest = &batch->ingest;
    struct work *work = NULL;
    struct work_dataset *datasets = NULL;
    for (size_t i = 0; i < ingest->work->dataset_count; i++) {
        if (!batch->plans[i].columns)
            continue;
        if (!work) {
            work = arena_alloc(ingest->arena, sizeof *work);
            *work = *ingest->work;
            datasets = arena_calloc(ingest->arena, work->dataset_count, sizeof *datasets);
            memcpy(datasets, work->datasets, work->dataset_count * sizeof *datasets);
            work->datasets = datasets;
        }
        datasets[i].columns = batch->plans[i].columns;
    }
    if (!work)
        return;
    ingest->work = work;
    batch->shape = table_shape(ingest->arena, work);
}

/* A table that somebody dropped: who adds to it reads on from the watermark, and would never read again what it had. */
static int check_gone(struct batch *batch, size_t index, struct err *err)
{
    const struct work_dataset *dataset = &batch->ingest.work->datasets[index];
    if (!batch->plans[index].create || batch->kind->whole || batch->ingest.replace)
        return 0;
    for (size_t i = 0; i < batch->ledger.dataset_count; i++)
        if (strcmp(batch->ledger.datasets[i], dataset->name) == 0) {
            (void)err_set(err, ERR_NOT_FOUND, "dataset \"%s\": table \"%s\".\"%s\" is gone, and rows that it had",
                          dataset->name, dataset->schema, dataset->table);
            return err_hint(err, "re-snapshot the stream: it reads all of the source again");
        }
    return 0;
}

static int plan(struct batch *batch, struct err *err)
{
    struct ingest *ingest = &batch->ingest;
    const struct work *work = ingest->work;
    batch->plans = arena_calloc(ingest->arena, work->dataset_count, sizeof *batch->plans);
    for (size_t i = 0; !batch->ledger.same_shape && i < work->dataset_count; i++) {
        int rc = table_plan(ingest->target, ingest->arena, &work->datasets[i], work->milestoned, &batch->plans[i], err);
        rc = rc ? rc : check_gone(batch, i, err);
        rc = rc ? rc : names_put_table(ingest->target, ingest->arena, work, &work->datasets[i], err);
        if (rc)
            return ingest_fail(ingest,
                               rc == -ERR_CONFLICT  ? "schema-changed"
                               : rc == -ERR_INVALID ? "configuration"
                                                    : "target-error",
                               rc);
    }
    follow_tables(batch);
    return 0;
}

static int merge_all(struct batch *batch, struct err *err)
{
    struct ingest *ingest = &batch->ingest;
    struct batch_outcome *out = batch->out;
    out->dataset_count = ingest->work->dataset_count;
    out->datasets = arena_calloc(ingest->arena, out->dataset_count, sizeof *out->datasets);
    for (size_t i = 0; i < out->dataset_count; i++) {
        struct merge merge = {.ingest = ingest,
                              .kind = batch->kind,
                              .capture = batch->capture,
                              .index = i,
                              .dataset = &ingest->work->datasets[i],
                              .plan = batch->plans[i],
                              .reader = get_reader,
                              .reader_ctx = batch};
        int rc = merge_run(&merge, err);
        if (rc) {
            (void)err_prefix(err, "dataset \"%s\"", merge.dataset->name);
            bool hand = strcmp(err->sqlstate, "42P01") == 0 || strcmp(err->sqlstate, "42703") == 0;
            if (hand && !*err->hint)
                (void)err_hint(err, "was the table dropped or altered by hand? re-snapshot the stream");
            return rc;
        }
        out->datasets[i].dataset = merge.dataset->name;
        out->datasets[i].counts = merge.counts;
        out->datasets[i].way = merge.way;
        out->datasets[i].ddl = merge.plan.create || merge.plan.alter;
        counts_add(&out->counts, &merge.counts);
    }
    return 0;
}

/* The last statements of the transaction. */
static int write_down(struct batch *batch, struct err *err)
{
    struct ingest *ingest = &batch->ingest;
    int rc = 0;
    /* Without a bad row, too, when an attempt that failed may have left some. */
    if (batch->ledger.attempts > 1 || quarantine_count(ingest->quarantine, NULL))
        rc = quarantine_write(ingest->quarantine, ingest->target, ingest->stream, ingest->work->batch, err);
    if (!rc && batch->capture && batch->kind->commit)
        rc = batch->kind->commit(batch->capture, err);
    if (!rc && batch->capture)
        rc = view_apply(ingest->target, ingest->arena, ingest->work, err);
    if (rc)
        return rc;
    batch->out->watermark = batch->capture && batch->kind->watermark ? batch->kind->watermark(batch->capture) : NULL;
    rc = ledger_commit(ingest->target, ingest->arena, &batch->ledger, ingest->work, batch->out->watermark,
                       batch->ledger.same_shape || operation_drops(ingest) ? NULL : batch->shape,
                       counts_text(ingest->arena, batch->out), batch->staged_ms, err);
    batch->lost = rc == -ERR_CONFLICT;
    return batch->lost ? ingest_fail(ingest, cause_lost, rc) : rc;
}

/* The connection in place of one that was lost. */
static int replace_target(struct batch *batch, struct err *err)
{
    struct pg *fresh = NULL;
    int rc = reconnect(batch, &fresh, err);
    if (rc)
        return rc;
    pg_close(*batch->target);
    *batch->target = batch->ingest.target = fresh;
    return 0;
}

/* From here on a stop waits: what COMMIT did has to be known. */
static int commit(struct batch *batch, struct err *err)
{
    struct ingest *ingest = &batch->ingest;
    bool committed = false;
    pg_set_wake(ingest->target, -1);
    int rc = pg_commit(ingest->target, err);
    if (!rc || strcmp(err->sqlstate, "08007") != 0)
        return rc;
    struct err why = {0};
    int resolved = replace_target(batch, &why);
    if (!resolved)
        resolved = ledger_resolve(ingest->target, ingest->arena, &batch->ledger, ingest->work, &committed, &why);
    /* Not known still: the next run asks again before it does anything. */
    batch->claimed = resolved == 0;
    return committed ? 0 : rc;
}

static int work_through(struct batch *batch, struct err *err)
{
    struct ingest *ingest = &batch->ingest;
    atomic_store(&ingest->progress->phase, PHASE_CAPTURE);
    bool drops = operation_drops(ingest);
    int rc = drops ? 0 : plan(batch, err);
    if (!rc && !drops) {
        rc = batch->kind->begin(ingest, &batch->capture, err);
        rc = rc ? ingest_fail(ingest, "source-error", rc) : 0;
    }
    if (!rc)
        rc = ledger_begin(ingest->target, ingest->arena, &batch->ledger, err);
    if (!rc)
        rc = operation_do(ingest, err);
    if (!rc && !drops)
        rc = merge_all(batch, err);
    if (!rc && batch->options && batch->options->on_staged)
        rc = batch->options->on_staged(batch->options->ctx, err);
    if (!rc)
        rc = progress_check(ingest->progress, err);
    if (rc)
        return rc;
    atomic_store(&ingest->progress->phase, PHASE_COMMIT);
    batch->staged_ms = time_monotonic_ms();
    rc = write_down(batch, err);
    return rc ? rc : commit(batch, err);
}

/* Back to the state before, with the reason written down as far as somebody still listens. */
static void give_up(struct batch *batch, int rc, const struct err *why)
{
    struct ingest *ingest = &batch->ingest;
    if (rc == -ERR_CANCELLED || atomic_load(&ingest->progress->stopped))
        ingest->cause = cause_cancelled;
    if (!ingest->cause)
        ingest->cause = rc == -ERR_INTERNAL && !*why->sqlstate ? "internal" : "target-error";
    batch->out->cause = ingest->cause;
    struct err err = {0};
    pg_set_wake(ingest->target, -1);
    int done = pg_is_broken(ingest->target) ? replace_target(batch, &err) : pg_rollback(ingest->target, &err);
    if (!batch->claimed || batch->lost)
        return;
    if (!done)
        done = pg_script(ingest->target, "begin", &err);
    if (!done)
        done = ledger_fail(ingest->target, ingest->arena, &batch->ledger, ingest->work, ingest->cause, why->text, &err);
    if (done == -ERR_CONFLICT)
        batch->out->cause = cause_lost;
    if (!done && quarantine_count(ingest->quarantine, NULL))
        done = quarantine_write(ingest->quarantine, ingest->target, ingest->stream, ingest->work->batch, &err);
    if (!done)
        done = pg_commit(ingest->target, &err);
    if (done && !pg_is_broken(ingest->target))
        (void)pg_rollback(ingest->target, &err);
}

static void report_found(struct batch *batch)
{
    batch->out->found = true;
    batch->out->watermark = batch->ledger.watermark;
    counts_read(batch->ingest.arena, batch->ledger.counts, batch->out);
}

int batch_run_kind(struct arena *arena, const struct work *work, const struct capture_kind *kind, struct pg **target,
                   struct progress *progress, const struct batch_options *options, struct batch_outcome *out,
                   struct err *err)
{
    struct batch batch = {
        .ingest = {.arena = arena,
                   .work = work,
                   .progress = progress,
                   .target = *target,
                   .look_bytes = options ? options->look_bytes : 0,
                   .ahead = options ? options->ahead : NULL},
        .kind = kind,
        .target = target,
        .options = options,
        .out = out,
    };
    *out = (struct batch_outcome){.batch = work->batch, .operation = work->operation ? work->operation->id : 0};
    batch.ingest.quarantine = quarantine_new(arena, bad_row_limit(work));
    batch.shape = table_shape(arena, work);
    pg_set_wake(*target, progress->wake_fd);
    int rc = progress_check(progress, err);
    rc = rc ? rc : claim(&batch, err);
    if (!rc && batch.ledger.found)
        report_found(&batch);
    else if (!rc)
        rc = work_through(&batch, err);
    if (rc)
        give_up(&batch, rc, err);
    if (batch.capture)
        kind->end(batch.capture);
    pg_close(batch.reader);
    if (batch.ingest.target)
        pg_set_wake(batch.ingest.target, -1);
    return rc;
}

int batch_run(struct arena *arena, const struct work *work, struct pg **target, struct progress *progress,
              const struct batch_options *options, struct batch_outcome *out, struct err *err)
{
    enum capture_type type = work->store->capture.present ? work->store->capture.type : CAPTURE_TRANSFORMER;
    return batch_run_kind(arena, work, capture_kind_find(type), target, progress, options, out, err);
}
