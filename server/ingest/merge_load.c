#include "ingest/builder.h"
#include "ingest/merge_ways.h"
#include "ingest/writer.h"
#include "sql.h"

enum { ANALYZE_FROM = 10000, LOOK_BYTES = 64 << 20 };

/* The index of a new table comes after its rows, which is quicker in all. Not so where files or an API are slower than
 * the database, which has time for it while it waits: then the index is made as soon as that shows, rows go into both,
 * and after the last one nothing is left to do. Only keys that go up are added so, for they cannot be there twice; with
 * the first one that does not, the index goes away again. */
struct load {
    struct merge *merge;
    struct intake *intake;
    struct writer writer;
    bool beside;  /* the table has the columns beside the data */
    bool indexed; /* rows go into the index, too */
    bool late;    /* keys come in no order: the index waits for the end */
    size_t bytes; /* since it was last looked whether the database has time */
};

/* Keys that are in order already are sorted by looking at them: in little memory, which stays in the cache. */
static int add_sorted_index(struct merge *merge, struct err *err)
{
    struct buf *sql = buf_new(merge->ingest->arena);
    buf_adds(sql, "set local maintenance_work_mem = '64MB'; ");
    buf_adds(sql, merge->plan.index);
    buf_adds(sql, "; set local maintenance_work_mem to default");
    return pg_script(merge->ingest->target, buf_text(sql), err);
}

/* Makes the index of a new table. Whether a key is there twice is asked of the index where nobody knows. */
static int add_index(struct merge *merge, const struct intake *intake, struct err *err)
{
    struct pg *pg = merge->ingest->target;
    if (intake->ascending || !intake->accepted)
        return add_sorted_index(merge, err);
    int rc = pg_script(pg, "savepoint yellow_index", err);
    if (!rc)
        rc = pg_script(pg, merge->plan.index, err);
    if (!rc || strcmp(err->sqlstate, "23505") != 0)
        return rc;
    struct buf *table = buf_new(merge->ingest->arena);
    builder_table(table, merge->dataset->schema, merge->dataset->table);
    rc = pg_script(pg, "rollback to savepoint yellow_index", err);
    if (!rc)
        rc = merge_drop_repeated(merge, buf_text(table), "ctid", err);
    return rc ? rc : pg_script(pg, merge->plan.index, err);
}

/* The next batch plans by the table's size and key. A sample of these is soon taken, and leaves the table one that was
 * not analyzed: autovacuum does the rest, for whoever reads, outside of the batch. */
static int analyze(struct merge *merge, struct err *err)
{
    struct buf *sql = buf_new(merge->ingest->arena);
    bool keyed = merge->dataset->key_count > 0;
    buf_adds(sql, keyed ? "set local default_statistics_target = 10; analyze " : "analyze ");
    builder_table(sql, merge->dataset->schema, merge->dataset->table);
    if (keyed) {
        buf_adds(sql, " (");
        builder_key(sql, merge->dataset, "");
        buf_adds(sql, "); set local default_statistics_target to default");
    }
    return pg_script(merge->ingest->target, buf_text(sql), err);
}

static int add_beside(struct load *load, struct err *err)
{
    struct ingest *ingest = load->merge->ingest;
    const struct work *work = ingest->work;
    if (load->beside || !load->merge->plan.fresh)
        return 0;
    load->beside = true;
    return pg_script(ingest->target, table_beside(ingest->arena, load->merge->dataset, work->milestoned, work->batch),
                     err);
}

/* From here on rows go into the index. */
static int index_early(struct load *load, struct err *err)
{
    int rc = writer_end(&load->writer, err);
    writer_dispose(&load->writer);
    if (!rc)
        rc = add_beside(load, err);
    if (!rc)
        rc = add_sorted_index(load->merge, err);
    writer_init(&load->writer, load->merge, WRITE_BESIDE | WRITE_FREEZE);
    load->indexed = !rc;
    return rc;
}

/* From here on they do not. */
static int drop_index(struct load *load, struct err *err)
{
    struct ingest *ingest = load->merge->ingest;
    const struct work_dataset *dataset = load->merge->dataset;
    struct pg_rows rows;
    int rc = writer_end(&load->writer, err);
    if (!rc)
        rc = pg_query(ingest->target, ingest->arena, sql_index_drop, PG_ONE, &rows, err, PG_TEXT(dataset->schema),
                      PG_TEXT(dataset->table));
    if (!rc)
        rc = pg_script(ingest->target, pg_text(&rows, 0, 0), err);
    load->indexed = false;
    return rc;
}

/* Another database is seldom the slower side for long, and may be so for want of the same processors: it is not looked
 * at. */
static size_t look_bytes(const struct merge *merge)
{
    enum capture_type type = merge->kind->type;
    bool sends = type == CAPTURE_CSV_S3 || type == CAPTURE_JSON_API;
    return merge->ingest->look_bytes ? merge->ingest->look_bytes : sends ? LOOK_BYTES : SIZE_MAX;
}

static int follow_order(struct load *load, size_t len, struct err *err)
{
    const struct merge *merge = load->merge;
    load->late = load->late || !load->intake->ascending || !merge->plan.index;
    if (load->late)
        return load->indexed ? drop_index(load, err) : 0;
    load->bytes += len;
    if (load->indexed || load->bytes < look_bytes(merge))
        return 0;
    load->bytes = 0;
    return writer_was_behind(&load->writer) ? 0 : index_early(load, err);
}

static int add_all(struct load *load, struct err *err)
{
    struct str tuple;
    int rc;
    writer_init(&load->writer, load->merge, load->merge->plan.fresh ? WRITE_FREEZE : WRITE_BESIDE);
    while ((rc = intake_next(load->intake, &tuple, err)) > 0) {
        rc = follow_order(load, tuple.len, err);
        if (!rc)
            rc = writer_add(&load->writer, tuple, err);
        if (rc)
            break;
    }
    if (!rc)
        rc = writer_end(&load->writer, err);
    writer_dispose(&load->writer);
    return rc;
}

int merge_load(struct merge *merge, struct intake *intake, struct err *err)
{
    struct load load = {.merge = merge, .intake = intake};
    int rc = merge->plan.create ? pg_script(merge->ingest->target, merge->plan.create, err) : 0;
    if (!rc)
        rc = add_all(&load, err);
    if (!rc)
        rc = add_beside(&load, err);
    if (!rc && merge->plan.index && !load.indexed)
        rc = add_index(merge, intake, err);
    if (!rc && merge->plan.fresh && intake->accepted >= ANALYZE_FROM)
        rc = analyze(merge, err);
    merge->counts.inserted = merge->counts.read - merge->refused - merge->superseded;
    /* A table that is made anew counts from here, without a row, too. */
    merge->way = merge->plan.fresh ? "rebuild" : merge->counts.inserted ? "append" : "none";
    return rc;
}
