#include "store/pull.h"

#include "sql.h"

int pull_store_put(struct pg *pg, struct arena *arena, const struct ecosystem_row *repository,
                   const struct pull_row *row, struct err *err)
{
    return pg_query(pg, arena, sql_pull_put, PG_NONE, NULL, err, PG_TEXT(repository->name), PG_TEXT(row->number),
                    PG_TEXT(row->head_branch), PG_TEXT(row->head_oid), PG_TEXT(row->plan), PG_TEXT(row->content),
                    pg_int(arena, row->base), PG_TEXT(ecosystem_repo(repository)));
}

int pull_store_again(struct pg *pg, struct arena *arena, const struct ecosystem_row *repository,
                     const struct pull_row *row, bool *still, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_pull_again, PG_NONE, &rows, err, PG_TEXT(repository->name), PG_TEXT(row->number),
                      PG_TEXT(row->head_oid), PG_TEXT(row->plan), PG_TEXT(row->content), pg_int(arena, row->base),
                      PG_TEXT(ecosystem_repo(repository)));
    *still = !rc && rows.affected == 1;
    return rc;
}

int pull_store_close(struct pg *pg, struct arena *arena, const struct ecosystem_row *repository, const char *number,
                     struct err *err)
{
    return pg_query(pg, arena, sql_pull_close, PG_NONE, NULL, err, PG_TEXT(repository->name), PG_TEXT(number),
                    PG_TEXT(ecosystem_repo(repository)));
}

int pull_store_merged(struct pg *pg, struct arena *arena, const struct ecosystem_row *repository, const char *number,
                      int version, struct err *err)
{
    return pg_query(pg, arena, sql_pull_merged, PG_NONE, NULL, err, PG_TEXT(repository->name), PG_TEXT(number),
                    pg_int(arena, version), PG_TEXT(ecosystem_repo(repository)));
}

int pull_store_closed_refs(struct pg *pg, struct arena *arena, const struct ecosystem_row *repository,
                           const char *const *refs, size_t count, const char ***out, size_t *found, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_pull_closed_refs, PG_MANY, &rows, err, PG_TEXT(repository->name),
                      PG_TEXT(ecosystem_repo(repository)), pg_text_array(arena, refs, count));
    if (rc)
        return rc;
    *out = arena_calloc(arena, rows.count + 1, sizeof **out);
    for (*found = 0; *found < rows.count; ++*found)
        (*out)[*found] = pg_text(&rows, *found, 0);
    return 0;
}

int pull_store_tell_again(struct pg *pg, struct arena *arena, const char *ecosystem, struct err *err)
{
    return pg_query(pg, arena, sql_pull_tell_again, PG_NONE, NULL, err, PG_TEXT(ecosystem));
}

int pull_store_list(struct pg *pg, struct arena *arena, const struct ecosystem_row *repository, struct pull_row **out,
                    size_t *count, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_pull_list, PG_MANY, &rows, err, PG_TEXT(repository->name),
                      PG_TEXT(ecosystem_repo(repository)));
    if (rc)
        return rc;
    struct pull_row *items = arena_calloc(arena, rows.count, sizeof *items);
    for (size_t i = 0; i < rows.count; i++)
        items[i] = (struct pull_row){.number = pg_text(&rows, i, 0),
                                     .head_branch = pg_text(&rows, i, 1),
                                     .head_oid = pg_text(&rows, i, 2),
                                     .plan = pg_text(&rows, i, 3),
                                     .content = pg_text(&rows, i, 4),
                                     .base = (int)pg_integer(&rows, i, 5)};
    *out = items;
    *count = rows.count;
    return 0;
}

int pull_store_claim(struct pg *pg, struct arena *arena, struct pull_row *out, bool *found, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_pull_claim, PG_MAYBE, &rows, err);
    *found = !rc && rows.count;
    if (*found)
        *out = (struct pull_row){.ecosystem = pg_text(&rows, 0, 0),
                                 .number = pg_text(&rows, 0, 1),
                                 .head_branch = pg_text(&rows, 0, 2),
                                 .head_oid = pg_text(&rows, 0, 3),
                                 .content = pg_text(&rows, 0, 4),
                                 .repo = pg_text(&rows, 0, 5),
                                 .again = pg_is_true(&rows, 0, 6)};
    return rc;
}
