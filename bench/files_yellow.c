#include "base/time.h"
#include "ingest/batch.h"
#include "ingest/capture.h"

#include <stdio.h>
#include <stdlib.h>

/* One run of a capture of files for bench/files:
 *   bench_files_yellow rows  csv|json URL            the rows alone, thrown away
 *   bench_files_yellow batch csv|json URL DATABASE   a whole batch, into its table
 * URL is that of the S3 API, or of the endpoint. Prints: rows, bytes, nanoseconds. Credentials are in the environment.
 */

static const struct {
    const char *name, *type;
    bool key, nullable;
} model[] = {{"id", "int64", true, false},
             {"customer", "int32", false, false},
             {"amount", "decimal(12,2)", false, false},
             {"status", "varchar(10)", false, false},
             {"created", "timestamptz", false, false},
             {"note", "text", false, true},
             {"paid", "boolean", false, false}};
enum { COLUMNS = sizeof model / sizeof *model };

static _Noreturn void die(const char *what, const struct err *err)
{
    (void)fprintf(stderr, "bench_files_yellow: %s: %s\n", what, err->text);
    exit(1);
}

static const struct work *make_work(struct arena *arena, bool csv, const char *url, struct err *err)
{
    struct work *work = arena_alloc(arena, sizeof *work);
    struct work_dataset *dataset = arena_alloc(arena, sizeof *dataset);
    static const char *bound[] = {"lake"};
    struct work_column *columns = arena_calloc(arena, COLUMNS, sizeof *columns);
    struct datastore *store = arena_alloc(arena, sizeof *store);
    struct dataset *source = arena_alloc(arena, sizeof *source);
    struct container *container = arena_alloc(arena, sizeof *container);
    struct credential *credential = arena_alloc(arena, sizeof *credential);
    size_t *key = arena_alloc(arena, sizeof *key);
    for (size_t i = 0; i < COLUMNS; i++) {
        columns[i] = (struct work_column){.name = model[i].name, .key = model[i].key, .nullable = model[i].nullable};
        if (datatype_parse(str_from(model[i].type), &columns[i].type, err))
            die("type", err);
        columns[i].sql = datatype_sql(arena, &columns[i].type);
    }
    *store = (struct datastore){
        .name = "orders",
        .capture = {.present = true,
                    .type = csv ? CAPTURE_CSV_S3 : CAPTURE_JSON_API,
                    .csv = {.header = true, .delimiter = ",", .quote = "\"", .null_text = "", .encoding = "UTF-8"},
                    .paging = {.type = "none"}}};
    *source = (struct dataset){.name = "orders", .prefix = "in/", .path = "", .records = ""};
    *container = (struct container){.name = "lake",
                                    .type = csv ? CONTAINER_S3 : CONTAINER_HTTP,
                                    .endpoint = url,
                                    .url = url,
                                    .bucket = "lake",
                                    .region = "us-east-1"};
    *credential = (struct credential){.name = "bench", .type = CREDENTIAL_S3_KEYS, .containers = {bound, 1}};
    *dataset = (struct work_dataset){.model = source,
                                     .name = "orders",
                                     .columns = columns,
                                     .column_count = COLUMNS,
                                     .key = key,
                                     .key_count = 1,
                                     .schema = "bench",
                                     .table = "orders"};
    *work = (struct work){.ecosystem = "bench",
                          .platform = "live",
                          .psp = "bench",
                          .name = "orders",
                          .kind = JOB_STREAM,
                          .version = 1,
                          .run = 1,
                          .fence = 1,
                          .batch = 1,
                          .store = store,
                          .source = container,
                          .credential = csv ? credential : NULL,
                          .datasets = dataset,
                          .dataset_count = 1};
    return work;
}

/* Of capture_csv_s3 it needs to know which objects were read: none were. */
static int64_t read_rows(const struct work *work, struct progress *progress, struct pg *pg, struct arena *arena,
                         struct err *err)
{
    const struct capture_kind *kind = capture_kind_find(work->store->capture.type);
    struct ingest ingest = {.arena = arena,
                            .work = work,
                            .progress = progress,
                            .target = pg,
                            .stream = 0,
                            .quarantine = quarantine_new(arena, 0)};
    struct capturing *capture;
    struct rows *rows;
    struct str tuple;
    bool sorted;
    int64_t count = 0;
    if (kind->begin(&ingest, &capture, err) || kind->rows(capture, 0, false, &rows, &sorted, err))
        die("begin", err);
    int rc;
    while ((rc = rows->next(rows, &tuple, err)) == 1)
        count++;
    if (rc)
        die("rows", err);
    rows->close(rows);
    kind->end(capture);
    return count;
}

static int connect_again(void *ctx, struct pg **out, struct err *err)
{
    return pg_connect(ctx, 10000, out, err);
}

int main(int argc, char **argv)
{
    struct err err = {0};
    struct arena *arena = arena_new();
    struct progress progress;
    struct pg *pg = NULL;
    if (argc != 5) {
        (void)fprintf(stderr, "usage: bench_files_yellow rows|batch csv|json URL DATABASE\n");
        return 2;
    }
    bool batch = strcmp(argv[1], "batch") == 0, csv = strcmp(argv[2], "csv") == 0;
    const struct work *work = make_work(arena, csv, argv[3], &err);
    if (progress_init(&progress, &err) || pg_connect(argv[4], 10000, &pg, &err))
        die("connect", &err);
    int64_t start = time_now_us(), rows;
    if (batch) {
        struct batch_outcome outcome;
        struct batch_options options = {.reconnect = connect_again, .ctx = argv[4]};
        if (batch_run(arena, work, &pg, &progress, &options, &outcome, &err))
            die("batch", &err);
        rows = outcome.counts.inserted;
    } else {
        rows = read_rows(work, &progress, pg, arena, &err);
    }
    (void)printf("%lld %llu %lld\n", (long long)rows, (unsigned long long)atomic_load(&progress.bytes),
                 (long long)(time_now_us() - start) * 1000);
    pg_close(pg);
    progress_dispose(&progress);
    arena_free(arena);
    return 0;
}
