#include "ingest/sql_source.h"

#include "ingest/builder.h"
#include "ingest/credential.h"
#include "ingest/order.h"
#include "ingest/session.h"
#include "ingest/sql_rows.h"
#include "sql.h"

#include <stdlib.h>

enum { CONNECT_MS = 15000 };
static const char application[] = "yellow";

/* Columns of source_tables.sql after those that it has in common with source_columns.sql. */
enum { TABLE_NUMBER = 8, TABLE_ESTIMATE, TABLE_CHILDREN, TABLE_DOMAIN, TABLE_COLUMN, TABLE_HEAP };

/* First match by prefix of the SQLSTATE. */
enum failure { FAILURE_CONNECT, FAILURE_CREDENTIAL, FAILURE_SCHEMA, FAILURE_OTHER, FAILURE_CONFIGURATION };
static const struct {
    const char *prefix;
    enum failure failure;
    const char *hint;
} states[] = {
    {"28", FAILURE_CREDENTIAL, ""},
    {"3D000", FAILURE_OTHER, "check the container's database"},
    {"08", FAILURE_CONNECT, ""},
    {"57P", FAILURE_CONNECT, ""},
    {"53", FAILURE_CONNECT, ""},
    {"42501", FAILURE_OTHER, "grant SELECT on it to the credential's user"},
    {"42", FAILURE_SCHEMA, "compare the source's table with the model's dataset"},
    {"22021", FAILURE_OTHER, "a text of the source is not in its encoding; of SQL_ASCII, not UTF-8"},
    {"22P05", FAILURE_OTHER, "a text of the source has a character that UTF-8 has not"},
    {"22", FAILURE_OTHER, "a value of the source does not fit its column's type in the model"},
    {"55P03", FAILURE_OTHER, "somebody holds a lock on the table"},
    {"40001", FAILURE_OTHER,
     "a standby ends reads that hold up its replay: let it send hot_standby_feedback or wait "
     "longer (max_standby_streaming_delay), or read from the primary"},
};

int sql_source_fail(struct sql_source *source, int dataset, struct err *err)
{
    struct ingest *ingest = source->ingest;
    const struct sql_causes *own = &source->options.causes;
    if (err->code == ERR_CANCELLED) {
        (void)progress_check(ingest->progress, err);
        return ingest_fail(ingest, cause_cancelled, -err->code);
    }
    enum failure failure = *err->sqlstate                                             ? FAILURE_OTHER
                           : err->code == ERR_UNAVAILABLE || err->code == ERR_TIMEOUT ? FAILURE_CONNECT
                           : err->code == ERR_INVALID                                 ? FAILURE_CONFIGURATION
                                                                                      : FAILURE_OTHER;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strncmp(err->sqlstate, states[i].prefix, strlen(states[i].prefix)) == 0) {
            failure = states[i].failure;
            if (*states[i].hint)
                (void)err_hint(err, "%s", states[i].hint);
            break;
        }
    const char *cause[] = {own->connect, own->credential, own->schema, own->other, "configuration"};
    const char *container = source->options.container->name;
    if (dataset >= 0 && source->tables)
        (void)err_prefix(err, "%s of %s", source->tables[dataset].name, container);
    else
        (void)err_prefix(err, "%s", container);
    return ingest_fail(ingest, cause[failure], -err->code);
}

/* "name", "schema.name"; each part as it is, or in double quotes as SQL has it. */
static int quote_table(struct arena *arena, const char *schema, const char *name, const char **out, struct err *err)
{
    struct buf *sql = buf_new(arena), part = {0};
    int rc = schema ? builder_check("schema", schema, err) : 0;
    if (!rc && schema) {
        builder_name(sql, schema);
        buf_addc(sql, '.');
    }
    for (const char *c = name; !rc;) {
        bool quoted = !schema && *c == '"' && strchr(c + 1, '"');
        c += quoted;
        buf_cut(&part, 0);
        for (; *c && (quoted ? *c != '"' || c[1] == '"' : schema || *c != '.'); c++) {
            c += quoted && *c == '"';
            buf_addc(&part, *c);
        }
        c += quoted && *c == '"';
        rc = builder_check("table", buf_text(&part), err);
        if (rc)
            break;
        builder_name(sql, buf_text(&part));
        if (*c != '.' || schema)
            break;
        buf_addc(sql, '.');
        c++;
    }
    buf_dispose(&part);
    *out = buf_text(sql);
    return rc;
}

