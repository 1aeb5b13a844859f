#include "store/approval.h"

#include "sql.h"

static void read_row(const struct pg_rows *rows, size_t i, struct approval_row *out)
{
    *out = (struct approval_row){.id = pg_integer(rows, i, 0),
                                 .plan = pg_text(rows, i, 1),
                                 .reason = pg_text(rows, i, 2),
                                 .by = pg_text(rows, i, 3),
                                 .at = pg_text(rows, i, 4),
                                 .version = pg_is_null(rows, i, 5) ? 0 : (int)pg_integer(rows, i, 5),
                                 .withdrawn_at = pg_text(rows, i, 6),
                                 .withdrawn_by = pg_text(rows, i, 7)};
}

static void read_rows(struct arena *arena, const struct pg_rows *rows, struct approval_row **out, size_t *count)
{
    *out = arena_calloc(arena, rows->count, sizeof **out);
    *count = rows->count;
    for (size_t i = 0; i < rows->count; i++)
        read_row(rows, i, &(*out)[i]);
}

int approval_find(struct pg *pg, struct arena *arena, const char *ecosystem, const char *plan, struct approval_row *out,
                  bool *found, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_approval_find, PG_MAYBE, &rows, err, PG_TEXT(ecosystem), PG_TEXT(plan));
    if (rc)
        return rc;
    *found = rows.count > 0;
    if (*found)
        read_row(&rows, 0, out);
    return 0;
}

int approval_add(struct pg *pg, struct arena *arena, const char *ecosystem, const char *plan, const char *reason,
                 const char *by, struct approval_row *out, bool *fresh, struct err *err)
{
    struct pg_rows rows;
    bool found = false;
    int rc = pg_query(pg, arena, sql_approval_add, PG_NONE, &rows, err, PG_TEXT(ecosystem), PG_TEXT(plan),
                      PG_TEXT(reason), PG_TEXT(by));
    if (!rc)
        rc = approval_find(pg, arena, ecosystem, plan, out, &found, err);
    if (rc)
        return rc;
    if (!found)
        return err_set(err, ERR_INTERNAL, "the approval of plan %s is not there after it was added", plan);
    *fresh = rows.affected == 1;
    return 0;
}

int approval_list(struct pg *pg, struct arena *arena, const char *ecosystem, int64_t before, size_t limit,
                  struct approval_row **out, size_t *count, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_approval_list, PG_MANY, &rows, err, PG_TEXT(ecosystem), pg_int(arena, before),
                      pg_int(arena, (int64_t)limit));
    if (rc)
        return rc;
    read_rows(arena, &rows, out, count);
    return 0;
}

int approval_withdraw(struct pg *pg, struct arena *arena, const char *ecosystem, const char *reason, const char *by,
                      struct approval_row **out, size_t *count, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_approval_withdraw, PG_MANY, &rows, err, PG_TEXT(ecosystem), PG_TEXT(reason),
                      PG_TEXT(by));
    if (!rc)
        read_rows(arena, &rows, out, count);
    return rc;
}

int approval_withdraw_one(struct pg *pg, struct arena *arena, const char *ecosystem, int64_t id, const char *by,
                          struct approval_row *out, bool *fresh, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_approval_withdraw_one, PG_MAYBE, &rows, err, PG_TEXT(ecosystem), pg_int(arena, id),
                      PG_TEXT(by));
    *fresh = !rc && rows.count;
    if (!rc && !*fresh)
        rc = pg_query(pg, arena, sql_approval_get, PG_MAYBE, &rows, err, PG_TEXT(ecosystem), pg_int(arena, id));
    if (rc)
        return rc;
    if (!rows.count)
        return ecosystem_lacks(err, ecosystem, "approval %lld", (long long)id);
    read_row(&rows, 0, out);
    return 0;
}

int approval_label_find(struct pg *pg, struct arena *arena, const struct ecosystem_row *repository, const char *number,
                        bool *stands, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_pull_label_find, PG_MAYBE, &rows, err, PG_TEXT(repository->name), PG_TEXT(number),
                      PG_TEXT(ecosystem_repo(repository)));
    if (!rc)
        *stands = rows.count && pg_is_true(&rows, 0, 0);
    return rc;
}

int approval_label_put(struct pg *pg, struct arena *arena, const struct ecosystem_row *repository, const char *number,
                       bool stands, struct err *err)
{
    return pg_query(pg, arena, sql_pull_label_put, PG_NONE, NULL, err, PG_TEXT(repository->name), PG_TEXT(number),
                    pg_bool(stands), PG_TEXT(ecosystem_repo(repository)));
}

int approval_use(struct pg *pg, struct arena *arena, int64_t id, int version, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_approval_use, PG_NONE, &rows, err, pg_int(arena, id), pg_int(arena, version));
    if (rc || rows.affected == 1)
        return rc;
    return err_set(err, ERR_STALE, "approval %lld was withdrawn meanwhile", (long long)id);
}
