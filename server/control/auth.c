#include "control/auth.h"

#include "base/log.h"
#include "base/time.h"
#include "store/token.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { SECOND = 1000000 };
static const int64_t fresh_us = 60LL * SECOND;  /* read again at least this often */
static const int64_t trust_us = 300LL * SECOND; /* and when that fails, trusted this long */
static const int64_t pause_us = 1LL * SECOND;   /* between reads that nothing but an unknown token asks for */

/* One reading of all live tokens, sorted by hash. */
struct table {
    struct arena *arena;
    struct token_row *rows;
    size_t count;
    int64_t read_us; /* when the reading began */
};

struct auth {
    struct pg_pool *pool;
    int64_t (*now_us)(void);
    pthread_rwlock_t lock;    /* of all up to failed; never held while waiting for the database */
    struct table *table;      /* NULL: never read */
    _Atomic uint64_t changes; /* invalidations so far; a reading that began before one does not settle it */
    uint64_t settled;
    int64_t tried_us;        /* when the last reading ended */
    bool failed;             /* and whether in vain */
    pthread_mutex_t reading; /* one reading at a time */
};

struct auth *auth_new(struct pg_pool *pool)
{
    struct auth *auth = calloc(1, sizeof *auth);
    if (!auth)
        abort();
    auth->pool = pool;
    auth->now_us = time_coarse_us;
    pthread_rwlock_init(&auth->lock, NULL);
    pthread_mutex_init(&auth->reading, NULL);
    return auth;
}

static void table_free(struct table *table)
{
    if (table)
        arena_free(table->arena); /* the table lives on it */
}

void auth_free(struct auth *auth)
{
    if (!auth)
        return;
    table_free(auth->table);
    pthread_rwlock_destroy(&auth->lock);
    pthread_mutex_destroy(&auth->reading);
    free(auth);
}

void auth_invalidate(struct auth *auth)
{
    pthread_rwlock_wrlock(&auth->lock);
    auth->changes++; /* auth_holds sees it without the lock */
    pthread_rwlock_unlock(&auth->lock);
}

void auth_set_clock(struct auth *auth, int64_t (*now_us)(void))
{
    auth->now_us = now_us;
}

static int by_hash(const void *a, const void *b)
{
    return memcmp(((const struct token_row *)a)->hash, ((const struct token_row *)b)->hash, SHA256_SIZE);
}

static void principal_copy(struct arena *arena, const struct token_row *row, struct http_principal *out)
{
    *out = (struct http_principal){
        .token_id = row->id, .name = arena_strdup(arena, row->name), .ecosystem = arena_strdup(arena, row->ecosystem)};
    for (size_t i = 0; i < row->scope_count && i < HTTP_MAX_SCOPES; i++)
        out->scopes[i] = arena_strdup(arena, row->scopes[i]);
}

/* One question, and what it needs: a reading that settles every change up to when it came. */
struct question {
    unsigned char hash[SHA256_SIZE];
    uint64_t needed;
    int64_t seen_try;
    bool last; /* it had its reading: no more of them */
};

static int answer(struct auth *auth, struct arena *arena, const struct question *question, int64_t now,
                  struct http_principal *out, struct err *err)
{
    char now_text[TIME_TEXT_SIZE];
    struct token_row key;
    memcpy(key.hash, question->hash, SHA256_SIZE);
    const struct token_row *row = bsearch(&key, auth->table->rows, auth->table->count, sizeof key, by_hash);
    if (!row) {
        /* It may be younger than the reading: worth another one, but not more than one a second. */
        bool look_again = !question->last && now - auth->tried_us >= pause_us;
        return look_again ? HTTP_DEFER : err_set(err, ERR_UNAUTHORIZED, "the token is not known");
    }
    time_format(now, now_text);
    if (row->expires_at && strcmp(row->expires_at, now_text) <= 0)
        return err_set(err, ERR_UNAUTHORIZED, "the token has expired");
    principal_copy(arena, row, out);
    out->stamp = auth->settled + 1; /* not 0: see auth_holds */
    out->until_us = auth->table->read_us + fresh_us;
    if (row->expires_at) {
        int64_t expiry_us;
        if (!time_parse(row->expires_at, &expiry_us))
            out->stamp = 0; /* only the comparison above understands it */
        else if (expiry_us < out->until_us)
            out->until_us = expiry_us;
    }
    return 0;
}

