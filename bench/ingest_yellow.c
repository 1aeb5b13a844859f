/* One batch of a table of the database "source" into the database "target" of the cluster whose socket is in DIR, as
 * `yellow job run` does it, without the control plane:
 *
 *   bench_ingest_yellow DIR STREAM TABLE COLUMNS BATCH live|milestoned
 *
 * COLUMNS: "id int64 key,name varchar(20) null"; a ; within a type stands for a comma. Prints how it went. */

#include "ingest/batch.h"
#include "ingest/credential.h"
#include "ingest/naming.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static struct container containers[2];
static const char *bound[] = {"source", "target"};
static const struct credential credential = {
    .name = "bench", .type = CREDENTIAL_USER_PASSWORD, .containers = {bound, 2}};

static int connect_target(void *ctx, struct pg **out, struct err *err)
{
    const char *conninfo;
    int rc = credential_conninfo(ctx, &containers[1], &credential, "yellow bench", &conninfo, err);
    return rc ? rc : pg_connect(conninfo, 10000, out, err);
}

static int read_columns(struct arena *arena, struct str text, struct work_dataset *dataset, struct err *err)
{
    struct work_column *columns = arena_calloc(arena, text.len + 1, sizeof *columns);
    size_t *key = arena_calloc(arena, text.len + 1, sizeof *key);
    while (text.data) {
        struct str one = str_cut(&text, ','), name = str_cut(&one, ' '), type = str_cut(&one, ' ');
        struct work_column *column = &columns[dataset->column_count];
        char *type_text = arena_strndup(arena, type.data, type.len);
        for (char *c = type_text; *c; c++)
            *c = *c == ';' ? ',' : *c;
        int rc = datatype_parse(str_from(type_text), &column->type, err);
        if (rc)
            return rc;
        column->name = arena_strndup(arena, name.data, name.len);
        column->sql = datatype_sql(arena, &column->type);
        column->key = str_eqz(one, "key");
        column->nullable = str_eqz(one, "null");
        if (column->key)
            key[dataset->key_count++] = dataset->column_count;
        dataset->column_count++;
    }
    dataset->columns = columns;
    dataset->key = key;
    return 0;
}

static int run(struct arena *arena, char **argv, struct batch_outcome *out, struct err *err)
{
    for (int i = 0; i < 2; i++)
        containers[i] = (struct container){.name = i ? "target" : "source",
                                           .type = CONTAINER_POSTGRES,
                                           .host = argv[1],
                                           .port = 5432,
                                           .database = i ? "target" : "source"};
    bool milestoned = strcmp(argv[6], "milestoned") == 0;
    struct dataset model = {.name = argv[3], .table = argv[3]};
    struct datastore store = {.name = argv[2], .capture = {.present = true, .type = CAPTURE_SQL_SNAPSHOT}};
    struct work_dataset dataset = {.model = &model, .name = argv[3], .table = argv[3]};
    dataset.schema = naming_data_schema(arena, "bench", milestoned ? "history" : "live");
    int64_t batch = 0;
    (void)str_int64(str_from(argv[5]), 1, INT32_MAX, &batch);
    struct work work = {.ecosystem = "bench",
                        .platform = milestoned ? "history" : "live",
                        .name = argv[2],
                        .fence = batch,
                        .batch = (int32_t)batch,
                        .milestoned = milestoned,
                        .store = &store,
                        .source = &containers[0],
                        .credential = &credential,
                        .merge = &containers[1],
                        .merge_credential = &credential,
                        .datasets = &dataset,
                        .dataset_count = 1};
    struct progress progress;
    struct pg *target = NULL;
    int rc = read_columns(arena, str_from(argv[4]), &dataset, err);
    if (!rc)
        rc = progress_init(&progress, err);
    if (!rc)
        rc = connect_target(arena, &target, err);
    if (!rc)
        rc = batch_run(arena, &work, &target, &progress,
                       &(struct batch_options){.reconnect = connect_target, .ctx = arena}, out, err);
    pg_close(target);
    return rc;
}

int main(int argc, char **argv)
{
    struct arena *arena = arena_new();
    struct batch_outcome out = {0};
    struct err err = {0};
    if (argc != 7) {
        (void)fprintf(stderr, "usage: bench_ingest_yellow DIR STREAM TABLE COLUMNS BATCH live|milestoned\n");
        return 2;
    }
    (void)setenv("YELLOW_CREDENTIAL_BENCH_USERNAME", "yellow", 1);
    (void)setenv("YELLOW_CREDENTIAL_BENCH_PASSWORD", "none", 1);
    if (run(arena, argv, &out, &err) != 0) {
        (void)fprintf(stderr, "%s: %s\n", out.cause ? out.cause : "failed", err.text);
        return 1;
    }
    const struct counts *c = &out.counts;
    struct rusage usage = {0};
    (void)getrusage(RUSAGE_SELF, &usage);
    (void)printf("%s: %" PRId64 " read, %" PRId64 " inserted, %" PRId64 " updated, %" PRId64 " deleted, %.1f MiB\n",
                 out.datasets[0].way, c->read, c->inserted, c->updated, c->deleted, (double)usage.ru_maxrss / 1024);
    arena_free(arena);
    return 0;
}
