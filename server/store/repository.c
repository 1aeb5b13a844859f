#include "store/repository.h"

#include "sql.h"
#include "store/param.h"

/* Columns of the view repository_shown, in order. */
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
        .repo = pg_text(rows, i, 14),
        .in_force = pg_text(rows, i, 15),
        .in_force_path = pg_text(rows, i, 16),
        .shared = pg_is_true(rows, i, 17),
    };
    int rc = json_read(arena, pg_str(rows, i, 4), &out->secrets, err);
    if (!rc && !pg_is_null(rows, i, 13))
        rc = json_read(arena, pg_str(rows, i, 13), &out->forge, err);
    return rc;
}

int repository_read_rows(struct arena *arena, const struct pg_rows *rows, struct ecosystem_row **out, size_t *count,
                         struct err *err)
{
    struct ecosystem_row *items = arena_calloc(arena, rows->count, sizeof *items);
    int rc = 0;
    for (size_t i = 0; !rc && i < rows->count; i++)
        rc = read_row(arena, rows, i, &items[i], err);
    if (rc)
        return rc;
    *out = items;
    *count = rows->count;
    return 0;
}

int repository_get(struct pg *pg, struct arena *arena, const char *ecosystem, const char *repo,
                   struct ecosystem_row *out, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_repository_get, PG_MAYBE, &rows, err, PG_TEXT(ecosystem), PG_TEXT(repo));
    if (rc)
        return rc;
    if (rows.count)
        return read_row(arena, &rows, 0, out, err);
    struct ecosystem_row own;
    if (!repo[0])
        return ecosystem_unknown(err, ecosystem);
    rc = repository_get(pg, arena, ecosystem, "", &own, err);
    return rc ? rc : ecosystem_lacks(err, ecosystem, "repository %s", repo);
}

int repository_list(struct pg *pg, struct arena *arena, const char *ecosystem, const char *after, size_t limit,
                    struct ecosystem_row **out, size_t *count, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_repository_list, PG_MANY, &rows, err, PG_TEXT(ecosystem), PG_TEXT(after),
                      pg_int(arena, (int64_t)limit));
    return rc ? rc : repository_read_rows(arena, &rows, out, count, err);
}

/* Two that are the same to owners would be one owner: whoever may push to the one could speak for the other. */
int repository_check_others(struct pg *pg, struct arena *arena, const struct ecosystem_row *row, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_repository_same, PG_MAYBE, &rows, err, PG_TEXT(row->name),
                      PG_TEXT(ecosystem_repo(row)), PG_TEXT(row->url), PG_TEXT(row->branch), PG_TEXT(row->repository));
    if (rc || !rows.count)
        return rc;
    return err_set(err, ERR_CONFLICT, "repository %s is %s, branch %s, already", pg_text(&rows, 0, 0),
                   pg_is_true(&rows, 0, 1) ? row->url : row->repository, row->branch);
}

int repository_create(struct pg *pg, struct arena *arena, const struct ecosystem_row *row, struct err *err)
{
    return pg_query(pg, arena, sql_repository_create, PG_NONE, NULL, err, PG_TEXT(row->name), PG_TEXT(row->repo),
                    PG_TEXT(row->url), PG_TEXT(row->branch), PG_TEXT(row->path), param_json(arena, row->secrets),
                    PG_TEXT(row->repository), param_json(arena, row->forge));
}

int repository_update(struct pg *pg, struct arena *arena, const struct ecosystem_row *row, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_repository_update, PG_NONE, &rows, err, PG_TEXT(row->name), PG_TEXT(row->repo),
                      PG_TEXT(row->url), PG_TEXT(row->branch), PG_TEXT(row->path), param_json(arena, row->secrets),
                      PG_TEXT(row->repository), param_json(arena, row->forge), pg_int(arena, row->revision));
    if (!rc && rows.affected != 1)
        return err_set(err, ERR_STALE, "repository %s of ecosystem %s was changed by somebody else", row->repo,
                       row->name);
    return rc;
}

int repository_delete(struct pg *pg, struct arena *arena, const struct ecosystem_row *row, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_repository_owned, PG_MANY, &rows, err, PG_TEXT(row->name), PG_TEXT(row->repo));
    if (rc)
        return rc;
    if (rows.count) {
        struct buf *list = buf_new(arena);
        for (size_t i = 0; i < rows.count; i++)
            buf_addf(list, "%s%s \"%s\"", i ? ", " : "", pg_text(&rows, i, 0), pg_text(&rows, i, 1));
        int64_t more = pg_integer(&rows, 0, 2) - (int64_t)rows.count;
        (void)err_set(err, ERR_CONFLICT, "repository %s has objects in force: %s%s", row->repo, buf_text(list),
                      more ? arena_printf(arena, " and %lld more", (long long)more) : "");
        return err_hint(err, "remove them by a push, or let another repository take them over, and delete it then");
    }
    rc = pg_query(pg, arena, sql_repository_leave, PG_NONE, NULL, err, PG_TEXT(row->name), PG_TEXT(row->repo));
    return rc ? rc
              : pg_query(pg, arena, sql_repository_delete, PG_NONE, NULL, err, PG_TEXT(row->name), PG_TEXT(row->repo));
}

int repository_again(struct pg *pg, struct arena *arena, const char *ecosystem, const char *but, size_t limit,
                     const char *const **out, size_t *count, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_repository_again, PG_MANY, &rows, err, PG_TEXT(ecosystem), PG_TEXT(but),
                      pg_int(arena, (int64_t)limit));
    if (rc)
        return rc;
    const char **names = arena_calloc(arena, rows.count, sizeof *names);
    for (size_t i = 0; i < rows.count; i++)
        names[i] = pg_text(&rows, i, 0);
    *out = names;
    *count = rows.count;
    return 0;
}

int repository_lost(struct pg *pg, struct arena *arena, const char *ecosystem, int version, const char **out,
                    struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_repository_lost, PG_MAYBE, &rows, err, PG_TEXT(ecosystem), pg_int(arena, version));
    if (!rc)
        *out = rows.count ? pg_text(&rows, 0, 0) : NULL;
    return rc;
}
