#include "control/scheduler_token.h"

#include "base/file.h"
#include "base/time.h"
#include "store/token.h"

#include <stdio.h>
#include <unistd.h>

static const int64_t day_ms = 24LL * 3600 * 1000;

static int make(struct scheduler_token *token, struct pg *pg, struct arena *arena, const char *name, struct err *err)
{
    static const char *const scopes[] = {"run:write"};
    char text[TOKEN_TEXT_SIZE], *expires = arena_alloc(arena, TIME_TEXT_SIZE);
    time_format(time_now_us() + 7 * day_ms * 1000, expires);
    const struct token_spec spec = {
        .name = name, .scopes = scopes, .scope_count = 1, .expires_at = expires, .actor = "scheduler"};
    int rc = token_create(pg, arena, &spec, text, err);
    return rc ? rc : file_write(token->path, str_from(text), 0600, err);
}

int scheduler_token_keep(struct scheduler_token *token, struct pg_pool *pool, const char *instance, struct err *err)
{
    int64_t now = time_monotonic_ms(), at = time_now_us() / 1000;
    if (*token->name && now - token->made_ms < day_ms && at - token->made_at < day_ms)
        return 0;
    struct arena *arena = arena_new();
    struct pg *pg = NULL;
    /* The one before is not revoked: a child may have read it just now. It expires. */
    const char *name = arena_printf(arena, "scheduler-%.8s-%llx", instance, (unsigned long long)at);
    int rc = pg_pool_take(pool, &pg, err);
    if (!rc)
        rc = make(token, pg, arena, name, err);
    pg_pool_give(pool, pg);
    if (!rc) {
        (void)snprintf(token->name, sizeof token->name, "%s", name);
        token->made_ms = now;
        token->made_at = at;
    }
    arena_free(arena);
    return rc;
}

void scheduler_token_drop(struct scheduler_token *token, struct pg_pool *pool)
{
    struct arena *arena = arena_new();
    struct pg *pg = NULL;
    if (*token->name) {
        if (pg_pool_take(pool, &pg, ERR_IGNORED) == 0)
            (void)token_revoke(pg, arena, token->name, "scheduler", ERR_IGNORED);
        pg_pool_give(pool, pg);
        (void)unlink(token->path);
    }
    arena_free(arena);
    token->name[0] = '\0';
}
