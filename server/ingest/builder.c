#include "ingest/builder.h"

#include "ingest/naming.h"

void builder_name(struct buf *sql, const char *name)
{
    buf_addc(sql, '"');
    for (const char *c = name; *c; c++) {
        if (*c == '"')
            buf_addc(sql, '"');
        buf_addc(sql, *c);
    }
    buf_addc(sql, '"');
}

void builder_table(struct buf *sql, const char *schema, const char *table)
{
    builder_name(sql, schema);
    buf_addc(sql, '.');
    builder_name(sql, table);
}

static void add_column(struct buf *sql, const struct work_dataset *dataset, size_t column, const char *prefix,
                       bool first)
{
    buf_adds(sql, first ? "" : ", ");
    buf_adds(sql, prefix);
    builder_name(sql, dataset->columns[column].name);
}

void builder_columns(struct buf *sql, const struct work_dataset *dataset, const char *prefix)
{
    for (size_t i = 0; i < dataset->column_count; i++)
        add_column(sql, dataset, i, prefix, i == 0);
}

void builder_key(struct buf *sql, const struct work_dataset *dataset, const char *prefix)
{
    for (size_t i = 0; i < dataset->key_count; i++)
        add_column(sql, dataset, dataset->key[i], prefix, i == 0);
}

void builder_key_equal(struct buf *sql, const struct work_dataset *dataset, const char *a, const char *b)
{
    for (size_t i = 0; i < dataset->key_count; i++) {
        buf_adds(sql, i ? " and " : "");
        add_column(sql, dataset, dataset->key[i], a, true);
        buf_adds(sql, " = ");
        add_column(sql, dataset, dataset->key[i], b, true);
    }
}

int builder_check(const char *what, const char *name, struct err *err)
{
    size_t len = strlen(name);
    if (len == 0)
        return err_set(err, ERR_INVALID, "a %s has an empty name", what);
    if (len > NAMING_MAX)
        return err_set(err, ERR_INVALID, "%s \"%s\": a name of %zu bytes, PostgreSQL keeps %d", what, name, len,
                       NAMING_MAX);
    if (!str_is_utf8(str_from(name)))
        return err_set(err, ERR_INVALID, "a %s has a name that is not UTF-8", what);
    return 0;
}
