#include "base/file.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/config.h"
#include "control/commit_model.h"
#include "control/instance.h"
#include "control/notice.h"
#include "control/poller.h"
#include "control/pull.h"
#include "control/reporter.h"
#include "control/turns.h"
#include "control/worker.h"
#include "pg/listen.h"
#include "pg/pool.h"
#include "store/notify.h"

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

/* Less than what cli/work.c waits for. */
enum { STOP_MS = 10000 };

/* What cli/work.h starts. Everything comes from the environment. */

static struct pg_pool *make_pool(const struct config *config)
{
    return pg_pool_new(&(struct pg_pool_options){
        .url = config_text(config, CONFIG_DATABASE),
        .size = (size_t)config_number(config, CONFIG_WORKERS) + 4, /* claims' renewal, expiry, polling, reports */
        .connect_deadline_ms = config_number(config, CONFIG_CONNECT_DEADLINE),
        .take_deadline_ms = config_number(config, CONFIG_TAKE_DEADLINE),
        .statement_ms = config_number(config, CONFIG_STATEMENT_DEADLINE),
    });
}

static int work(const struct config *config, const sigset_t *signals, struct err *err)
{
    struct stack_library *library = NULL;
    struct instance instance = {.fd = -1};
    const char *state = config_text(config, CONFIG_STATE);
    int rc = file_make_dirs(state, 0700, err);
    if (!rc)
        rc = instance_open(&instance, state, err);
    if (!rc)
        rc = stack_library_new(&library, err);
    if (rc) {
        instance_close(&instance);
        return rc;
    }
    const struct git_limits limits = {
        .fetch_ms = config_number(config, CONFIG_FETCH_DEADLINE),
        .fetch_bytes = (size_t)config_number(config, CONFIG_FETCH_SIZE),
        .file_bytes = (size_t)config_number(config, CONFIG_FILE_SIZE),
        .files = (size_t)config_number(config, CONFIG_FILE_COUNT),
        .total_bytes = (size_t)config_number(config, CONFIG_TOTAL_SIZE),
    };
    struct pg_pool *pool = make_pool(config);
    struct snapshots *snapshots = snapshots_new(pool);
    struct commit_models *models = commit_models_new((size_t)config_number(config, CONFIG_MODEL_MEMORY));
    const struct commit_service service = {.pool = pool,
                                           .snapshots = snapshots,
                                           .models = models,
                                           .library = library,
                                           .state_dir = state,
                                           .limits = &limits};
    struct poller poller = {&service, config_number(config, CONFIG_POLL_INTERVAL)};
    struct turns *polling = turns_new(&(struct turns_options){poller_step, poller_wait, &poller, 1000, 5000});
    struct turns *reporting = turns_new(&(struct turns_options){reporter_step, reporter_wait, pool, 1000, 5000});
    struct turns *replanning =
        turns_new(&(struct turns_options){pull_step, pull_wait, (void *)(uintptr_t)&service, 1000, 5000});
    struct commit_workers *workers = commit_workers_new(&(struct commit_worker_options){
        .service = service,
        .instance = &instance,
        .count = (size_t)config_number(config, CONFIG_WORKERS),
        .lease_ms = config_number(config, CONFIG_CLAIM_LEASE),
    });
    struct notice_targets targets = {.snapshots = snapshots, .workers = workers};
    struct pg_listener *listener =
        pg_listener_new(config_text(config, CONFIG_DATABASE), NOTIFY_CHANNEL, notice_take, notice_take_gap, &targets);
    rc = commit_workers_start(workers, err);
    if (!rc && config_number(config, CONFIG_POLL_INTERVAL))
        rc = turns_start(polling, err);
    if (!rc)
        rc = turns_start(reporting, err);
    if (!rc)
        rc = turns_start(replanning, err);
    if (!rc)
        (void)sigwaitinfo(signals, NULL);
    if (!rc) {
        bool idle = turns_stop(polling, 0), silent = turns_stop(reporting, 0), planned = turns_stop(replanning, 0);
        if (!commit_workers_stop(workers, STOP_MS) || !idle || !silent || !planned)
            _exit(0); /* a thread is in the middle of a fetch: the next process does it again */
    }
    turns_free(polling);
    turns_free(reporting);
    turns_free(replanning);
    pg_listener_free(listener);
    commit_workers_free(workers);
    snapshots_free(snapshots);
    commit_models_free(models);
    pg_pool_free(pool);
    stack_library_free(library);
    instance_close(&instance);
    return rc;
}

static int run_hidden(int argc, char **argv)
{
    struct arena *arena = arena_new();
    const struct cli_args none = {.arena = arena};
    struct config config;
    struct err err = {0};
    sigset_t signals;
    (void)argc;
    (void)argv;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    int rc = config_load(&none, NULL, &config, &err);
    if (!rc) {
        log_set_level(config_log_level(&config));
        rc = work(&config, &signals, &err);
    }
    if (rc)
        log_event(LOG_ERROR, "workers failed", LOG_S("error", err.text), LOG_S("hint", err.hint), LOG_END);
    arena_free(arena);
    return rc ? err_kind(err.code)->exit_code : 0;
}

const struct command cmd_work = {.name = "work", .run_hidden = run_hidden};
