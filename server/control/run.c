#include "control/run.h"

#include "control/operation.h"
#include "model/cause.h"
#include "store/audit.h"
#include "store/batch.h"
#include "store/idempotency.h"
#include "store/operation.h"

/* One transaction's way through: what was asked, and what came out. A refusal is kept in `refused` and the transaction
 * commits all the same, because a run that was found expired on the way is lost whatever becomes of the request. */
struct work {
    const struct run_caller *caller;
    const struct job_key *key; /* of a start */
    const char *ecosystem;
    int64_t run_id;
    const struct run_heartbeat *heartbeat;
    const struct run_report *report;
    struct run_result *out;
    struct err refused;
};

static json_t *state_json(const char *state, int64_t run, int64_t batch, const char *cause)
{
    json_t *out = json_pack("{s:s, s:I}", "state", state, "run", (json_int_t)run);
    if (batch)
        json_object_set_new(out, "batch", json_integer(batch));
    if (cause)
        json_object_set_new(out, "cause", json_string(cause));
    return out;
}

static int audit(struct pg *pg, struct arena *arena, const struct work *work, const char *action,
                 const struct job_row *job, json_t *before, json_t *after, struct err *err)
{
    return audit_add(pg, arena,
                     &(struct audit_entry){.ecosystem = job->key.ecosystem,
                                           .actor = work->caller->actor,
                                           .action = action,
                                           .object = job_key_text(arena, &job->key),
                                           .before = json_own(arena, before),
                                           .after = json_own(arena, after),
                                           .request_id = work->caller->request_id},
                     err);
}

static const char *run_text(struct arena *arena, int64_t run)
{
    return arena_printf(arena, "run %lld", (long long)run);
}

/* What an event makes of a run, its batch and its job. Reads the states of *run and *job and leaves the new ones. */
static int move(struct arena *arena, enum event event, struct run_row *run, struct job_row *job, struct err *err)
{
    const char *batch = arena_printf(arena, "batch %lld of %s", (long long)run->batch, job_key_text(arena, &job->key));
    const char *run_state, *batch_state, *job_state;
    if (transition_move(MACHINE_RUN, run_text(arena, run->id), run->state, event, &run_state, err) != 0 ||
        transition_move(MACHINE_BATCH, batch, run->batch_state, event, &batch_state, err) != 0 ||
        transition_move(MACHINE_JOB, job_key_text(arena, &job->key), job->state, event, &job_state, err) != 0)
        return -err->code;
    run->state = run_state;
    run->batch_state = job->batch_state = batch_state;
    job->state = job_state;
    return 0;
}

/* Writes a run that came to its end, its batch and its job. */
static int write_end(struct pg *pg, struct arena *arena, const struct work *work, const char *action,
                     const char *state_before, struct run_row *run, struct job_row *job, struct err *err)
{
    bool committed = strcmp(run->state, "committed") == 0;
    bool attention = strcmp(job->state, "failed") == 0 || strcmp(job->state, "lost") == 0;
    job->cause = attention ? run->cause : NULL;
    job->message = attention ? run->message : NULL;
    if (committed && run->watermark)
        job->watermark = run->watermark;
    struct batch_row batch = {.batch = run->batch,
                              .state = run->batch_state,
                              .counts = run->counts,
                              .watermark = committed ? run->watermark : NULL,
                              .cause = run->cause,
                              .message = run->message};
    if (run_store_close(pg, arena, run, err) != 0 || batch_store_move(pg, arena, job->id, &batch, err) != 0 ||
        job_store_set_status(pg, arena, job, committed, err) != 0)
        return -err->code;
    json_t *after = state_json(run->state, run->id, run->batch, run->cause);
    if (job->fence != run->fence)
        json_object_set_new(after, "fence", json_integer(job->fence));
    if (audit(pg, arena, work, action, job, state_json(state_before, run->id, run->batch, NULL), after, err) != 0)
        return -err->code;
    return job_store_notify(pg, arena, job->key.ecosystem, err);
}

/* The live run of a locked job went silent. */
static int lose(struct pg *pg, struct arena *arena, const struct work *work, struct job_row *job, struct err *err)
{
    struct run_row run;
    if (run_store_get(pg, arena, job->key.ecosystem, job->run.id, &run, err) != 0)
        return -err->code;
    const char *before = run.state;
    if (move(arena, EVENT_LOSE, &run, job, err) != 0)
        return -err->code;
    run.cause = cause_lost;
    run.message = arena_printf(arena, "no heartbeat by %s", run.lease_until);
    job->run = (struct job_run){0};
    return write_end(pg, arena, work, "run.lost", before, &run, job, err);
}

