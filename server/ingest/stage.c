#include "ingest/stage.h"

#include "ingest/builder.h"
#include "ingest/wire.h"
#include "pg/copy.h"

enum { ANALYZE_FROM = 1000 };

static int make_stage(struct stage *stage, struct err *err)
{
    const struct merge *merge = stage->merge;
    struct arena *arena = merge->ingest->arena;
    struct buf *sql = buf_new(arena), *target = buf_new(arena);
    stage->table = arena_printf(arena, "pg_temp.yellow_stage_%zu", merge->index);
    builder_table(target, merge->dataset->schema, merge->dataset->table);
    stage->target = buf_text(target);
    buf_addf(sql, "create temporary table yellow_stage_%zu (yellow_batch_n bigint not null, ", merge->index);
    table_columns(sql, merge->dataset, false);
    buf_adds(sql, ") on commit drop");
    return pg_script(merge->ingest->target, buf_text(sql), err);
}

static int copy_rows(struct stage *stage, struct intake *intake, struct err *err)
{
    struct merge *merge = stage->merge;
    struct pg *pg = merge->ingest->target;
    struct buf *sql = buf_new(merge->ingest->arena);
    struct buf out = {0};
    struct str tuple;
    buf_addf(sql, "copy %s (yellow_batch_n, ", stage->table);
    builder_columns(sql, merge->dataset, "");
    buf_adds(sql, ") from stdin (format binary)");
    int rc = pg_copy_in_begin(pg, buf_text(sql), -1, err);
    if (rc)
        return rc;
    wire_header(&out);
    while ((rc = intake_next(intake, &tuple, err)) > 0) {
        wire_int16(&out, (int16_t)(merge->dataset->column_count + 1));
        wire_int64(&out, intake->accepted);
        buf_add(&out, tuple.data + 2, tuple.len - 2);
        if (out.len >= PG_COPY_PIECE && (rc = pg_copy_in_take(pg, &out, err)) != 0)
            break;
    }
    wire_int16(&out, -1);
    if (!rc)
        rc = pg_copy_in_write(pg, buf_str(&out), err);
    if (!rc)
        rc = pg_copy_in_end(pg, NULL, err);
    else
        pg_copy_in_abandon(pg, "given up");
    buf_dispose(&out);
    if (!rc && intake->accepted >= ANALYZE_FROM)
        rc = pg_script(pg, arena_printf(merge->ingest->arena, "analyze %s", stage->table), err);
    return rc;
}

int stage_fill(struct stage *stage, struct merge *merge, struct intake *intake, struct err *err)
{
    *stage = (struct stage){.merge = merge};
    int rc = make_stage(stage, err);
    return rc ? rc : copy_rows(stage, intake, err);
}

void stage_differs(struct buf *sql, const struct stage *stage)
{
    buf_adds(sql, "row(");
    builder_columns(sql, stage->merge->dataset, "t.");
    buf_adds(sql, ")::record *<> row(");
    builder_columns(sql, stage->merge->dataset, "s.");
    buf_adds(sql, ")::record");
}

void stage_numbered(struct buf *sql, const struct stage *stage, const char *from, const char *place, const char *age,
                    const char *where)
{
    buf_addf(sql,
             "(select place, hash, row_number() over (partition by hash order by age, place) as nth from (select "
             "t.%s as place, t.%s as age, sha256(record_send(row(",
             place, age);
    builder_columns(sql, stage->merge->dataset, "t.");
    buf_addf(sql, "))) as hash from %s t%s) h)", from, where);
}
