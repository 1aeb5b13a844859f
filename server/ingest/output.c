#include "ingest/output.h"

#include "ingest/builder.h"
#include "ingest/ledger.h"
#include "ingest/naming.h"
#include "ingest/table.h"
#include "sql.h"

#include <inttypes.h>

const char output_reader[] = "yellow output";

struct output output_of(struct arena *arena, const struct work *work, struct pg *pg)
{
    const char *name = work->workspace->transformer.name;
    return (struct output){
        .arena = arena,
        .work = work,
        .pg = pg,
        .last = naming_output_schema(arena, work->ecosystem, work->platform, name),
        .next = naming_next_schema(arena, work->ecosystem, work->platform, name, work->fence),
    };
}

static void add_role(struct output *output, struct buf *sql)
{
    const struct work *work = output->work;
    struct buf *literal = buf_new(output->arena);
    for (const char *c = output->last; *c; c++) {
        if (*c == '\'')
            buf_addc(literal, '\'');
        buf_addc(literal, *c);
    }
    buf_addf(sql, "do $yellow$ begin if not exists (select from pg_roles where rolname = '%s') then create role ",
             buf_text(literal));
    builder_name(sql, output->last);
    buf_adds(sql, " nologin; end if; end $yellow$; grant ");
    builder_name(sql, output->last);
    buf_adds(sql, " to current_user; grant ");
    builder_name(sql, naming_reader_role(output->arena, work->ecosystem, work->platform, work->workspace->name));
    buf_adds(sql, " to ");
    builder_name(sql, output->last);
    buf_adds(sql, "; ");
}

static void add_drop(struct buf *sql, const char *schema)
{
    buf_adds(sql, "drop schema if exists ");
    builder_name(sql, schema);
    buf_adds(sql, " cascade; ");
}

/* Empty tables in a schema that the role writes. former: what the run before left; NULL: nothing. */
static int make_tables(struct output *output, const char *former, struct err *err)
{
    struct buf *sql = buf_new(output->arena);
    buf_adds(sql, "set local client_min_messages = warning; select pg_advisory_xact_lock(1497713740, 0); ");
    add_role(output, sql);
    if (former && strcmp(former, output->next) != 0)
        add_drop(sql, former);
    add_drop(sql, output->next);
    buf_adds(sql, "create schema ");
    builder_name(sql, output->next);
    buf_adds(sql, "; grant usage, create on schema ");
    builder_name(sql, output->next);
    buf_adds(sql, " to ");
    builder_name(sql, output->last);
    buf_adds(sql, "; ");
    for (size_t i = 0; i < output->work->dataset_count; i++) {
        const struct work_dataset *dataset = &output->work->datasets[i];
        buf_adds(sql, "create table ");
        builder_table(sql, output->next, dataset->name);
        buf_adds(sql, " (");
        table_columns(sql, dataset, true);
        buf_adds(sql, "); grant select, insert, update, delete, truncate on ");
        builder_table(sql, output->next, dataset->name);
        buf_adds(sql, " to ");
        builder_name(sql, output->last);
        buf_adds(sql, "; ");
    }
    int rc = pg_script(output->pg, buf_text(sql), err);
    if (!rc || strcmp(err->sqlstate, "42704") != 0)
        return rc;
    (void)err_set(err, ERR_INVALID, "workspace \"%s\" has no views yet", output->work->workspace->name);
    return err_hint(err, "what its transformer reads has to have a batch first");
}

static int lost_to(struct output *output, int64_t fence, bool *lost, struct err *err)
{
    *lost = true;
    output->seen_fence = fence;
    return err_set(err, ERR_CONFLICT, "transformer \"%s\": a newer run has it",
                   output->work->workspace->transformer.name);
}

static int free_transformer(struct output *output, const char *former, struct err *err)
{
    return pg_query(output->pg, output->arena, sql_output_free, PG_NONE, NULL, err, pg_int(output->arena, output->id),
                    PG_TEXT(former));
}

/* Opens a transaction that holds the transformer's row, and is marked so that a newer run can end it. */
static int lock(struct output *output, int64_t *fence, const char **former, struct err *err)
{
    struct pg_rows rows;
    int rc =
        pg_script(output->pg,
                  arena_printf(output->arena, "begin; select pg_advisory_xact_lock_shared(1497713742, %" PRId64 ")",
                               output->id % INT32_MAX),
                  err);
    if (!rc)
        rc =
            pg_query(output->pg, output->arena, sql_output_lock, PG_ONE, &rows, err, pg_int(output->arena, output->id));
    if (rc)
        return rc;
    *fence = pg_integer(&rows, 0, 0);
    *former = pg_text(&rows, 0, 1);
    return 0;
}

