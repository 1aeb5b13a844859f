#include "ingest/sql_rows.h"

#include "ingest/tuple.h"
#include "pg/copy.h"

#include <stdlib.h>

enum { HEADER_SIZE = 19, NOTE_EVERY = 512 };
static const char signature[11] = "PGCOPY\n\377\r\n";

struct sql_rows {
    struct rows rows;
    struct sql_source *source;
    size_t dataset;
    bool header_read, misfits, sorted;
    int64_t read;
    uint64_t new_rows, new_bytes;
};

static int note_progress(struct sql_rows *rows, struct err *err)
{
    struct ingest *ingest = rows->source->ingest;
    atomic_fetch_add_explicit(&ingest->progress->rows, rows->new_rows, memory_order_relaxed);
    atomic_fetch_add_explicit(&ingest->progress->bytes, rows->new_bytes, memory_order_relaxed);
    rows->new_rows = rows->new_bytes = 0;
    return progress_check(ingest->progress, err) ? ingest_fail(ingest, cause_cancelled, -err->code) : 0;
}

static int malformed(struct sql_rows *rows, struct err *err)
{
    (void)err_set(err, ERR_INTERNAL, "an answer to COPY that is not in its binary form");
    return sql_source_fail(rows->source, (int)rows->dataset, err);
}

/* Takes the header off; *data is empty when there was nothing else in the message. */
static int skip_header(struct sql_rows *rows, struct str *data, struct err *err)
{
    if (data->len < HEADER_SIZE || memcmp(data->data, signature, sizeof signature) != 0)
        return malformed(rows, err);
    size_t extension = wire_get32(data->data + HEADER_SIZE - 4);
    if (extension > data->len - HEADER_SIZE)
        return malformed(rows, err);
    rows->header_read = true;
    *data = (struct str){data->data + HEADER_SIZE + extension, data->len - HEADER_SIZE - extension};
    return 0;
}

static const struct sql_misfit *find_misfit(const struct sql_rows *rows, size_t number)
{
    const struct sql_table *table = &rows->source->tables[rows->dataset];
    const struct work_dataset *dataset = &rows->source->ingest->work->datasets[rows->dataset];
    for (size_t i = 0; i < dataset->column_count; number -= table->casts[i++].misfit_count)
        if (number < table->casts[i].misfit_count)
            return &table->casts[i].misfits[number];
    return NULL;
}

static int quarantine_row(struct sql_rows *rows, struct str field, struct err *err)
{
    struct ingest *ingest = rows->source->ingest;
    struct str record = field, number = str_cut(&record, ' ');
    int64_t n = 0;
    const struct sql_misfit *misfit = str_int64(number, 1, INT32_MAX, &n) ? find_misfit(rows, (size_t)n - 1) : NULL;
    if (!misfit)
        return malformed(rows, err);
    struct quarantine_row row = {.dataset = ingest->work->datasets[rows->dataset].name,
                                 .object = rows->source->tables[rows->dataset].name,
                                 .column = misfit->column,
                                 .reason = misfit->reason,
                                 .record = record};
    int rc = quarantine_add(ingest->quarantine, &row, err);
    if (!rc)
        return 0;
    if (rc == -ERR_INVALID)
        (void)err_prefix(err, "column \"%s\": %s", misfit->column, misfit->reason);
    return ingest_fail(ingest, rc == -ERR_INVALID ? "bad-data-over-limit" : "internal", rc);
}

/* 1: the tuple without its first field; 0: the row went to quarantine. */
static int take_misfit(struct sql_rows *rows, struct str *tuple, struct err *err)
{
    struct tuple_cursor cursor = tuple_open(*tuple);
    struct str field = tuple_field(&cursor, 0);
    if (field.data)
        return quarantine_row(rows, field, err);
    if (tuple->len < 6)
        return malformed(rows, err);
    /* The message is ours until the next one is asked for: the count moves to where the first field was. */
    char *bytes = (char *)(uintptr_t)tuple->data;
    unsigned count = (unsigned)((unsigned char)bytes[0] << 8 | (unsigned char)bytes[1]);
    wire_put16(bytes + 4, (uint16_t)(count - 1));
    *tuple = (struct str){tuple->data + 4, tuple->len - 4};
    return 1;
}

static int next_row(struct rows *base, struct str *tuple, struct err *err)
{
    struct sql_rows *rows = (struct sql_rows *)base;
    for (;;) {
        struct str data;
        int rc = pg_copy_out_next(rows->source->pg, &data, err);
        if (rc < 0)
            return sql_source_fail(rows->source, (int)rows->dataset, err);
        if (rc == 0) {
            rows->source->tables[rows->dataset].rows_read = rows->read;
            return note_progress(rows, err);
        }
        if (!rows->header_read && (rc = skip_header(rows, &data, err)) != 0)
            return rc;
        /* The trailer is a count of -1. */
        if (data.len == 0 || (data.len == 2 && (unsigned char)data.data[0] == 0xff))
            continue;
        if (data.len < 2)
            return malformed(rows, err);
        rows->new_rows++;
        rows->read++;
        rows->new_bytes += data.len;
        if (rows->new_rows >= NOTE_EVERY && (rc = note_progress(rows, err)) != 0)
            return rc;
        if (rows->misfits) {
            rc = take_misfit(rows, &data, err);
            if (rc < 0)
                return rc;
            if (rc == 0)
                continue;
        }
        *tuple = data;
        return 1;
    }
}

static void close_rows(struct rows *base)
{
    struct sql_rows *rows = (struct sql_rows *)base;
    struct pg *pg = rows->source->pg;
    pg_copy_out_abandon(pg);
    if (rows->sorted && !pg_is_broken(pg) && PQtransactionStatus(pg_raw(pg)) == PQTRANS_INERROR)
        (void)pg_script(pg, "rollback to savepoint yellow_rows", ERR_IGNORED);
    free(rows);
}

int sql_rows_open(struct sql_source *source, size_t number, const char *sql, size_t misfits, bool sorted,
                  struct rows **out, struct err *err)
{
    /* COPY that is given up fails, and the transaction with it. */
    const char *savepoint = sorted ? "savepoint yellow_rows; " : "";
    const char *path = source->tables[number].has_code ? "set local search_path = \"$user\", public; " : "";
    sql = arena_printf(source->ingest->arena, "%s%s%s", savepoint, path, sql);
    if (pg_copy_out_begin(source->pg, sql, source->ingest->progress->wake_fd, err) != 0)
        return sql_source_fail(source, (int)number, err);
    struct sql_rows *rows = calloc(1, sizeof *rows);
    if (!rows)
        abort();
    *rows = (struct sql_rows){
        .rows = {next_row, close_rows}, .source = source, .dataset = number, .misfits = misfits > 0, .sorted = sorted};
    *out = &rows->rows;
    return 0;
}
