#include "ingest/builder.h"
#include "ingest/order.h"
#include "ingest/sql_horizon.h"
#include "ingest/tuple.h"
#include "ingest/watermark.h"
#include "model/scalar.h"
#include "sql.h"

#include <stdlib.h>

/* sql-incremental: rows that came or changed since the last batch. No order of values can say which these are: a
 * transaction takes its value, a clock's or a sequence's, long before others can see it, and many rows share one. The
 * source's own transaction ids can. Each batch reads one snapshot and keeps its horizon, below which every transaction
 * was over. The next one reads the rows written by transactions at or above that horizon: every row that the snapshot
 * before could not see is among them, by induction all are read, whatever their values are. What the snapshot before
 * did see of them, beside running transactions, comes twice: with a key that changes nothing. Without a key it would,
 * so there the horizon is the upper bound, too, and a row comes exactly once, as soon as no transaction that is older
 * than its own is running.
 *
 * That reads the table from one end to the other, at the source. A declared overlap bounds it: only values from the
 * watermark minus the overlap on are looked at, which an index finds, and late commits are then only found as far as
 * the overlap reaches. A view has no transaction ids: there the overlap alone has to do, and it needs a key.
 */

struct capturing {
    struct sql_source *source;
    struct watermark before;
    struct watermark_dataset *now;
    struct sql_horizon horizon;
};

struct incremental_rows {
    struct rows rows, *inner;
    struct capturing *capture;
    size_t dataset, column; /* the watermark's */
    char largest[16];       /* its binary form; numeric has its own way */
    size_t largest_len;
};

static const struct work_dataset *dataset_of(const struct capturing *capture, size_t number)
{
    return &capture->source->ingest->work->datasets[number];
}

static int refuse(struct capturing *capture, size_t number, const char *cause, struct err *err)
{
    (void)err_prefix(err, "%s of %s", capture->source->tables[number].name, capture->source->options.container->name);
    return ingest_fail(capture->source->ingest, cause, -err->code);
}

static int begin(struct ingest *ingest, struct capturing **out, struct err *err)
{
    const struct sql_source_options options = {
        ingest->work->source,
        ingest->work->credential,
        NULL,
        {"source-unreachable", "credential-refused", "schema-changed", "source-error"},
        NULL,
    };
    struct capturing *capture = arena_alloc(ingest->arena, sizeof *capture);
    int rc = watermark_read(ingest->arena, ingest->watermark, &capture->before, err);
    if (rc)
        return ingest_fail(ingest, "configuration", rc);
    rc = sql_source_open(ingest, &options, &capture->source, err);
    if (rc)
        return rc;
    rc = sql_horizon_read(capture->source, capture->before.horizon, capture->before.source, &capture->horizon, err);
    if (rc) {
        (void)sql_source_fail(capture->source, -1, err);
        sql_source_close(capture->source);
        return rc;
    }
    capture->now = arena_calloc(ingest->arena, ingest->work->dataset_count, sizeof *capture->now);
    for (size_t i = 0; i < ingest->work->dataset_count; i++) {
        const struct sql_table *table = &capture->source->tables[i];
        const struct watermark_dataset *before = watermark_find(&capture->before, ingest->work->datasets[i].name);
        capture->now[i] = (struct watermark_dataset){ingest->work->datasets[i].name, before ? before->value : NULL,
                                                     table->relations, table->relation_count};
    }
    *out = capture;
    return 0;
}

/* Which column is the watermark; SIZE_MAX: none, which no checked model has. */
static size_t find_column(const struct capturing *capture, size_t number)
{
    const struct work_dataset *dataset = dataset_of(capture, number);
    const char *name =
        dataset->model->watermark ? dataset->model->watermark : capture->source->ingest->work->store->capture.watermark;
    for (size_t i = 0; name && i < dataset->column_count; i++)
        if (strcmp(dataset->columns[i].name, name) == 0)
            return i;
    return SIZE_MAX;
}

static bool is_time(const struct work_column *column)
{
    return column->type.base == TYPE_DATE || column->type.base == TYPE_TIMESTAMP ||
           column->type.base == TYPE_TIMESTAMPTZ;
}

/* The overlap in seconds where the watermark is a time; 0: none. */
static int64_t overlap_of(const struct capturing *capture, const struct work_column *column)
{
    const char *text = capture->source->ingest->work->store->capture.overlap;
    int64_t seconds = 0;
    return text && is_time(column) && scalar_duration(str_from(text), &seconds) ? seconds : 0;
}

