#include "control/operation.h"

#include "base/time.h"
#include "control/transition.h"
#include "model/datatype.h"
#include "store/audit.h"
#include "store/operation.h"

const char *const operation_names[OPERATION_COUNT] = {
    [OPERATION_PAUSE] = "pause",   [OPERATION_RESUME] = "resume", [OPERATION_RUN] = "run",
    [OPERATION_CANCEL] = "cancel", [OPERATION_RESET] = "reset",   [OPERATION_RESNAPSHOT] = "resnapshot",
    [OPERATION_REWIND] = "rewind", [OPERATION_DROP] = "drop",     [OPERATION_WITHDRAW] = "withdraw",
};

bool operation_parse(const char *name, enum operation *out)
{
    for (int i = 0; i < OPERATION_COUNT; i++)
        if (strcmp(operation_names[i], name) == 0) {
            *out = (enum operation)i;
            return true;
        }
    return false;
}

/* One transaction's way through. */
struct work {
    const struct operation_request *request;
    struct operation_result *out;
    struct arena *arena;
    struct job_row *job; /* in out: what the operation makes of it */
    const char *object;  /* "stream YellowLive/customers" */
    vec(const char *) does;
    const char *ask_run; /* "run now", by whom */
    bool cancel;
};

static void tell(struct work *work, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void tell(struct work *work, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    *vec_push(work->arena, &work->does) = arena_vprintf(work->arena, fmt, args);
    va_end(args);
}

static int refuse(struct work *work, const char *code, struct err *err)
{
    work->out->code = code;
    return -(int)err->code;
}

static int move(struct work *work, enum event event, struct err *err)
{
    const char *state;
    if (transition_move(MACHINE_JOB, work->object, work->job->state, event, &state, err) != 0)
        return refuse(work, "illegal-move", err);
    work->job->state = state;
    return 0;
}

static int need_no_run(struct work *work, struct err *err)
{
    if (!work->job->run.id)
        return 0;
    (void)err_set(err, ERR_CONFLICT, "%s has a live run: %lld", work->object, (long long)work->job->run.id);
    (void)err_hint(err, "cancel it, or wait until it is finished");
    return refuse(work, "run-live", err);
}

/* --- without the merge database --- */

static int pause_job(struct pg *pg, struct work *work, struct err *err)
{
    (void)pg;
    int rc = move(work, EVENT_PAUSE, err);
    if (rc)
        return rc;
    work->job->cause = work->job->message = NULL;
    tell(work, "nothing starts %s until it is resumed", work->object);
    if (work->job->run.id)
        tell(work, "its run %lld goes on to its end", (long long)work->job->run.id);
    return 0;
}

static int resume_job(struct pg *pg, struct work *work, struct err *err)
{
    (void)pg;
    int rc = move(work, EVENT_RESUME, err);
    if (rc)
        return rc;
    if (work->job->run.id)
        work->job->state = "running";
    tell(work, "%s runs again as it is scheduled: %s, %s", work->object, work->job->schedule, work->job->timezone);
    return 0;
}

static int run_job(struct pg *pg, struct work *work, struct err *err)
{
    const char *state;
    (void)pg;
    int rc = need_no_run(work, err);
    if (rc)
        return rc;
    if (transition_move(MACHINE_JOB, work->object, work->job->state, EVENT_START, &state, err) != 0) {
        if (strcmp(work->job->state, "paused") == 0)
            (void)err_hint(err, "resume it");
        return refuse(work, "illegal-move", err);
    }
    work->ask_run = work->request->actor;
    tell(work, "a run of %s starts as soon as a scheduler of Yellow's own has a place for it", work->object);
    return 0;
}

static int cancel_run(struct pg *pg, struct work *work, struct err *err)
{
    (void)pg;
    const struct job_run *run = &work->job->run;
    if (!run->id) {
        (void)err_set(err, ERR_CONFLICT, "%s has no live run", work->object);
        return refuse(work, "no-run", err);
    }
    work->cancel = true;
    tell(work, "run %lld is told to stop, by its next heartbeat at the latest", (long long)run->id);
    tell(work, "batch %lld stays open, and the next run does it", (long long)work->job->batch);
    return 0;
}

/* --- in the merge database, by the next run --- */

/* Writes down what the next run has to do. */
static int pend(struct work *work, const char *watermark, struct err *err)
{
    const struct operation_request *request = work->request;
    char now[TIME_TEXT_SIZE];
    if (work->job->operation.data) {
        (void)err_set(err, ERR_CONFLICT, "%s has an operation that its next run does", work->object);
        (void)err_hint(err, "withdraw that one, or wait for the run");
        return refuse(work, "pending", err);
    }
    time_format(time_now_us(), now);
    json_t *json = json_own(work->arena,
                            json_pack("{s:I, s:s, s:s?, s:o, s:b, s:s, s:s}", "id", (json_int_t)work->job->revision + 1,
                                      "kind", operation_names[request->operation], "watermark", watermark, "batch",
                                      request->batch ? json_integer(request->batch) : json_null(), "skip",
                                      request->skip, "by", request->actor, "at", now));
    struct buf *text = buf_new(work->arena);
    json_write(text, json);
    work->job->operation = buf_str(text);
    return 0;
}

/* Only the next run sees the merge database; what the last one saw is on the job. */
static void tell_restored(struct work *work)
{
    if (work->job->cause && strcmp(work->job->cause, "merge-behind") == 0)
        tell(work,
             "the merge database was restored or emptied: %s goes on from what it has, as batch %lld; the batches "
             "between are written down as gone (yellow.restored), and no number is given twice",
             work->object, (long long)work->job->batch);
}

static int reset_batch(struct pg *pg, struct work *work, struct err *err)
{
    struct job_row *job = work->job;
    (void)pg;
    int rc = need_no_run(work, err);
    if (rc)
        return rc;
    if (!job->batch_state || strcmp(job->batch_state, "committed") == 0) {
        (void)err_set(err, ERR_CONFLICT, "%s has no open batch", work->object);
        return refuse(work, "illegal-move", err);
    }
    tell(work, "batch %lld, %s%s%s, starts from nothing with the next run", (long long)job->batch, job->batch_state,
         job->cause ? " with the cause " : "", job->cause ? job->cause : "");
    tell(work, "what it staged and quarantined is removed, and its tables are compared with the model again");
    tell_restored(work);
    if (strcmp(job->state, "failed") == 0 || strcmp(job->state, "lost") == 0)
        job->state = "idle"; /* as after a cancel: nothing that needs attention */
    job->cause = job->message = NULL;
    return pend(work, NULL, err);
}

static const struct datastore *store_of(const struct work *work, const struct model *model)
{
    const struct object *object = model ? model_find(model, OBJECT_DATASTORE, work->job->store) : NULL;
    return object ? object->datastore : NULL;
}

static int need_stream(struct work *work, struct err *err)
{
    if (work->job->key.kind == JOB_STREAM)
        return 0;
    (void)err_set(err, ERR_INVALID, "%s keeps no data: do it to the streams of its output", work->object);
    return refuse(work, "not-here", err);
}

static int need_not_retired(struct work *work, struct err *err)
{
    if (strcmp(work->job->state, "retired") != 0)
        return 0;
    (void)err_set(err, ERR_CONFLICT, "%s is retired: it has no more batches", work->object);
    return refuse(work, "illegal-move", err);
}

static int resnapshot(struct pg *pg, struct work *work, struct err *err)
{
    (void)pg;
    if (need_stream(work, err) != 0 || need_not_retired(work, err) != 0)
        return -(int)err->code;
    tell(work, "the next batch of %s reads all that its source has, whatever was read before%s%s", work->object,
         work->job->watermark ? "; its watermark was " : "", work->job->watermark ? work->job->watermark : "");
    tell(work, strcmp(work->job->milestoning, "live") == 0
                   ? "rows that the source does not have are deleted"
                   : "rows that the source does not have are closed; history stays");
    tell_restored(work);
    return pend(work, NULL, err);
}

static bool has_keyless(const struct datastore *store, const char *only, const char **name)
{
    vec_each(dataset, &store->datasets)
    {
        bool key = false;
        vec_each(column, &dataset->columns) key = key || column->key;
        if (!key && (!only || strcmp(only, dataset->name) == 0)) {
            *name = dataset->name;
            return true;
        }
    }
    return false;
}

static int check_rewind(struct work *work, const struct datastore *store, struct err *err)
{
    const struct operation_request *request = work->request;
    const char *name = NULL;
    bool incremental = store && store->capture.present && store->capture.type == CAPTURE_SQL_INCREMENTAL;
    bool objects = store && store->capture.present && store->capture.type == CAPTURE_CSV_S3;
    if (!incremental && !objects)
        (void)err_set(err, ERR_INVALID, "%s has no watermark: each batch reads all that there is", work->object);
    else if (has_keyless(store, work->job->dataset, &name))
        (void)err_set(err, ERR_INVALID, "dataset \"%s\" of %s has no key: rows read again would be there twice", name,
                      work->object);
    else if (!request->watermark && !request->batch)
        (void)err_set(err, ERR_INVALID, "a rewind says where to: a watermark, or the batch after which to go on");
    else if (objects && request->watermark)
        (void)err_set(err, ERR_INVALID, "%s reads objects: rewind it to a batch", work->object);
    else
        return 0;
    return refuse(work, "not-here", err);
}

static const struct column *watermark_column(const struct datastore *store, const struct dataset *dataset)
{
    const char *name = dataset->watermark ? dataset->watermark : store->capture.watermark;
    vec_each(column, &dataset->columns) if (name && strcmp(column->name, name) == 0) return column;
    return NULL;
}

/* A value behind what was read of the dataset, as far as the last report tells, leaves rows out. How many, only the
 * source knows. */
static int check_skip(struct pg *pg, struct work *work, const char *dataset, const struct column *column,
                      struct err *err)
{
    const char *to = work->request->watermark, *text = work->job->watermark;
    json_t *root = NULL;
    struct datatype type;
    bool later = !text;
    if (datatype_parse(str_from(column->type), &type, err) != 0 ||
        (text && json_read(work->arena, str_from(text), &root, ERR_IGNORED) != 0))
        return 0; /* no checked model has such a type; a long watermark is cut in the report, and a rewind loses nothing
                   */
    const char *read = json_text(json_object_get(json_object_get(root, "datasets"), dataset), "value");
    int rc = operation_store_is_later(pg, work->arena, type.base <= TYPE_DECIMAL, to, read ? read : to,
                                      read ? &later : &(bool){false}, err);
    if (rc == -ERR_INVALID)
        return refuse(work, "not-here", err);
    const char *what =
        read ? arena_printf(work->arena, "dataset \"%s\" of %s was read up to %s", dataset, work->object, read)
             : arena_printf(work->arena, "nothing of dataset \"%s\" of %s was read", dataset, work->object);
    if (rc || (!later && !work->request->skip))
        return rc;
    if (work->request->skip) {
        tell(work,
             "%s: what it has before %s and no batch has read is left out for ever; how much that is, only the source "
             "knows",
             what, to);
        return 0;
    }
    (void)err_set(err, ERR_CONFLICT, "%s: a rewind to %s would leave out what lies between", what, to);
    (void)err_hint(err, "if that is what you want, ask for it: --skip, or \"skip\": true");
    return refuse(work, "skips", err);
}

static int check_skips(struct pg *pg, struct work *work, const struct datastore *store, struct err *err)
{
    int rc = 0;
    vec_each(dataset, &store->datasets)
    {
        const struct column *column = watermark_column(store, dataset);
        bool ours = !work->job->dataset || strcmp(work->job->dataset, dataset->name) == 0;
        if (!rc && column && ours)
            rc = check_skip(pg, work, dataset->name, column, err);
    }
    return rc;
}

static int rewind_watermark(struct pg *pg, struct work *work, struct err *err)
{
    const struct operation_request *request = work->request;
    struct snapshot *snapshot = NULL;
    const char *watermark = request->watermark;
    bool found = true;
    if (need_stream(work, err) != 0 || need_not_retired(work, err) != 0 ||
        snapshots_get(request->snapshots, request->key.ecosystem, 0, &snapshot, err) != 0)
        return -(int)err->code;
    const struct datastore *store = store_of(work, snapshot->model);
    int rc = check_rewind(work, store, err);
    if (!rc && watermark)
        rc = check_skips(pg, work, store, err);
    snapshot_release(snapshot);
    if (rc)
        return rc;
    if (request->batch &&
        operation_store_watermark(pg, work->arena, work->job->id, request->batch, &watermark, &found, err) != 0)
        return -(int)err->code;
    if (!found) {
        (void)err_set(err, ERR_INVALID, "batch %lld of %s is not committed", (long long)request->batch, work->object);
        return refuse(work, "not-here", err);
    }
    if (watermark || !request->batch)
        tell(work,
             request->skip ? "the next batch of %s reads from watermark %s on, and nothing before it; it was %s"
                           : "the next batch of %s reads from watermark %s on; it was %s",
             work->object, watermark, work->job->watermark ? work->job->watermark : "none");
    else
        tell(work, "the next batch of %s reads again what came after batch %lld", work->object,
             (long long)request->batch);
    tell(work, "rows that are read again are merged by their key");
    return pend(work, watermark, err);
}

static int drop_tables(struct pg *pg, struct work *work, struct err *err)
{
    struct job_row *job = work->job;
    (void)pg;
    if (need_stream(work, err) != 0 || need_no_run(work, err) != 0)
        return -(int)err->code;
    if (strcmp(job->state, "retired") != 0) {
        (void)err_set(err, ERR_CONFLICT, "%s is %s: only what is retired can be dropped", work->object, job->state);
        (void)err_hint(err, "it retires when no workspace consumes it any more");
        return refuse(work, "illegal-move", err);
    }
    work->ask_run = work->request->actor;
    tell(work, "the tables of %s are dropped from the merge database, %lld batches and their history with them",
         work->object, (long long)job->batch);
    tell(work, "views over them go too; what somebody else made on them stops it");
    tell(work, "it is done by a run: `yellow job run`, or a scheduler of Yellow's own");
    return pend(work, NULL, err);
}

static int withdraw(struct pg *pg, struct work *work, struct err *err)
{
    (void)pg;
    if (!work->job->operation.data) {
        (void)err_set(err, ERR_CONFLICT, "%s has no operation to withdraw", work->object);
        return refuse(work, "illegal-move", err);
    }
    tell(work, "the next run of %s does nothing beside its batch", work->object);
    work->job->operation = (struct str){0};
    return 0;
}

static int (*const operations[OPERATION_COUNT])(struct pg *pg, struct work *work, struct err *err) = {
    [OPERATION_PAUSE] = pause_job,         [OPERATION_RESUME] = resume_job, [OPERATION_RUN] = run_job,
    [OPERATION_CANCEL] = cancel_run,       [OPERATION_RESET] = reset_batch, [OPERATION_RESNAPSHOT] = resnapshot,
    [OPERATION_REWIND] = rewind_watermark, [OPERATION_DROP] = drop_tables,  [OPERATION_WITHDRAW] = withdraw,
};

/* --- the transaction --- */

static json_t *state_json(const struct work *work, const struct job_row *job)
{
    json_t *out = json_pack("{s:s}", "state", job->state), *operation = NULL;
    if (job->operation.data && json_read(work->arena, job->operation, &operation, ERR_IGNORED) == 0)
        json_object_set(out, "operation", operation);
    return json_own(work->arena, out);
}

static int write(struct pg *pg, struct work *work, const struct job_row *before, struct err *err)
{
    const struct operation_request *request = work->request;
    json_t *after = state_json(work, work->job);
    int rc = operation_store_write(pg, work->arena, work->job, work->ask_run, err);
    if (!rc && work->cancel)
        rc = operation_store_cancel(pg, work->arena, work->job->run.id, request->actor, err);
    if (work->ask_run)
        json_object_set_new(after, "run_requested", json_true());
    if (work->cancel)
        json_object_set_new(after, "cancel_requested", json_integer(work->job->run.id));
    if (rc ||
        audit_add(pg, work->arena,
                  &(struct audit_entry){.ecosystem = request->key.ecosystem,
                                        .actor = request->actor,
                                        .action = arena_printf(work->arena, "%s.%s", job_kind_names[request->key.kind],
                                                               operation_names[request->operation]),
                                        .object = work->object,
                                        .before = state_json(work, before),
                                        .after = after,
                                        .request_id = request->request_id},
                  err) != 0)
        return -(int)err->code;
    return job_store_notify(pg, work->arena, request->key.ecosystem, err);
}

static int apply_tx(struct pg *pg, struct arena *arena, void *ctx, struct err *err)
{
    struct operation_result *out = ((struct work *)ctx)->out;
    const struct operation_request *request = ((struct work *)ctx)->request;
    *out = (struct operation_result){0};
    struct work work = {.request = request, .out = out, .arena = arena, .job = &out->job};
    if (job_store_lock(pg, arena, &request->key, &out->job, err) != 0)
        return -(int)err->code;
    work.object = job_key_text(arena, &out->job.key);
    if (request->precondition && request->precondition(request->ctx, &out->job, err) != 0)
        return -(int)err->code;
    const struct job_row before = out->job;
    int rc = operations[request->operation](pg, &work, err);
    if (rc)
        return rc;
    out->does = (struct texts){work.does.items, work.does.len};
    if (request->dry_run) {
        out->job = before;
        return 0;
    }
    rc = write(pg, &work, &before, err);
    return rc ? rc : job_store_by_id(pg, arena, before.id, &out->job, err);
}

int operation_apply(const struct operation_request *request, struct arena *arena, struct operation_result *out,
                    struct err *err)
{
    struct work work = {.request = request, .out = out};
    return pg_pool_transaction(request->pool, arena, apply_tx, &work, err);
}

static json_t *read_operation(const struct job_row *job)
{
    return job->operation.data ? json_loadb(job->operation.data, job->operation.len, 0, NULL) : NULL;
}

int64_t operation_id(const struct job_row *job)
{
    json_t *json = read_operation(job);
    int64_t id = json_integer_value(json_object_get(json, "id"));
    json_decref(json);
    return id;
}

bool operation_is_drop(const struct job_row *job)
{
    json_t *json = read_operation(job);
    const char *kind = json ? json_text(json, "kind") : NULL;
    bool drop = kind && strcmp(kind, operation_names[OPERATION_DROP]) == 0;
    json_decref(json);
    return drop;
}
