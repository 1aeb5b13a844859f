#include "ingest/naming.h"
#include "ingest/order.h"
#include "ingest/output.h"
#include "ingest/sql_mark.h"

/* sql-snapshot: each table as it is, all of them in one snapshot of the source. And a transformer's output, which is
 * the same out of the schema that it wrote to. */

struct capturing {
    struct sql_source *source;
    struct sql_marks *marks;
};

static int begin(struct ingest *ingest, const struct sql_source_options *options, struct capturing **out,
                 struct err *err)
{
    struct capturing *capture = arena_alloc(ingest->arena, sizeof *capture);
    int rc = sql_source_open(ingest, options, &capture->source, err);
    if (!rc)
        *out = capture;
    return rc;
}

static int begin_snapshot(struct ingest *ingest, struct capturing **out, struct err *err)
{
    const struct sql_source_options options = {
        ingest->work->source,
        ingest->work->credential,
        NULL,
        {"source-unreachable", "credential-refused", "schema-changed", "source-error"},
        NULL,
    };
    int rc = begin(ingest, &options, out, err);
    if (!rc)
        rc = sql_marks_read((*out)->source, &(*out)->marks, err);
    return rc;
}

static int begin_output(struct ingest *ingest, struct capturing **out, struct err *err)
{
    const struct work *work = ingest->work;
    const struct sql_source_options options = {
        work->merge,
        work->merge_credential,
        naming_output_schema(ingest->arena, work->ecosystem, work->platform,
                             work->workspace ? work->workspace->transformer.name : work->name),
        {"target-error", "credential-refused", "transform-failed", "transform-failed"},
        output_reader,
    };
    return begin(ingest, &options, out, err);
}

static int rows(struct capturing *capture, size_t dataset, bool sorted, struct rows **out, bool *is_sorted,
                struct err *err)
{
    sorted = sorted && order_is_possible(&capture->source->ingest->work->datasets[dataset]);
    int rc = sql_source_rows(capture->source, dataset, sorted, NULL, out, err);
    if (!rc)
        *is_sorted = sorted;
    return rc;
}

static int same(struct capturing *capture, size_t dataset, int64_t *rows, struct err *err)
{
    return sql_marks_same(capture->marks, dataset, rows, err);
}

static int keep_marks(struct capturing *capture, struct err *err)
{
    return sql_marks_keep(capture->marks, err);
}

static const char *no_watermark(struct capturing *capture)
{
    (void)capture;
    return NULL;
}

static void end(struct capturing *capture)
{
    sql_source_close(capture->source);
}

const struct capture_kind capture_sql_snapshot = {
    .type = CAPTURE_SQL_SNAPSHOT,
    .whole = true,
    .begin = begin_snapshot,
    .same = same,
    .rows = rows,
    .commit = keep_marks,
    .watermark = no_watermark,
    .end = end,
};
const struct capture_kind capture_output = {
    .type = CAPTURE_TRANSFORMER,
    .whole = true,
    .begin = begin_output,
    .rows = rows,
    .watermark = no_watermark,
    .end = end,
};
