#include "ingest/view.h"

#include "base/crypto.h"
#include "base/vec.h"
#include "ingest/builder.h"
#include "ingest/names.h"
#include "sql.h"

#include <stdio.h>

enum kind { KIND_LIVE, KIND_FULL, KIND_AS_OF, KIND_COUNT };
static const char *const kind_names[KIND_COUNT] = {"live", "full", "as_of"};

/* One view or function as it is wanted. */
struct wanted {
    const struct work_view *view;
    const struct work_dataset *dataset;
    enum kind kind;
    const char *name;
    const char *statement;
    char made[SHA256_HEX_SIZE];
};

/* What the look found of it, or of one that nobody wants. */
struct found {
    const struct wanted *wanted; /* NULL: it goes */
    const char *schema, *name;
    bool function, known, same, there, role, schema_there, table, granted;
};

struct reconcile {
    struct pg *pg;
    struct arena *arena;
    const struct view_scope *scope;
    bool dry, locked;
    vec(struct wanted) wanted;
    vec(struct found) found;
    vec(struct view_change) changes;
};

/* --- what is wanted -------------------------------------------------------------------------------------------------
 */

static void write_view(struct buf *sql, const struct wanted *wanted)
{
    const struct work_dataset *dataset = wanted->dataset;
    buf_adds(sql, "create or replace view ");
    builder_table(sql, wanted->view->schema, wanted->name);
    buf_adds(sql, " as select ");
    if (wanted->kind == KIND_FULL)
        buf_adds(sql, "yellow_batch_in, yellow_batch_out, ");
    builder_columns(sql, dataset, "");
    buf_adds(sql, " from ");
    builder_table(sql, dataset->schema, dataset->table);
    if (wanted->kind == KIND_LIVE && wanted->view->full)
        buf_adds(sql, " where yellow_batch_out = 2147483647");
}

/* Over the full view, on which alone the reader has a right. The parameter has no name: a column may have any, even
 * one with the quotes. */
static void write_as_of(struct reconcile *r, struct buf *sql, const struct wanted *wanted)
{
    const struct work_dataset *dataset = wanted->dataset;
    struct buf *body = buf_new(r->arena);
    char quote[32] = "$yellow$";
    /* a table may keep a column wider than the model has it */
    for (size_t i = 0; i < dataset->column_count; i++) {
        buf_adds(body, i ? ", t." : "t.");
        builder_name(body, dataset->columns[i].name);
        buf_addf(body, "::%s", dataset->columns[i].sql);
    }
    for (int i = 1; strstr(buf_text(body), quote); i++)
        (void)snprintf(quote, sizeof quote, "$yellow%d$", i);
    buf_adds(sql, "create or replace function ");
    builder_table(sql, wanted->view->schema, wanted->name);
    buf_adds(sql, "(integer) returns table (");
    for (size_t i = 0; i < dataset->column_count; i++) {
        buf_adds(sql, i ? ", " : "");
        builder_name(sql, dataset->columns[i].name);
        buf_addf(sql, " %s", dataset->columns[i].sql);
    }
    buf_addf(sql, ") language sql stable parallel safe as %s select %s from ", quote, buf_text(body));
    builder_table(sql, wanted->view->schema, wanted->view->full);
    buf_addf(sql, " t where t.yellow_batch_in <= $1 and t.yellow_batch_out >= $1 %s", quote);
}

static void want(struct reconcile *r, const struct work_view *view, enum kind kind, const char *name)
{
    if (!name)
        return;
    struct wanted *wanted = vec_push(r->arena, &r->wanted);
    struct buf *sql = buf_new(r->arena);
    *wanted = (struct wanted){.view = view, .dataset = &r->scope->datasets[view->dataset], .kind = kind, .name = name};
    if (kind == KIND_AS_OF)
        write_as_of(r, sql, wanted);
    else
        write_view(sql, wanted);
    wanted->statement = buf_text(sql);
    crypto_sha256_hex(buf_str(sql), wanted->made);
}

