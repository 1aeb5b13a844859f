#include "cli/serve_app.h"

#include "api/app.h"
#include "api/routes.h"
#include "base/file.h"
#include "base/log.h"
#include "control/backlog.h"
#include "control/notice.h"
#include "http/server.h"
#include "pg/listen.h"
#include "store/notify.h"

#include <stdlib.h>

enum { DRAIN_MS = 10000 };

struct serve_app {
    struct app app;
    struct notice_targets targets;
    struct pg_listener *listener;
    struct http_dispatcher *dispatcher;
    struct http_server *server;
    bool tick_failed; /* logged once, until it works again */
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
        serve->app.statuses = statuses_new(database->pool);
        serve->app.auth = auth_new(database->pool);
        serve->targets = (struct notice_targets){
            .snapshots = serve->app.snapshots, .statuses = serve->app.statuses, .auth = serve->app.auth};
        serve->listener = pg_listener_new(database->url, NOTIFY_CHANNEL, notice_take, notice_take_gap, &serve->targets);
        rc = start_server(serve, config, err);
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
    http_server_stop(serve->server, DRAIN_MS);
    http_dispatcher_free(serve->dispatcher);
    pg_listener_free(serve->listener);
    auth_free(serve->app.auth);
    statuses_free(serve->app.statuses);
    snapshots_free(serve->app.snapshots);
    stack_library_free(serve->app.library);
}