static int lose_if_expired(struct pg *pg, struct arena *arena, const struct work *work, struct job_row *job,
                           struct err *err)
{
    return job->run.id && job->run.expired ? lose(pg, arena, work, job, err) : 0;
}

/* What the caller is given: rows as the transaction leaves them. */
static int read_back(struct pg *pg, struct arena *arena, struct work *work, int64_t run, int64_t job, struct err *err)
{
    if (run_store_get(pg, arena, work->ecosystem, run, &work->out->run, err) != 0)
        return -err->code;
    return job_store_by_id(pg, arena, job, &work->out->job, err);
}

/* Keeps the refusal; the transaction goes on to its commit. */
static int refuse(struct work *work, const char *code, const struct err *err)
{
    work->refused = *err;
    work->out->code = code;
    return 0;
}

/* A transaction may run more than once. */
static void begin_again(struct work *work)
{
    work->refused = (struct err){0};
    *work->out = (struct run_result){0};
}

static int run_transaction(struct work *work, struct arena *arena, pg_tx_fn *fn, struct err *err)
{
    begin_again(work);
    if (pg_pool_transaction(work->caller->pool, arena, fn, work, err) != 0)
        return -err->code;
    if (work->refused.code)
        *err = work->refused;
    return work->refused.code ? -(int)work->refused.code : 0;
}

/* The run that an earlier start with the same key got; *found false when there was none. */
static int start_again(struct pg *pg, struct arena *arena, struct work *work, bool *found, struct err *err)
{
    const struct run_caller *caller = work->caller;
    struct idempotent_answer answer;
    struct run_row run;
    int64_t id = 0;
    if (idempotency_begin(pg, arena, caller->token_id, caller->key, caller->request_hash, &answer, found, err) != 0)
        return -err->code;
    if (!*found)
        return 0;
    if (!str_int64(answer.body, 1, INT64_MAX, &id))
        return err_set(err, ERR_INTERNAL, "the answer kept for an Idempotency-Key is no run");
    if (run_store_get(pg, arena, work->ecosystem, id, &run, err) != 0)
        return -err->code;
    work->out->repeated = true;
    return read_back(pg, arena, work, id, run.job, err);
}

static int start_save(struct pg *pg, struct arena *arena, const struct work *work, int64_t run, struct err *err)
{
    const struct run_caller *caller = work->caller;
    struct idempotent_answer answer = {201, NULL, str_from(arena_printf(arena, "%lld", (long long)run))};
    return idempotency_save(pg, arena, caller->token_id, caller->key, caller->request_hash, &answer, err);
}

static const char *refusal_of(const struct job_row *job)
{
    return strcmp(job->state, "retired") == 0  ? "job-retired"
           : strcmp(job->state, "paused") == 0 ? "job-paused"
                                               : "illegal-move";
}

