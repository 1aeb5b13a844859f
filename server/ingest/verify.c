#include "ingest/verify.h"

#include "ingest/builder.h"
#include "ingest/stage.h"
#include "sql.h"

#include <inttypes.h>

struct verify {
    struct ingest ingest;
    const struct capture_kind *kind; /* NULL: the source is not read */
    struct capturing *capture;
    const struct verify_options *options;
    bool deletes; /* the capture sees them */
    int32_t batch;
    struct verify_dataset *datasets;
    vec(struct verify_finding) findings;
};

static void found(struct verify *verify, const char *dataset, const char *kind, const char *text)
{
    *vec_push(verify->ingest.arena, &verify->findings) = (struct verify_finding){dataset, kind, text};
}

static int broken(struct verify *verify, struct verify_dataset *of, const char *kind, const char *text)
{
    of->broken++;
    found(verify, of->dataset, kind, text);
    return 0;
}

static const char *live_where(const struct verify *verify)
{
    return verify->ingest.work->milestoned ? " where t.yellow_batch_out = " TABLE_LIVE : "";
}

/* Rows by key: those of one side alone, and those whose values differ. */
static void differences_by_key(struct buf *sql, const struct verify *verify, const struct stage *stage)
{
    const struct work_dataset *dataset = stage->merge->dataset;
    buf_adds(sql, "select case when t.ctid is null then 'missing' when s.yellow_batch_n is null then 'extra' else "
                  "'differs' end as kind, 1::bigint as times, s.yellow_batch_n as n, t.ctid as c from ");
    buf_addf(sql, "(select t.ctid, t.* from %s t%s) t full join %s s on ", stage->target, live_where(verify),
             stage->table);
    builder_key_equal(sql, dataset, "t.", "s.");
    buf_adds(sql, " where t.ctid is null or s.yellow_batch_n is null or ");
    stage_differs(sql, stage);
}

/* Rows without a key: those that one side has more often. */
static void differences_by_row(struct buf *sql, const struct verify *verify, const struct stage *stage)
{
    bool milestoned = verify->ingest.work->milestoned;
    buf_adds(sql,
             "select case when t.place is null then 'missing' else 'extra' end as kind, 1::bigint as times, s.place "
             "as n, t.place as c from ");
    stage_numbered(sql, stage, stage->table, "yellow_batch_n", "yellow_batch_n", "");
    buf_adds(sql, " s full join ");
    stage_numbered(sql, stage, stage->target, "ctid", milestoned ? table_batch_in : table_batch_id, live_where(verify));
    buf_adds(sql, " t using (hash, nth) where s.place is null or t.place is null");
}

static int count_differences(struct verify *verify, struct verify_dataset *of, struct err *err)
{
    struct pg_rows rows;
    int rc =
        pg_query(verify->ingest.target, verify->ingest.arena,
                 "select count(*) filter (where kind = 'missing'), count(*) filter (where kind = 'extra'), count(*) "
                 "filter (where kind = 'differs') from pg_temp.yellow_differences",
                 PG_ONE, &rows, err);
    if (rc)
        return rc;
    of->missing = pg_integer(&rows, 0, 0);
    of->extra = pg_integer(&rows, 0, 1);
    of->differs = pg_integer(&rows, 0, 2);
    return 0;
}

/* The first of them, each with its key, or all of it when it has none. */
static int show_differences(struct verify *verify, const struct stage *stage, struct err *err)
{
    const struct work_dataset *dataset = stage->merge->dataset;
    struct buf *sql = buf_new(verify->ingest.arena);
    struct pg_rows rows;
    void (*columns)(struct buf *, const struct work_dataset *, const char *) =
        dataset->key_count ? builder_key : builder_columns;
    buf_adds(sql, "select d.kind, coalesce((select left(row_to_json(yellow_batch_row)::text, 4096) from (select ");
    columns(sql, dataset, "s.");
    buf_addf(sql,
             " from %s s where s.yellow_batch_n = d.n) yellow_batch_row), (select "
             "left(row_to_json(yellow_batch_row)::text, 4096) from (select ",
             stage->table);
    columns(sql, dataset, "t.");
    buf_addf(sql, " from %s t where t.ctid = d.c) yellow_batch_row)) from pg_temp.yellow_differences d ",
             stage->target);
    buf_addf(sql, "%sorder by d.n, d.c limit %zu", verify->deletes ? "" : "where d.kind <> 'extra' ",
             verify->options->limit);
    int rc = pg_query(verify->ingest.target, verify->ingest.arena, buf_text(sql), PG_MANY, &rows, err);
    for (size_t i = 0; !rc && i < rows.count; i++)
        found(verify, dataset->name, pg_text(&rows, i, 0), pg_text(&rows, i, 1));
    return rc;
}

