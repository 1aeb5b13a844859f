#include "ingest/transform.h"

#include "ingest/builder.h"
#include "ingest/naming.h"
#include "ingest/table.h"
#include "sql.h"

/* One transformation under way. */
struct transform {
    struct arena *arena;
    const struct work *work;
    const struct transformer *transformer;
    struct pg *target;
    const char *output, *next, *views, *reader; /* schemas; the role that reads the views */
    const char **cause;
};

static int fail(struct transform *t, const char *cause, int rc)
{
    if (!*t->cause)
        *t->cause = cause;
    return rc;
}

/* What a database says while Yellow's own statements run is not the transformer's fault. */
static int run(struct transform *t, const struct buf *sql, struct err *err)
{
    int rc = pg_script(t->target, buf_text(sql), err);
    return rc ? fail(t, rc == -ERR_CANCELLED ? "cancelled" : "target-error", rc) : 0;
}

static void add_role(struct transform *t, struct buf *sql)
{
    struct buf *literal = buf_new(t->arena);
    for (const char *c = t->output; *c; c++) {
        if (*c == '\'')
            buf_addc(literal, '\'');
        buf_addc(literal, *c);
    }
    buf_addf(sql, "do $yellow$ begin if not exists (select from pg_roles where rolname = '%s') then create role ",
             buf_text(literal));
    builder_name(sql, t->output);
    buf_adds(sql, " nologin; end if; end $yellow$; grant ");
    builder_name(sql, t->output);
    buf_adds(sql, " to current_user; grant ");
    builder_name(sql, t->reader);
    buf_adds(sql, " to ");
    builder_name(sql, t->output);
    buf_adds(sql, "; ");
}

/* Empty tables for the new output, in a schema of their own that the role writes. What an earlier run left there goes.
 */
static int make_tables(struct transform *t, struct err *err)
{
    struct buf *sql = buf_new(t->arena);
    buf_adds(sql, "set local client_min_messages = warning; select pg_advisory_xact_lock(1497713740, 0); ");
    add_role(t, sql);
    buf_adds(sql, "drop schema if exists ");
    builder_name(sql, t->next);
    buf_adds(sql, " cascade; create schema ");
    builder_name(sql, t->next);
    buf_adds(sql, "; grant usage, create on schema ");
    builder_name(sql, t->next);
    buf_adds(sql, " to ");
    builder_name(sql, t->output);
    buf_adds(sql, "; ");
    for (size_t i = 0; i < t->work->dataset_count; i++) {
        const struct work_dataset *dataset = &t->work->datasets[i];
        buf_adds(sql, "create table ");
        builder_table(sql, t->next, dataset->name);
        buf_adds(sql, " (");
        table_columns(sql, dataset, true);
        buf_adds(sql, "); grant select, insert, update, delete, truncate on ");
        builder_table(sql, t->next, dataset->name);
        buf_adds(sql, " to ");
        builder_name(sql, t->output);
        buf_adds(sql, "; ");
    }
    return run(t, sql, err);
}

/* The new output takes the place of the last. */
static int publish(struct transform *t, struct err *err)
{
    struct buf *sql = buf_new(t->arena);
    buf_adds(sql, "create schema if not exists ");
    builder_name(sql, t->output);
    for (size_t i = 0; i < t->work->dataset_count; i++) {
        const char *name = t->work->datasets[i].name;
        buf_adds(sql, "; drop table if exists ");
        builder_table(sql, t->output, name);
        buf_adds(sql, "; revoke all on ");
        builder_table(sql, t->next, name);
        buf_adds(sql, " from ");
        builder_name(sql, t->output);
        buf_adds(sql, "; alter table ");
        builder_table(sql, t->next, name);
        buf_adds(sql, " set schema ");
        builder_name(sql, t->output);
    }
    buf_adds(sql, "; drop schema ");
    builder_name(sql, t->next);
    buf_adds(sql, " cascade");
    return run(t, sql, err);
}

static int begin(struct transform *t, struct err *err)
{
    struct buf *sql = buf_new(t->arena);
    buf_adds(sql, "begin");
    return run(t, sql, err);
}