struct ahead *sql_source_ahead(struct arena *arena, const struct work *work, const struct progress *progress)
{
    const char *conninfo;
    bool reads =
        work->store && work->store->capture.present && work->source &&
        (work->store->capture.type == CAPTURE_SQL_SNAPSHOT || work->store->capture.type == CAPTURE_SQL_INCREMENTAL);
    if (!reads || credential_conninfo(arena, work->source, work->credential, application, &conninfo, ERR_IGNORED) != 0)
        return NULL;
    return ahead_begin(conninfo, CONNECT_MS, progress->wake_fd);
}

static int connect_source(struct sql_source *source, struct err *err)
{
    struct ingest *ingest = source->ingest;
    const struct sql_source_options *options = &source->options;
    const char *conninfo;
    int rc = credential_conninfo(ingest->arena, options->container, options->credential,
                                 options->application ? options->application : application, &conninfo, err);
    if (rc)
        return ingest_fail(ingest, "configuration", rc);
    rc = ahead_take(ingest->ahead, conninfo, CONNECT_MS, ingest->progress->wake_fd, &source->pg, err);
    if (rc)
        return sql_source_fail(source, -1, err);
    const char *encoding = PQparameterStatus(pg_raw(source->pg), "server_encoding");
    /* LATIN1 is the beginning of Unicode, in its order; bytes without an encoding are sent only where they are UTF-8.
     */
    source->order_by_utf8 = encoding && strcmp(encoding, "UTF8") != 0 && strcmp(encoding, "LATIN1") != 0 &&
                            strcmp(encoding, "SQL_ASCII") != 0;
    rc = session_settle(source->pg, err);
    return rc ? sql_source_fail(source, -1, err) : 0;
}

static int find_names(struct sql_source *source, const char *const *names, struct pg_rows *rows, struct err *err)
{
    const struct work *work = source->ingest->work;
    int rc = pg_query(source->pg, source->ingest->arena, sql_source_names, PG_MANY, rows, err,
                      pg_text_array(source->ingest->arena, names, work->dataset_count));
    if (rc)
        return sql_source_fail(source, -1, err);
    for (size_t i = 0; i < work->dataset_count; i++) {
        struct sql_table *table = &source->tables[i];
        if (pg_is_null(rows, i, 1)) {
            (void)err_set(err, ERR_CONFLICT, "%s has no table %s", source->options.container->name, table->name);
            (void)err_hint(err, "its name is taken as it is written, and the user must be able to see it");
            return ingest_fail(source->ingest, source->options.causes.schema, -err->code);
        }
        table->oid = pg_integer(rows, i, 0);
        table->kind = *pg_text(rows, i, 1);
        table->quoted = pg_text(rows, i, 2);
    }
    return 0;
}

/* Locks before the transaction's first query, which takes the snapshot. Materialized views and foreign tables take no
 * LOCK. */
static int begin(struct sql_source *source, struct err *err)
{
    struct buf *sql = buf_new(source->ingest->arena);
    size_t n = 0;
    buf_adds(sql, "begin isolation level repeatable read read only");
    for (size_t i = 0; i < source->ingest->work->dataset_count; i++)
        if (strchr("rpv", source->tables[i].kind))
            buf_addf(sql, "%s%s", n++ ? ", " : "; lock table ", source->tables[i].quoted);
    buf_adds(sql, n ? " in access share mode" : "");
    int rc = pg_script(source->pg, buf_text(sql), err);
    if (!rc)
        rc = pg_check_session(source->pg, err);
    return rc ? sql_source_fail(source, -1, err) : 0;
}

static struct sql_column read_column(const struct pg_rows *rows, size_t row)
{
    return (struct sql_column){.name = pg_text(rows, row, 1),
                               .type = (uint32_t)pg_integer(rows, row, 2),
                               .modifier = (int32_t)pg_integer(rows, row, 3),
                               .text = pg_text(rows, row, 4),
                               .category = *pg_text(rows, row, 5),
                               .not_null = pg_is_true(rows, row, 6),
                               .generated = pg_is_true(rows, row, 7)};
}