static void add_literal(struct buf *sql, const char *text, const char *type)
{
    buf_addc(sql, '\'');
    for (; *text; text++) {
        if (*text == '\'')
            buf_addc(sql, '\'');
        buf_addc(sql, *text);
    }
    buf_addf(sql, "'::%s", type);
}

/* s."at" >= '2026-01-31 12:00:00'::timestamp - interval '300 seconds' */
static void add_from(struct buf *sql, const struct work_column *column, const char *value, int64_t overlap)
{
    buf_adds(sql, "s.");
    builder_name(sql, column->name);
    buf_adds(sql, " >= ");
    add_literal(sql, value, column->sql);
    if (overlap)
        buf_addf(sql, " - interval '%lld seconds'", (long long)overlap);
}

/* A rewind: rows from the value on, too. Late commits of smaller values are none the less among the others. */
static struct buf *or_from(struct arena *arena, const struct buf *condition, const struct work_column *column,
                           const char *value)
{
    struct buf *sql = buf_new(arena);
    buf_addc(sql, '(');
    buf_add_str(sql, buf_str(condition));
    buf_adds(sql, ") or ");
    add_from(sql, column, value, 0);
    return sql;
}

static bool knows(const struct watermark_dataset *before, const char *relation)
{
    for (size_t i = 0; i < before->relation_count; i++)
        if (strcmp(before->relations[i], relation) == 0)
            return true;
    return false;
}

/* Relations that came since: their rows may have been written long ago, under another name or for themselves. */
static const char *new_relations(struct arena *arena, const struct sql_table *table,
                                 const struct watermark_dataset *before)
{
    struct buf *list = buf_new(arena);
    for (size_t i = 0; i < table->relation_count; i++)
        if (!knows(before, table->relations[i]))
            buf_addf(list, "%s%s", list->len ? ", " : "", table->relations[i]);
    return list->len ? buf_text(list) : NULL;
}

/* Where the horizon before is of no use: after a failover, in another database, after very many transactions. */
static int condition_anew(struct capturing *capture, size_t number, const struct work_column *column, int64_t overlap,
                          struct buf *sql, struct err *err)
{
    const struct watermark_dataset *before = watermark_find(&capture->before, capture->now[number].name);
    if (!before || !before->value)
        return 0;
    if (!capture->before.source) {
        /* Somebody has set it to that value. */
        add_from(sql, column, before->value, 0);
        return 0;
    }
    if (dataset_of(capture, number)->key_count == 0) {
        (void)err_set(err, ERR_CONFLICT,
                      "the source is another one than that of the last batch, and without a key "
                      "nobody can tell which rows were read");
        (void)err_hint(err, "re-snapshot the stream, or rewind it to the value from which rows are to be added again");
        return refuse(capture, number, "source-error", err);
    }
    if (overlap)
        add_from(sql, column, before->value, overlap);
    return 0;
}

/* A dataset that left and comes back is read whole, as a new one is: without a key that adds all rows once more to
 * those that its table kept. */
static int check_return(struct capturing *capture, size_t number, struct err *err)
{
    struct ingest *ingest = capture->source->ingest;
    const struct work_dataset *dataset = dataset_of(capture, number);
    struct buf *table = buf_new(ingest->arena);
    struct pg_rows rows;
    builder_table(table, dataset->schema, dataset->table);
    int rc = pg_query(ingest->target, ingest->arena, "select to_regclass($1) is not null", PG_ONE, &rows, err,
                      PG_TEXT(buf_text(table)));
    if (!rc && pg_is_true(&rows, 0, 0)) {
        const char *any = arena_printf(ingest->arena, "select exists (select from %s)", buf_text(table));
        rc = pg_query(ingest->target, ingest->arena, any, PG_ONE, &rows, err);
        if (!rc && pg_is_true(&rows, 0, 0)) {
            (void)err_set(err, ERR_CONFLICT,
                          "the last batch did not read it and its table has rows, and without a key nobody can tell "
                          "which of the source's rows these are");
            (void)err_hint(err, "re-snapshot the stream");
            return refuse(capture, number, "schema-changed", err);
        }
    }
    return rc ? ingest_fail(ingest, "target-error", rc) : 0;
}