static int commit(struct transform *t, struct err *err)
{
    int rc = pg_commit(t->target, err);
    return rc ? fail(t, "target-error", rc) : 0;
}

static int transaction_of(struct transform *t, int64_t *out, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(t->target, t->arena, sql_transform_transaction, PG_ONE, &rows, err);
    *out = rc ? 0 : pg_integer(&rows, 0, 0);
    return rc ? fail(t, "target-error", rc) : 0;
}

/* The file as one script, as the role, inside the transaction that publishes what it wrote. */
static int run_sql(struct transform *t, struct err *err)
{
    struct buf *sql = buf_new(t->arena);
    int64_t before, after;
    if (!t->work->sql.data) {
        (void)err_set(err, ERR_INVALID, "transformer %s: the work order has no SQL", t->transformer->name);
        return fail(t, "configuration", -(int)err->code);
    }
    buf_adds(sql, "set local role ");
    builder_name(sql, t->output);
    buf_adds(sql, "; set local search_path = ");
    builder_name(sql, t->next);
    buf_adds(sql, ", ");
    builder_name(sql, t->views);
    if (transaction_of(t, &before, err) != 0 || run(t, sql, err) != 0)
        return -(int)err->code;
    int rc = pg_script(t->target, arena_strndup(t->arena, t->work->sql.data, t->work->sql.len), err);
    if (rc) {
        (void)err_prefix(err, "%s", t->transformer->file);
        return fail(t, pg_is_broken(t->target) ? "target-error" : "transform-failed", rc);
    }
    buf_cut(sql, 0);
    buf_adds(sql, "set local role none; set local search_path to default");
    if (PQtransactionStatus(pg_raw(t->target)) != PQTRANS_INTRANS || transaction_of(t, &after, err) != 0 ||
        before != after) {
        rc = err_set(err, ERR_INVALID, "%s: it ends the transaction that it runs in", t->transformer->file);
        (void)err_hint(err, "leave BEGIN, COMMIT and ROLLBACK out: all of the file is one transaction");
        return fail(t, "transform-failed", rc);
    }
    return run(t, sql, err);
}

static int run_code(struct transform *t, const struct server *server, struct progress *progress, struct err *err)
{
    if (t->transformer->code == CODE_SQL)
        return run_sql(t, err);
    /* Another process writes: what it begins with has to be there for it. */
    int rc = commit(t, err);
    if (!rc)
        rc = transform_child(t->arena, t->work, t->next, server, progress, t->cause, err);
    return rc ? rc : begin(t, err);
}

int transform_run(struct arena *arena, const struct work *work, struct pg *target, const struct server *server,
                  struct progress *progress, const char **cause, struct err *err)
{
    const struct transformer *transformer = &work->workspace->transformer;
    const char *const next[] = {work->ecosystem, work->platform, transformer->name, "next"};
    struct transform t = {
        .arena = arena,
        .work = work,
        .transformer = transformer,
        .target = target,
        .output = naming_output_schema(arena, work->ecosystem, work->platform, transformer->name),
        .next = naming_join(arena, next, 4),
        .views = naming_view_schema(arena, work->ecosystem, work->platform, work->workspace->name),
        .reader = naming_reader_role(arena, work->ecosystem, work->platform, work->workspace->name),
        .cause = cause,
    };
    *cause = NULL;
    pg_set_wake(target, progress->wake_fd);
    int rc = begin(&t, err);
    if (!rc)
        rc = make_tables(&t, err);
    if (!rc)
        rc = run_code(&t, server, progress, err);
    if (!rc)
        rc = publish(&t, err);
    if (!rc)
        rc = progress_check(progress, err);
    pg_set_wake(target, -1); /* from here on a stop waits */
    if (!rc)
        rc = commit(&t, err);
    if (rc && !pg_is_broken(target))
        (void)pg_rollback(target, ERR_IGNORED);
    if (rc && !*cause)
        *cause = "cancelled";
    return rc;
}