static int start_tx(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct work *work = ctx;
    struct job_row job;
    struct err why = {0};
    begin_again(work);
    bool again = false;
    if (work->caller->key && start_again(pg, arena, work, &again, err) != 0)
        return -err->code;
    if (again)
        return 0;
    if (job_store_lock(pg, arena, work->key, &job, err) != 0 || lose_if_expired(pg, arena, work, &job, err) != 0)
        return -err->code;
    const char *object = job_key_text(arena, &job.key), *state, *batch_state, *run_state;
    if (job.run.id) {
        (void)err_set(&why, ERR_CONFLICT, "%s has a live run: %lld, started by %s, lease until %s", object,
                      (long long)job.run.id, job.run.started_by, job.run.lease_until);
        (void)err_hint(&why, "wait until it finishes or its lease passes");
        (void)refuse(work, "run-live", &why);
        return read_back(pg, arena, work, job.run.id, job.id, err);
    }
    enum event event = operation_is_drop(&job) ? EVENT_MAINTAIN : EVENT_START;
    if (transition_move(MACHINE_JOB, object, job.state, event, &state, &why) != 0) {
        if (strcmp(job.state, "paused") == 0)
            (void)err_hint(&why, "`yellow stream resume` lets it run again");
        return refuse(work, refusal_of(&job), &why);
    }
    if (transition_move(MACHINE_BATCH, object, job.batch_state ? job.batch_state : "", EVENT_START, &batch_state,
                        err) ||
        transition_move(MACHINE_RUN, object, "", EVENT_START, &run_state, err))
        return -err->code;

    const char *before = job.state;
    struct run_row run = {.job = job.id, .fence = job.fence + 1, .started_by = work->caller->actor};
    bool open = job.batch_state && strcmp(job.batch_state, "committed") != 0;
    run.batch = open ? job.batch : job.batch + 1;
    if (batch_store_start(pg, arena, job.id, run.batch, batch_state, &run.attempt, err) != 0 ||
        run_store_insert(pg, arena, &run, work->caller->lease_ms, &run.id, err) != 0)
        return -err->code;
    job.state = state;
    job.fence = run.fence;
    job.batch = run.batch;
    job.batch_state = batch_state;
    job.cause = job.message = NULL;
    if (job_store_set_status(pg, arena, &job, false, err) != 0 ||
        audit(pg, arena, work, "run.start", &job, json_pack("{s:s}", "state", before),
              state_json(run_state, run.id, run.batch, NULL), err) != 0 ||
        job_store_notify(pg, arena, job.key.ecosystem, err) != 0 ||
        (work->caller->key && start_save(pg, arena, work, run.id, err) != 0))
        return -err->code;
    return read_back(pg, arena, work, run.id, job.id, err);
}

int run_start(const struct run_caller *caller, struct arena *arena, const struct job_key *key, struct run_result *out,
              struct err *err)
{
    struct work work = {.caller = caller, .key = key, .ecosystem = key->ecosystem, .out = out};
    return run_transaction(&work, arena, start_tx, err);
}

/* Does the fence hold: is it the run's, and is no newer run there? */
static int check_fence(struct arena *arena, const struct run_row *run, const struct job_row *job, int64_t fence,
                       struct err *err)
{
    int rc = 0;
    if (fence != run->fence)
        rc = err_set(err, ERR_CONFLICT, "fence %lld is not that of run %lld", (long long)fence, (long long)run->id);
    else if (run->fence != job->fence)
        rc = err_set(err, ERR_CONFLICT, "run %lld is %s and its fence %lld is older than that of %s, %lld",
                     (long long)run->id, run->state, (long long)fence, job_key_text(arena, &job->key),
                     (long long)job->fence);
    return rc ? err_hint(err, "stop: another run took over") : 0;
}

static int heartbeat_tx(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct work *work = ctx;
    const struct run_heartbeat *heartbeat = work->heartbeat;
    struct job_row job;
    struct run_row run;
    struct err why = {0};
    const char *state, *batch_state;
    begin_again(work);
    if (job_store_lock_of_run(pg, arena, work->ecosystem, work->run_id, &job, err) != 0 ||
        lose_if_expired(pg, arena, work, &job, err) != 0 ||
        run_store_get(pg, arena, work->ecosystem, work->run_id, &run, err) != 0)
        return -err->code;
    work->out->run = run;
    work->out->job = job;
    if (check_fence(arena, &run, &job, heartbeat->fence, &why) != 0)
        return refuse(work, "stale-fence", &why);
    if (transition_move(MACHINE_RUN, run_text(arena, run.id), run.state, EVENT_HEARTBEAT, &state, &why) != 0)
        return refuse(work, "illegal-move", &why);
    if (heartbeat->ingested && strcmp(run.batch_state, "ingested") != 0) {
        const char *batch =
            arena_printf(arena, "batch %lld of %s", (long long)run.batch, job_key_text(arena, &job.key));
        if (transition_move(MACHINE_BATCH, batch, run.batch_state, EVENT_INGESTED, &batch_state, &why) != 0)
            return refuse(work, "illegal-move", &why);
        job.batch_state = batch_state;
        struct batch_row row = {.batch = run.batch, .state = batch_state};
        if (batch_store_move(pg, arena, job.id, &row, err) != 0 ||
            job_store_set_status(pg, arena, &job, false, err) != 0 ||
            audit(pg, arena, work, "run.ingested", &job, state_json(run.batch_state, run.id, run.batch, NULL),
                  state_json(batch_state, run.id, run.batch, NULL), err) != 0 ||
            job_store_notify(pg, arena, job.key.ecosystem, err) != 0)
            return -err->code;
    }
    if (run_store_touch(pg, arena, run.id, work->caller->lease_ms, heartbeat->progress, err) != 0)
        return -err->code;
    return read_back(pg, arena, work, run.id, job.id, err);
}

