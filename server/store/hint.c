#include "store/hint.h"

#include "sql.h"

const char *job_key_text(struct arena *arena, const struct job_key *key)
{
    return arena_printf(arena, "%s %s/%s", job_kind_names[key->kind], key->platform, key->name);
}

/* Names hold no space, so the key is unambiguous. */
static struct str hint_key(struct arena *arena, const char *kind, const char *platform, const char *name)
{
    return str_from(arena_printf(arena, "%s %s %s", kind, platform, name));
}

int hint_store_all(struct pg *pg, struct arena *arena, const char *ecosystem, struct map *out, struct err *err)
{
    struct pg_rows rows;
    *out = (struct map){.arena = arena};
    if (pg_query(pg, arena, sql_hint_list, PG_MANY, &rows, err, PG_TEXT(ecosystem)) != 0)
        return -err->code;
    for (size_t i = 0; i < rows.count; i++) {
        struct resources *values = arena_alloc(arena, sizeof *values);
        for (size_t r = 0; r < RESOURCE_COUNT; r++)
            values->value[r] = pg_text(&rows, i, 3 + (int)r);
        map_put(out, hint_key(arena, pg_text(&rows, i, 0), pg_text(&rows, i, 1), pg_text(&rows, i, 2)), values);
    }
    return 0;
}

const struct resources *hint_find(const struct map *hints, struct arena *arena, enum job_kind kind,
                                  const char *platform, const char *name)
{
    return hints->len ? map_get(hints, hint_key(arena, job_kind_names[kind], platform, name)) : NULL;
}

int hint_store_lock(struct pg *pg, struct arena *arena, const char *ecosystem, bool exclusive, struct err *err)
{
    return pg_query(pg, arena, sql_hint_lock, PG_ONE, NULL, err, PG_TEXT(ecosystem), pg_bool(exclusive));
}

int hint_store_put(struct pg *pg, struct arena *arena, const struct job_key *key, const struct resources *values,
                   int64_t revision, const char *actor, struct err *err)
{
    return pg_query(pg, arena, sql_hint_put, PG_NONE, NULL, err, PG_TEXT(key->ecosystem),
                    PG_TEXT(job_kind_names[key->kind]), PG_TEXT(key->platform), PG_TEXT(key->name),
                    PG_TEXT(values->value[RESOURCE_MEMORY_REQUEST]), PG_TEXT(values->value[RESOURCE_MEMORY_LIMIT]),
                    PG_TEXT(values->value[RESOURCE_CPU_REQUEST]), PG_TEXT(values->value[RESOURCE_CPU_LIMIT]),
                    pg_int(arena, revision), PG_TEXT(actor));
}

int hint_store_delete(struct pg *pg, struct arena *arena, const struct job_key *key, struct err *err)
{
    return pg_query(pg, arena, sql_hint_delete, PG_NONE, NULL, err, PG_TEXT(key->ecosystem),
                    PG_TEXT(job_kind_names[key->kind]), PG_TEXT(key->platform), PG_TEXT(key->name));
}
