#include "ingest/names.h"

#include "ingest/naming.h"
#include "sql.h"

int names_put(struct pg *pg, struct arena *arena, const char *name, const char *const *parts, size_t n, struct err *err)
{
    return naming_is_plain(parts, n)
               ? 0
               : pg_query(pg, arena, sql_names_put, PG_NONE, NULL, err, PG_TEXT(name), pg_text_array(arena, parts, n));
}

int names_put_table(struct pg *pg, struct arena *arena, const struct work *work, const struct work_dataset *dataset,
                    struct err *err)
{
    const char *const of_schema[] = {work->ecosystem, work->platform}, *of_table[] = {work->store->name, dataset->name};
    int rc = names_put(pg, arena, dataset->schema, of_schema, 2, err);
    return rc ? rc : names_put(pg, arena, dataset->table, of_table, 2, err);
}
