#include "ingest/capture.h"
#include "ingest/credential.h"
#include "ingest/csv_rows.h"
#include "ingest/s3.h"
#include "sql.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

/* csv-s3: the objects below a dataset's prefix that its pattern matches (behind the prefix; * and ? stop at a slash),
 * each once by key and ETag, in the order in which they were last modified: of two rows with one key the newer object's
 * counts. Which ones were read is written down in the transaction that commits the batch. */

struct listed {
    const struct s3_object *s3;
    int64_t rows;
};

struct dataset_objects {
    vec(struct listed) list;
};

struct capturing {
    struct ingest *ingest;
    struct s3 *s3;
    struct dataset_objects *datasets;
    int64_t bytes; /* of all of them */
};

static const char *cause_of(const struct err *err)
{
    switch (err->code) {
    case ERR_CANCELLED:
        return NULL;
    case ERR_INVALID:
        return "bad-data-over-limit";
    case ERR_STALE:
        return "schema-changed";
    case ERR_TOO_LARGE:
        return "source-error";
    default:
        return "internal";
    }
}

static bool is_wanted(const struct dataset *dataset, const char *key)
{
    size_t prefix = dataset->prefix ? strlen(dataset->prefix) : 0;
    size_t len = strlen(key);
    if (strncmp(key, dataset->prefix ? dataset->prefix : "", prefix) != 0)
        return false; /* a server that does not keep to the prefix */
    if (len && key[len - 1] == '/')
        return false; /* what consoles make where a folder is wanted */
    return !dataset->pattern || fnmatch(dataset->pattern, key + prefix, FNM_PATHNAME) == 0;
}

/* Of one page, those that were not read yet. */
static int choose(struct capturing *capture, size_t index, struct arena *page, const struct s3_object *objects,
                  size_t count, struct err *err)
{
    struct ingest *ingest = capture->ingest;
    const struct work_dataset *dataset = &ingest->work->datasets[index];
    const char **keys = arena_calloc(page, count, sizeof *keys);
    struct map known = {.arena = page};
    struct pg_rows rows;
    size_t n = 0;
    for (size_t i = 0; i < count; i++)
        if (is_wanted(dataset->model, objects[i].key))
            keys[n++] = objects[i].key;
    if (n == 0)
        return 0;
    int rc = pg_query(ingest->target, page, sql_objects_known, PG_MANY, &rows, err, pg_int(page, ingest->stream),
                      PG_TEXT(dataset->name), pg_text_array(page, keys, n),
                      pg_int(page, ingest->forgets ? ingest->forget_after : INT32_MAX));
    if (rc)
        return ingest_fail(ingest, "target-error", rc);
    for (size_t i = 0; i < rows.count; i++)
        (void)map_put(&known, pg_str(&rows, i, 0), (void *)(uintptr_t)pg_text(&rows, i, 1));
    for (size_t i = 0; i < count; i++) {
        const char *etag = map_getz(&known, objects[i].key);
        if (!is_wanted(dataset->model, objects[i].key) || (etag && strcmp(etag, objects[i].etag) == 0))
            continue;
        struct s3_object *copy = arena_alloc(ingest->arena, sizeof *copy);
        *copy = (struct s3_object){arena_strdup(ingest->arena, objects[i].key),
                                   arena_strdup(ingest->arena, objects[i].etag),
                                   arena_strdup(ingest->arena, objects[i].modified), objects[i].bytes};
        *vec_push(ingest->arena, &capture->datasets[index].list) = (struct listed){.s3 = copy};
        capture->bytes += copy->bytes;
    }
    return 0;
}

static int by_time(const void *a, const void *b)
{
    const struct listed *x = a, *y = b;
    int c = strcmp(x->s3->modified, y->s3->modified);
    return c ? c : strcmp(x->s3->key, y->s3->key);
}

