#include "ingest/table.h"

#include "base/json.h"
#include "ingest/builder.h"
#include "ingest/order.h"
#include "ingest/table_type.h"
#include "sql.h"

const char table_batch_id[] = "yellow_batch_id", table_batch_in[] = "yellow_batch_in",
           table_batch_out[] = "yellow_batch_out";

/* A column as the catalog has it. */
struct there {
    const char *name, *type;
    bool required;
    int64_t in_key; /* its place, from 1; 0: not part of it */
};

static void add_column(struct buf *sql, const struct work_column *column, bool strict)
{
    builder_name(sql, column->name);
    buf_addf(sql, " %s%s%s", column->sql, column->key && order_is_text(column) ? " collate \"C\"" : "",
             strict && !column->nullable ? " not null" : "");
}

void table_columns(struct buf *sql, const struct work_dataset *dataset, bool strict)
{
    for (size_t i = 0; i < dataset->column_count; i++) {
        buf_adds(sql, i ? ", " : "");
        add_column(sql, &dataset->columns[i], strict);
    }
}

static json_t *dataset_shape(const struct work_dataset *dataset)
{
    json_t *columns = json_array(), *key = json_array();
    for (size_t i = 0; i < dataset->column_count; i++) {
        const struct work_column *column = &dataset->columns[i];
        json_array_append_new(
            columns, json_pack("{s:s, s:s, s:b}", "name", column->name, "type", column->sql, "null", column->nullable));
    }
    for (size_t i = 0; i < dataset->key_count; i++)
        json_array_append_new(key, json_string(dataset->columns[dataset->key[i]].name));
    return json_pack("{s:s, s:s, s:o, s:o}", "schema", dataset->schema, "table", dataset->table, "columns", columns,
                     "key", key);
}

const char *table_shape(struct arena *arena, const struct work *work)
{
    json_t *shape = json_own(arena, json_object()), *datasets = json_object();
    json_object_set_new(shape, "milestoned", json_boolean(work->milestoned));
    json_object_set_new(shape, "datasets", datasets);
    for (size_t i = 0; i < work->dataset_count; i++)
        json_object_set_new(datasets, work->datasets[i].name, dataset_shape(&work->datasets[i]));
    struct buf *text = buf_new(arena);
    json_write(text, shape);
    return buf_text(text);
}

/* Columns that every table of PostgreSQL has. */
static const char *const system_columns[] = {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"};

static int check_column(const char *name, struct err *err)
{
    for (size_t i = 0; i < sizeof system_columns / sizeof *system_columns; i++)
        if (strcmp(name, system_columns[i]) == 0)
            return err_set(err, ERR_INVALID, "column \"%s\": PostgreSQL has one of this name in every table", name);
    return builder_check("column", name, err);
}

static int check_limits(const struct work_dataset *dataset, bool milestoned, struct err *err)
{
    size_t own = milestoned ? 2 : 1;
    int rc = builder_check("schema", dataset->schema, err);
    if (!rc)
        rc = builder_check("table", dataset->table, err);
    for (size_t i = 0; !rc && i < dataset->column_count; i++)
        rc = check_column(dataset->columns[i].name, err);
    if (rc)
        return err_prefix(err, "dataset \"%s\"", dataset->name);
    if (dataset->column_count + own <= TABLE_COLUMNS_MAX)
        return 0;
    (void)err_set(err, ERR_INVALID,
                  "dataset \"%s\": %zu columns and %zu of Yellow's, a table of PostgreSQL has %d at most",
                  dataset->name, dataset->column_count, own, TABLE_COLUMNS_MAX);
    return err_hint(err, "split it into datasets with the same key");
}

static int cannot_follow(struct err *err, const struct work_dataset *dataset, const char *what)
{
    (void)err_set(err, ERR_CONFLICT, "table \"%s\".\"%s\" cannot follow the model: %s", dataset->schema, dataset->table,
                  what);
    return err_hint(err, "undo the change in the model, or drop the stream's tables so that it loads anew");
}

/* A value that all rows have so far is kept with the table, not in each row. */
static void add_beside(struct buf *sql, const char *column, const char *value)
{
    buf_addf(sql, " add column %s integer not null default %s", column, value);
}

const char *table_beside(struct arena *arena, const struct work_dataset *dataset, bool milestoned, int32_t batch)
{
    struct buf *sql = buf_new(arena), *table = buf_new(arena);
    builder_table(table, dataset->schema, dataset->table);
    buf_addf(sql, "alter table %s", buf_text(table));
    add_beside(sql, milestoned ? table_batch_in : table_batch_id, arena_printf(arena, "%ld", (long)batch));
    if (milestoned) {
        buf_addc(sql, ',');
        add_beside(sql, table_batch_out, TABLE_LIVE);
    }
    buf_addf(sql, "; alter table %s alter column %s drop default", buf_text(table),
             milestoned ? table_batch_in : table_batch_id);
    if (milestoned)
        buf_addf(sql, ", alter column %s drop default", table_batch_out);
    return buf_text(sql);
}

static void plan_create(struct arena *arena, const struct work_dataset *dataset, bool milestoned,
                        struct table_plan *plan)
{
    struct buf *sql = buf_new(arena);
    buf_adds(sql, "create table ");
    builder_table(sql, dataset->schema, dataset->table);
    buf_adds(sql, " (");
    table_columns(sql, dataset, true);
    buf_addc(sql, ')');
    plan->create = buf_text(sql);
    plan->fresh = plan->empty = true;
    if (dataset->key_count == 0)
        return;
    struct buf *index = buf_new(arena);
    buf_adds(index, milestoned ? "create unique index on " : "alter table ");
    builder_table(index, dataset->schema, dataset->table);
    buf_adds(index, milestoned ? " (" : " add primary key (");
    builder_key(index, dataset, "");
    buf_adds(index, milestoned ? ") where yellow_batch_out = " TABLE_LIVE : ")");
    plan->index = buf_text(index);
}

static const struct there *find_there(const struct there *columns, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(columns[i].name, name) == 0)
            return &columns[i];
    return NULL;
}

