#include "ingest/ledger.h"

#include "base/time.h"
#include "sql.h"

#include <inttypes.h>

static int explain(struct pg *pg, struct err *err)
{
    if (strcmp(err->sqlstate, "42501") == 0)
        (void)err_hint(err, "the merge credential has to own what Yellow keeps, and needs CREATE on the database and "
                            "CREATEROLE");
    return err_prefix(err, "the merge database \"%s\"", PQdb(pg_raw(pg)));
}

int ledger_prepare(struct pg *pg, struct arena *arena, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_ledger_ready, PG_ONE, &rows, err);
    if (rc)
        return explain(pg, err);
    if (strcmp(pg_text(&rows, 0, 0), "UTF8") != 0) {
        (void)err_set(err, ERR_INVALID, "the merge database \"%s\" is in %s, not in UTF-8", PQdb(pg_raw(pg)),
                      pg_text(&rows, 0, 0));
        return err_hint(err, "create it with: encoding 'UTF8' template template0");
    }
    if (pg_is_true(&rows, 0, 1))
        return 0;
    rc = pg_script(
        pg, arena_printf(arena, "begin; select pg_advisory_xact_lock(1497713740, 0); %s; commit", sql_install), err);
    return rc ? explain(pg, err) : 0;
}

static int taken(const struct work *work, struct err *err)
{
    return err_set(err, ERR_CONFLICT, "stream \"%s\": a newer run has it", work->name);
}

/* Why there was nothing to claim. */
static int look(struct pg *pg, struct arena *arena, const struct work *work, struct ledger *out, bool *lost,
                struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_ledger_look, PG_MAYBE, &rows, err, PG_TEXT(work->ecosystem),
                      PG_TEXT(work->platform), PG_TEXT(work->name), pg_int(arena, work->batch));
    if (rc)
        return rc;
    if (!rows.count)
        return err_set(err, ERR_NOT_FOUND, "stream \"%s\" is not in the merge database", work->name);
    out->stream = pg_integer(&rows, 0, 0);
    out->watermark = pg_text(&rows, 0, 3);
    int64_t fence = pg_integer(&rows, 0, 1), batch = pg_integer(&rows, 0, 2);
    if (fence > work->fence) {
        *lost = true;
        out->seen_fence = fence;
        return taken(work, err);
    }
    if (pg_text(&rows, 0, 4)) {
        out->found = true;
        return json_read(arena, pg_str(&rows, 0, 4), &out->counts, err);
    }
    (void)err_set(err, ERR_CONFLICT,
                  "stream \"%s\": its last batch in the merge database is %" PRId64
                  ", the server is about to run %" PRId32,
                  work->name, batch, work->batch);
    if (batch >= work->batch)
        return err_hint(err, "rows of yellow.batches are missing: restore the merge database");
    out->behind = true;
    return err_hint(err, "it was restored or emptied: `yellow stream reset` goes on from what it has, `yellow stream "
                         "resnapshot` reads all of the source again");
}

static bool may_realign(const struct work *work)
{
    const struct work_operation *operation = work->operation;
    return operation && (operation->kind == WORK_RESET || operation->kind == WORK_RESNAPSHOT);
}

static int claim(struct pg *pg, struct arena *arena, const struct work *work, const char *shape, struct ledger *out,
                 struct err *err)
{
    struct pg_rows rows;
    int rc =
        pg_query(pg, arena, sql_ledger_claim, PG_MAYBE, &rows, err, PG_TEXT(work->ecosystem), PG_TEXT(work->platform),
                 PG_TEXT(work->name), pg_int(arena, work->fence), pg_int(arena, work->batch), PG_TEXT(shape));
    if (rc || !rows.count)
        return rc;
    out->stream = pg_integer(&rows, 0, 0);
    out->watermark = pg_text(&rows, 0, 1);
    out->same_shape = pg_is_true(&rows, 0, 2);
    out->attempts = pg_integer(&rows, 0, 3);
    out->dataset_count = pg_array_texts(arena, &rows, 0, 4, &out->datasets);
    return 1;
}

static void free_stream(struct pg *pg, struct arena *arena, const struct work *work, const struct ledger *ledger)
{
    (void)pg_query(pg, arena, sql_ledger_free, PG_NONE, NULL, ERR_IGNORED, pg_int(arena, ledger->stream),
                   pg_int(arena, work->fence));
}