/* Rows of transactions at or above the horizon before; without a key, below that of now. */
static int condition_by_age(struct capturing *capture, size_t number, const struct work_column *column, int64_t overlap,
                            struct buf *sql, struct err *err)
{
    const struct sql_table *table = &capture->source->tables[number];
    const struct watermark_dataset *before = watermark_find(&capture->before, capture->now[number].name);
    bool keyless = dataset_of(capture, number)->key_count == 0;
    if (!capture->horizon.goes_on || !before) {
        bool returns = keyless && !before && capture->before.source;
        int rc = returns ? check_return(capture, number, err) : 0;
        if (!rc)
            rc = condition_anew(capture, number, column, overlap, sql, err);
        if (!rc && keyless)
            buf_addf(sql, "%sage(s.xmin) not between 0 and %lld", sql->len ? " and " : "",
                     (long long)capture->horizon.age);
        return rc;
    }
    const char *fresh = new_relations(capture->source->ingest->arena, table, before);
    if (fresh && keyless && table->kind == 'r' && table->relation_count == 1) {
        (void)err_set(err, ERR_CONFLICT,
                      "the table was replaced since the last batch, and without a key nobody can "
                      "tell which rows were read");
        (void)err_hint(err, "re-snapshot the stream");
        return refuse(capture, number, "schema-changed", err);
    }
    buf_addf(sql, "(age(s.xmin) between %lld and %lld", keyless ? (long long)capture->horizon.age + 1 : 0LL,
             (long long)capture->horizon.age_before);
    if (overlap && before->value) {
        buf_adds(sql, " and ");
        add_from(sql, column, before->value, overlap);
    }
    buf_addc(sql, ')');
    if (fresh)
        buf_addf(sql, " or (s.tableoid in (%s)%s", fresh, keyless ? "" : ")");
    if (fresh && keyless)
        buf_addf(sql, " and age(s.xmin) not between 0 and %lld)", (long long)capture->horizon.age);
    return 0;
}

/* A view or a foreign table: values alone. */
static int condition_by_value(struct capturing *capture, size_t number, const struct work_column *column,
                              int64_t overlap, struct buf *sql, struct err *err)
{
    const struct watermark_dataset *before = watermark_find(&capture->before, capture->now[number].name);
    bool keyless = dataset_of(capture, number)->key_count == 0;
    if (keyless || !overlap) {
        (void)err_set(err, ERR_INVALID, "no table, so rows that were committed late are only found by an overlap%s",
                      keyless ? ", and only with a key" : "");
        (void)err_hint(err, "%s",
                       keyless ? "declare a key, or capture the table itself"
                               : "declare overlap on the capture, with a date or timestamp as watermark, or capture "
                                 "the table itself");
        return refuse(capture, number, "configuration", err);
    }
    if (!before || !before->value)
        return 0;
    /* A null has no place in the order, and must not be passed over. */
    add_from(sql, column, before->value, capture->before.source ? overlap : 0);
    buf_adds(sql, " or s.");
    builder_name(sql, column->name);
    buf_adds(sql, " is null");
    return 0;
}

/* Whether the value can be where rows go on: not infinity, which is the end of all. */
static bool is_finite(struct str value)
{
    static const char max[8] = "\x7f\xff\xff\xff\xff\xff\xff\xff", min[8] = "\x80\0\0\0\0\0\0\0";
    return memcmp(value.data, max, value.len) != 0 && memcmp(value.data, min, value.len) != 0;
}

static void note_value(struct incremental_rows *rows, const struct work_column *column, struct str value)
{
    if (!value.data || value.len > 8 || (is_time(column) && !is_finite(value)))
        return;
    /* Numbers, dates and timestamps are signed, in network order. */
    int sign = rows->largest_len ? (unsigned char)(value.data[0] ^ 0x80) - (unsigned char)(rows->largest[0] ^ 0x80) : 1;
    if (sign > 0 || (sign == 0 && memcmp(value.data, rows->largest, value.len) > 0)) {
        memcpy(rows->largest, value.data, value.len);
        rows->largest_len = value.len;
    }
}

