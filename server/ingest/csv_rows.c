#include "ingest/csv_rows.h"

#include "ingest/wire.h"

#include <stdio.h>
#include <stdlib.h>

struct csv_rows {
    struct csv_rows_options options;
    struct csv *csv;
    struct encoder encoder;
    struct buf tuple;
    struct str null_text;
    size_t value_count; /* of a record; 0: the header is not read */
    size_t *places;     /* of each column in the record */
};

int csv_rows_open(const struct csv_rows_options *options, struct csv_rows **out, struct err *err)
{
    const struct work_dataset *dataset = options->dataset;
    struct csv_rows *rows = calloc(1, sizeof *rows);
    if (!rows)
        abort();
    int rc = csv_open(options->csv, dataset->column_count == 1, options->read, options->ctx, &rows->csv, err);
    if (rc) {
        free(rows);
        return rc;
    }
    rows->options = *options;
    rows->null_text = str_from(options->csv->null_text);
    rows->places = calloc(dataset->column_count, sizeof *rows->places);
    if (!rows->places)
        abort();
    if (!options->csv->header) {
        rows->value_count = dataset->column_count;
        for (size_t i = 0; i < dataset->column_count; i++)
            rows->places[i] = i;
    }
    *out = rows;
    return 0;
}

void csv_rows_close(struct csv_rows *rows)
{
    csv_close(rows->csv);
    encoder_dispose(&rows->encoder);
    buf_dispose(&rows->tuple);
    free(rows->places);
    free(rows);
}

/* How compressed files begin, and what is no CSV whatever its header is. */
static const struct {
    struct str begin;
    const char *what;
} others[] = {
    {{"\x1f\x8b", 2}, "is compressed (gzip), which is not supported"},
    {{"PK\x03\x04", 4}, "is compressed (zip), which is not supported"},
    {{"BZh", 3}, "is compressed (bzip2), which is not supported"},
    {{"\xfd\x37zXZ", 5}, "is compressed (xz), which is not supported"},
    {{"\x28\xb5\x2f\xfd", 4}, "is compressed (zstd), which is not supported"},
    {{"PAR1", 4}, "is Parquet, no CSV"},
    {{"\xff\xfe", 2}, "is UTF-16: declare its encoding"},
    {{"\xfe\xff", 2}, "is UTF-16: declare its encoding"},
};

/* What the header has, for people: bytes that a terminal would act upon are not shown. */
static void list_names(const struct csv_record *header, char *text, size_t size)
{
    size_t len = 0;
    text[0] = '\0';
    for (size_t i = 0; i < header->count && len < size - 1; i++) {
        int n = snprintf(text + len, size - len, "%s" STR_FMT, i ? ", " : "", STR_ARG(header->values[i].text));
        len += n > 0 ? (size_t)n : 0;
    }
    for (char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = ' ';
    if (!str_is_utf8(str_from(text)))
        for (char *c = text; *c; c++)
            if ((unsigned char)*c >= 0x80)
                *c = '?';
}

static int read_header(struct csv_rows *rows, struct err *err)
{
    const struct work_dataset *dataset = rows->options.dataset;
    const char *object = rows->options.object;
    struct csv_record header;
    int rc = csv_next(rows->csv, &header, err);
    if (rc <= 0)
        return rc;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (str_starts(header.raw, others[i].begin))
            return err_set(err, ERR_STALE, "%s %s", object, others[i].what);
    if (header.bad)
        return err_set(err, ERR_STALE, "%s: the header is no record: %s", object, header.bad);
    for (size_t i = 0; i < dataset->column_count; i++) {
        size_t found = 0;
        for (size_t j = 0; j < header.count; j++)
            if (str_eqz(header.values[j].text, dataset->columns[i].name)) {
                rows->places[i] = j;
                found++;
            }
        if (found == 1)
            continue;
        char names[400];
        bool returns = memchr(header.raw.data, '\r', header.raw.len) != NULL;
        list_names(&header, names, sizeof names);
        (void)err_set(err, ERR_STALE, "%s has %s column \"%s\" of dataset \"%s\"", object,
                      found ? "more than once the" : "no", dataset->columns[i].name, dataset->name);
        return err_hint(err, "its header is: %s%s", names, returns ? "; do its lines end with \\r alone?" : "");
    }
    rows->value_count = header.count;
    return 1;
}

static int put_aside(struct csv_rows *rows, const struct csv_record *record, const char *column, const char *reason,
                     struct err *err)
{
    return quarantine_add(rows->options.quarantine,
                          &(struct quarantine_row){.dataset = rows->options.dataset->name,
                                                   .object = rows->options.object,
                                                   .line = record->line,
                                                   .column = column,
                                                   .reason = reason,
                                                   .record = record->raw},
                          err);
}

/* NULL, or the column that refused; the reason is the encoder's. */
static const struct work_column *fill_tuple(struct csv_rows *rows, const struct csv_record *record)
{
    const struct work_dataset *dataset = rows->options.dataset;
    struct buf *tuple = &rows->tuple;
    buf_cut(tuple, 0);
    wire_int16(tuple, (int16_t)dataset->column_count);
    for (size_t i = 0; i < dataset->column_count; i++) {
        const struct work_column *column = &dataset->columns[i];
        const struct csv_value *value = &record->values[rows->places[i]];
        if (!value->quoted && str_eq(value->text, rows->null_text)) {
            if (!column->nullable) {
                (void)snprintf(rows->encoder.reason, sizeof rows->encoder.reason, "null in a column that has none");
                return column;
            }
            wire_null(tuple);
        } else if (!encode_text(&rows->encoder, &column->type, value->text, tuple)) {
            return column;
        }
    }
    return NULL;
}

int csv_rows_next(struct csv_rows *rows, struct str *tuple, struct err *err)
{
    struct csv_record record;
    int rc = 1;
    if (rows->value_count == 0 && (rc = read_header(rows, err)) <= 0)
        return rc;
    for (;;) {
        if ((rc = csv_next(rows->csv, &record, err)) <= 0)
            return rc < 0 && err->code == ERR_TOO_LARGE ? err_prefix(err, "%s", rows->options.object) : rc;
        const struct work_column *column = NULL;
        const char *reason = record.bad;
        char text[80];
        if (!reason && record.count != rows->value_count) {
            (void)snprintf(text, sizeof text, "%zu value%s where %s has %zu", record.count,
                           record.count == 1 ? "" : "s", rows->options.csv->header ? "the header" : "the dataset",
                           rows->value_count);
            reason = text;
        }
        if (!reason) {
            column = fill_tuple(rows, &record);
            if (!column) {
                *tuple = buf_str(&rows->tuple);
                return 1;
            }
            reason = rows->encoder.reason;
        }
        rc = put_aside(rows, &record, column ? column->name : NULL, reason, err);
        if (rc)
            return rc;
    }
}