/* --- what is there --------------------------------------------------------------------------------------------------
 */

static int look(struct reconcile *r, struct err *err)
{
    struct arena *arena = r->arena;
    const struct view_scope *scope = r->scope;
    size_t n = r->wanted.len, tables = scope->dataset_count;
    const char **columns[6], **schemas = arena_calloc(arena, tables + 1, sizeof *schemas),
                             **names = arena_calloc(arena, tables + 1, sizeof *names);
    for (size_t i = 0; i < 6; i++)
        columns[i] = arena_calloc(arena, n + 1, sizeof **columns);
    for (size_t i = 0; i < n; i++) {
        const struct wanted *wanted = &r->wanted.items[i];
        const char *const values[] = {wanted->view->schema,     wanted->name,
                                      kind_names[wanted->kind], wanted->view->role,
                                      wanted->dataset->schema,  wanted->dataset->table};
        for (size_t c = 0; c < 6; c++)
            columns[c][i] = values[c];
    }
    for (size_t i = 0; i < tables; i++) {
        schemas[i] = scope->datasets[i].schema;
        names[i] = scope->datasets[i].table;
    }
    struct pg_param params[8] = {scope->schema_count ? pg_text_array(arena, scope->schemas, scope->schema_count)
                                                     : pg_text_array(arena, schemas, tables),
                                 scope->schema_count ? PG_NULL : pg_text_array(arena, names, tables)};
    for (size_t c = 0; c < 6; c++)
        params[2 + c] = pg_text_array(arena, columns[c], n);
    struct pg_rows rows;
    if (pg_exec(r->pg, arena, sql_views_look, PG_MANY, params, 8, &rows, err) != 0)
        return -err->code;
    r->found.len = 0;
    for (size_t i = 0; i < rows.count; i++) {
        int64_t place = pg_integer(&rows, i, 3);
        const struct wanted *wanted = place ? &r->wanted.items[place - 1] : NULL;
        const char *made = pg_text(&rows, i, 4);
        *vec_push(arena, &r->found) = (struct found){.wanted = wanted,
                                                     .schema = pg_text(&rows, i, 0),
                                                     .name = pg_text(&rows, i, 1),
                                                     .function = strcmp(pg_text(&rows, i, 2), "as_of") == 0,
                                                     .known = *made != '\0',
                                                     .same = wanted && strcmp(made, wanted->made) == 0,
                                                     .there = pg_is_true(&rows, i, 5),
                                                     .role = pg_is_true(&rows, i, 6),
                                                     .schema_there = pg_is_true(&rows, i, 7),
                                                     .table = pg_is_true(&rows, i, 8),
                                                     .granted = pg_is_true(&rows, i, 9)};
    }
    return 0;
}

static bool is_right(const struct found *found)
{
    return found->wanted && found->same && found->there && found->granted;
}

static bool all_right(const struct reconcile *r)
{
    vec_each(found, &r->found) if (!is_right(found)) return false;
    return true;
}

/* --- the changes ----------------------------------------------------------------------------------------------------
 */

static void note(struct reconcile *r, const char *action, const struct found *found, const char *why)
{
    *vec_push(r->arena, &r->changes) = (struct view_change){action, found->schema, found->name, why};
}

static void write_drop(struct buf *sql, const struct found *found)
{
    buf_adds(sql, found->function ? "drop function if exists " : "drop view if exists ");
    builder_table(sql, found->schema, found->name);
    buf_adds(sql, found->function ? "(integer);" : ";");
}

static void write_grants(struct buf *sql, const struct found *found)
{
    const char *role = found->wanted->view->role;
    buf_adds(sql, "grant usage on schema ");
    builder_name(sql, found->schema);
    buf_adds(sql, " to ");
    builder_name(sql, role);
    buf_adds(sql, found->function ? "; revoke all on function " : "; grant select on ");
    builder_table(sql, found->schema, found->name);
    if (found->function) {
        buf_adds(sql, "(integer) from public; grant execute on function ");
        builder_table(sql, found->schema, found->name);
        buf_adds(sql, "(integer)");
    }
    buf_adds(sql, " to ");
    builder_name(sql, role);
    buf_addc(sql, ';');
}