static const struct work_column *find_wanted(const struct work_dataset *dataset, const char *name)
{
    for (size_t i = 0; i < dataset->column_count; i++)
        if (strcmp(dataset->columns[i].name, name) == 0)
            return &dataset->columns[i];
    return NULL;
}

static int check_key(struct arena *arena, const struct work_dataset *dataset, const struct there *there, size_t n,
                     struct err *err)
{
    size_t in_key = 0;
    for (size_t i = 0; i < n; i++)
        in_key += there[i].in_key > 0;
    bool same = in_key == dataset->key_count;
    for (size_t i = 0; same && i < dataset->key_count; i++) {
        const struct there *column = find_there(there, n, dataset->columns[dataset->key[i]].name);
        same = column && column->in_key == (int64_t)i + 1;
    }
    if (same)
        return 0;
    struct buf *wanted = buf_new(arena);
    builder_key(wanted, dataset, "");
    return cannot_follow(err, dataset,
                         dataset->key_count == 0 ? "it has a key, the model none"
                                                 : arena_printf(arena, "its key is not (%s)", buf_text(wanted)));
}

/* Starts a clause of ALTER TABLE for the column. */
static struct buf *clause(struct buf *sql, const char *what, const char *column)
{
    buf_adds(sql, sql->len ? ", " : "");
    buf_adds(sql, what);
    builder_name(sql, column);
    return sql;
}

static bool keep(struct arena *arena, const struct work_dataset *dataset, const struct work_column *column,
                 const struct there *there, struct table_plan *plan)
{
    struct datatype type = column->type;
    if (!table_type_keep(there->type, &type))
        return false;
    if (!plan->columns) {
        plan->columns = arena_calloc(arena, dataset->column_count, sizeof *plan->columns);
        memcpy(plan->columns, dataset->columns, dataset->column_count * sizeof *plan->columns);
    }
    struct work_column *kept = &plan->columns[column - dataset->columns];
    kept->type = type;
    kept->sql = datatype_sql(arena, &type);
    return true;
}

static int plan_column(struct arena *arena, const struct work_dataset *dataset, const struct work_column *column,
                       const struct there *there, struct buf *sql, struct table_plan *plan, struct err *err)
{
    if (!there) {
        buf_adds(sql, sql->len ? ", add column " : "add column ");
        add_column(sql, column, true);
        return 0;
    }
    switch (table_type_follow(there->type, column->sql)) {
    case TYPE_SAME:
        break;
    case TYPE_WIDEN:
        buf_addf(clause(sql, "alter column ", column->name), " type %s%s", column->sql,
                 column->key && order_is_text(column) ? " collate \"C\"" : "");
        plan->retypes = true;
        break;
    case TYPE_KEEP:
        if (keep(arena, dataset, column, there, plan))
            break;
        /* fall through */
    case TYPE_REFUSE:
        return cannot_follow(err, dataset,
                             arena_printf(arena, "column \"%s\" is %s there and %s in the model", column->name,
                                          there->type, column->sql));
    }
    if (there->required && column->nullable)
        buf_adds(clause(sql, "alter column ", column->name), " drop not null");
    return 0;
}

