#include "base/file.h"
#include "base/log.h"
#include "cli/database.h"
#include "cli/serve.h"
#include "pg/migrate.h"
#include "store/token.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { RETRY_MIN_MS = 250, RETRY_MAX_MS = 5000 };

static void report(void *ctx, int version, const char *name)
{
    (void)ctx;
    log_event(LOG_INFO, "migration applied", LOG_I("version", version), LOG_S("name", name), LOG_END);
}

struct first_token {
    const char *file; /* "": standard output */
    char text[TOKEN_TEXT_SIZE];
    bool created;
};

/* The file is written before the token counts, so that a token nobody was told of cannot exist. */
static int make_first_token(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    static const char *const scopes[] = {"admin"};
    const struct token_spec spec = {.name = "admin", .scopes = scopes, .scope_count = 1, .actor = "first-start"};
    struct first_token *first = ctx;
    int rc = token_create_first(pg, arena, &spec, first->text, &first->created, err);
    if (rc || !first->created || !*first->file)
        return rc;
    return file_write(first->file, str_from(arena_printf(arena, "%s\n", first->text)), 0600, err);
}

/* Tables and first token; everything here may be done again. */
static int prepare(struct serve_database *d, struct err *err)
{
    struct first_token first = {.file = config_text(d->config, CONFIG_ADMIN_TOKEN_FILE)};
    struct arena *arena = arena_new();
    struct pg *pg = NULL;
    int rc = pg_connect(d->url, config_number(d->config, CONFIG_CONNECT_DEADLINE), &pg, err);
    if (!rc)
        rc = pg_migrate(pg, arena, embed_files, embed_file_count, report, NULL, err);
    if (!rc)
        rc = pg_set_statement_ms(pg, config_number(d->config, CONFIG_STATEMENT_DEADLINE), err);
    if (!rc)
        rc = pg_transaction(pg, arena, make_first_token, &first, err);
    if (!rc && first.created && *first.file)
        log_event(LOG_INFO, "admin token written", LOG_S("file", first.file), LOG_END);
    else if (!rc && first.created) {
        (void)printf("admin token (shown once): %s\n", first.text);
        (void)fflush(stdout);
    }
    pg_close(pg);
    arena_free(arena);
    if (!rc)
        atomic_store(&d->ready, true);
    return rc;
}

static void *prepare_later(void *arg)
{
    struct serve_database *d = arg;
    int64_t wait = RETRY_MIN_MS;
    char last[sizeof((struct err *)0)->text] = "";
    for (;;) {
        struct pollfd fd = {d->stop, POLLIN, 0};
        struct err err = {0};
        if (poll(&fd, 1, (int)wait) > 0)
            return NULL;
        wait = wait * 2 < RETRY_MAX_MS ? wait * 2 : RETRY_MAX_MS;
        if (prepare(d, &err) == 0) {
            log_event(LOG_INFO, "database ready", LOG_END);
            return NULL;
        }
        if (strcmp(last, err.text) != 0)
            log_event(LOG_WARN, "database not ready", LOG_S("error", err.text), LOG_S("hint", err.hint), LOG_END);
        memcpy(last, err.text, sizeof last);
    }
}

int serve_database_start(struct serve_database *d, const struct config *config, struct err *err)
{
    const char *dir = NULL;
    *d = (struct serve_database){.config = config, .url = config_text(config, CONFIG_DATABASE), .stop = -1};
    int rc = database_choose(config, &dir, err);
    if (!rc && dir) {
        rc = pg_embedded_start(&(struct pg_embedded_options){.dir = dir}, &d->embedded, err);
        d->url = rc ? NULL : pg_embedded_conninfo(d->embedded);
    }
    if (rc)
        return rc;
    d->pool = pg_pool_new(&(struct pg_pool_options){
        .url = d->url,
        .size = (size_t)config_number(config, CONFIG_POOL_SIZE),
        .connect_deadline_ms = config_number(config, CONFIG_CONNECT_DEADLINE),
        .take_deadline_ms = config_number(config, CONFIG_TAKE_DEADLINE),
        .statement_ms = config_number(config, CONFIG_STATEMENT_DEADLINE),
    });
    d->stop = eventfd(0, EFD_CLOEXEC);
    if (d->stop < 0)
        abort();
    struct err first = {0};
    rc = prepare(d, &first);
    if (!rc)
        return 0;
    if (!err_kind(first.code)->retryable) {
        *err = first;
        serve_database_stop(d);
        return rc;
    }
    log_event(LOG_WARN, "database not ready", LOG_S("error", first.text), LOG_S("hint", first.hint), LOG_END);
    if (pthread_create(&d->thread, NULL, prepare_later, d) != 0)
        abort();
    d->thread_runs = true;
    return 0;
}

void serve_database_check(struct serve_database *d)
{
    struct err err = {0};
    bool revived = false;
    int rc = d->embedded ? pg_embedded_revive(d->embedded, &revived, &err) : 0;
    if (rc)
        log_event(LOG_ERROR, "embedded cluster", LOG_S("error", err.text), LOG_S("hint", err.hint), LOG_END);
    else if (revived)
        log_event(LOG_WARN, "embedded cluster ended and was started again", LOG_END);
}

void serve_database_stop(struct serve_database *d)
{
    uint64_t one = 1;
    if (d->stop >= 0)
        (void)!write(d->stop, &one, sizeof one);
    if (d->thread_runs)
        (void)pthread_join(d->thread, NULL);
    pg_pool_free(d->pool);
    pg_embedded_stop(d->embedded);
    if (d->stop >= 0)
        (void)close(d->stop);
    *d = (struct serve_database){.stop = -1};
}
