#include "ingest/merge_kit.h"

#include "ingest/builder.h"
#include "ingest/encode.h"
#include "ingest/order.h"
#include "ingest/wire.h"
#include "pg/cluster.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

static struct merge_kit *current;

struct memory_rows {
    struct rows rows;
    struct str *tuples;
    size_t count, at;
};

static const struct work_dataset *sorted_dataset;
static int by_key(const void *a, const void *b)
{
    return order_compare(sorted_dataset, *(const struct str *)a, *(const struct str *)b);
}

static struct str encode_row(struct arena *arena, const struct work_dataset *dataset, struct str row)
{
    struct encoder encoder = {0};
    struct buf *tuple = buf_new(arena);
    wire_int16(tuple, (int16_t)dataset->column_count);
    for (size_t i = 0; i < dataset->column_count; i++) {
        struct str field = str_cut(&row, '|');
        if (!field.data || str_eqz(field, "\\N"))
            wire_null(tuple);
        else
            cr_assert(encode_text(&encoder, &dataset->columns[i].type, field, tuple), "%s", encoder.reason);
    }
    encoder_dispose(&encoder);
    return buf_str(tuple);
}

static int next_row(struct rows *base, struct str *tuple, struct err *err)
{
    struct memory_rows *rows = (struct memory_rows *)base;
    if (rows->at == rows->count)
        return 0;
    if (rows->tuples[rows->at].len == 0)
        return err_set(err, ERR_UNAVAILABLE, "the source went away");
    *tuple = rows->tuples[rows->at++];
    return 1;
}

static void close_rows(struct rows *base)
{
    (void)base;
}

static int memory_begin(struct ingest *ingest, struct capturing **out, struct err *err)
{
    (void)err;
    *out = (struct capturing *)(void *)ingest;
    return 0;
}

static int memory_rows(struct capturing *capture, size_t number, bool sorted, struct rows **out, bool *is_sorted,
                       struct err *err)
{
    const struct ingest *ingest = (const struct ingest *)(const void *)capture;
    struct arena *arena = ingest->arena;
    const struct work_dataset *dataset = &ingest->work->datasets[number]; /* as the tables have it */
    struct memory_rows *rows = arena_alloc(arena, sizeof *rows);
    struct str rest = str_from(current->rows[number]);
    (void)err;
    rows->rows = (struct rows){next_row, close_rows};
    rows->tuples = arena_calloc(arena, rest.len + 1, sizeof *rows->tuples);
    while (rest.data && rest.len) {
        struct str row = str_cut(&rest, '\n');
        rows->tuples[rows->count++] = str_eqz(row, "!") ? (struct str){0} : encode_row(arena, dataset, row);
    }
    *is_sorted = sorted && !current->unsorted;
    sorted_dataset = dataset;
    if (*is_sorted && !current->shuffled)
        qsort(rows->tuples, rows->count, sizeof *rows->tuples, by_key);
    *out = &rows->rows;
    return 0;
}

static const char *memory_watermark(struct capturing *capture)
{
    (void)capture;
    return current->watermark;
}

static void memory_end(struct capturing *capture)
{
    (void)capture;
}

#define MEMORY_KIND(its_type, is_whole)                                                                                \
    {                                                                                                                  \
        .type = (its_type), .whole = (is_whole), .begin = memory_begin, .rows = memory_rows,                           \
        .watermark = memory_watermark, .end = memory_end                                                               \
    }
static const struct capture_kind whole_kind = MEMORY_KIND(CAPTURE_SQL_SNAPSHOT, true),
                                 adding_kind = MEMORY_KIND(CAPTURE_SQL_INCREMENTAL, false);

const struct capture_kind *merge_kit_kind(bool whole)
{
    return whole ? &whole_kind : &adding_kind;
}

void merge_kit_init(struct merge_kit *kit, bool milestoned)
{
    *kit = (struct merge_kit){0};
    source_kit_init(&kit->source, CAPTURE_SQL_SNAPSHOT, NULL);
    kit->source.work.milestoned = milestoned;
    kit->source.work.batch = 0;
    current = kit;
}

void merge_kit_dispose(struct merge_kit *kit)
{
    source_kit_dispose(&kit->source);
}

static int connect_again(void *ctx, struct pg **out, struct err *err)
{
    return pg_connect(((struct merge_kit *)ctx)->source.url, 10000, out, err);
}

int merge_kit_try(struct merge_kit *kit, bool whole)
{
    struct source_kit *source = &kit->source;
    struct batch_options options = {
        .reconnect = connect_again, .on_staged = kit->on_staged, .ctx = kit, .look_bytes = kit->look_bytes};
    source->work.batch++;
    source->work.fence++;
    source->err = (struct err){0};
    int rc = batch_run_kind(source->arena, &source->work, merge_kit_kind(whole), &source->pg, &source->progress,
                            &options, &kit->out, &source->err);
    if (rc)
        source->work.batch--;
    return rc;
}

const char *merge_kit_run(struct merge_kit *kit, bool whole, const char *rows)
{
    kit->rows[0] = rows;
    cr_assert(eq(int, merge_kit_try(kit, whole), 0), "%s", kit->source.err.text);
    const struct counts *c = &kit->out.counts;
    return arena_printf(kit->source.arena, "%d/%d/%d/%d/%d %s", (int)c->read, (int)c->inserted, (int)c->updated,
                        (int)c->deleted, (int)c->unchanged, kit->out.datasets[0].way);
}

const char *merge_kit_query(struct merge_kit *kit, const char *sql)
{
    struct buf *text = buf_new(kit->source.arena);
    struct pg_rows rows;
    cr_assert(eq(int, pg_query(kit->source.pg, kit->source.arena, sql, PG_MANY, &rows, &kit->source.err), 0), "%s: %s",
              sql, kit->source.err.text);
    for (size_t i = 0; i < rows.count; i++) {
        buf_adds(text, i ? "\n" : "");
        for (int c = 0; c < PQnfields(rows.result); c++)
            buf_addf(text, "%s%s", c ? "|" : "", pg_text(&rows, i, c) ? pg_text(&rows, i, c) : "\\N");
    }
    return buf_text(text);
}

const char *merge_kit_table(struct merge_kit *kit, size_t dataset)
{
    struct buf *sql = buf_new(kit->source.arena);
    buf_adds(sql, "select * from ");
    builder_table(sql, kit->source.datasets[dataset].schema, kit->source.datasets[dataset].table);
    buf_adds(sql, " t order by t::text collate \"C\"");
    return merge_kit_query(kit, buf_text(sql));
}