int ledger_claim(struct pg *pg, struct arena *arena, const struct work *work, const char *shape, struct ledger *out,
                 bool *lost, struct err *err)
{
    int rc = claim(pg, arena, work, shape, out, err);
    if (rc == -ERR_BUSY && look(pg, arena, work, out, lost, ERR_IGNORED) != -ERR_NOT_FOUND) {
        /* Stopped between its last statement and COMMIT: it holds the stream's row. */
        free_stream(pg, arena, work, out);
        *lost = out->found = false;
        rc = claim(pg, arena, work, shape, out, err);
    }
    if (rc == 0)
        rc = look(pg, arena, work, out, lost, err);
    if (rc == -ERR_NOT_FOUND) {
        rc = pg_query(pg, arena, sql_ledger_add, PG_NONE, NULL, err, PG_TEXT(work->ecosystem), PG_TEXT(work->platform),
                      PG_TEXT(work->name));
        rc = rc ? rc : claim(pg, arena, work, shape, out, err);
        if (rc == 0)
            rc = look(pg, arena, work, out, lost, err);
    }
    if (rc < 0 && out->behind && may_realign(work)) {
        rc = pg_query(pg, arena, sql_ledger_realign, PG_NONE, NULL, err, pg_int(arena, out->stream),
                      pg_int(arena, work->fence), pg_int(arena, work->batch));
        rc = rc ? rc : claim(pg, arena, work, shape, out, err);
        if (rc == 0)
            rc = look(pg, arena, work, out, lost, err);
    }
    if (rc < 0)
        return rc;
    /* Whoever was here before may still hold its transaction open. */
    if (out->attempts > 1)
        free_stream(pg, arena, work, out);
    return 0;
}

int ledger_begin(struct pg *pg, struct arena *arena, const struct ledger *ledger, struct err *err)
{
    int rc = pg_script(
        pg,
        arena_printf(arena,
                     "begin; set local lock_timeout = '20s'; select pg_advisory_xact_lock(1497713740, %" PRId64 ")",
                     ledger->stream % INT32_MAX),
        err);
    if (rc == -ERR_BUSY)
        return err_hint(err, "an older run of the stream still has its transaction open: end its backend");
    return rc ? rc : pg_check_session(pg, err);
}

int ledger_mark_reader(struct pg *pg, struct arena *arena, const struct ledger *ledger, struct err *err)
{
    return pg_script(
        pg, arena_printf(arena, "select pg_advisory_lock_shared(1497713741, %" PRId64 ")", ledger->stream % INT32_MAX),
        err);
}

int ledger_commit(struct pg *pg, struct arena *arena, const struct ledger *ledger, const struct work *work,
                  const char *watermark, const char *shape, const char *counts, int64_t staged_ms, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_ledger_commit, PG_MAYBE, &rows, err, pg_int(arena, ledger->stream),
                      pg_int(arena, work->batch), pg_int(arena, work->fence), PG_TEXT(watermark), PG_TEXT(shape),
                      PG_TEXT(counts), pg_int(arena, time_monotonic_ms() - staged_ms));
    if (!rc && !rows.count)
        rc = taken(work, err);
    return rc;
}

int ledger_fail(struct pg *pg, struct arena *arena, const struct ledger *ledger, const struct work *work,
                const char *cause, const char *message, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_ledger_fail, PG_MAYBE, &rows, err, pg_int(arena, ledger->stream),
                      pg_int(arena, work->batch), pg_int(arena, work->fence), PG_TEXT(cause), PG_TEXT(message));
    if (!rc && !rows.count)
        rc = taken(work, err);
    return rc;
}

int ledger_resolve(struct pg *pg, struct arena *arena, const struct ledger *ledger, const struct work *work,
                   bool *committed, struct err *err)
{
    struct pg_rows rows;
    int rc = pg_query(pg, arena, sql_ledger_lock, PG_MAYBE, NULL, err, pg_int(arena, ledger->stream));
    if (!rc)
        rc = pg_query(pg, arena, sql_ledger_committed, PG_MAYBE, &rows, err, pg_int(arena, ledger->stream),
                      pg_int(arena, work->batch), pg_int(arena, work->fence));
    if (!rc)
        *committed = rows.count && pg_is_true(&rows, 0, 0);
    return rc;
}