static int compare_source(struct verify *verify, size_t index, struct err *err)
{
    struct verify_dataset *of = &verify->datasets[index];
    struct merge merge = {.ingest = &verify->ingest,
                          .kind = verify->kind,
                          .capture = verify->capture,
                          .index = index,
                          .dataset = &verify->ingest.work->datasets[index]};
    struct intake intake = {0};
    struct stage stage;
    struct rows *rows = NULL;
    bool sorted = false;
    int rc = verify->kind->rows(verify->capture, index, false, &rows, &sorted, err);
    if (rc)
        return ingest_fail(&verify->ingest, "source-error", rc);
    intake_init(&intake, &merge, rows);
    rc = stage_fill(&stage, &merge, &intake, err);
    of->source = intake.accepted;
    of->compared = true;
    intake_dispose(&intake);
    struct buf *sql = buf_new(verify->ingest.arena);
    buf_adds(sql, "create temporary table yellow_differences on commit drop as ");
    (merge.dataset->key_count ? differences_by_key : differences_by_row)(sql, verify, &stage);
    if (!rc)
        rc = pg_script(verify->ingest.target, buf_text(sql), err);
    if (!rc)
        rc = count_differences(verify, of, err);
    if (!rc && of->missing + of->extra + of->differs)
        rc = show_differences(verify, &stage, err);
    return rc ? rc : pg_script(verify->ingest.target, "drop table pg_temp.yellow_differences", err);
}

/* The table by itself: its rows, and the rules of section 9. */
static int look_at_table(struct verify *verify, size_t index, struct err *err)
{
    const struct work_dataset *dataset = &verify->ingest.work->datasets[index];
    bool milestoned = verify->ingest.work->milestoned;
    struct verify_dataset *of = &verify->datasets[index];
    struct buf *sql = buf_new(verify->ingest.arena);
    struct pg_rows rows;
    buf_adds(sql, milestoned ? "select count(*) filter (where yellow_batch_out = " TABLE_LIVE
                               "), count(*) filter (where "
                               "yellow_batch_out <> " TABLE_LIVE "), count(*) filter (where yellow_batch_in > "
                               "yellow_batch_out), max(greatest(yellow_batch_in, nullif(yellow_batch_out, " TABLE_LIVE
                               "))) from "
                             : "select count(*), 0, 0, max(yellow_batch_id) from ");
    builder_table(sql, dataset->schema, dataset->table);
    int rc = pg_query(verify->ingest.target, verify->ingest.arena, buf_text(sql), PG_ONE, &rows, err);
    if (rc)
        return rc;
    struct arena *arena = verify->ingest.arena;
    of->live = pg_integer(&rows, 0, 0);
    of->history = pg_integer(&rows, 0, 1);
    if (pg_integer(&rows, 0, 2))
        (void)broken(verify, of, "history", arena_printf(arena, "%s rows end before they begin", pg_text(&rows, 0, 2)));
    if (pg_integer(&rows, 0, 3) > verify->batch)
        (void)broken(verify, of, "history",
                     arena_printf(arena, "a row is of batch %s, the last committed is %d", pg_text(&rows, 0, 3),
                                  (int)verify->batch));
    return 0;
}

/* A key has one row at a time. */
static int look_at_intervals(struct verify *verify, size_t index, struct err *err)
{
    const struct work_dataset *dataset = &verify->ingest.work->datasets[index];
    struct arena *arena = verify->ingest.arena;
    struct buf *sql = buf_new(arena);
    struct pg_rows rows;
    if (!dataset->key_count)
        return 0;
    bool milestoned = verify->ingest.work->milestoned;
    buf_adds(sql, "select row_to_json(yellow_batch_row)::text from (select ");
    builder_key(sql, dataset, "t.");
    buf_adds(sql, " from (select ");
    builder_key(sql, dataset, "");
    buf_adds(sql, milestoned ? ", yellow_batch_out as yellow_batch_end, lead(yellow_batch_in) over (partition by "
                             : ", 1 as yellow_batch_end, lead(1) over (partition by ");
    builder_key(sql, dataset, "");
    buf_adds(sql, milestoned ? " order by yellow_batch_in, yellow_batch_out)" : ")");
    buf_adds(sql, " as yellow_batch_next from ");
    builder_table(sql, dataset->schema, dataset->table);
    buf_addf(sql, ") t where t.yellow_batch_next <= t.yellow_batch_end limit %zu) yellow_batch_row",
             verify->options->limit);
    int rc = pg_query(verify->ingest.target, arena, buf_text(sql), PG_MANY, &rows, err);
    for (size_t i = 0; !rc && i < rows.count; i++)
        (void)broken(verify, &verify->datasets[index], "history",
                     arena_printf(arena, "two rows at a time: %s", pg_text(&rows, i, 0)));
    return rc;
}