static bool is_own(const char *name)
{
    return strcmp(name, table_batch_id) == 0 || strcmp(name, table_batch_in) == 0 || strcmp(name, table_batch_out) == 0;
}

static int plan_alter(struct arena *arena, const struct work_dataset *dataset, bool milestoned,
                      const struct there *there, size_t n, struct table_plan *plan, struct err *err)
{
    struct buf *sql = buf_new(arena);
    if (!find_there(there, n, milestoned ? table_batch_out : table_batch_id))
        return cannot_follow(err, dataset,
                             milestoned ? "it keeps no history, the platform is milestoned"
                                        : "it is no live table, the platform is live");
    int rc = check_key(arena, dataset, there, n, err);
    for (size_t i = 0; !rc && i < dataset->column_count; i++) {
        const struct work_column *column = &dataset->columns[i];
        rc = plan_column(arena, dataset, column, find_there(there, n, column->name), sql, plan, err);
    }
    for (size_t i = 0; !rc && i < n; i++)
        if (there[i].required && !is_own(there[i].name) && !find_wanted(dataset, there[i].name))
            buf_adds(clause(sql, "alter column ", there[i].name), " drop not null");
    if (rc || !sql->len)
        return rc;
    struct buf *alter = buf_new(arena);
    buf_adds(alter, "alter table ");
    builder_table(alter, dataset->schema, dataset->table);
    buf_addc(alter, ' ');
    buf_add_str(alter, buf_str(sql));
    plan->alter = buf_text(alter);
    return 0;
}

static int make_schema(struct pg *pg, struct arena *arena, const char *schema, struct err *err)
{
    struct buf *sql = buf_new(arena);
    buf_adds(sql, "create schema if not exists ");
    builder_name(sql, schema);
    int rc = pg_script(pg, buf_text(sql), err);
    /* Two that make it at once: the second one meets the first one's row. */
    return rc && strcmp(err->sqlstate, "23505") == 0 ? 0 : rc;
}

int table_plan(struct pg *pg, struct arena *arena, const struct work_dataset *dataset, bool milestoned,
               struct table_plan *out, struct err *err)
{
    struct pg_rows rows;
    struct table_plan plan = {0};
    int rc = check_limits(dataset, milestoned, err);
    if (!rc)
        rc =
            pg_query(pg, arena, sql_table_look, PG_MANY, &rows, err, PG_TEXT(dataset->schema), PG_TEXT(dataset->table));
    if (!rc && !pg_is_true(&rows, 0, 0))
        rc = make_schema(pg, arena, dataset->schema, err);
    if (rc)
        return rc;
    if (!pg_is_true(&rows, 0, 1)) {
        plan_create(arena, dataset, milestoned, &plan);
    } else {
        struct there *there = arena_calloc(arena, rows.count, sizeof *there);
        size_t n = 0;
        for (size_t i = 0; i < rows.count; i++)
            if (pg_text(&rows, i, 2))
                there[n++] = (struct there){pg_text(&rows, i, 2), pg_text(&rows, i, 3), pg_is_true(&rows, i, 4),
                                            pg_integer(&rows, i, 5)};
        rc = plan_alter(arena, dataset, milestoned, there, n, &plan, err);
    }
    if (!rc)
        *out = plan;
    return rc;
}

int table_alter(struct pg *pg, struct arena *arena, const struct work_dataset *dataset, const struct table_plan *plan,
                struct err *err)
{
    struct buf *script = buf_new(arena);
    struct pg_rows views = {0};
    int rc = 0;
    if (plan->retypes)
        rc = pg_query(pg, arena, sql_table_views, PG_MANY, &views, err, PG_TEXT(dataset->schema),
                      PG_TEXT(dataset->table));
    for (size_t i = views.count; !rc && i-- > 0;)
        buf_adds(script, pg_text(&views, i, 0));
    buf_adds(script, plan->alter);
    buf_addc(script, ';');
    for (size_t i = 0; !rc && i < views.count; i++)
        buf_adds(script, pg_text(&views, i, 1));
    if (!rc)
        rc = pg_script(pg, buf_text(script), err);
    if (rc && strcmp(err->sqlstate, "23502") == 0)
        return cannot_follow(err, dataset, "a new column is not nullable and there are rows without it");
    return rc;
}
