#include "ingest/capture_kit.h"

#include "ingest/wire.h"
#include "pg/cluster.h"
#include "sql.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static void add_column(struct capture_kit *kit, struct work_column *column, struct str text)
{
    struct err err = {0};
    text = str_trim(text);
    struct str name = str_cut(&text, ' '), type = str_trim(str_cut(&text, ' '));
    *column = (struct work_column){.name = arena_strndup(kit->arena, name.data, name.len),
                                   .key = str_eqz(str_trim(text), "key"),
                                   .nullable = str_eqz(str_trim(text), "null")};
    cr_assert(eq(int, datatype_parse(type, &column->type, &err), 0), "%s", err.text);
    column->sql = datatype_sql(kit->arena, &column->type);
}

/* At commas outside of brackets. */
static struct str cut_column(struct str *text)
{
    size_t depth = 0, i = 0;
    for (; i < text->len && (text->data[i] != ',' || depth); i++)
        depth += text->data[i] == '(' ? 1 : text->data[i] == ')' ? (size_t)-1 : 0;
    struct str head = {text->data, i};
    *text = i == text->len ? (struct str){0} : (struct str){text->data + i + 1, text->len - i - 1};
    return head;
}

void capture_kit_init(struct capture_kit *kit, enum capture_type type, const char *columns)
{
    struct err err = {0};
    struct work_column *list;
    size_t *key;
    *kit = (struct capture_kit){.arena = arena_new()};
    kit->pg = test_connect(test_empty_database(kit->arena));
    cr_assert(eq(int, pg_script(kit->pg, sql_install, &err), 0), "%s", err.text);
    cr_assert(eq(int,
                 pg_script(kit->pg,
                           "set timezone = 'UTC'; insert into yellow.streams (ecosystem, platform, name) "
                           "values ('e', 'p', 's')",
                           &err),
                 0));
    cr_assert(eq(int, progress_init(&kit->progress, &err), 0));
    list = arena_calloc(kit->arena, 16, sizeof *list);
    key = arena_calloc(kit->arena, 16, sizeof *key);
    size_t n = 0, keys = 0;
    for (struct str rest = str_from(columns); rest.data; n++) {
        add_column(kit, &list[n], cut_column(&rest));
        if (list[n].key)
            key[keys++] = n;
    }
    kit->store = (struct datastore){
        .name = "s",
        .capture = {.type = type,
                    .csv = {.header = true, .delimiter = ",", .quote = "\"", .null_text = "", .encoding = "UTF-8"},
                    .paging = {.type = "none"}}};
    kit->dataset.name = "things";
    kit->work_dataset = (struct work_dataset){.model = &kit->dataset,
                                              .name = "things",
                                              .columns = list,
                                              .column_count = n,
                                              .key = key,
                                              .key_count = keys,
                                              .schema = "public",
                                              .table = "things"};
    kit->work = (struct work){.ecosystem = "e",
                              .platform = "p",
                              .name = "s",
                              .batch = 1,
                              .store = &kit->store,
                              .source = &kit->source,
                              .credential = &kit->credential,
                              .datasets = &kit->work_dataset,
                              .dataset_count = 1};
}

void capture_kit_dispose(struct capture_kit *kit)
{
    progress_dispose(&kit->progress);
    pg_close(kit->pg);
    arena_free(kit->arena);
}

const char *capture_kit_ask(struct capture_kit *kit, const char *sql)
{
    struct pg_rows rows;
    struct err err = {0};
    cr_assert(eq(int, pg_exec(kit->pg, kit->arena, sql, PG_ONE, NULL, 0, &rows, &err), 0), "%s", err.text);
    return pg_text(&rows, 0, 0);
}

static const char *show(struct capture_kit *kit, struct buf *copy)
{
    struct err err = {0};
    const struct work_dataset *dataset = &kit->work_dataset;
    struct buf *make = buf_new(kit->arena), *list = buf_new(kit->arena), *names = buf_new(kit->arena);
    for (size_t i = 0; i < dataset->column_count; i++) {
        buf_addf(make, ", \"%s\" %s", dataset->columns[i].name, dataset->columns[i].sql);
        buf_addf(list, "%scoalesce(\"%s\"::text, '-')", i ? ", " : "", dataset->columns[i].name);
        buf_addf(names, "%s\"%s\"", i ? ", " : "", dataset->columns[i].name);
    }
    cr_assert(eq(int,
                 pg_script(kit->pg,
                           arena_printf(kit->arena,
                                        "drop table if exists things; create table things (n bigint "
                                        "generated always as identity%s)",
                                        buf_text(make)),
                           &err),
                 0),
              "%s", err.text);
    cr_assert(eq(int,
                 pg_copy_in(kit->pg, kit->arena,
                            arena_printf(kit->arena, "copy things (%s) from stdin (format binary)", buf_text(names)),
                            buf_str(copy), &err),
                 0),
              "%s", err.text);
    return capture_kit_ask(kit, arena_printf(kit->arena,
                                             "select coalesce(string_agg(concat_ws('|', %s), ';' order by n), '') from "
                                             "things",
                                             buf_text(list)));
}

static int capture_all(const struct capture_kind *kind, struct ingest *ingest, struct capture_kit *kit,
                       struct buf *copy, struct err *err)
{
    struct capturing *capture;
    struct rows *rows;
    struct str tuple;
    int rc = kind->begin(ingest, &capture, err);
    if (rc)
        return rc;
    wire_header(copy);
    rc = kind->rows(capture, 0, true, &rows, &kit->sorted, err);
    if (rc == 0) {
        while ((rc = rows->next(rows, &tuple, err)) == 1)
            buf_add_str(copy, tuple);
        rows->close(rows);
    }
    wire_int16(copy, -1);
    if (rc == 0 && kind->commit)
        rc = kind->commit(capture, err);
    kind->end(capture);
    return rc;
}

const char *capture_kit_run(struct capture_kit *kit)
{
    struct err err = {0};
    struct arena *arena = arena_new();
    struct ingest ingest = {.arena = arena,
                            .work = &kit->work,
                            .progress = &kit->progress,
                            .target = kit->pg,
                            .stream = 1,
                            .quarantine = quarantine_new(arena, kit->limit)};
    struct buf *copy = buf_new(kit->arena);
    const char *outcome;
    int rc = capture_all(capture_kind_find(kit->store.capture.type), &ingest, kit, copy, &err);
    kit->quarantined = quarantine_count(ingest.quarantine, NULL);
    cr_assert(eq(int, quarantine_write(ingest.quarantine, kit->pg, 1, kit->work.batch, &(struct err){0}), 0));
    if (rc) {
        outcome = arena_printf(kit->arena, "%s: %s", ingest.cause ? ingest.cause : "-", err.text);
    } else {
        outcome = show(kit, copy);
        kit->work.batch++;
    }
    kit->hint = arena_strdup(kit->arena, err.hint);
    arena_free(arena);
    return outcome;
}
