#include "store/version.h"

#include "sql.h"
#include "store/ecosystem.h"
#include "store/param.h"

int version_lock(struct pg *pg, struct arena *arena, const char *ecosystem, struct err *err)
{
    return pg_query(pg, arena, sql_merge_lock, PG_NONE, NULL, err, PG_TEXT(ecosystem));
}

int version_add(struct pg *pg, struct arena *arena, const char *ecosystem, const struct version_row *row,
                const json_t *plan, struct err *err)
{
    return pg_query(pg, arena, sql_version_add, PG_NONE, NULL, err, PG_TEXT(ecosystem), pg_int(arena, row->version),
                    PG_TEXT(row->commit_oid), PG_TEXT(row->author), PG_TEXT(row->message), param_json(arena, plan),
                    param_json(arena, row->findings), PG_TEXT(row->path ? row->path : ""),
                    row->rolled_back_to ? pg_int(arena, row->rolled_back_to) : PG_NULL, param_json(arena, row->planned),
                    PG_TEXT(row->repo ? row->repo : ""));
}

static int read_row(struct arena *arena, const struct pg_rows *rows, size_t i, struct version_row *out, struct err *err)
{
    *out = (struct version_row){
        .version = (int)pg_integer(rows, i, 0),
        .commit_oid = pg_text(rows, i, 1),
        .author = pg_text(rows, i, 2),
        .message = pg_text(rows, i, 3),
        .created_at = pg_text(rows, i, 6),
        .path = pg_text(rows, i, 7),
        .rolled_back_to = (int)pg_integer(rows, i, 8),
        .repo = pg_text(rows, i, 10),
    };
    int rc = pg_is_null(rows, i, 4) ? 0 : json_read(arena, pg_str(rows, i, 4), &out->summary, err);
    if (!rc && !pg_is_null(rows, i, 9))
        rc = json_read(arena, pg_str(rows, i, 9), &out->planned, err);
    if (!rc && !pg_is_null(rows, i, 11))
        rc = json_read(arena, pg_str(rows, i, 11), &out->commits, err);
    return rc ? rc : json_read(arena, pg_str(rows, i, 5), &out->findings, err);
}

static int missing(const char *ecosystem, int version, struct err *err)
{
    return ecosystem_lacks(err, ecosystem, "version %d", version);
}

int version_get(struct pg *pg, struct arena *arena, const char *ecosystem, int version, struct version_row *out,
                struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_version_get, PG_MAYBE, &rows, err, PG_TEXT(ecosystem), pg_int(arena, version));
    if (rc)
        return rc;
    return rows.count ? read_row(arena, &rows, 0, out, err) : missing(ecosystem, version, err);
}

int version_at_time(struct pg *pg, struct arena *arena, const char *ecosystem, const char *at, struct version_then *out,
                    struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_version_at, PG_ONE, &rows, err, PG_TEXT(ecosystem), PG_TEXT(at));
    if (!rc)
        *out = (struct version_then){(int)pg_integer(&rows, 0, 0), pg_text(&rows, 0, 1), pg_is_true(&rows, 0, 2)};
    return rc;
}

int version_list(struct pg *pg, struct arena *arena, const char *ecosystem, int before, size_t limit,
                 struct version_row **out, size_t *count, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_version_list, PG_MANY, &rows, err, PG_TEXT(ecosystem),
                      before ? pg_int(arena, before) : PG_NULL, pg_int(arena, (int64_t)limit));
    if (rc)
        return rc;
    struct version_row *items = arena_calloc(arena, rows.count, sizeof *items);
    for (size_t i = 0; !rc && i < rows.count; i++)
        rc = read_row(arena, &rows, i, &items[i], err);
    if (rc)
        return rc;
    *out = items;
    *count = rows.count;
    return 0;
}

int version_plan(struct pg *pg, struct arena *arena, const char *ecosystem, int version, struct str *out,
                 struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_version_plan, PG_MAYBE, &rows, err, PG_TEXT(ecosystem), pg_int(arena, version));
    if (rc)
        return rc;
    if (!rows.count)
        return missing(ecosystem, version, err);
    *out = pg_str(&rows, 0, 0);
    return 0;
}