bool auth_holds(const struct auth *auth, const struct http_principal *who)
{
    return who->stamp == atomic_load(&auth->changes) + 1 && auth->now_us() < who->until_us;
}

/* What memory says now. HTTP_DEFER: read first. */
static int look(struct auth *auth, struct arena *arena, struct question *question, struct http_principal *out,
                struct err *err)
{
    pthread_rwlock_rdlock(&auth->lock);
    int64_t now = auth->now_us();
    if (!question->last) {
        question->needed = auth->changes;
        question->seen_try = auth->tried_us;
    }
    int64_t age = auth->table ? now - auth->table->read_us : INT64_MAX;
    bool settled = auth->settled >= question->needed;
    bool in_vain = question->last || (auth->failed && now - auth->tried_us < pause_us);
    int rc;
    if (settled && age < fresh_us)
        rc = answer(auth, arena, question, now, out, err);
    else if (!in_vain)
        rc = HTTP_DEFER;
    else if (settled && age < trust_us)
        rc = answer(auth, arena, question, now, out, err);
    else /* a change that could not be read may be a revocation: nobody passes until it is */
        rc = err_set(err, ERR_UNAVAILABLE, "tokens cannot be checked while the database is away");
    pthread_rwlock_unlock(&auth->lock);
    return rc;
}

static int read_tokens(struct auth *auth, struct table **out, struct err *err)
{
    struct arena *arena = arena_new();
    struct table *table = arena_alloc(arena, sizeof *table);
    struct pg *pg = NULL;
    table->arena = arena;
    table->read_us = auth->now_us();
    int rc = pg_pool_take(auth->pool, &pg, err);
    if (!rc)
        rc = token_list(pg, arena, false, &table->rows, &table->count, err);
    pg_pool_give(auth->pool, pg);
    if (rc) {
        arena_free(arena);
        return rc;
    }
    qsort(table->rows, table->count, sizeof *table->rows, by_hash);
    *out = table;
    return 0;
}

/* Reads all tokens, unless somebody else did since the question came. */
static void refresh(struct auth *auth, const struct question *question)
{
    struct err err = {0};
    struct table *table = NULL, *former = NULL;
    pthread_mutex_lock(&auth->reading);
    pthread_rwlock_rdlock(&auth->lock);
    bool done = auth->tried_us != question->seen_try && (auth->failed || auth->settled >= question->needed);
    uint64_t changes = auth->changes;
    pthread_rwlock_unlock(&auth->lock);
    if (!done) {
        int rc = read_tokens(auth, &table, &err);
        if (rc)
            log_event(LOG_WARN, "tokens not read", LOG_S("text", err.text), LOG_END);
        pthread_rwlock_wrlock(&auth->lock);
        auth->tried_us = auth->now_us();
        auth->failed = rc != 0;
        if (!rc) {
            former = auth->table;
            auth->table = table;
            auth->settled = changes;
        }
        pthread_rwlock_unlock(&auth->lock);
        table_free(former);
    }
    pthread_mutex_unlock(&auth->reading);
}

int auth_check(struct auth *auth, struct arena *arena, bool may_wait, struct str token, struct http_principal *out,
               struct err *err)
{
    struct question question = {0};
    if (!token_hash(token, question.hash))
        return err_set(err, ERR_UNAUTHORIZED, "the token is not known");
    int rc = look(auth, arena, &question, out, err);
    if (rc != HTTP_DEFER || !may_wait)
        return rc;
    refresh(auth, &question);
    question.last = true;
    return look(auth, arena, &question, out, err);
}
