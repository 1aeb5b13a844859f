#include "cli/serve_app.h"

#include "api/app.h"
#include "api/routes.h"
#include "base/file.h"
#include "base/log.h"
#include "control/backlog.h"
#include "control/notice.h"
#include "control/scheduler.h"
#include "http/server.h"
#include "pg/listen.h"
#include "store/notify.h"

#include <stdlib.h>

enum { DRAIN_MS = 10000, JOBS_STOP_MS = 8000, AGE_MS = 300000 };

struct serve_app {
    struct app app;
    struct notice_targets targets;
    struct pg_listener *listener;
    struct http_dispatcher *dispatcher;
    struct http_server *server;
    struct scheduler *scheduler; /* NULL: somebody else starts jobs */
    bool tick_failed;            /* logged once, until it works again */
};

static int authenticate(void *app, struct arena *arena, bool may_wait, struct str token, struct http_principal *out,
                        struct err *err)
{
    return auth_check(((struct app *)app)->auth, arena, may_wait, token, out, err);
}

static bool authenticated(void *app, const struct http_principal *who)
{
    return auth_holds(((const struct app *)app)->auth, who);
}

static int start_server(struct serve_app *serve, const struct config *config, struct err *err)
{
    size_t count;
    const struct http_route *routes = routes_all(&count);
    const struct http_dispatcher_options options = {
        .app = &serve->app, .authenticate = authenticate, .authenticated = authenticated};
    int rc = http_dispatcher_new(routes, count, &options, &serve->dispatcher, err);
    if (rc)
        return rc;
    return http_server_start(
        &(struct http_server_options){
            .dispatcher = serve->dispatcher,
            .address = config_text(config, CONFIG_LISTEN),
            .port = (unsigned)config_number(config, CONFIG_PORT),
            .threads = (unsigned)config_number(config, CONFIG_THREADS),
            .connections = (unsigned)config_number(config, CONFIG_CONNECTIONS),
            .header_ms = (unsigned)config_number(config, CONFIG_HEADER_DEADLINE),
            .body_ms = (unsigned)config_number(config, CONFIG_BODY_DEADLINE),
            .idle_ms = (unsigned)config_number(config, CONFIG_IDLE_DEADLINE),
            .body_bytes = (size_t)config_number(config, CONFIG_BODY_MEMORY),
        },
        &serve->server, err);
}

static void jobs_changed(void *ctx, const char *ecosystem)
{
    statuses_invalidate(((struct serve_app *)ctx)->app.statuses, ecosystem);
}

/* Where children on this machine reach the server. */
static const char *own_url(struct arena *arena, const struct config *config, unsigned port)
{
    const char *address = config_text(config, CONFIG_LISTEN);
    if (strcmp(address, "0.0.0.0") == 0)
        address = "127.0.0.1";
    else if (strcmp(address, "::") == 0)
        address = "::1";
    bool six = strchr(address, ':') != NULL;
    return arena_printf(arena, "http://%s%s%s:%u", six ? "[" : "", address, six ? "]" : "", port);
}

static struct scheduler *make_scheduler(struct serve_app *serve, struct arena *arena, const struct config *config)
{
    return scheduler_new(&(struct scheduler_options){
        .pool = serve->app.pool,
        .snapshots = serve->app.snapshots,
        .ready = serve->app.migrated,
        .limits = {.jobs = (size_t)config_number(config, CONFIG_SCHEDULER_JOBS),
                   .per_source = (size_t)config_number(config, CONFIG_SCHEDULER_PER_SOURCE),
                   .per_target = (size_t)config_number(config, CONFIG_SCHEDULER_PER_TARGET),
                   .retry_ms = config_number(config, CONFIG_SCHEDULER_RETRY),
                   .retry_max_ms = config_number(config, CONFIG_SCHEDULER_RETRY_MAX),
                   .age_ms = AGE_MS},
        .run_lease_ms = serve->app.run_lease_ms,
        .url = own_url(arena, config, http_server_port(serve->server)),
        .state_dir = serve->app.state_dir,
        .changed = jobs_changed,
        .ctx = serve,
    });
}

int serve_app_start(struct serve_app **out, struct arena *arena, const struct config *config,
                    const struct serve_database *database, struct err *err)
{
    struct serve_app *serve = arena_alloc(arena, sizeof *serve);
    serve->app = (struct app){
        .pool = database->pool,
        .migrated = &database->ready,
        .state_dir = config_text(config, CONFIG_STATE),
        .claim_lease_ms = config_number(config, CONFIG_CLAIM_LEASE),
        .run_lease_ms = config_number(config, CONFIG_RUN_LEASE),
    };
    int rc = file_make_dirs(serve->app.state_dir, 0700, err);
    if (!rc)
        rc = stack_library_new(&serve->app.library, err);
    if (!rc) {
        serve->app.snapshots = snapshots_new(database->pool);
        serve->app.models = commit_models_new((size_t)config_number(config, CONFIG_MODEL_MEMORY));
        serve->app.statuses = statuses_new(database->pool);
        serve->app.auth = auth_new(database->pool);
        rc = start_server(serve, config, err);
    }
    if (!rc) {
        if (strcmp(config_text(config, CONFIG_SCHEDULER), "local") == 0)
            serve->scheduler = make_scheduler(serve, arena, config);
        serve->targets = (struct notice_targets){.snapshots = serve->app.snapshots,
                                                 .statuses = serve->app.statuses,
                                                 .auth = serve->app.auth,
                                                 .scheduler = serve->scheduler};
        serve->listener = pg_listener_new(database->url, NOTIFY_CHANNEL, notice_take, notice_take_gap, &serve->targets);
        if (serve->scheduler)
            rc = scheduler_start(serve->scheduler, err);
    }
    if (rc)
        serve_app_stop(serve);
    else
        *out = serve;
    return rc;
}

unsigned serve_app_port(const struct serve_app *serve)
{
    return http_server_port(serve->server);
}

void serve_app_tick(struct serve_app *serve)
{
    struct err err = {0};
    if (!atomic_load(serve->app.migrated))
        return;
    bool failed = statuses_tick(serve->app.statuses, &err) < 0 || backlog_measure(serve->app.pool, &err) < 0;
    if (failed && !serve->tick_failed)
        log_event(LOG_WARN, "tick failed", LOG_S("error", err.text), LOG_END);
    serve->tick_failed = failed;
}

void serve_app_stop(struct serve_app *serve)
{
    if (!serve)
        return;
    scheduler_stop(serve->scheduler, JOBS_STOP_MS); /* its children report to the server */
    http_server_stop(serve->server, DRAIN_MS);
    http_dispatcher_free(serve->dispatcher);
    pg_listener_free(serve->listener);
    scheduler_free(serve->scheduler);
    auth_free(serve->app.auth);
    statuses_free(serve->app.statuses);
    snapshots_free(serve->app.snapshots);
    commit_models_free(serve->app.models);
    stack_library_free(serve->app.library);
}