/* The columns of a dataset out of those of all tables. */
static int cast_columns(struct sql_source *source, size_t number, const struct pg_rows *rows, bool numbered,
                        struct err *err)
{
    struct arena *arena = source->ingest->arena;
    const struct work_dataset *dataset = &source->ingest->work->datasets[number];
    struct sql_table *table = &source->tables[number];
    struct map by_name = {.arena = arena};
    for (size_t i = 0; i < rows->count; i++)
        if (pg_integer(rows, i, 0) == table->oid && !pg_is_null(rows, i, 1)) {
            struct sql_column *column = arena_alloc(arena, sizeof *column);
            *column = read_column(rows, i);
            column->number = numbered ? pg_integer(rows, i, TABLE_COLUMN) : 0;
            (void)map_put(&by_name, str_from(column->name), column);
        }
    struct buf *columns = buf_new(arena);
    buf_addf(columns, "%lld", (long long)table->oid);
    table->casts = arena_calloc(arena, dataset->column_count, sizeof *table->casts);
    for (size_t i = 0; i < dataset->column_count; i++) {
        const struct sql_column *column = map_get(&by_name, str_from(dataset->columns[i].name));
        if (!column) {
            (void)err_set(err, ERR_CONFLICT, "%s of %s has no column \"%s\"", table->name,
                          source->options.container->name, dataset->columns[i].name);
            (void)err_hint(err, "compare the source's table with the model's dataset \"%s\"", dataset->name);
            return ingest_fail(source->ingest, source->options.causes.schema, -err->code);
        }
        table->casts[i] = sql_cast_column(arena, column, &dataset->columns[i]);
        table->has_code = table->has_code || table->casts[i].extension;
        buf_addf(columns, " %lld:%lu:%ld", (long long)column->number, (unsigned long)column->type,
                 (long)column->modifier);
    }
    table->columns = numbered ? buf_text(columns) : NULL;
    return 0;
}

/* Where partitions or children hold rows, too. */
static int find_relations(struct sql_source *source, const char *const *names, struct err *err)
{
    struct arena *arena = source->ingest->arena;
    struct pg_rows rows;
    int rc = pg_query(source->pg, arena, sql_source_relations, PG_MANY, &rows, err,
                      pg_text_array(arena, names, source->ingest->work->dataset_count));
    if (rc)
        return sql_source_fail(source, -1, err);
    for (size_t i = 0; i < rows.count; i++) {
        struct sql_table *table = &source->tables[i];
        table->estimate = pg_integer(&rows, i, 0);
        table->relation_count = pg_array_texts(arena, &rows, i, 1, &table->relations);
        table->has_transactions = pg_is_true(&rows, i, 2);
    }
    return 0;
}

/* A table as a row of source_tables.sql has it. */
static int read_table(struct sql_source *source, const struct pg_rows *rows, size_t row, struct err *err)
{
    struct arena *arena = source->ingest->arena;
    struct sql_table *table = &source->tables[pg_integer(rows, row, TABLE_NUMBER) - 1];
    if (pg_integer(rows, row, 0) != table->oid) {
        (void)err_set(err, ERR_CONFLICT, "%s of %s was replaced while the batch began", table->name,
                      source->options.container->name);
        return ingest_fail(source->ingest, source->options.causes.schema, -err->code);
    }
    const char **relation = arena_alloc(arena, sizeof *relation);
    *relation = pg_text(rows, row, 0);
    table->relations = relation;
    table->relation_count = 1;
    table->estimate = pg_integer(rows, row, TABLE_ESTIMATE);
    table->has_transactions = strchr("rm", table->kind) != NULL;
    table->is_heap = pg_is_true(rows, row, TABLE_HEAP);
    table->has_code = table->kind == 'v' || !table->is_heap;
    table->rows_read = -1;
    return 0;
}

/* All that is to know of the tables, in the transaction's snapshot; most need one query for it. */
static int find_tables(struct sql_source *source, const char *const *names, struct err *err)
{
    struct arena *arena = source->ingest->arena;
    const struct pg_param param = pg_text_array(arena, names, source->ingest->work->dataset_count);
    struct pg_rows rows;
    bool children = false, domains = false;
    int rc = pg_query(source->pg, arena, sql_source_tables, PG_MANY, &rows, err, param);
    if (rc)
        return sql_source_fail(source, -1, err);
    for (size_t i = 0; !rc && i < rows.count; i++) {
        rc = read_table(source, &rows, i, err);
        children = children || pg_is_true(&rows, i, TABLE_CHILDREN);
        domains = domains || pg_is_true(&rows, i, TABLE_DOMAIN);
    }
    if (!rc && children)
        rc = find_relations(source, names, err);
    if (!rc && domains && (rc = pg_query(source->pg, arena, sql_source_columns, PG_MANY, &rows, err, param)) != 0)
        rc = sql_source_fail(source, -1, err);
    for (size_t i = 0; !rc && i < source->ingest->work->dataset_count; i++)
        rc = cast_columns(source, i, &rows, !domains, err);
    return rc;
}