static int list_dataset(struct capturing *capture, size_t index, struct err *err)
{
    struct ingest *ingest = capture->ingest;
    struct dataset_objects *mine = &capture->datasets[index];
    struct arena *page = arena_new(), *next = arena_new();
    const char *token = NULL;
    int rc;
    do {
        struct s3_object *objects;
        size_t count;
        rc = s3_list(capture->s3, page, ingest->work->datasets[index].model->prefix, &token, &objects, &count, err);
        if (rc)
            rc = ingest_fail(ingest, s3_cause(capture->s3), rc);
        else
            rc = choose(capture, index, page, objects, count, err);
        if (token) { /* it is on the page that goes */
            arena_reset(next);
            token = arena_strdup(next, token);
        }
        struct arena *done = page;
        page = next;
        next = done;
    } while (rc == 0 && token);
    arena_free(page);
    arena_free(next);
    if (mine->list.len)
        qsort(mine->list.items, mine->list.len, sizeof *mine->list.items, by_time);
    return rc;
}

static int begin(struct ingest *ingest, struct capturing **out, struct err *err)
{
    const struct work *work = ingest->work;
    const char *access_key = NULL, *secret_key = NULL;
    int rc = !work->credential
                 ? err_set(err, ERR_INVALID, "store \"%s\" has no credential for its bucket", work->store->name)
                 : credential_value(ingest->arena, work->credential, work->source, "access-key-id", &access_key, err);
    if (rc == 0)
        rc = credential_value(ingest->arena, work->credential, work->source, "secret-access-key", &secret_key, err);
    if (rc)
        return ingest_fail(ingest, "configuration", rc);
    struct capturing *capture = arena_alloc(ingest->arena, sizeof *capture);
    capture->ingest = ingest;
    capture->datasets = arena_calloc(ingest->arena, work->dataset_count, sizeof *capture->datasets);
    rc = s3_open(ingest->arena, work->source, access_key, secret_key, ingest->progress, &capture->s3, err);
    if (rc)
        return ingest_fail(ingest, "configuration", rc);
    for (size_t i = 0; i < work->dataset_count && rc == 0; i++)
        rc = list_dataset(capture, i, err);
    if (rc == 0)
        *out = capture;
    return rc;
}

struct object_rows {
    struct rows rows; /* first */
    struct capturing *capture;
    const struct work_dataset *dataset;
    struct dataset_objects *objects;
    size_t at;
    struct csv_rows *csv; /* of the object that is open */
    uint64_t count;
};

static int read_bytes(void *ctx, struct str *piece, struct err *err)
{
    struct object_rows *rows = ctx;
    struct progress *progress = rows->capture->ingest->progress;
    int rc = s3_read(rows->capture->s3, piece, err);
    if (rc == 1) {
        uint64_t bytes = atomic_fetch_add_explicit(&progress->bytes, piece->len, memory_order_relaxed) + piece->len;
        uint64_t count = atomic_load_explicit(&progress->rows, memory_order_relaxed);
        if (count && bytes)
            atomic_store_explicit(&progress->rows_expected,
                                  (uint64_t)((double)count * (double)rows->capture->bytes / (double)bytes),
                                  memory_order_relaxed);
    }
    return rc < 0 ? ingest_fail(rows->capture->ingest, s3_cause(rows->capture->s3), rc) : rc;
}

static int open_object(struct object_rows *rows, struct err *err)
{
    struct capturing *capture = rows->capture;
    struct ingest *ingest = capture->ingest;
    const struct s3_object *object = rows->objects->list.items[rows->at].s3;
    const struct csv_rows_options options = {
        rows->dataset, &ingest->work->store->capture.csv, object->key, ingest->quarantine, read_bytes, rows};
    int rc = s3_read_begin(capture->s3, object, err);
    if (rc)
        return ingest_fail(ingest, s3_cause(capture->s3), rc);
    rc = csv_rows_open(&options, &rows->csv, err);
    return rc ? ingest_fail(ingest, "configuration", rc) : 0;
}

