#include "store/hold.h"

#include "sql.h"
#include "store/ecosystem.h"

static void read_row(const struct pg_rows *rows, size_t i, struct hold_row *out)
{
    *out = (struct hold_row){.id = pg_integer(rows, i, 0),
                             .scope = pg_text(rows, i, 1),
                             .commit_oid = pg_text(rows, i, 2),
                             .reason = pg_text(rows, i, 3),
                             .by = pg_text(rows, i, 4),
                             .at = pg_text(rows, i, 5),
                             .version = (int)pg_integer(rows, i, 6),
                             .to = (int)pg_integer(rows, i, 7),
                             .released_by = pg_text(rows, i, 8),
                             .released_at = pg_text(rows, i, 9)};
}

int hold_store_add(struct pg *pg, struct arena *arena, const char *ecosystem, const struct hold_row *row, int64_t *id,
                   bool *fresh, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_hold_add, PG_MAYBE, &rows, err, PG_TEXT(ecosystem), PG_TEXT(row->scope),
                      PG_TEXT(row->commit_oid), PG_TEXT(row->reason), PG_TEXT(row->by),
                      row->version ? pg_int(arena, row->version) : PG_NULL);
    *fresh = !rc && rows.count;
    if (!rc && !*fresh)
        rc = pg_query(pg, arena, sql_hold_same, PG_ONE, &rows, err, PG_TEXT(ecosystem), PG_TEXT(row->scope),
                      PG_TEXT(row->commit_oid));
    if (!rc)
        *id = pg_integer(&rows, 0, 0);
    return rc;
}

int hold_store_get(struct pg *pg, struct arena *arena, const char *ecosystem, int64_t id, struct hold_row *out,
                   struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_hold_get, PG_MAYBE, &rows, err, PG_TEXT(ecosystem), pg_int(arena, id));
    if (rc)
        return rc;
    if (!rows.count)
        return ecosystem_lacks(err, ecosystem, "hold %lld", (long long)id);
    read_row(&rows, 0, out);
    return 0;
}

int hold_store_list(struct pg *pg, struct arena *arena, const char *ecosystem, const char *state, int64_t before,
                    size_t limit, struct hold_row **out, size_t *count, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_hold_list, PG_MANY, &rows, err, PG_TEXT(ecosystem), PG_TEXT(state),
                      pg_int(arena, before), pg_int(arena, (int64_t)limit));
    if (rc)
        return rc;
    struct hold_row *items = arena_calloc(arena, rows.count, sizeof *items);
    for (size_t i = 0; i < rows.count; i++)
        read_row(&rows, i, &items[i]);
    *out = items;
    *count = rows.count;
    return 0;
}

int hold_store_release(struct pg *pg, struct arena *arena, const char *ecosystem, int64_t id, const char *by,
                       bool *fresh, struct err *err)
{
    struct pg_rows rows;
    int rc =
        pg_query(pg, arena, sql_hold_release, PG_NONE, &rows, err, PG_TEXT(ecosystem), pg_int(arena, id), PG_TEXT(by));
    *fresh = !rc && rows.affected == 1;
    return rc;
}

int hold_store_replace(struct pg *pg, struct arena *arena, const char *ecosystem, const char *by, int64_t **out,
                       size_t *count, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_hold_replace, PG_MANY, &rows, err, PG_TEXT(ecosystem), PG_TEXT(by));
    if (rc)
        return rc;
    *out = arena_calloc(arena, rows.count + 1, sizeof **out);
    for (size_t i = 0; i < rows.count; i++)
        (*out)[i] = pg_integer(&rows, i, 0);
    *count = rows.count;
    return 0;
}
