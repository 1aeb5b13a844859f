#include "model/checks.h"

#include "model/datatype.h"

enum { MOST_COLUMNS = 1598 }; /* PostgreSQL's 1,600, less those that the merge adds */

static void check_column(struct check_run *run, const struct column *column)
{
    struct datatype type;
    struct err ignored; /* not cleared: there are very many columns */
    if (!column->name || !column->type || datatype_parse(str_from(column->type), &type, &ignored) != 0)
        return;
    if (!datatype_has_sql(&type)) {
        struct finding *finding = check_report(run->findings, CHECK_UNSUPPORTED_TYPE, column->place,
                                               "column \"%s\": %s has no SQL type", column->name, column->type);
        finding_hint(run->findings, finding, "text or json can hold it");
    }
    if (column->key && column->nullable)
        check_report(run->findings, CHECK_NULLABLE_KEY, column->place, "key column \"%s\" is nullable", column->name);
    if (column->key && !datatype_can_be_key(&type))
        check_report(run->findings, CHECK_KEY_TYPE, column->place,
                     "key column \"%s\" is %s, which cannot be compared for a key", column->name, column->type);
}

static void check_dataset(struct check_run *run, enum capture_type type, const struct dataset *dataset)
{
    const char *name = dataset->name ? dataset->name : "";
    bool key = false;
    vec_each(column, &dataset->columns)
    {
        check_column(run, column);
        key = key || column->key;
    }
    if (dataset->columns.len == 0 || dataset->columns.len > MOST_COLUMNS)
        check_report(run->findings, CHECK_NO_COLUMNS, dataset->place, "dataset \"%s\" has %zu columns, not 1 to %d",
                     name, dataset->columns.len, MOST_COLUMNS);
    else if (!key && type == CAPTURE_JSON_API)
        check_report(run->findings, CHECK_NO_KEY, dataset->place, "dataset \"%s\" of a capture by json-api has no key",
                     name);
}

void check_columns(struct check_run *run)
{
    check_objects(object, run, OBJECT_DATASTORE)
    {
        if (object->datastore->datasets.len == 0)
            check_report(run->findings, CHECK_NO_COLUMNS, object->place, "Datastore \"%s\" has no datasets",
                         object->name);
        vec_each(dataset, &object->datastore->datasets) check_dataset(run, object->datastore->capture.type, dataset);
    }
}
