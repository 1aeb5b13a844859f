#include "control/poller.h"

#include "base/log.h"
#include "control/inbox.h"
#include "control/pull.h"
#include "git/fetch.h"
#include "store/repository.h"

struct missed {
    const struct ecosystem_row *seen; /* before the fetch */
    const char *head;
    int64_t id;
    bool fresh;
};

/* What was decided while the repository was fetched is no news. */
static int add_missed(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct missed *found = ctx;
    struct ecosystem_row now;
    found->fresh = false;
    int rc = ecosystem_lock(pg, arena, found->seen->name, &now, err);
    if (!rc)
        rc = repository_get(pg, arena, found->seen->name, found->seen->repo, &now, err);
    if (rc || now.revision != found->seen->revision || now.head_delivery != found->seen->head_delivery)
        return rc;
    return inbox_add_missed(pg, arena, &now, found->head, &found->id, &found->fresh, err);
}

static int look(const struct poller *poller, struct arena *arena, const struct ecosystem_row *ecosystem,
                struct err *err)
{
    const struct commit_service *service = poller->service;
    char head[GIT_OID_TEXT];
    struct err why = {0};
    if (git_fetch_with(arena, commit_mirror(service, arena, ecosystem), ecosystem->url, ecosystem->branch,
                       commit_limits(service), service->fetch, head, &why) != 0) {
        log_event(LOG_WARN, "polling failed", LOG_S("ecosystem", ecosystem->name), LOG_S("error", why.text), LOG_END);
        return 0;
    }
    if (pull_prune(service, arena, ecosystem, &why) != 0)
        log_event(LOG_WARN, "closed pull requests stay in the mirror", LOG_S("ecosystem", ecosystem->name),
                  LOG_S("error", why.text), LOG_END);
    if (ecosystem->head_oid && strcmp(ecosystem->head_oid, head) == 0)
        return 0;
    struct missed found = {.seen = ecosystem, .head = head};
    int rc = pg_pool_transaction(service->pool, arena, add_missed, &found, err);
    if (!rc && found.fresh)
        log_event(LOG_WARN, "a webhook was missed", LOG_S("ecosystem", ecosystem->name), LOG_S("head", head),
                  LOG_I("delivery", found.id), LOG_END);
    return rc;
}

static int take_turn(const struct poller *poller, struct arena *arena, struct ecosystem_row *out, bool *found,
                     struct err *err)
{
    struct pg *pg;
    const char *name = NULL, *repo;
    int rc = pg_pool_take(poller->service->pool, &pg, err);
    if (rc)
        return rc;
    rc = ecosystem_poll(pg, arena, poller->interval_ms, &name, &repo, err);
    if (!rc && name)
        rc = repository_get(pg, arena, name, repo, out, err);
    pg_pool_give(poller->service->pool, pg);
    *found = name != NULL;
    return rc;
}

int poller_step(void *ctx, bool *worked, struct err *err)
{
    const struct poller *poller = ctx;
    struct arena *arena = arena_new();
    struct ecosystem_row ecosystem;
    *worked = false;
    int rc = take_turn(poller, arena, &ecosystem, worked, err);
    if (!rc && *worked)
        rc = look(poller, arena, &ecosystem, err);
    arena_free(arena);
    return rc;
}

int poller_wait(void *ctx, int64_t *out, struct err *err)
{
    const struct poller *poller = ctx;
    struct arena *arena = arena_new();
    struct pg *pg;
    int rc = pg_pool_take(poller->service->pool, &pg, err);
    if (!rc) {
        rc = ecosystem_poll_wait(pg, arena, poller->interval_ms, out, err);
        pg_pool_give(poller->service->pool, pg);
    }
    arena_free(arena);
    return rc;
}