static int open_source(struct sql_source *source, struct err *err)
{
    struct ingest *ingest = source->ingest;
    const struct work *work = ingest->work;
    const char **names = arena_calloc(ingest->arena, work->dataset_count, sizeof *names);
    struct pg_rows rows;
    source->tables = arena_calloc(ingest->arena, work->dataset_count, sizeof *source->tables);
    int rc = 0;
    for (size_t i = 0; !rc && i < work->dataset_count; i++) {
        const struct work_dataset *dataset = &work->datasets[i];
        source->tables[i].name =
            !source->options.schema && dataset->model->table ? dataset->model->table : dataset->name;
        rc = quote_table(ingest->arena, source->options.schema, source->tables[i].name, &names[i], err);
    }
    if (rc)
        return ingest_fail(ingest, "configuration", rc);
    rc = connect_source(source, err);
    if (!rc)
        rc = find_names(source, names, &rows, err);
    for (size_t i = 0; !rc && i < work->dataset_count; i++)
        names[i] = source->tables[i].quoted;
    if (!rc)
        rc = begin(source, err);
    return rc ? rc : find_tables(source, names, err);
}

int sql_source_open(struct ingest *ingest, const struct sql_source_options *options, struct sql_source **out,
                    struct err *err)
{
    struct sql_source *source = arena_alloc(ingest->arena, sizeof *source);
    source->ingest = ingest;
    source->options = *options;
    int rc = open_source(source, err);
    if (rc) {
        sql_source_close(source);
        return rc;
    }
    uint64_t expected = 0;
    for (size_t i = 0; i < ingest->work->dataset_count; i++)
        expected += (uint64_t)source->tables[i].estimate;
    atomic_store(&ingest->progress->rows_expected, expected);
    *out = source;
    return 0;
}

void sql_source_close(struct sql_source *source)
{
    pg_close(source->pg);
    source->pg = NULL;
}

/* Under which condition a row does not fit, as a first field: the number of the misfit and the row; null when it does.
 * Returns how many misfits there are. */
static size_t add_misfits(struct buf *sql, const struct work_dataset *dataset, const struct sql_table *table)
{
    size_t n = 0;
    for (size_t i = 0; i < dataset->column_count; i++)
        for (size_t m = 0; m < table->casts[i].misfit_count; m++) {
            buf_addf(sql, "%swhen %s then '%zu ' || pg_catalog.left(pg_catalog.to_jsonb(s)::text, 4096) ",
                     n ? "" : "case ", table->casts[i].misfits[m].condition, n + 1);
            n++;
        }
    buf_adds(sql, n ? "end, " : "");
    return n;
}

static void add_order(struct buf *sql, const struct sql_source *source, const struct work_dataset *dataset,
                      const struct sql_table *table)
{
    for (size_t i = 0; i < dataset->key_count; i++) {
        const char *value = table->casts[dataset->key[i]].value;
        buf_adds(sql, i ? ", " : " order by ");
        if (!order_is_text(&dataset->columns[dataset->key[i]]))
            buf_adds(sql, value);
        else if (source->order_by_utf8)
            buf_addf(sql, "pg_catalog.convert_to(%s::text, 'UTF8')", value);
        else
            buf_addf(sql, "%s collate \"C\"", value);
    }
}

int sql_source_rows(struct sql_source *source, size_t number, bool sorted, const char *where, struct rows **out,
                    struct err *err)
{
    const struct work_dataset *dataset = &source->ingest->work->datasets[number];
    const struct sql_table *table = &source->tables[number];
    struct buf *sql = buf_new(source->ingest->arena);
    bool plain = !sorted && !where && table->kind == 'r' && table->relation_count == 1;
    buf_adds(sql, "copy (select ");
    size_t misfits = add_misfits(sql, dataset, table);
    for (size_t i = 0; i < dataset->column_count; i++) {
        buf_addf(sql, "%s%s", i ? ", " : "", table->casts[i].value);
        plain = plain && table->casts[i].plain && !table->casts[i].generated;
    }
    buf_addf(sql, " from %s s%s%s", table->quoted, where ? " where " : "", where ? where : "");
    if (sorted)
        add_order(sql, source, dataset, table);
    buf_addc(sql, ')');
    if (plain && misfits == 0) {
        /* A whole table as it is needs no plan, and is read faster. */
        buf_cut(sql, 0);
        buf_addf(sql, "copy %s (", table->quoted);
        builder_columns(sql, dataset, "");
        buf_addc(sql, ')');
    }
    buf_adds(sql, " to stdout (format binary)");
    return sql_rows_open(source, number, buf_text(sql), misfits, sorted, out, err);
}
