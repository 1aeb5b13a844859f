#include "store/idempotency.h"

#include "sql.h"

int idempotency_begin(struct pg *pg, struct arena *arena, int64_t token_id, const char *key, const char *hash,
                      struct idempotent_answer *out, bool *found, struct err *err)
{
    struct pg_param token = pg_int(arena, token_id);
    int rc = pg_query(pg, arena, sql_idempotency_lock, PG_NONE, NULL, err, token, PG_TEXT(key));
    struct pg_rows rows;
    if (!rc)
        rc = pg_query(pg, arena, sql_idempotency_get, PG_MAYBE, &rows, err, token, PG_TEXT(key));
    if (rc)
        return rc;
    *found = rows.count == 1;
    if (!*found)
        return 0;
    if (strcmp(pg_text(&rows, 0, 0), hash) != 0) {
        err_set(err, ERR_INVALID, "the idempotency key %s was used for another request", key);
        return err_hint(err, "make a new key for each new request");
    }
    *out = (struct idempotent_answer){(int)pg_integer(&rows, 0, 1), pg_text(&rows, 0, 2), pg_str(&rows, 0, 3)};
    return 0;
}

int idempotency_save(struct pg *pg, struct arena *arena, int64_t token_id, const char *key, const char *hash,
                     const struct idempotent_answer *answer, struct err *err)
{
    return pg_query(pg, arena, sql_idempotency_add, PG_NONE, NULL, err, pg_int(arena, token_id), PG_TEXT(key),
                    PG_TEXT(hash), pg_int(arena, answer->status), PG_TEXT(answer->location),
                    PG_TEXT(arena_strndup(arena, answer->body.data, answer->body.len)));
}

int idempotency_purge(struct pg *pg, struct arena *arena, struct err *err)
{
    return pg_query(pg, arena, sql_idempotency_purge, PG_NONE, NULL, err);
}