/* The largest value as text, of those read and the one before. */
static int keep_value(struct incremental_rows *rows, struct err *err)
{
    struct capturing *capture = rows->capture;
    struct sql_source *source = capture->source;
    struct arena *arena = source->ingest->arena;
    const struct work_column *column = &dataset_of(capture, rows->dataset)->columns[rows->column];
    struct watermark_dataset *now = &capture->now[rows->dataset];
    struct pg_rows answer;
    struct buf *sql = buf_new(arena);
    int rc;
    if (column->type.base == TYPE_DECIMAL) {
        buf_addf(sql, "select greatest($1::%s, (select max(s.", column->sql);
        builder_name(sql, column->name);
        buf_adds(sql, ") from ");
        buf_adds(sql, source->tables[rows->dataset].quoted);
        buf_adds(sql, " s where s.");
        builder_name(sql, column->name);
        buf_addf(sql, " < 'NaN')::%s)::text", column->sql);
        rc = pg_query(source->pg, arena, buf_text(sql), PG_ONE, &answer, err, PG_TEXT(now->value));
    } else {
        struct str largest = {rows->largest, rows->largest_len};
        buf_addf(sql, "select greatest($1::%s, $2::%s)::text", column->sql, column->sql);
        rc = pg_query(source->pg, arena, buf_text(sql), PG_ONE, &answer, err, PG_TEXT(now->value),
                      largest.len ? PG_BYTES(largest) : PG_NULL);
    }
    if (rc)
        return sql_source_fail(source, (int)rows->dataset, err);
    now->value = pg_text(&answer, 0, 0);
    return 0;
}

static int next_row(struct rows *base, struct str *tuple, struct err *err)
{
    struct incremental_rows *rows = (struct incremental_rows *)base;
    int rc = rows->inner->next(rows->inner, tuple, err);
    if (rc == 0)
        return keep_value(rows, err);
    if (rc > 0) {
        struct tuple_cursor cursor = tuple_open(*tuple);
        note_value(rows, &dataset_of(rows->capture, rows->dataset)->columns[rows->column],
                   tuple_field(&cursor, rows->column));
    }
    return rc;
}

static void close_rows(struct rows *base)
{
    struct incremental_rows *rows = (struct incremental_rows *)base;
    rows->inner->close(rows->inner);
    free(rows);
}

static int open_rows(struct capturing *capture, size_t number, bool sorted, struct rows **out, bool *is_sorted,
                     struct err *err)
{
    const struct work_dataset *dataset = dataset_of(capture, number);
    const struct sql_table *table = &capture->source->tables[number];
    struct arena *arena = capture->source->ingest->arena;
    struct buf *sql = buf_new(arena);
    size_t column = find_column(capture, number);
    if (column == SIZE_MAX) {
        (void)err_set(err, ERR_INVALID, "the dataset has no watermark column");
        return refuse(capture, number, "configuration", err);
    }
    int64_t overlap = overlap_of(capture, &dataset->columns[column]);
    int rc = table->has_transactions
                 ? condition_by_age(capture, number, &dataset->columns[column], overlap, sql, err)
                 : condition_by_value(capture, number, &dataset->columns[column], overlap, sql, err);
    if (rc)
        return rc;
    if (capture->before.from && dataset->key_count && sql->len)
        sql = or_from(arena, sql, &dataset->columns[column], capture->before.from);
    struct rows *inner;
    sorted = sorted && order_is_possible(dataset);
    rc = sql_source_rows(capture->source, number, sorted, sql->len ? buf_text(sql) : NULL, &inner, err);
    if (rc)
        return rc;
    struct incremental_rows *rows = calloc(1, sizeof *rows);
    if (!rows)
        abort();
    *rows = (struct incremental_rows){{next_row, close_rows}, inner, capture, number, column, "", 0};
    *out = &rows->rows;
    *is_sorted = sorted;
    return 0;
}

static const char *watermark(struct capturing *capture)
{
    const struct watermark now = {.source = capture->horizon.identity,
                                  .horizon = capture->horizon.at,
                                  .datasets = capture->now,
                                  .dataset_count = capture->source->ingest->work->dataset_count};
    return watermark_write(capture->source->ingest->arena, &now);
}

static void end(struct capturing *capture)
{
    sql_source_close(capture->source);
}

const struct capture_kind capture_sql_incremental = {
    .type = CAPTURE_SQL_INCREMENTAL,
    .whole = false,
    .begin = begin,
    .rows = open_rows,
    .watermark = watermark,
    .end = end,
};
