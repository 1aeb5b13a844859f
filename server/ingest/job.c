#include "ingest/job.h"

#include "base/time.h"
#include "ingest/beat.h"
#include "ingest/sql_source.h"
#include "ingest/target.h"
#include "ingest/transform.h"

enum { FOUND_MAX = 3 };

/* A job under way. */
struct runner {
    struct arena *arena;
    const struct job_options *options;
    struct progress *progress;
    struct beat *beat;
    struct pg *target;
    struct job_outcome *out;
    const struct work *work; /* of the run at hand */
    int64_t seen_fence;      /* of a newer run that the merge database had before this one began; 0: none */
    bool behind;             /* the server has learnt of it: the next run is newer */
};

/* --- what became of it ----------------------------------------------------------------------------------------------
 */

static void end(struct runner *runner, const char *outcome, const char *cause, int exit_code, const struct err *err)
{
    struct job_outcome *out = runner->out;
    out->outcome = outcome;
    out->cause = cause;
    out->exit_code = exit_code;
    out->message = err ? arena_strdup(runner->arena, err->text) : NULL;
    out->hint = err && *err->hint ? arena_strdup(runner->arena, err->hint) : NULL;
}

/* Stopped or lost, whatever error that made. */
static bool end_stopped(struct runner *runner)
{
    struct err err = {0};
    if (progress_check(runner->progress, &err) == 0)
        return false;
    bool lost = runner->beat && beat_lost(runner->beat);
    const char *cause = lost ? cause_lost : cause_cancelled;
    end(runner, lost ? "lost" : "cancelled", cause, cause_find(cause)->exit_code, &err);
    return true;
}

static void end_failed(struct runner *runner, const char *cause, const struct err *err)
{
    const struct cause *known = cause_find(cause);
    if (!known)
        known = cause_find("internal");
    if (known->name == cause_lost)
        end(runner, "lost", cause_lost, known->exit_code, err);
    else if (!end_stopped(runner))
        end(runner, "failed", known->name, known->exit_code, err);
}

static void end_without_run(struct runner *runner, const char *refusal, const struct err *err)
{
    if (end_stopped(runner))
        return;
    int code = refusal && strcmp(refusal, "run-live") == 0    ? JOB_LIVE
               : err->code == ERR_USAGE                       ? JOB_USAGE
               : server_may_retry(err) || err->code == ERR_IO ? JOB_NO_SERVER
                                                              : JOB_REFUSED;
    end(runner, "refused", NULL, code, err);
}

/* --- the last word --------------------------------------------------------------------------------------------------
 */

/* The merge database has a newer run. A server that knows it takes no report of this one; another was restored from a
 * backup, and has given this run a fence of the past. */
static void report_behind(struct runner *runner, const struct server_run *run, int64_t until_ms)
{
    struct job_outcome *out = runner->out;
    const struct server_report last = {
        .outcome = "failed", .cause = cause_server_behind, .message = out->message, .merge_fence = runner->seen_fence};
    if (!runner->seen_fence || beat_lost(runner->beat) ||
        server_finish(runner->options->server, runner->arena, run->work, &last, until_ms, ERR_IGNORED) != 0)
        return;
    out->reported = runner->behind = true;
    out->outcome = "failed";
    out->cause = cause_server_behind;
    out->exit_code = cause_find(cause_server_behind)->exit_code;
}

/* Tells the server; what it says about it may change the outcome. */
static void report(struct runner *runner, const struct server_run *run)
{
    struct job_outcome *out = runner->out;
    struct err err = {0};
    int64_t over = beat_remove(runner->beat, run), stopped = beat_stopped_at(runner->beat);
    if (stopped && over > stopped + BEAT_STOP_MS)
        over = stopped + BEAT_STOP_MS;
    atomic_store(&runner->progress->phase, PHASE_REPORT);
    if (strcmp(out->outcome, "lost") == 0) {
        report_behind(runner, run, over);
        return;
    }
    bool committed = strcmp(out->outcome, "committed") == 0, failed = strcmp(out->outcome, "failed") == 0;
    struct server_report last = {.outcome = out->outcome,
                                 .counts = committed ? &out->batch.counts : NULL,
                                 .watermark = committed ? out->batch.watermark : NULL,
                                 .cause = failed ? out->cause : NULL,
                                 .message = out->message,
                                 .operation = committed ? out->batch.operation : 0};
    out->reported = server_finish(runner->options->server, runner->arena, run->work, &last, over, &err) == 0;
    if (out->reported || !committed)
        return;
    (void)err_prefix(&err, "batch %d is committed, and the server could not be told", (int)out->batch.batch);
    (void)err_hint(&err, "the next run tells it");
    end(runner, "committed", NULL, JOB_UNREPORTED, &err);
}

/* --- the merge database ---------------------------------------------------------------------------------------------
 */

static int connect_target(void *ctx, struct pg **out, struct err *err)
{
    struct runner *runner = ctx;
    const struct work *work = runner->work;
    return target_connect(runner->arena, work->merge, work->merge_credential,
                          arena_printf(runner->arena, "yellow %s/%s", work->platform, work->name), out, err);
}

/* For SQL that runs beside the target's own connection: a stop ends that. */
static int connect_watched(void *ctx, struct pg **out, struct err *err)
{
    struct runner *runner = ctx;
    int rc = connect_target(ctx, out, err);
    if (!rc)
        beat_watch(runner->beat, *out);
    return rc;
}