static int put_names(struct reconcile *r, const struct wanted *wanted, struct err *err)
{
    const struct work_view *view = wanted->view;
    const char *suffix = wanted->kind == KIND_LIVE ? NULL : kind_names[wanted->kind];
    const char *const of_view[] = {view->group, view->store, wanted->dataset->name, suffix};
    const char *const of_schema[] = {view->ecosystem, view->platform, view->workspace, "reader"};
    const struct {
        const char *name;
        const char *const *parts;
        size_t count;
    } names[] = {{wanted->name, of_view, suffix ? 4 : 3}, {view->schema, of_schema, 3}, {view->role, of_schema, 4}};
    int rc = 0;
    for (size_t i = 0; !rc && i < sizeof names / sizeof *names; i++)
        rc = names_put(r->pg, r->arena, names[i].name, names[i].parts, names[i].count, err);
    return rc;
}

static int put(struct reconcile *r, const struct wanted *wanted, struct err *err)
{
    int rc = put_names(r, wanted, err);
    if (rc)
        return rc;
    return pg_query(r->pg, r->arena, sql_views_put, PG_NONE, NULL, err, PG_TEXT(wanted->view->schema),
                    PG_TEXT(wanted->name), PG_TEXT(kind_names[wanted->kind]), PG_TEXT(wanted->dataset->schema),
                    PG_TEXT(wanted->dataset->table), PG_TEXT(wanted->view->workspace), PG_TEXT(wanted->view->group),
                    PG_TEXT(wanted->made));
}

static bool is_state(const struct err *err, const char *state)
{
    return strcmp(err->sqlstate, state) == 0;
}

