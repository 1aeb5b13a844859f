#include "ingest/sql_horizon.h"

#include "sql.h"

enum { AGE_LIMIT = 2000000000 };

int sql_horizon_read(struct sql_source *source, int64_t before, const char *identity, struct sql_horizon *out,
                     struct err *err)
{
    struct arena *arena = source->ingest->arena;
    struct pg_rows rows;
    int rc =
        pg_query(source->pg, arena, sql_source_horizon, PG_ONE, &rows, err, before ? pg_int(arena, before) : PG_NULL);
    if (rc)
        return rc;
    int64_t distance = pg_integer(&rows, 0, 1) - before;
    *out = (struct sql_horizon){.at = pg_integer(&rows, 0, 0),
                                .age = pg_integer(&rows, 0, 2),
                                .age_before = pg_integer(&rows, 0, 3),
                                .identity = pg_text(&rows, 0, 4)};
    out->goes_on = before && identity && strcmp(identity, out->identity) == 0 && distance >= 0 && distance < AGE_LIMIT;
    return 0;
}
