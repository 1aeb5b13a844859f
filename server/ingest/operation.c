#include "ingest/operation.h"

#include "ingest/builder.h"
#include "ingest/view.h"
#include "ingest/watermark.h"
#include "sql.h"

static int last_done(struct ingest *ingest, int64_t *out, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(ingest->target, ingest->arena, sql_operation_last, PG_ONE, &rows, err,
                      pg_int(ingest->arena, ingest->stream));
    *out = rc ? 0 : pg_integer(&rows, 0, 0);
    return rc;
}

int operation_found(struct ingest *ingest, int64_t *out, struct err *err)
{
    const struct work_operation *operation = ingest->work->operation;
    int64_t last = 0;
    int rc = operation ? last_done(ingest, &last, err) : 0;
    *out = operation && last == operation->id ? operation->id : 0;
    return rc;
}

/* The server may know a part of a long watermark alone. */
static int rewind_to_batch(struct ingest *ingest, const struct work_operation *operation, struct err *err)
{
    struct pg_rows rows;
    ingest->forgets = true;
    ingest->forget_after = operation->batch;
    int rc = pg_query(ingest->target, ingest->arena, sql_operation_watermark, PG_MAYBE, &rows, err,
                      pg_int(ingest->arena, ingest->stream), pg_int(ingest->arena, operation->batch));
    if (!rc)
        ingest->watermark = rows.count ? pg_text(&rows, 0, 0) : operation->watermark;
    return rc;
}

static int rewind_to(struct ingest *ingest, const struct work_operation *operation, struct err *err)
{
    if (operation->batch > 0)
        return rewind_to_batch(ingest, operation, err);
    if (!operation->skip && operation->watermark)
        return watermark_rewind(ingest->arena, ingest->watermark, operation->watermark, &ingest->watermark, err);
    ingest->watermark = operation->watermark;
    return 0;
}

int operation_prepare(struct ingest *ingest, struct ledger *ledger, struct err *err)
{
    const struct work_operation *operation = ingest->work->operation;
    int64_t last;
    if (!operation)
        return 0;
    int rc = last_done(ingest, &last, err);
    if (rc || last == operation->id)
        return rc;
    ingest->operation = operation;
    if (operation->kind == WORK_RESET || operation->kind == WORK_RESNAPSHOT)
        ledger->same_shape = false; /* tables may have been changed, or dropped, by hand */
    if (operation->kind == WORK_RESNAPSHOT) {
        ingest->replace = true;
        ingest->watermark = NULL;
        ingest->forgets = true;
    }
    return operation->kind == WORK_REWIND ? rewind_to(ingest, operation, err) : 0;
}

bool operation_drops(const struct ingest *ingest)
{
    return ingest->operation && ingest->operation->kind == WORK_DROP;
}

/* Yellow's own views go first; what somebody else made on a table stops the drop, which names it. */
static int drop(struct ingest *ingest, struct err *err)
{
    const struct work *work = ingest->work;
    struct work bare = *work;
    bare.views = NULL;
    bare.view_count = 0;
    int rc = view_apply(ingest->target, ingest->arena, &bare, err);
    for (size_t i = 0; !rc && i < work->dataset_count; i++) {
        struct buf *sql = buf_new(ingest->arena);
        buf_adds(sql, "drop table if exists ");
        builder_table(sql, work->datasets[i].schema, work->datasets[i].table);
        rc = pg_script(ingest->target, buf_text(sql), err);
        if (rc)
            (void)err_prefix(err, "table \"%s\".\"%s\"", work->datasets[i].schema, work->datasets[i].table);
    }
    if (!rc)
        rc = pg_query(ingest->target, ingest->arena, sql_operation_forget_shape, PG_NONE, NULL, err,
                      pg_int(ingest->arena, ingest->stream));
    return rc;
}

/* A view goes with a column that is renamed: it would show what the column was. */
static int forget_views(struct ingest *ingest, struct err *err)
{
    const struct work *work = ingest->work;
    const char **schemas = arena_calloc(ingest->arena, work->dataset_count + 1, sizeof *schemas);
    const char **tables = arena_calloc(ingest->arena, work->dataset_count + 1, sizeof *tables);
    for (size_t i = 0; i < work->dataset_count; i++) {
        schemas[i] = work->datasets[i].schema;
        tables[i] = work->datasets[i].table;
    }
    return pg_query(ingest->target, ingest->arena, sql_operation_forget_views, PG_NONE, NULL, err,
                    pg_text_array(ingest->arena, schemas, work->dataset_count),
                    pg_text_array(ingest->arena, tables, work->dataset_count));
}

int operation_do(struct ingest *ingest, struct err *err)
{
    const struct work_operation *operation = ingest->operation;
    int rc = 0;
    if (!operation)
        return 0;
    if (operation->kind == WORK_DROP)
        rc = drop(ingest, err);
    if (operation->kind == WORK_RESET || operation->kind == WORK_RESNAPSHOT)
        rc = forget_views(ingest, err);
    if (!rc && operation->kind != WORK_REWIND)
        rc = pg_query(ingest->target, ingest->arena, sql_operation_forget_quarantine, PG_NONE, NULL, err,
                      pg_int(ingest->arena, ingest->stream),
                      operation->kind == WORK_DROP ? pg_int(ingest->arena, 0)
                                                   : pg_int(ingest->arena, ingest->work->batch));
    if (!rc && (ingest->forgets || operation->kind == WORK_DROP))
        rc = pg_query(ingest->target, ingest->arena, sql_operation_forget_objects, PG_NONE, NULL, err,
                      pg_int(ingest->arena, ingest->stream), pg_int(ingest->arena, ingest->forget_after));
    if (!rc)
        rc = pg_query(ingest->target, ingest->arena, sql_operation_done, PG_NONE, NULL, err,
                      pg_int(ingest->arena, ingest->stream), pg_int(ingest->arena, operation->id));
    return rc;
}
