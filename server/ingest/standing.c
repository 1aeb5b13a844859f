#include "ingest/standing.h"

#include "ingest/builder.h"
#include "ingest/order.h"
#include "ingest/wire.h"
#include "pg/copy.h"

enum { SMALL = 1 << 20, HEADER = 19, TID = 6, BEFORE = 4 + TID };

static const char *statement(const struct merge *merge)
{
    struct buf *sql = buf_new(merge->ingest->arena);
    buf_adds(sql, "copy (select ctid, ");
    builder_columns(sql, merge->dataset, "");
    buf_adds(sql, " from ");
    builder_table(sql, merge->dataset->schema, merge->dataset->table);
    if (merge->ingest->work->milestoned)
        buf_adds(sql, " where yellow_batch_out = " TABLE_LIVE);
    buf_addf(sql, " order by %s) to stdout (format binary)", order_by_key(merge->ingest->arena, merge->dataset));
    return buf_text(sql);
}

static int is_small(const struct merge *merge, bool *small, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(merge->ingest->target, merge->ingest->arena,
                      "select pg_relation_size(format('%I.%I', $1::text, $2::text)::regclass)", PG_ONE, &rows, err,
                      PG_TEXT(merge->dataset->schema), PG_TEXT(merge->dataset->table));
    *small = !rc && pg_integer(&rows, 0, 0) <= SMALL;
    return rc;
}

static int read_all(struct standing *standing, struct err *err)
{
    struct str data;
    int rc;
    while ((rc = pg_copy_out_next(standing->pg, &data, err)) > 0) {
        wire_put32(buf_reserve(&standing->memory, 4), (uint32_t)data.len);
        standing->memory.len += 4;
        buf_add_str(&standing->memory, data);
    }
    standing->in_memory = true;
    return rc;
}

/* Until the end of the transaction: VACUUM FULL and CLUSTER would give rows other places between the end of the reading
 * and the statement that ends rows by their places. */
static int keep_places(const struct merge *merge, struct err *err)
{
    struct buf *sql = buf_new(merge->ingest->arena);
    buf_adds(sql, "lock table ");
    builder_table(sql, merge->dataset->schema, merge->dataset->table);
    buf_adds(sql, " in row exclusive mode");
    return pg_script(merge->ingest->target, buf_text(sql), err);
}

int standing_open(struct standing *standing, struct merge *merge, struct err *err)
{
    bool small = false;
    *standing = (struct standing){0};
    int rc = is_small(merge, &small, err);
    standing->pg = merge->ingest->target;
    if (!rc && !small)
        rc = keep_places(merge, err);
    if (!rc && !small)
        rc = merge->reader(merge->reader_ctx, &standing->pg, err);
    if (!rc)
        rc = pg_copy_out_begin(standing->pg, statement(merge), -1, err);
    if (!rc && small)
        rc = read_all(standing, err);
    return rc;
}

static int next_message(struct standing *standing, struct str *data, struct err *err)
{
    if (!standing->in_memory)
        return pg_copy_out_next(standing->pg, data, err);
    if (standing->at == standing->memory.len)
        return 0;
    const char *message = standing->memory.data + standing->at;
    *data = (struct str){message + 4, wire_get32(message)};
    standing->at += 4 + data->len;
    return 1;
}

int standing_next(struct standing *standing, struct err *err)
{
    struct str data;
    for (;;) {
        int rc = next_message(standing, &data, err);
        if (rc <= 0)
            return rc;
        if (!standing->begun && data.len >= HEADER) {
            standing->begun = true;
            data = (struct str){data.data + HEADER, data.len - HEADER};
        }
        /* Neither the header alone nor the trailer. */
        if (data.len >= 2 + BEFORE)
            break;
    }
    /* The message is ours: the count, less one, moves to the end of the ctid. */
    char *bytes = (char *)(uintptr_t)data.data;
    uint16_t count = wire_get16(bytes);
    standing->block = wire_get32(bytes + 2 + 4);
    standing->item = wire_get16(bytes + 2 + 4 + 4);
    wire_put16(bytes + BEFORE, (uint16_t)(count - 1));
    standing->tuple = (struct str){data.data + BEFORE, data.len - BEFORE};
    return 1;
}

void standing_close(struct standing *standing)
{
    if (standing->pg && !standing->in_memory)
        pg_copy_out_abandon(standing->pg);
    buf_dispose(&standing->memory);
}