static int explain(const struct found *found, struct err *err)
{
    static const struct {
        const char *state, *text, *hint;
    } known[] = {
        {"2BP01", "other objects depend on it", "drop them, or make them anew on the changed view"},
        {"42501", "the merge credential lacks a right",
         "it needs CREATEROLE and CREATE on the database, or somebody "
         "who has them makes schema and role"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (is_state(err, known[i].state)) {
            char state[sizeof err->sqlstate];
            memcpy(state, err->sqlstate, sizeof state);
            (void)err_set(err, ERR_CONFLICT, "view \"%s\".\"%s\": %s", found->schema, found->name, known[i].text);
            memcpy(err->sqlstate, state, sizeof state);
            return err_hint(err, "%s", known[i].hint);
        }
    return err_prefix(err, "view \"%s\".\"%s\"", found->schema, found->name);
}

/* Schema and role, when they are absent: once for all views of a workspace. */
static void write_places(struct reconcile *r, struct buf *sql, const struct found *found)
{
    vec_each(earlier, &r->found)
    {
        if (earlier == found)
            break;
        if (earlier->wanted && earlier->table && strcmp(earlier->schema, found->schema) == 0)
            return;
    }
    if (!found->schema_there) {
        buf_adds(sql, "create schema if not exists ");
        builder_name(sql, found->schema);
        buf_addc(sql, ';');
    }
    if (!found->role) {
        buf_adds(sql, "create role ");
        builder_name(sql, found->wanted->view->role);
        buf_adds(sql, " nologin;");
    }
}

/* In place where PostgreSQL can: that keeps what consumers built on it. Otherwise it goes and comes again. */
static int make(struct reconcile *r, const struct found *found, struct err *err)
{
    for (int way = found->there ? 0 : 1; way < 2; way++) {
        struct buf *sql = buf_new(r->arena);
        buf_adds(sql, "savepoint yellow_view;");
        write_places(r, sql, found);
        if (way)
            write_drop(sql, found);
        buf_adds(sql, found->wanted->statement);
        buf_addc(sql, ';');
        write_grants(sql, found);
        buf_adds(sql, "release savepoint yellow_view;");
        if (pg_script(r->pg, buf_text(sql), err) == 0)
            return put(r, found->wanted, err);
        struct err ignored = {0};
        bool again = way == 0 && (is_state(err, "42P16") || is_state(err, "42P13"));
        if (pg_script(r->pg, "rollback to savepoint yellow_view; release savepoint yellow_view", &ignored) != 0)
            return explain(found, err);
        /* A table that is not as the model has it yet: its next batch makes both. */
        if (is_state(err, "42703") || is_state(err, "42P01")) {
            note(r, "wait", found, "its table gets a column with the next batch");
            return 0;
        }
        if (!again)
            return explain(found, err);
    }
    return 0;
}

static int drop(struct reconcile *r, const struct found *found, struct err *err)
{
    struct buf *sql = buf_new(r->arena);
    write_drop(sql, found);
    if (pg_script(r->pg, buf_text(sql), err) != 0)
        return explain(found, err);
    return pg_query(r->pg, r->arena, sql_views_forget, PG_NONE, NULL, err, PG_TEXT(found->schema),
                    PG_TEXT(found->name));
}

static int change(struct reconcile *r, const struct found *found, struct err *err)
{
    if (is_right(found))
        return 0;
    if (!found->wanted) {
        note(r, "drop", found, "no group reads it any more");
        return r->dry ? 0 : drop(r, found, err);
    }
    if (!found->table) {
        note(r, "wait", found, "its table is not there before its first batch");
        return 0;
    }
    if (found->there && !found->known) {
        (void)err_set(err, ERR_CONFLICT, "view \"%s\".\"%s\": something that Yellow did not make has this name",
                      found->schema, found->name);
        return err_hint(err, "rename or drop it");
    }
    size_t before = r->changes.len;
    if (!r->dry && make(r, found, err) != 0)
        return -err->code;
    if (r->changes.len == before)
        note(r, found->there ? "change" : "create", found,
             !found->there  ? "it is not there"
             : !found->same ? "its columns changed"
                            : "its reader has lost a right");
    return 0;
}

/* Views that wait for their tables are as right as they can be. */
static bool only_waits(const struct reconcile *r)
{
    vec_each(found, &r->found) if (!is_right(found) && (!found->wanted || found->table)) return false;
    return true;
}

int view_reconcile(struct pg *pg, struct arena *arena, const struct view_scope *scope, bool dry,
                   struct view_changes *out, struct err *err)
{
    struct reconcile r = {.pg = pg, .arena = arena, .scope = scope, .dry = dry};
    for (size_t i = 0; i < scope->view_count; i++) {
        const struct work_view *view = &scope->views[i];
        want(&r, view, KIND_LIVE, view->name);
        want(&r, view, KIND_FULL, view->full);
        want(&r, view, KIND_AS_OF, view->as_of);
    }
    *out = (struct view_changes){0};
    int rc = look(&r, err);
    if (!rc && all_right(&r))
        return 0;
    /* What others made in the meantime is seen only behind the lock. */
    if (!rc && !dry && !only_waits(&r)) {
        rc = pg_query(pg, arena, sql_views_lock, PG_NONE, NULL, err);
        if (!rc)
            rc = look(&r, err);
    }
    for (size_t i = 0; !rc && i < r.found.len; i++)
        rc = change(&r, &r.found.items[i], err);
    *out = (struct view_changes){r.changes.items, r.changes.len};
    return rc;
}

int view_apply(struct pg *pg, struct arena *arena, const struct work *work, struct err *err)
{
    struct view_changes ignored;
    const struct view_scope scope = {.datasets = work->datasets,
                                     .dataset_count = work->dataset_count,
                                     .views = work->views,
                                     .view_count = work->view_count};
    return view_reconcile(pg, arena, &scope, false, &ignored, err);
}
