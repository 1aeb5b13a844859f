#ifndef YELLOW_API_APP_H
#define YELLOW_API_APP_H

#include "control/auth.h"
#include "control/commit_model.h"
#include "control/snapshot.h"
#include "control/status.h"
#include "git/fetch.h"
#include "http/http.h"
#include "pg/pool.h"
#include "stack/stack.h"

#include <stdatomic.h>

/* What every handler reaches through req->app. Made once by serve, or by a test; nothing here changes afterwards. */
struct app {
    struct pg_pool *pool;
    struct snapshots *snapshots;  /* model versions in memory, by ecosystem */
    struct commit_models *models; /* what plans have read */
    struct statuses *statuses;    /* pre-built status documents, by ecosystem */
    struct stack_library *library;
    struct auth *auth;                     /* bearer tokens in memory */
    const atomic_bool *migrated;           /* the tables are up to date */
    const char *state_dir;                 /* git mirrors live below it */
    const struct git_fetch_options *fetch; /* NULL: as git_fetch */
    int64_t claim_lease_ms;                /* of a delivery */
    int64_t run_lease_ms;                  /* of a run without heartbeat */
};

static inline struct app *app_of(const struct http_request *req)
{
    return req->app;
}

#endif
