#include "ingest/quarantine.h"

#include "base/buf.h"
#include "base/vec.h"
#include "ingest/wire.h"
#include "sql.h"

#include <errno.h>
#include <stdio.h>

/* Above MEMORY_MAX what was added goes to a temporary file, and from there to the database in pieces of PIECE. */
enum { RECORD_MAX = 4096, TEXT_MAX = 1024, MEMORY_MAX = 4 << 20, PIECE = 1 << 20 };

struct counted {
    const char *dataset;
    int64_t count;
};

struct quarantine {
    struct arena *arena;
    int64_t limit, count;
    vec(struct counted) datasets;
    struct buf *rows; /* a 32-bit length each, then the fields of COPY's binary form from dataset on */
    FILE *spilled;    /* what came before rows; NULL: nothing */
};

struct quarantine *quarantine_new(struct arena *arena, int64_t limit)
{
    struct quarantine *quarantine = arena_alloc(arena, sizeof *quarantine);
    quarantine->arena = arena;
    quarantine->limit = limit;
    quarantine->rows = buf_new(arena);
    return quarantine;
}

/* How many bytes of the character at text are well formed; 0: none. */
static size_t character(struct str text)
{
    for (size_t n = 1; n <= 4 && n <= text.len; n++)
        if (str_is_utf8((struct str){text.data, n}))
            return text.data[0] ? n : 0;
    return 0;
}

/* A field of text that PostgreSQL takes: at most max bytes, other bytes than those of UTF-8 as \xHH. */
static void add_text(struct buf *out, struct str text, size_t max)
{
    if (!text.data) {
        wire_null(out);
        return;
    }
    size_t at = wire_begin(out), end = out->len + max;
    while (text.len) {
        size_t n = character(text);
        if (out->len + (n ? n : 4) > end)
            break;
        if (n)
            buf_add(out, text.data, n);
        else
            buf_addf(out, "\\x%02x", (unsigned)(unsigned char)text.data[0]);
        n += n == 0;
        text.data += n;
        text.len -= n;
    }
    wire_end(out, at);
}

static void close_file(void *file)
{
    (void)fclose(file);
}

static int spill(struct quarantine *quarantine, struct err *err)
{
    if (quarantine->rows->len < MEMORY_MAX)
        return 0;
    if (!quarantine->spilled) {
        quarantine->spilled = tmpfile();
        if (!quarantine->spilled)
            return err_set(err, ERR_IO, "no temporary file for bad rows: %s", strerror(errno));
        arena_defer(quarantine->arena, close_file, quarantine->spilled);
    }
    if (fwrite(quarantine->rows->data, 1, quarantine->rows->len, quarantine->spilled) != quarantine->rows->len)
        return err_set(err, ERR_IO, "the temporary file of bad rows: %s", strerror(errno));
    buf_cut(quarantine->rows, 0);
    return 0;
}

static void count_row(struct quarantine *quarantine, const char *dataset)
{
    quarantine->count++;
    vec_each(counted, &quarantine->datasets) if (strcmp(counted->dataset, dataset) == 0)
    {
        counted->count++;
        return;
    }
    *vec_push(quarantine->arena, &quarantine->datasets) = (struct counted){arena_strdup(quarantine->arena, dataset), 1};
}

/* The place alone: an error is shown to more people than the data is. */
static int refuse(const struct quarantine *quarantine, const struct quarantine_row *row, struct err *err)
{
    char place[300] = "";
    if (row->object && row->line)
        (void)snprintf(place, sizeof place, ", the last one in %s:%lld", row->object, (long long)row->line);
    else if (row->object)
        (void)snprintf(place, sizeof place, ", the last one in %s", row->object);
    (void)err_set(err, ERR_INVALID, "more than %lld bad rows in the batch%s", (long long)quarantine->limit, place);
    return err_hint(err, "their places and reasons are in yellow.quarantine of the merge database");
}

int quarantine_add(struct quarantine *quarantine, const struct quarantine_row *row, struct err *err)
{
    struct buf *out = quarantine->rows;
    size_t at = wire_begin(out);
    add_text(out, str_from(row->dataset), TEXT_MAX);
    add_text(out, str_from(row->object), TEXT_MAX);
    if (row->line)
        wire_int64(out, row->line);
    else
        wire_null(out);
    add_text(out, str_from(row->column), TEXT_MAX);
    add_text(out, str_from(row->reason), TEXT_MAX);
    add_text(out, row->record, RECORD_MAX);
    wire_end(out, at);
    count_row(quarantine, row->dataset);
    int rc = spill(quarantine, err);
    if (rc == 0 && quarantine->count > quarantine->limit)
        rc = refuse(quarantine, row, err);
    return rc;
}

int64_t quarantine_count(const struct quarantine *quarantine, const char *dataset)
{
    if (!dataset)
        return quarantine->count;
    vec_each(counted, &quarantine->datasets) if (strcmp(counted->dataset, dataset) == 0) return counted->count;
    return 0;
}

struct writing {
    struct pg *pg;
    struct arena *arena;
    int64_t stream, number;
    int32_t batch;
    struct buf *piece;
};

static int send_piece(struct writing *w, struct err *err)
{
    if (w->piece->len == 0)
        return 0;
    wire_int16(w->piece, -1);
    int rc = pg_copy_in(w->pg, w->arena, sql_quarantine_copy, buf_str(w->piece), err);
    buf_cut(w->piece, 0);
    return rc;
}

static int write_row(struct writing *w, struct str fields, struct err *err)
{
    if (w->piece->len == 0)
        wire_header(w->piece);
    wire_int16(w->piece, 9);
    wire_int64(w->piece, w->stream);
    wire_int32(w->piece, w->batch);
    wire_int64(w->piece, ++w->number);
    buf_add_str(w->piece, fields);
    return w->piece->len >= PIECE ? send_piece(w, err) : 0;
}

static int write_spilled(struct writing *w, FILE *file, struct err *err)
{
    struct buf *row = buf_new(w->arena);
    char size[4];
    int rc = 0;
    if (fflush(file) || fseek(file, 0, SEEK_SET))
        return err_set(err, ERR_IO, "the temporary file of bad rows: %s", strerror(errno));
    while (rc == 0 && fread(size, 1, sizeof size, file) == sizeof size) {
        size_t len = (size_t)wire_get32(size);
        buf_cut(row, 0);
        if (fread(buf_reserve(row, len), 1, len, file) != len)
            break;
        rc = write_row(w, (struct str){row->data, len}, err);
    }
    if (rc == 0 && !feof(file))
        rc = err_set(err, ERR_IO, "the temporary file of bad rows cannot be read");
    (void)fseek(file, 0, SEEK_END);
    return rc;
}

int quarantine_write(struct quarantine *quarantine, struct pg *pg, int64_t stream, int32_t batch, struct err *err)
{
    struct arena *arena = arena_new();
    struct writing w = {.pg = pg, .arena = arena, .stream = stream, .batch = batch, .piece = buf_new(arena)};
    struct str rows = buf_str(quarantine->rows);
    int rc = pg_query(pg, arena, sql_quarantine_clear, PG_NONE, NULL, err, pg_int(arena, stream), pg_int(arena, batch));
    if (rc == 0 && quarantine->spilled)
        rc = write_spilled(&w, quarantine->spilled, err);
    while (rc == 0 && rows.len) {
        size_t len = (size_t)wire_get32(rows.data);
        rc = write_row(&w, (struct str){rows.data + 4, len}, err);
        rows.data += 4 + len;
        rows.len -= 4 + len;
    }
    if (rc == 0)
        rc = send_piece(&w, err);
    arena_free(arena);
    return rc;
}