static int need_target(struct runner *runner)
{
    struct err err = {0};
    if (runner->target)
        return 0;
    if (connect_target(runner, &runner->target, &err) == 0) {
        beat_watch(runner->beat, runner->target);
        return 0;
    }
    end_failed(runner, target_cause(&err), &err);
    return -1;
}

/* --- runs -----------------------------------------------------------------------------------------------------------
 */

static int on_staged(void *ctx, struct err *err)
{
    struct runner *runner = ctx;
    (void)err;
    beat_ingested(runner->beat);
    return 0;
}

/* The batch of the run at hand; *found: it was there already. */
static void run_batch(struct runner *runner, bool *found)
{
    struct err err = {0};
    struct ahead *ahead = sql_source_ahead(runner->arena, runner->work, runner->progress);
    const struct batch_options options = {
        .reconnect = connect_target, .on_staged = on_staged, .ctx = runner, .ahead = ahead};
    struct batch_outcome *batch = &runner->out->batch;
    *found = false;
    if (need_target(runner) != 0)
        goto out;
    *batch = (struct batch_outcome){0};
    if (batch_run(runner->arena, runner->work, &runner->target, runner->progress, &options, batch, &err) != 0) {
        runner->seen_fence = batch->seen_fence;
        end_failed(runner, batch->cause, &err);
        goto out;
    }
    *found = batch->found;
    end(runner, "committed", NULL, 0, NULL);
out:
    ahead_free(ahead);
}

static int take_run(struct runner *runner, enum job_kind kind, const char *name, struct server_run **out)
{
    const struct job_options *options = runner->options;
    const char *refusal = NULL;
    struct err err = {0};
    *out = arena_alloc(runner->arena, sizeof **out);
    atomic_store(&runner->progress->phase, PHASE_START);
    if (server_start(options->server, runner->arena, options->ecosystem, options->platform, kind, name,
                     options->patience_ms, runner->progress, *out, &refusal, &err) != 0) {
        end_without_run(runner, refusal, &err);
        return -1;
    }
    runner->work = (*out)->work;
    runner->seen_fence = 0;
    runner->behind = false;
    runner->out->run = runner->work->run;
    beat_add(runner->beat, *out);
    return 0;
}

/* The stream's batch under a run of its own. What an earlier run left unsaid comes first; a server that did not know
 * its own past gives another run. */
static void run_stream(struct runner *runner, const char *name)
{
    bool found = true;
    for (int i = 0; (found || runner->behind) && i < FOUND_MAX; i++) {
        struct server_run *run;
        if (take_run(runner, JOB_STREAM, name, &run) != 0)
            return;
        run_batch(runner, &found);
        report(runner, run);
        if (runner->out->exit_code != 0 && !runner->behind)
            return;
    }
}

/* The code, under the transformer's run, whose lease is kept until its output is ingested. */
static void transform(struct runner *runner, const char *name)
{
    struct server_run *run;
    struct err err = {0};
    const char *cause = NULL;
    if (take_run(runner, JOB_TRANSFORMER, name, &run) != 0)
        return;
    const struct work *work = run->work;
    atomic_store(&runner->progress->phase, PHASE_TRANSFORM);
    if (!work->workspace) {
        (void)err_set(&err, ERR_INVALID, "the work order has no workspace");
        end_failed(runner, "internal", &err);
    } else if (need_target(runner) == 0) {
        const struct transform_options options = {.server = runner->options->server,
                                                  .connect = connect_watched,
                                                  .ctx = runner,
                                                  .seen_fence = &runner->seen_fence};
        int rc = transform_run(runner->arena, work, runner->target, &options, runner->progress, &cause, &err);
        beat_watch(runner->beat, runner->target);
        if (rc != 0)
            end_failed(runner, cause, &err);
        else
            run_stream(runner, work->store->name);
    }
    /* Both runs say the same of it. */
    if (strcmp(runner->out->outcome, "refused") == 0) {
        (void)err_set(&err, ERR_CONFLICT, "its output was not ingested: %s", runner->out->message);
        end(runner, "failed", "target-error", cause_find("target-error")->exit_code, &err);
    }
    runner->work = work;
    runner->out->run = work->run;
    runner->out->batch.operation = 0; /* the stream's report has told of it */
    int exit_code = runner->out->exit_code;
    report(runner, run);
    if (!runner->out->exit_code)
        runner->out->exit_code = exit_code;
}

static void run_transformer(struct runner *runner, const char *name)
{
    transform(runner, name);
    if (runner->behind)
        transform(runner, name);
}

void job_run(struct arena *arena, const struct job_options *options, struct progress *progress, struct job_outcome *out)
{
    struct runner runner = {.arena = arena, .options = options, .progress = progress, .out = out};
    const struct beat_options beat = {
        .server = options->server, .progress = progress, .title = options->bar ? options->name : NULL};
    struct err err = {0};
    *out = (struct job_outcome){0};
    if (beat_start(&beat, &runner.beat, &err) != 0) {
        end_without_run(&runner, NULL, &err);
        return;
    }
    if (options->kind == JOB_TRANSFORMER)
        run_transformer(&runner, options->name);
    else
        run_stream(&runner, options->name);
    beat_watch(runner.beat, NULL);
    pg_close(runner.target);
    beat_stop(runner.beat);
}
