#include "store/ecosystem.h"

#include "sql.h"
#include "store/param.h"
#include "store/repository.h"

#include <stdio.h>

int ecosystem_unknown(struct err *err, const char *name)
{
    return err_set(err, ERR_NOT_FOUND, "there is no ecosystem %s", name);
}

int ecosystem_lacks(struct err *err, const char *name, const char *what, ...)
{
    char text[512];
    va_list args;
    va_start(args, what);
    (void)vsnprintf(text, sizeof text, what, args);
    va_end(args);
    return err_set(err, ERR_NOT_FOUND, "ecosystem %s has no %s", name, text);
}

int ecosystem_get(struct pg *pg, struct arena *arena, const char *name, struct ecosystem_row *out, struct err *err)
{
    return repository_get(pg, arena, name, "", out, err);
}

int ecosystem_lock(struct pg *pg, struct arena *arena, const char *name, struct ecosystem_row *out, struct err *err)
{
    int rc = pg_query(pg, arena, sql_ecosystem_lock, PG_MAYBE, NULL, err, PG_TEXT(name));
    return rc ? rc : ecosystem_get(pg, arena, name, out, err);
}

int ecosystem_list(struct pg *pg, struct arena *arena, const char *after, size_t limit, struct ecosystem_row **out,
                   size_t *count, struct err *err)
{
    struct pg_rows rows;
    int rc =
        pg_query(pg, arena, sql_ecosystem_list, PG_MANY, &rows, err, PG_TEXT(after), pg_int(arena, (int64_t)limit));
    if (rc)
        return rc;
    return repository_read_rows(arena, &rows, out, count, err);
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
    struct pg_param id = pg_int(arena, delivery), revision = pg_int(arena, row->revision);
    if (ecosystem_is_own(row))
        return pg_query(pg, arena, sql_ecosystem_head, PG_NONE, NULL, err, PG_TEXT(row->name), PG_TEXT(oid),
                        PG_TEXT(at), id, revision);
    return pg_query(pg, arena, sql_repository_head, PG_NONE, NULL, err, PG_TEXT(row->name), PG_TEXT(oid), PG_TEXT(at),
                    id, revision, PG_TEXT(row->repo));
}

int ecosystem_head_again(struct pg *pg, struct arena *arena, const struct ecosystem_row *row, const char *oid,
                         const char *at, struct err *err)
{
    struct pg_param revision = pg_int(arena, row->revision);
    if (ecosystem_is_own(row))
        return pg_query(pg, arena, sql_ecosystem_head_again, PG_NONE, NULL, err, PG_TEXT(row->name), PG_TEXT(oid),
                        PG_TEXT(at), revision);
    return pg_query(pg, arena, sql_repository_head_again, PG_NONE, NULL, err, PG_TEXT(row->name), PG_TEXT(oid),
                    PG_TEXT(at), revision, PG_TEXT(row->repo));
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

int ecosystem_poll(struct pg *pg, struct arena *arena, int64_t interval_ms, const char **name, const char **repo,
                   struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_ecosystem_poll, PG_MAYBE, &rows, err, pg_int(arena, interval_ms));
    *name = !rc && rows.count ? pg_text(&rows, 0, 0) : NULL;
    *repo = "";
    if (rc || *name)
        return rc;
    rc = pg_query(pg, arena, sql_repository_poll, PG_MAYBE, &rows, err, pg_int(arena, interval_ms));
    if (!rc && rows.count) {
        *name = pg_text(&rows, 0, 0);
        *repo = pg_text(&rows, 0, 1);
    }
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
