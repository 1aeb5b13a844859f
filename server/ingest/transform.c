#include "ingest/transform.h"

#include "ingest/builder.h"
#include "ingest/naming.h"
#include "ingest/output.h"
#include "ingest/table.h"
#include "ingest/view.h"
#include "model/cause.h"
#include "sql.h"

/* One transformation under way. */
struct transform {
    struct arena *arena;
    const struct work *work;
    const struct transformer *transformer;
    const struct transform_options *options;
    struct output output;
    const char **cause;
};

static int fail(struct transform *t, const char *cause, int rc)
{
    if (!*t->cause)
        *t->cause = rc == -ERR_CANCELLED ? cause_cancelled : cause;
    return rc;
}

static int transaction_of(struct transform *t, struct pg *pg, int64_t *out, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, t->arena, sql_transform_transaction, PG_ONE, &rows, err);
    *out = rc ? 0 : pg_integer(&rows, 0, 0);
    return rc ? fail(t, "target-error", rc) : 0;
}

/* The file as one script, as the role, in one transaction. */
static int run_script(struct transform *t, struct pg *pg, struct err *err)
{
    const struct work *work = t->work;
    struct buf *sql = buf_new(t->arena);
    int64_t before, after;
    buf_adds(sql, "begin; set local role ");
    builder_name(sql, t->output.last);
    buf_adds(sql, "; set local search_path = ");
    builder_name(sql, t->output.next);
    buf_adds(sql, ", ");
    builder_name(sql, naming_view_schema(t->arena, work->ecosystem, work->platform, work->workspace->name));
    int rc = pg_script(pg, buf_text(sql), err);
    if (rc)
        return fail(t, "target-error", rc);
    if (transaction_of(t, pg, &before, err) != 0)
        return -(int)err->code;
    rc = pg_script(pg, arena_strndup(t->arena, work->sql.data, work->sql.len), err);
    if (rc) {
        (void)err_prefix(err, "%s", t->transformer->file);
        if (strcmp(err->sqlstate, "42P01") == 0)
            (void)err_hint(err,
                           "views and what it writes to are found by their names alone; a view comes with the first "
                           "batch of what it shows");
        return fail(t, pg_is_broken(pg) && rc != -ERR_INVALID ? "target-error" : "transform-failed", rc);
    }
    if (PQtransactionStatus(pg_raw(pg)) != PQTRANS_INTRANS || transaction_of(t, pg, &after, err) != 0 ||
        before != after) {
        *t->cause = NULL;
        rc = err_set(err, ERR_INVALID, "%s: it ends the transaction that it runs in", t->transformer->file);
        (void)err_hint(err, "leave BEGIN, COMMIT and ROLLBACK out: all of the file is one transaction");
        return fail(t, "transform-failed", rc);
    }
    /* Constraints that were put off are checked here. */
    rc = pg_commit(pg, err);
    return rc ? fail(t, "transform-failed", err_prefix(err, "%s", t->transformer->file)) : 0;
}

/* On a connection of its own: what the script leaves in the session (settings, roles, locks, tables of its own, what it
 * listens to) ends with it, before anything else is done in the database. */
static int run_sql(struct transform *t, struct progress *progress, struct err *err)
{
    struct pg *pg = NULL;
    if (!t->work->sql.data) {
        (void)err_set(err, ERR_INVALID, "transformer %s: the work order has no SQL", t->transformer->name);
        return fail(t, "configuration", -(int)err->code);
    }
    int rc = t->options->connect(t->options->ctx, &pg, err);
    if (rc)
        return fail(t, "target-error", rc);
    pg_set_wake(pg, progress->wake_fd);
    rc = run_script(t, pg, err);
    pg_close(pg);
    return rc;
}

static int run_code(struct transform *t, struct progress *progress, struct err *err)
{
    if (t->transformer->code != CODE_SQL && pg_is_pooled(t->output.pg)) {
        (void)err_set(err, ERR_INVALID,
                      "transformer %s: its program's role and schemas would not get through the "
                      "connection pooler in front of the merge database",
                      t->transformer->name);
        (void)err_hint(err, "name the server itself in the container %s", t->work->merge->name);
        return fail(t, "configuration", -(int)err->code);
    }
    return t->transformer->code == CODE_SQL
               ? run_sql(t, progress, err)
               : transform_child(t->arena, t->work, t->output.next, PQserverVersion(pg_raw(t->output.pg)),
                                 t->options->server, progress, t->cause, err);
}

static bool reads_own(const struct work *work, size_t dataset)
{
    for (size_t i = 0; i < work->view_count; i++)
        if (work->views[i].dataset == dataset && strcmp(work->views[i].workspace, work->workspace->name) == 0)
            return true;
    return false;
}

/* A transformer that reads its own output finds it without rows before there is any. */
static int make_own_views(struct transform *t, struct err *err)
{
    const struct work *work = t->work;
    struct pg *pg = t->output.pg;
    struct buf *script = buf_new(t->arena);
    for (size_t i = 0; i < work->dataset_count; i++) {
        const struct work_dataset *dataset = &work->datasets[i];
        struct table_plan plan = {0};
        if (!reads_own(work, i))
            continue;
        int rc = table_plan(pg, t->arena, dataset, work->milestoned, &plan, err);
        if (rc)
            return rc;
        if (plan.create)
            buf_addf(script, "%s; %s; %s;", plan.create, table_beside(t->arena, dataset, work->milestoned, 1),
                     plan.index ? plan.index : "");
    }
    if (!script->len)
        return 0;
    int rc = pg_script(pg, arena_printf(t->arena, "begin; %s", buf_text(script)), err);
    if (!rc)
        rc = view_apply(pg, t->arena, work, err);
    return rc ? rc : pg_commit(pg, err);
}

/* What a database says while Yellow's own statements run is not the transformer's fault. */
static int settle(struct transform *t, bool lost, int rc)
{
    return rc ? fail(t, lost ? cause_lost : rc == -ERR_INVALID ? "configuration" : "target-error", rc) : 0;
}

int transform_run(struct arena *arena, const struct work *work, struct pg *target,
                  const struct transform_options *options, struct progress *progress, const char **cause,
                  struct err *err)
{
    struct transform t = {
        .arena = arena,
        .work = work,
        .transformer = &work->workspace->transformer,
        .options = options,
        .output = output_of(arena, work, target),
        .cause = cause,
    };
    bool lost = false;
    *cause = NULL;
    pg_set_wake(target, progress->wake_fd);
    int rc = output_begin(&t.output, &lost, err);
    *options->seen_fence = t.output.seen_fence;
    rc = settle(&t, lost, rc);
    if (!rc)
        rc = settle(&t, lost, make_own_views(&t, err));
    if (!rc)
        rc = run_code(&t, progress, err);
    if (!rc) {
        rc = output_publish(&t.output, &lost, err);
        rc = settle(&t, lost, rc);
    }
    if (!rc)
        rc = progress_check(progress, err);
    pg_set_wake(target, -1); /* from here on a stop waits */
    if (!rc)
        rc = settle(&t, false, pg_commit(target, err));
    if (rc && !pg_is_broken(target))
        (void)pg_rollback(target, ERR_IGNORED);
    if (rc && !lost && progress_check(progress, ERR_IGNORED) == 0)
        output_forget(&t.output);
    if (rc && !*cause)
        *cause = cause_cancelled;
    return rc;
}
