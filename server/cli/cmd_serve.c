#include "base/log.h"
#include "cli/command.h"
#include "cli/serve.h"
#include "cli/serve_app.h"
#include "cli/work.h"

#include <errno.h>
#include <signal.h>

/* Threads inherit the mask: signals come to the main thread alone, and only where it waits for them. */
static void block_signals(sigset_t *set)
{
    (void)sigemptyset(set);
    (void)sigaddset(set, SIGINT);
    (void)sigaddset(set, SIGTERM);
    (void)sigaddset(set, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
}

/* Until somebody asks the server to end. Once a second it is seen to that the embedded cluster runs: not at once, so
 * that one which cannot start does not keep the machine busy; the workers likewise; and lost runs are found. */
static void wait_for_end(const sigset_t *set, struct serve_database *database, struct serve_app *app, struct work *work)
{
    static const struct timespec second = {1, 0};
    for (;;) {
        if (sigtimedwait(set, NULL, &second) > 0)
            return;
        if (errno != EAGAIN)
            continue;
        serve_database_check(database);
        serve_app_tick(app);
        work_check(work);
    }
}

static int run(const struct cli_args *args, struct err *err)
{
    struct config config;
    struct serve_database database;
    struct serve_app *app;
    struct work work;
    sigset_t signals;
    int rc = config_load(args, NULL, &config, err);
    if (rc)
        return rc;
    if (cli_has(args, "check-config")) {
        struct buf *out = buf_new(args->arena);
        config_explain(args->arena, &config, cli_has(args, "json"), out);
        (void)fputs(buf_text(out), stdout);
        return 0;
    }
    log_set_level(config_log_level(&config));
    block_signals(&signals);
    rc = serve_database_start(&database, &config, err);
    if (rc)
        return rc;
    rc = serve_app_start(&app, args->arena, &config, &database, err);
    if (!rc) {
        rc = work_start(&work, &config, database.url, err);
        if (rc)
            serve_app_stop(app);
    }
    if (rc) {
        serve_database_stop(&database);
        return rc;
    }
    log_event(LOG_INFO, "started", LOG_S("version", YELLOW_VERSION),
              LOG_S("address", config_text(&config, CONFIG_LISTEN)), LOG_I("port", serve_app_port(app)), LOG_END);
    wait_for_end(&signals, &database, app, &work);
    log_event(LOG_INFO, "stopping", LOG_END);
    work_stop(&work);
    serve_app_stop(app);
    serve_database_stop(&database);
    return 0;
}

static const struct cli_option options[] = {
    {"check-config", NULL, "print every setting, its value and where it comes from, and end", 0},
    {"json", NULL, "with --check-config: as JSON", 0},
    {0},
};

const struct command cmd_serve = {.name = "serve",
                                  .summary = "run the control plane",
                                  .options = options,
                                  .settings = CONFIG_OF_DATABASE | CONFIG_OF_SERVE,
                                  .run = run};
