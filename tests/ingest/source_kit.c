#include "ingest/source_kit.h"

#include "base/buf.h"
#include "ingest/builder.h"
#include "ingest/wire.h"
#include "pg/cluster.h"
#include "pg/copy.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

static void must(struct source_kit *kit, int rc)
{
    cr_assert(eq(int, rc, 0), "%s", kit->err.text);
}

static const char *part_of_url(struct arena *arena, const char *url, const char *before, const char *end)
{
    const char *from = strstr(url, before) + strlen(before);
    return arena_strndup(arena, from, strcspn(from, end));
}

void source_kit_init(struct source_kit *kit, enum capture_type type, const char *encoding)
{
    *kit = (struct source_kit){.arena = arena_new()};
    kit->url = test_empty_database(kit->arena);
    const char *name = part_of_url(kit->arena, kit->url, "yellow@/", "?");
    if (encoding) {
        struct pg *pg = test_connect(test_cluster_url());
        const char *sql = arena_printf(kit->arena, "DROP DATABASE %s", name);
        must(kit, pg_script(pg, sql, &kit->err));
        sql =
            arena_printf(kit->arena, "CREATE DATABASE %s TEMPLATE template0 ENCODING '%s' LOCALE 'C'", name, encoding);
        must(kit, pg_script(pg, sql, &kit->err));
        pg_close(pg);
    }
    static const char *bound[] = {"crm-db"};
    kit->pg = test_connect(kit->url);
    kit->container = (struct container){.name = "crm-db",
                                        .type = CONTAINER_POSTGRES,
                                        .host = part_of_url(kit->arena, kit->url, "host=", "&"),
                                        .database = name};
    kit->credential =
        (struct credential){.name = "crm-reader", .type = CREDENTIAL_USER_PASSWORD, .containers = {bound, 1}};
    (void)setenv("YELLOW_CREDENTIAL_CRM_READER_USERNAME", "yellow", 1);
    (void)setenv("YELLOW_CREDENTIAL_CRM_READER_PASSWORD", "secret", 1);
    kit->store = (struct datastore){.name = "customers", .capture = {.present = true, .type = type}};
    kit->work = (struct work){.ecosystem = "acme",
                              .platform = "YellowLive",
                              .name = "customers",
                              .store = &kit->store,
                              .source = &kit->container,
                              .credential = &kit->credential,
                              .merge = &kit->container,
                              .merge_credential = &kit->credential,
                              .datasets = kit->datasets,
                              .batch = 1};
    must(kit, progress_init(&kit->progress, &kit->err));
    source_kit_batch(kit, NULL);
}

void source_kit_dispose(struct source_kit *kit)
{
    progress_dispose(&kit->progress);
    pg_close(kit->pg);
    arena_free(kit->arena);
}

void source_kit_batch(struct source_kit *kit, const char *watermark)
{
    kit->ingest = (struct ingest){.arena = kit->arena,
                                  .work = &kit->work,
                                  .progress = &kit->progress,
                                  .target = kit->pg,
                                  .watermark = watermark,
                                  .quarantine = quarantine_new(kit->arena, 0)};
    kit->err = (struct err){0};
}

void source_kit_dataset(struct source_kit *kit, const char *name, const char *table, const char *watermark,
                        const char *text)
{
    struct dataset *model = arena_alloc(kit->arena, sizeof *model);
    struct work_column *columns = arena_calloc(kit->arena, 2000, sizeof *columns);
    size_t *key = arena_calloc(kit->arena, 32, sizeof *key), n = 0, keys = 0;
    struct str rest = str_from(arena_strdup(kit->arena, text));
    *model = (struct dataset){.name = name, .table = table, .watermark = watermark};
    while (rest.data) {
        struct str one = rest;
        /* A type may have a comma in brackets. */
        size_t depth = 0, len = 0;
        for (; len < rest.len && (depth || rest.data[len] != ','); len++)
            depth += rest.data[len] == '(' ? 1 : rest.data[len] == ')' ? (size_t)-1 : 0;
        one.len = len;
        rest = len < rest.len ? (struct str){rest.data + len + 1, rest.len - len - 1} : (struct str){0};
        one = str_trim(one);
        struct str column = str_cut(&one, ' '), type = str_cut(&one, ' ');
        columns[n].name = arena_strndup(kit->arena, column.data, column.len);
        must(kit, datatype_parse(type, &columns[n].type, &kit->err));
        columns[n].sql = datatype_sql(kit->arena, &columns[n].type);
        columns[n].key = str_eqz(one, "key");
        columns[n].nullable = str_eqz(one, "null");
        if (columns[n].key)
            key[keys++] = n;
        n++;
    }
    kit->datasets[kit->work.dataset_count++] =
        (struct work_dataset){model, name, columns, n, key, keys, "acme__yellowlive", name};
}