/* Its row, made when there is none yet: an insert would wait for whoever holds it. */
static int look(struct output *output, bool *lost, struct err *err)
{
    const struct work *work = output->work;
    struct pg_rows rows;
    for (rows.count = 0; !rows.count;) {
        int rc = pg_query(output->pg, output->arena, sql_output_look, PG_MAYBE, &rows, err, PG_TEXT(work->ecosystem),
                          PG_TEXT(work->platform), PG_TEXT(work->name));
        if (!rc && !rows.count)
            rc = pg_query(output->pg, output->arena, sql_output_add, PG_NONE, NULL, err, PG_TEXT(work->ecosystem),
                          PG_TEXT(work->platform), PG_TEXT(work->name));
        if (rc)
            return rc;
    }
    output->id = pg_integer(&rows, 0, 0);
    int64_t fence = pg_integer(&rows, 0, 1);
    return fence > work->fence ? lost_to(output, fence, lost, err) : 0;
}

int output_begin(struct output *output, bool *lost, struct err *err)
{
    int64_t fence = 0;
    const char *former = NULL;
    int rc = ledger_prepare(output->pg, output->arena, err);
    if (!rc)
        rc = look(output, lost, err);
    if (rc)
        return rc;
    rc = lock(output, &fence, &former, err);
    if (rc == -ERR_BUSY) {
        /* An older run was stopped in the middle of a transaction. */
        rc = pg_rollback(output->pg, err);
        rc = rc ? rc : free_transformer(output, NULL, err);
        rc = rc ? rc : lock(output, &fence, &former, err);
    }
    if (!rc && fence > output->work->fence)
        rc = lost_to(output, fence, lost, err);
    if (!rc && former)
        rc = free_transformer(output, former, err);
    if (!rc)
        rc = pg_script(output->pg, "set local lock_timeout = '20s'", err);
    if (!rc)
        rc = make_tables(output, former, err);
    if (!rc)
        rc = pg_query(output->pg, output->arena, sql_output_take, PG_NONE, NULL, err, pg_int(output->arena, output->id),
                      pg_int(output->arena, output->work->fence), PG_TEXT(output->next));
    return rc ? rc : pg_commit(output->pg, err);
}

static int move_tables_within(struct output *output, const char *time, struct err *err)
{
    struct buf *sql = buf_new(output->arena);
    buf_addf(sql, "savepoint yellow_publish; set local lock_timeout = '%s'; create schema if not exists ", time);
    builder_name(sql, output->last);
    for (size_t i = 0; i < output->work->dataset_count; i++) {
        const char *name = output->work->datasets[i].name;
        buf_adds(sql, "; drop table if exists ");
        builder_table(sql, output->last, name);
        buf_adds(sql, "; revoke all on ");
        builder_table(sql, output->next, name);
        buf_adds(sql, " from ");
        builder_name(sql, output->last);
        buf_adds(sql, "; alter table ");
        builder_table(sql, output->next, name);
        buf_adds(sql, " set schema ");
        builder_name(sql, output->last);
    }
    buf_adds(sql, "; ");
    add_drop(sql, output->next);
    return pg_script(output->pg, buf_text(sql), err);
}

/* Of an older run that stands still while it reads the last output, the locks are taken; it is older, for this one has
 * the transformer's row with its own fence. */
static int move_tables(struct output *output, struct err *err)
{
    int rc = move_tables_within(output, "2s", err);
    if (rc != -ERR_BUSY)
        return rc;
    rc = pg_script(output->pg, "rollback to savepoint yellow_publish", err);
    if (!rc)
        rc = pg_query(output->pg, output->arena, sql_output_free_readers, PG_NONE, NULL, err, PG_TEXT(output->last),
                      PG_TEXT(output_reader));
    return rc ? rc : move_tables_within(output, "20s", err);
}

int output_publish(struct output *output, bool *lost, struct err *err)
{
    int64_t fence = 0;
    const char *former = NULL;
    int rc = lock(output, &fence, &former, err);
    if (!rc && fence != output->work->fence)
        rc = lost_to(output, fence, lost, err);
    if (!rc)
        rc = move_tables(output, err);
    if (!rc)
        rc = pg_query(output->pg, output->arena, sql_output_take, PG_NONE, NULL, err, pg_int(output->arena, output->id),
                      pg_int(output->arena, output->work->fence), PG_NULL);
    return rc;
}

void output_forget(struct output *output)
{
    struct buf *sql = buf_new(output->arena);
    if (!output->id || pg_is_broken(output->pg))
        return;
    add_drop(sql, output->next);
    (void)pg_script(output->pg, buf_text(sql), ERR_IGNORED);
}