static int next(struct rows *base, struct str *tuple, struct err *err)
{
    struct object_rows *rows = (struct object_rows *)(void *)base;
    struct ingest *ingest = rows->capture->ingest;
    for (;;) {
        int rc = 0;
        if (rows->at == rows->objects->list.len)
            return 0;
        if (!rows->csv && (rc = open_object(rows, err)) != 0)
            return rc;
        rc = csv_rows_next(rows->csv, tuple, err);
        if (rc == 1) {
            rows->objects->list.items[rows->at].rows++;
            atomic_fetch_add_explicit(&ingest->progress->rows, 1, memory_order_relaxed);
            if (++rows->count % 1024 == 0 && (rc = progress_check(ingest->progress, err)) != 0)
                return rc;
            return 1;
        }
        if (rc < 0)
            return err->code == ERR_CANCELLED ? rc : ingest_fail(ingest, cause_of(err), rc);
        csv_rows_close(rows->csv);
        rows->csv = NULL;
        rows->at++;
    }
}

static void close_rows(struct rows *base)
{
    struct object_rows *rows = (struct object_rows *)(void *)base;
    if (rows->csv)
        csv_rows_close(rows->csv);
    free(rows);
}

static int rows(struct capturing *capture, size_t dataset, bool sorted, struct rows **out, bool *is_sorted,
                struct err *err)
{
    (void)sorted;
    (void)err;
    struct object_rows *made = calloc(1, sizeof *made);
    if (!made)
        abort();
    *made = (struct object_rows){.rows = {next, close_rows},
                                 .capture = capture,
                                 .dataset = &capture->ingest->work->datasets[dataset],
                                 .objects = &capture->datasets[dataset]};
    *is_sorted = false;
    *out = &made->rows;
    return 0;
}

static int write_objects(struct capturing *capture, size_t index, struct arena *arena, struct err *err)
{
    enum { AT_ONCE = 1000 };
    struct ingest *ingest = capture->ingest;
    const struct dataset_objects *objects = &capture->datasets[index];
    int rc = 0;
    for (size_t first = 0; first < objects->list.len && rc == 0; first += AT_ONCE) {
        const char *keys[AT_ONCE], *etags[AT_ONCE], *bytes[AT_ONCE], *counts[AT_ONCE];
        size_t n = 0;
        arena_reset(arena);
        for (; n < AT_ONCE && first + n < objects->list.len; n++) {
            const struct listed *object = &objects->list.items[first + n];
            keys[n] = object->s3->key;
            etags[n] = object->s3->etag;
            bytes[n] = pg_int(arena, object->s3->bytes).text;
            counts[n] = pg_int(arena, object->rows).text;
        }
        rc = pg_query(ingest->target, arena, sql_objects_add, PG_NONE, NULL, err, pg_int(arena, ingest->stream),
                      PG_TEXT(ingest->work->datasets[index].name), pg_int(arena, ingest->work->batch),
                      pg_text_array(arena, keys, n), pg_text_array(arena, etags, n), pg_text_array(arena, bytes, n),
                      pg_text_array(arena, counts, n));
    }
    return rc ? ingest_fail(ingest, "target-error", rc) : 0;
}

static int commit(struct capturing *capture, struct err *err)
{
    struct arena *arena = arena_new();
    int rc = 0;
    for (size_t i = 0; i < capture->ingest->work->dataset_count && rc == 0; i++)
        rc = write_objects(capture, i, arena, err);
    arena_free(arena);
    return rc;
}

static const char *watermark(struct capturing *capture)
{
    (void)capture;
    return NULL;
}

static void end(struct capturing *capture)
{
    (void)capture; /* all of it is on the batch's arena */
}

const struct capture_kind capture_csv_s3 = {
    .type = CAPTURE_CSV_S3,
    .whole = false,
    .begin = begin,
    .rows = rows,
    .commit = commit,
    .watermark = watermark,
    .end = end,
};
