#include "ingest/writer.h"

#include "ingest/builder.h"
#include "ingest/wire.h"
#include "pg/copy.h"

void writer_init(struct writer *writer, struct merge *merge, int flags)
{
    bool beside = flags & WRITE_BESIDE;
    const struct work *work = merge->ingest->work;
    struct buf *sql = buf_new(merge->ingest->arena);
    buf_adds(sql, "copy ");
    builder_table(sql, merge->dataset->schema, merge->dataset->table);
    buf_adds(sql, " (");
    builder_columns(sql, merge->dataset, "");
    if (beside && work->milestoned)
        buf_addf(sql, ", %s, %s", table_batch_in, table_batch_out);
    else if (beside)
        buf_addf(sql, ", %s", table_batch_id);
    buf_addf(sql, ") from stdin (format binary%s)", flags & WRITE_FREEZE ? ", freeze" : "");
    *writer = (struct writer){.merge = merge, .pg = merge->ingest->target, .copy = buf_text(sql)};
    writer->columns = merge->dataset->column_count + (!beside ? 0 : work->milestoned ? 2 : 1);
    if (!beside)
        return;
    wire_int32(&writer->beside, work->batch);
    if (work->milestoned)
        wire_int32(&writer->beside, INT32_MAX);
}

void writer_dispose(struct writer *writer)
{
    if (writer->open)
        pg_copy_in_abandon(writer->pg, "given up");
    writer->open = false;
    buf_dispose(&writer->pending);
    buf_dispose(&writer->beside);
}

static int open_copy(struct writer *writer, struct err *err)
{
    int rc = writer->open ? 0 : pg_copy_in_begin(writer->pg, writer->copy, -1, err);
    writer->open = writer->open || !rc;
    return rc;
}

int writer_add(struct writer *writer, struct str tuple, struct err *err)
{
    struct buf *out = &writer->pending;
    if (!writer->open && !out->len)
        wire_header(out);
    wire_int16(out, (int16_t)writer->columns);
    buf_add(out, tuple.data + 2, tuple.len - 2);
    buf_add_str(out, buf_str(&writer->beside));
    writer->rows++;
    if (out->len < PG_COPY_PIECE || writer->hold)
        return 0;
    int rc = open_copy(writer, err);
    return rc ? rc : pg_copy_in_take(writer->pg, out, err);
}

int writer_refuse(const struct merge *merge, int64_t given, int64_t taken, struct err *err)
{
    (void)err_set(err, ERR_CONFLICT, "table \"%s\".\"%s\" took %lld of %lld rows: a trigger keeps the others back",
                  merge->dataset->schema, merge->dataset->table, (long long)taken, (long long)given);
    return err_hint(err, "nothing but Yellow may decide what is in it: drop the trigger, then run the batch again");
}

bool writer_was_behind(struct writer *writer)
{
    return writer->open && pg_copy_in_was_behind(writer->pg);
}

int writer_end(struct writer *writer, struct err *err)
{
    if (!writer->open && !writer->pending.len)
        return 0;
    wire_int16(&writer->pending, -1);
    int rc = open_copy(writer, err);
    if (!rc)
        rc = pg_copy_in_write(writer->pg, buf_str(&writer->pending), err);
    buf_cut(&writer->pending, 0);
    int64_t taken = 0, given = writer->rows;
    if (rc)
        return rc;
    writer->open = false;
    writer->rows = 0;
    rc = pg_copy_in_end(writer->pg, &taken, err);
    return rc || taken == given ? rc : writer_refuse(writer->merge, given, taken, err);
}
