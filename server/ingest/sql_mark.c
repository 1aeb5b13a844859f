#include "ingest/sql_mark.h"

#include "base/json.h"
#include "ingest/sql_horizon.h"
#include "sql.h"

int64_t sql_mark_rows_min = 10000;

struct sql_marks {
    struct sql_source *source;
    int64_t before;       /* the horizon; 0: nothing was kept */
    const char *identity; /* of it */
    const json_t *tables; /* dataset -> {"is": text, "rows": number} */
    struct sql_horizon horizon;
    bool asked, known; /* the horizon of now */
    int64_t *same;     /* rows of datasets that are as before; -1 */
};

/* Worth a mark, and such that its rows tell by their transactions whether they were there. */
static bool is_eligible(const struct sql_marks *marks, size_t dataset)
{
    const struct sql_table *table = &marks->source->tables[dataset];
    bool plain = table->is_heap && table->kind == 'r' && table->relation_count == 1;
    for (size_t i = 0; plain && i < marks->source->ingest->work->datasets[dataset].column_count; i++)
        plain = table->casts[i].plain && !table->casts[i].generated;
    return plain && table->columns && table->estimate >= sql_mark_rows_min;
}

static bool any_eligible(const struct sql_marks *marks)
{
    for (size_t i = 0; i < marks->source->ingest->work->dataset_count; i++)
        if (is_eligible(marks, i))
            return true;
    return false;
}

int sql_marks_read(struct sql_source *source, struct sql_marks **out, struct err *err)
{
    struct ingest *ingest = source->ingest;
    struct sql_marks *marks = arena_alloc(ingest->arena, sizeof *marks);
    struct pg_rows rows = {0};
    *marks = (struct sql_marks){.source = source};
    marks->same = arena_calloc(ingest->arena, ingest->work->dataset_count, sizeof *marks->same);
    for (size_t i = 0; i < ingest->work->dataset_count; i++)
        marks->same[i] = -1;
    *out = marks;
    if (!any_eligible(marks))
        return 0;
    int rc = pg_query(ingest->target, ingest->arena, sql_marks_look, PG_MAYBE, &rows, err,
                      pg_int(ingest->arena, ingest->stream), pg_int(ingest->arena, ingest->work->batch - 1));
    if (rc)
        return ingest_fail(ingest, "target-error", rc);
    json_t *tables = NULL;
    if (!rows.count || json_read(ingest->arena, pg_str(&rows, 0, 2), &tables, ERR_IGNORED) != 0)
        return 0;
    marks->identity = pg_text(&rows, 0, 0);
    marks->before = pg_integer(&rows, 0, 1);
    marks->tables = tables;
    return 0;
}

/* A source that does not tell its horizon is read as a whole each time. */
static int read_horizon(struct sql_marks *marks, struct err *err)
{
    struct pg *pg = marks->source->pg;
    if (marks->asked)
        return 0;
    marks->asked = true;
    int rc = pg_script(pg, "savepoint yellow_horizon", err);
    if (!rc) {
        marks->known =
            sql_horizon_read(marks->source, marks->before, marks->identity, &marks->horizon, ERR_IGNORED) == 0;
        rc = marks->known ? 0 : pg_script(pg, "rollback to savepoint yellow_horizon", err);
    }
    return rc ? sql_source_fail(marks->source, -1, err) : 0;
}

/* 1 and *rows; 0 when the source does not answer that: who may read columns only sees no transactions. */
static int ask(struct sql_marks *marks, size_t dataset, const char *sql, struct pg_rows *rows, struct err *err)
{
    struct pg *pg = marks->source->pg;
    int rc = pg_query(pg, marks->source->ingest->arena, sql, PG_ONE, rows, err);
    if (rc && !pg_is_broken(pg) && pg_script(pg, "rollback to savepoint yellow_horizon", err) == 0)
        return 0;
    return rc ? sql_source_fail(marks->source, (int)dataset, err) : 1;
}

int sql_marks_same(struct sql_marks *marks, size_t dataset, int64_t *rows, struct err *err)
{
    struct arena *arena = marks->source->ingest->arena;
    const struct sql_table *table = &marks->source->tables[dataset];
    const json_t *mark = json_object_get(marks->tables, marks->source->ingest->work->datasets[dataset].name);
    const char *is = json_text(mark, "is");
    int64_t count = json_integer_value(json_object_get(mark, "rows"));
    struct pg_rows answer;
    if (!is || !is_eligible(marks, dataset) || strcmp(is, table->columns) != 0)
        return 0;
    int rc = read_horizon(marks, err);
    if (rc || !marks->known || !marks->horizon.goes_on)
        return rc;
    rc = ask(marks, dataset,
             arena_printf(arena, "select exists (select from only %s s where age(s.xmin) between 0 and %lld)",
                          table->quoted, (long long)marks->horizon.age_before),
             &answer, err);
    if (rc <= 0 || pg_is_true(&answer, 0, 0))
        return rc < 0 ? rc : 0;
    rc = ask(marks, dataset, arena_printf(arena, "select count(*) from only %s", table->quoted), &answer, err);
    if (rc <= 0 || pg_integer(&answer, 0, 0) != count)
        return rc < 0 ? rc : 0;
    *rows = marks->same[dataset] = count;
    return 1;
}

int sql_marks_keep(struct sql_marks *marks, struct err *err)
{
    struct ingest *ingest = marks->source->ingest;
    json_t *tables = json_own(ingest->arena, json_object());
    for (size_t i = 0; i < ingest->work->dataset_count; i++) {
        const char *name = ingest->work->datasets[i].name;
        const struct sql_table *table = &marks->source->tables[i];
        int64_t rows = marks->same[i] >= 0 ? marks->same[i] : table->rows_read;
        if (is_eligible(marks, i) && rows >= 0 && quarantine_count(ingest->quarantine, name) == 0)
            json_object_set_new(tables, name, json_pack("{s:s, s:I}", "is", table->columns, "rows", (json_int_t)rows));
    }
    int rc = json_object_size(tables) ? read_horizon(marks, err) : 0;
    if (rc || !marks->known || !json_object_size(tables))
        return rc;
    struct buf *text = buf_new(ingest->arena);
    json_write(text, tables);
    rc = pg_query(ingest->target, ingest->arena, sql_marks_put, PG_NONE, NULL, err,
                  pg_int(ingest->arena, ingest->stream), pg_int(ingest->arena, ingest->work->batch),
                  PG_TEXT(marks->horizon.identity), pg_int(ingest->arena, marks->horizon.at), PG_TEXT(buf_text(text)));
    return rc ? ingest_fail(ingest, "target-error", rc) : 0;
}