static int look_at_counts(struct verify *verify, size_t index, struct err *err)
{
    struct verify_dataset *of = &verify->datasets[index];
    struct arena *arena = verify->ingest.arena;
    struct pg_rows rows;
    int rc = pg_query(verify->ingest.target, arena, sql_verify_counts, PG_ONE, &rows, err,
                      pg_int(arena, verify->ingest.stream), PG_TEXT(of->dataset));
    if (rc)
        return rc;
    int64_t live = pg_integer(&rows, 0, 0), history = pg_integer(&rows, 0, 1);
    if (live != of->live)
        (void)broken(verify, of, "counts",
                     arena_printf(arena, "%" PRId64 " live rows, the batches counted %" PRId64, of->live, live));
    if (verify->ingest.work->milestoned && history != of->history)
        (void)broken(
            verify, of, "counts",
            arena_printf(arena, "%" PRId64 " rows that ended, the batches counted %" PRId64, of->history, history));
    if (pg_text(&rows, 0, 2))
        (void)broken(verify, of, "counts",
                     arena_printf(arena, "counts do not add up in batch %s", pg_text(&rows, 0, 2)));
    return 0;
}

/* What each batch did, as the rows tell: a row that begins where the one before of its key ends replaced that. Of a
 * live table all rows of a batch count as new. */
static void write_seen(struct buf *sql, const struct work_dataset *dataset, bool milestoned)
{
    bool keyed = dataset->key_count > 0;
    buf_adds(sql, "create temporary table yellow_seen on commit drop as ");
    if (!milestoned) {
        buf_adds(sql, "select yellow_batch_id as batch, count(*) as inserted, 0 as updated, 0 as deleted from ");
        builder_table(sql, dataset->schema, dataset->table);
        buf_adds(sql, " group by 1");
        return;
    }
    buf_adds(sql, "with h as (select t.yellow_batch_in as b, t.yellow_batch_out as e, ");
    buf_adds(sql, keyed ? "lag(t.yellow_batch_out) over w as former, lead(t.yellow_batch_in) over w as next from "
                        : "null::integer as former, null::integer as next from ");
    builder_table(sql, dataset->schema, dataset->table);
    buf_adds(sql, " t");
    if (keyed) {
        buf_adds(sql, " window w as (partition by ");
        builder_key(sql, dataset, "t.");
        buf_adds(sql, " order by t.yellow_batch_in, t.yellow_batch_out)");
    }
    buf_adds(sql,
             ") select batch, sum(i) as inserted, sum(u) as updated, sum(d) as deleted from (select b as batch, "
             "(former is distinct from b - 1)::int as i, (former is not distinct from b - 1)::int as u, 0 as d from "
             "h union all select e + 1, 0, 0, 1 from h where e <> " TABLE_LIVE
             " and next is distinct from e + 1) one group by batch");
}

/* Each batch's counts against the rows: one that was moved in time, or whose end was, leaves all sums as they were. */
static int look_at_batches(struct verify *verify, size_t index, struct err *err)
{
    const struct work_dataset *dataset = &verify->ingest.work->datasets[index];
    struct arena *arena = verify->ingest.arena;
    struct pg *pg = verify->ingest.target;
    bool milestoned = verify->ingest.work->milestoned;
    struct buf *sql = buf_new(arena);
    struct pg_rows rows = {0};
    write_seen(sql, dataset, milestoned);
    int rc = pg_script(pg, buf_text(sql), err);
    if (!rc)
        rc = pg_query(pg, arena, sql_verify_batches, PG_MANY, &rows, err, pg_int(arena, verify->ingest.stream),
                      PG_TEXT(dataset->name), PG_TEXT(milestoned ? "true" : "false"),
                      pg_int(arena, (int64_t)verify->options->limit));
    for (size_t i = 0; !rc && i < rows.count; i++) {
        const char *n[7];
        for (int c = 0; c < 7; c++)
            n[c] = pg_text(&rows, i, c);
        (void)broken(verify, &verify->datasets[index], "history",
                     milestoned
                         ? arena_printf(arena, "batch %s: %s rows came, %s changed, %s went; it counted %s, %s, %s",
                                        n[0], n[1], n[2], n[3], n[4], n[5], n[6])
                         : arena_printf(arena, "batch %s: %s rows are of it; it counted %s inserted, %s updated", n[0],
                                        n[1], n[4], n[5]));
    }
    return rc ? rc : pg_script(pg, "drop table pg_temp.yellow_seen", err);
}

