#include "store/ecosystem.h"

#include "sql.h"
#include "store/param.h"

static int read_row(struct arena *arena, const struct pg_rows *rows, size_t i, struct ecosystem_row *out,
                    struct err *err)
{
    *out = (struct ecosystem_row){
        .name = pg_text(rows, i, 0),
        .url = pg_text(rows, i, 1),
        .branch = pg_text(rows, i, 2),
        .path = pg_text(rows, i, 3),
        .revision = pg_integer(rows, i, 5),
        .version = (int)pg_integer(rows, i, 6),
        .created_at = pg_text(rows, i, 7),
        .updated_at = pg_text(rows, i, 8),
        .head_oid = pg_text(rows, i, 9),
        .head_delivery = pg_integer(rows, i, 10),
        .head_at = pg_text(rows, i, 11),
        .repository = pg_text(rows, i, 12),
    };
    int rc = json_read(arena, pg_str(rows, i, 4), &out->secrets, err);
    if (!rc && !pg_is_null(rows, i, 13))
        rc = json_read(arena, pg_str(rows, i, 13), &out->forge, err);
    return rc;
}

static int read_one(struct pg *pg, struct arena *arena, const char *sql, const char *name, struct ecosystem_row *out,
                    struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql, PG_MAYBE, &rows, err, PG_TEXT(name));
    if (rc)
        return rc;
    if (!rows.count)
        return err_set(err, ERR_NOT_FOUND, "ecosystem \"%s\" does not exist", name);
    return read_row(arena, &rows, 0, out, err);
}

int ecosystem_get(struct pg *pg, struct arena *arena, const char *name, struct ecosystem_row *out, struct err *err)
{
    return read_one(pg, arena, sql_ecosystem_get, name, out, err);
}

int ecosystem_lock(struct pg *pg, struct arena *arena, const char *name, struct ecosystem_row *out, struct err *err)
{
    return read_one(pg, arena, sql_ecosystem_lock, name, out, err);
}

int ecosystem_list(struct pg *pg, struct arena *arena, const char *after, size_t limit, struct ecosystem_row **out,
                   size_t *count, struct err *err)
{
    struct pg_rows rows;
    int rc =
        pg_query(pg, arena, sql_ecosystem_list, PG_MANY, &rows, err, PG_TEXT(after), pg_int(arena, (int64_t)limit));
    if (rc)
        return rc;
    struct ecosystem_row *items = arena_calloc(arena, rows.count, sizeof *items);
    for (size_t i = 0; !rc && i < rows.count; i++)
        rc = read_row(arena, &rows, i, &items[i], err);
    if (rc)
        return rc;
    *out = items;
    *count = rows.count;
    return 0;
}

static struct pg_param repository_param(const struct ecosystem_row *row)
{
    return PG_TEXT(row->repository ? row->repository : "");
}

int ecosystem_create(struct pg *pg, struct arena *arena, const struct ecosystem_row *row, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_ecosystem_alike, PG_MAYBE, &rows, err, PG_TEXT(row->name));
    if (!rc && rows.count) {
        (void)err_set(err, ERR_CONFLICT, "ecosystem %s and %s become the same name in SQL", pg_text(&rows, 0, 0),
                      row->name);
        return err_hint(err, "take a name that differs in more than case, '_' and '-'");
    }
    if (rc)
        return rc;
    rc = pg_query(pg, arena, sql_ecosystem_create, PG_NONE, &rows, err, PG_TEXT(row->name), PG_TEXT(row->url),
                  PG_TEXT(row->branch), PG_TEXT(row->path), param_json(arena, row->secrets), repository_param(row),
                  param_json(arena, row->forge));
    if (rc)
        return rc;
    if (rows.affected != 1)
        return err_set(err, ERR_CONFLICT, "ecosystem %s is there already", row->name);
    return 0;
}

int ecosystem_update(struct pg *pg, struct arena *arena, const struct ecosystem_row *row, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_ecosystem_update, PG_NONE, &rows, err, PG_TEXT(row->name), PG_TEXT(row->url),
                      PG_TEXT(row->branch), PG_TEXT(row->path), param_json(arena, row->secrets),
                      pg_int(arena, row->revision), repository_param(row), param_json(arena, row->forge));
    if (rc)
        return rc;
    if (rows.affected != 1)
        return err_set(err, ERR_STALE, "ecosystem %s was changed by somebody else", row->name);
    return 0;
}

int ecosystem_set_head(struct pg *pg, struct arena *arena, const struct ecosystem_row *row, const char *oid,
                       const char *at, int64_t delivery, struct err *err)
{
    return pg_query(pg, arena, sql_ecosystem_head, PG_NONE, NULL, err, PG_TEXT(row->name), PG_TEXT(oid), PG_TEXT(at),
                    pg_int(arena, delivery), pg_int(arena, row->revision));
}

int ecosystem_head_again(struct pg *pg, struct arena *arena, const struct ecosystem_row *row, const char *oid,
                         const char *at, struct err *err)
{
    return pg_query(pg, arena, sql_ecosystem_head_again, PG_NONE, NULL, err, PG_TEXT(row->name), PG_TEXT(oid),
                    PG_TEXT(at), pg_int(arena, row->revision));
}

int ecosystem_forget_head(struct pg *pg, struct arena *arena, const char *name, struct err *err)
{
    return pg_query(pg, arena, sql_ecosystem_forget_head, PG_NONE, NULL, err, PG_TEXT(name));
}

int ecosystem_advance(struct pg *pg, struct arena *arena, const char *name, int version, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_ecosystem_advance, PG_NONE, &rows, err, PG_TEXT(name), pg_int(arena, version));
    if (rc)
        return rc;
    if (rows.affected != 1)
        return err_set(err, ERR_STALE, "ecosystem %s is no longer at version %d", name, version - 1);
    return 0;
}

int ecosystem_poll(struct pg *pg, struct arena *arena, int64_t interval_ms, const char **name, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_ecosystem_poll, PG_MAYBE, &rows, err, pg_int(arena, interval_ms));
    if (!rc)
        *name = rows.count ? pg_text(&rows, 0, 0) : NULL;
    return rc;
}

int ecosystem_poll_wait(struct pg *pg, struct arena *arena, int64_t interval_ms, int64_t *out, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_ecosystem_poll_wait, PG_ONE, &rows, err, pg_int(arena, interval_ms));
    if (!rc)
        *out = pg_integer(&rows, 0, 0);
    return rc;
}