void source_kit_sql(struct source_kit *kit, const char *sql)
{
    must(kit, pg_script(kit->pg, sql, &kit->err));
}

int source_kit_begin(struct source_kit *kit, struct capturing **out)
{
    return capture_kind_find(kit->store.capture.type)->begin(&kit->ingest, out, &kit->err);
}

/* A table in the target's types, which keeps the order of arrival. */
static struct pg *make_table(struct source_kit *kit, const struct work_dataset *dataset, const char **copy)
{
    struct pg *pg = test_connect(test_cluster_url());
    struct buf *create = buf_new(kit->arena), *into = buf_new(kit->arena);
    buf_adds(create, "CREATE TEMP TABLE arrived (");
    for (size_t i = 0; i < dataset->column_count; i++) {
        buf_adds(create, i ? ", " : "");
        builder_name(create, dataset->columns[i].name);
        buf_addf(create, " %s", dataset->columns[i].sql);
    }
    buf_adds(create, ")");
    must(kit, pg_script(pg, buf_text(create), &kit->err));
    buf_adds(into, "COPY arrived (");
    builder_columns(into, dataset, "");
    buf_adds(into, ") FROM STDIN (FORMAT binary)");
    *copy = buf_text(into);
    return pg;
}

static const char *read_table(struct source_kit *kit, struct pg *pg, const struct work_dataset *dataset)
{
    struct buf *sql = buf_new(kit->arena), *out = buf_new(kit->arena);
    struct pg_rows rows;
    buf_adds(sql, "SELECT ");
    builder_columns(sql, dataset, "");
    buf_adds(sql, " FROM arrived ORDER BY ctid");
    must(kit, pg_query(pg, kit->arena, buf_text(sql), PG_MANY, &rows, &kit->err));
    for (size_t i = 0; i < rows.count; i++)
        for (size_t c = 0; c < dataset->column_count; c++) {
            const char *text = pg_text(&rows, i, (int)c);
            buf_addf(out, "%s%s", c ? "|" : i ? "\n" : "", text ? text : "NULL");
        }
    return buf_text(out);
}

const char *source_kit_rows(struct source_kit *kit, struct capturing *capture, size_t number, bool sorted)
{
    const struct work_dataset *dataset = &kit->datasets[number];
    const char *copy;
    struct pg *pg = make_table(kit, dataset, &copy);
    struct rows *rows = NULL;
    struct str tuple;
    bool is_sorted = false;
    int rc = capture_kind_find(kit->store.capture.type)->rows(capture, number, sorted, &rows, &is_sorted, &kit->err);
    if (rc) {
        pg_close(pg);
        return NULL;
    }
    cr_expect(eq(int, is_sorted, sorted));
    must(kit, pg_copy_in_begin(pg, copy, -1, &kit->err));
    struct buf piece = {0};
    wire_header(&piece);
    while ((rc = rows->next(rows, &tuple, &kit->err)) > 0)
        buf_add_str(&piece, tuple);
    rows->close(rows);
    if (rc == 0) {
        wire_int16(&piece, -1);
        must(kit, pg_copy_in_write(pg, buf_str(&piece), &kit->err));
        must(kit, pg_copy_in_end(pg, NULL, &kit->err));
    }
    buf_dispose(&piece);
    const char *text = rc ? NULL : read_table(kit, pg, dataset);
    pg_close(pg);
    return text;
}

const char *source_kit_run(struct source_kit *kit, bool sorted, const char **watermark)
{
    struct capturing *capture = NULL;
    source_kit_batch(kit, watermark ? *watermark : NULL);
    if (source_kit_begin(kit, &capture) != 0)
        return NULL;
    const struct capture_kind *kind = capture_kind_find(kit->store.capture.type);
    const char *text = source_kit_rows(kit, capture, 0, sorted), *mark = NULL;
    if (text && kind->watermark)
        mark = kind->watermark(capture);
    if (text && watermark)
        *watermark = mark;
    kind->end(capture);
    return text;
}