static int look_at_stream(struct verify *verify, struct err *err)
{
    const struct work *work = verify->ingest.work;
    struct arena *arena = verify->ingest.arena;
    struct pg_rows rows;
    int rc = pg_query(verify->ingest.target, arena, sql_verify_stream, PG_MAYBE, &rows, err, PG_TEXT(work->ecosystem),
                      PG_TEXT(work->platform), PG_TEXT(work->name));
    bool never = !rc ? !rows.count || !pg_integer(&rows, 0, 1) : strcmp(err->sqlstate, "42P01") == 0;
    if (never) /* nor has any other, where Yellow's own tables are not there */
        rc = err_set(err, ERR_NOT_FOUND, "stream \"%s\" has no committed batch in the merge database", work->name);
    if (rc)
        return rc == -ERR_NOT_FOUND ? err_hint(err, "run one first") : rc;
    verify->ingest.stream = pg_integer(&rows, 0, 0);
    verify->batch = (int32_t)pg_integer(&rows, 0, 1);
    if (pg_integer(&rows, 0, 2) != verify->batch || pg_integer(&rows, 0, 3) != 1 || pg_integer(&rows, 0, 4))
        found(verify, NULL, "batches",
              arena_printf(arena, "the last committed batch is %d, and %s are committed from %s on", (int)verify->batch,
                           pg_text(&rows, 0, 2), pg_text(&rows, 0, 3)));
    return 0;
}

static int verify_all(struct verify *verify, struct err *err)
{
    const struct work *work = verify->ingest.work;
    int rc = look_at_stream(verify, err);
    if (!rc && verify->kind) {
        rc = verify->kind->begin(&verify->ingest, &verify->capture, err);
        rc = rc ? ingest_fail(&verify->ingest, "source-error", rc) : 0;
    }
    for (size_t i = 0; !rc && i < work->dataset_count; i++) {
        verify->datasets[i].dataset = work->datasets[i].name;
        rc = look_at_table(verify, i, err);
        if (!rc)
            rc = look_at_intervals(verify, i, err);
        if (!rc)
            rc = look_at_counts(verify, i, err);
        if (!rc && !verify->datasets[i].broken) /* which says enough */
            rc = look_at_batches(verify, i, err);
        if (!rc && verify->kind)
            rc = compare_source(verify, i, err);
        if (rc)
            (void)err_prefix(err, "dataset \"%s\"", work->datasets[i].name);
    }
    return rc;
}

/* What reads all of a source, which need not be what its batches read. */
static const struct capture_kind *whole_kind(const struct work *work)
{
    enum capture_type type = work->store->capture.present ? work->store->capture.type : CAPTURE_TRANSFORMER;
    return type == CAPTURE_CSV_S3            ? NULL
           : type == CAPTURE_SQL_INCREMENTAL ? &capture_sql_snapshot
                                             : capture_kind_find(type);
}

int verify_run(struct arena *arena, const struct work *work, struct pg *target, struct progress *progress,
               const struct verify_options *options, struct verify_report *out, const char **cause, struct err *err)
{
    struct verify verify = {
        .ingest = {.arena = arena, .work = work, .progress = progress, .target = target},
        .kind = options->without_source ? NULL
                : options->kind         ? options->kind
                                        : whole_kind(work),
        .options = options,
        .deletes = !work->store->capture.present || work->store->capture.type != CAPTURE_SQL_INCREMENTAL,
    };
    verify.ingest.quarantine = quarantine_new(arena, INT64_MAX);
    verify.datasets = arena_calloc(arena, work->dataset_count, sizeof *verify.datasets);
    pg_set_wake(target, progress->wake_fd);
    int rc = pg_script(target, "begin isolation level repeatable read", err);
    if (!rc)
        rc = verify_all(&verify, err);
    if (verify.capture)
        verify.kind->end(verify.capture);
    (void)pg_rollback(target, ERR_IGNORED);
    pg_set_wake(target, -1);
    if (rc) {
        *cause = verify.ingest.cause ? verify.ingest.cause : rc == -ERR_CANCELLED ? cause_cancelled : "target-error";
        return rc;
    }
    *out = (struct verify_report){.equal = true,
                                  .batch = verify.batch,
                                  .datasets = verify.datasets,
                                  .dataset_count = work->dataset_count,
                                  .findings = verify.findings.items,
                                  .finding_count = verify.findings.len};
    for (size_t i = 0; i < work->dataset_count; i++) {
        const struct verify_dataset *of = &verify.datasets[i];
        out->equal = out->equal && !of->missing && !of->differs && !of->broken && (!of->extra || !verify.deletes);
    }
    out->equal = out->equal && !verify.findings.len;
    return 0;
}