int run_heartbeat(const struct run_caller *caller, struct arena *arena, const char *ecosystem, int64_t run,
                  const struct run_heartbeat *heartbeat, struct run_result *out, struct err *err)
{
    struct work work = {.caller = caller, .ecosystem = ecosystem, .run_id = run, .heartbeat = heartbeat, .out = out};
    return run_transaction(&work, arena, heartbeat_tx, err);
}

static int finish_tx(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct work *work = ctx;
    const struct run_report *report = work->report;
    struct job_row job;
    struct run_row run;
    struct err why = {0};
    begin_again(work);
    if (job_store_lock_of_run(pg, arena, work->ecosystem, work->run_id, &job, err) != 0 ||
        run_store_get(pg, arena, work->ecosystem, work->run_id, &run, err) != 0)
        return -err->code;
    work->out->run = run;
    work->out->job = job;
    /* A report that was taken is answered again even after newer runs started. */
    if (run.report_hash && report->fence == run.fence && strcmp(run.report_hash, report->hash) == 0) {
        work->out->repeated = true;
        return 0;
    }
    const char *before = run.state, *ignored;
    if (run.report_hash &&
        transition_move(MACHINE_RUN, run_text(arena, run.id), run.state, report->outcome, &ignored, &why) != 0)
        return refuse(work, "illegal-move", &why);
    if (check_fence(arena, &run, &job, report->fence, &why) != 0)
        return refuse(work, "stale-fence", &why);
    if (move(arena, report->outcome, &run, &job, &why) != 0)
        return refuse(work, "illegal-move", &why);
    run.counts = report->counts;
    run.watermark = report->watermark;
    run.cause = report->cause;
    run.message = report->message;
    run.report_hash = report->hash;
    /* The run is the newest that this server knows, so what the merge database has is of a time that this server has
     * forgotten: it was restored. */
    if (report->merge_fence > job.fence)
        job.fence = report->merge_fence;
    const char *action = report->outcome == EVENT_COMMIT ? "run.commit"
                         : report->outcome == EVENT_FAIL ? "run.fail"
                                                         : "run.cancel";
    if (write_end(pg, arena, work, action, before, &run, &job, err) != 0 ||
        (report->outcome == EVENT_COMMIT && report->operation &&
         operation_store_done(pg, arena, job.id, report->operation, err) != 0))
        return -err->code;
    return read_back(pg, arena, work, run.id, job.id, err);
}

int run_finish(const struct run_caller *caller, struct arena *arena, const char *ecosystem, int64_t run,
               const struct run_report *report, struct run_result *out, struct err *err)
{
    struct work work = {.caller = caller, .ecosystem = ecosystem, .run_id = run, .report = report, .out = out};
    return run_transaction(&work, arena, finish_tx, err);
}

static int lose_tx(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct work *work = ctx;
    struct job_row job;
    begin_again(work);
    if (job_store_lock_of_run(pg, arena, work->ecosystem, work->run_id, &job, err) != 0)
        return -err->code;
    return lose_if_expired(pg, arena, work, &job, err);
}

struct expired {
    struct run_id *items;
    size_t count;
};

static int expired_tx(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct expired *expired = ctx;
    return run_store_expired(pg, arena, &expired->items, &expired->count, err);
}

int run_lose_expired(struct pg_pool *pool, void (*changed)(void *ctx, const char *ecosystem), void *ctx,
                     struct err *err)
{
    struct arena *arena = arena_new();
    struct expired expired = {0};
    struct run_result ignored;
    struct run_caller caller = {.pool = pool, .actor = "yellow"};
    int rc = pg_pool_transaction(pool, arena, expired_tx, &expired, err);
    for (size_t i = 0; !rc && i < expired.count; i++) {
        struct work work = {
            .caller = &caller, .ecosystem = expired.items[i].ecosystem, .run_id = expired.items[i].id, .out = &ignored};
        rc = run_transaction(&work, arena, lose_tx, err);
        if (!rc)
            changed(ctx, work.ecosystem);
    }
    arena_free(arena);
    return rc;
}
