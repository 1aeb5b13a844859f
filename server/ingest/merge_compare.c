#include "ingest/builder.h"
#include "ingest/merge_ways.h"
#include "ingest/order.h"
#include "ingest/standing.h"
#include "ingest/writer.h"

#include <inttypes.h>

/* What differs is written piece by piece while the two orders run past each other: first the rows that end, by their
 * ctid, then those that come. Nobody else writes to the table (the ledger's fence), and VACUUM moves no live row. */

enum { PIECE_ROWS = 8192, PIECE_BYTES = 1 << 20 };

struct compare {
    struct merge *merge;
    struct intake *intake;
    struct standing standing;
    struct writer writer;
    const char *end_rows; /* the statement */
    struct buf tids;      /* an array's text, without its last bracket */
    int64_t ending;       /* tids in it */
    struct buf last;      /* the source's row before */
    bool wrote;
};

static const char *end_statement(const struct merge *merge)
{
    const struct work *work = merge->ingest->work;
    struct buf *sql = buf_new(merge->ingest->arena);
    buf_adds(sql, work->milestoned ? "update " : "delete from ");
    builder_table(sql, merge->dataset->schema, merge->dataset->table);
    if (work->milestoned)
        buf_addf(sql, " set yellow_batch_out = %" PRId32, work->batch - 1);
    buf_adds(sql, " where ctid = any($1::tid[])");
    buf_adds(sql, work->milestoned ? " and yellow_batch_out = " TABLE_LIVE : "");
    return buf_text(sql);
}

static int end_rows(struct compare *compare, struct err *err)
{
    struct merge *merge = compare->merge;
    struct arena *arena = arena_new();
    struct pg_rows rows;
    buf_addc(&compare->tids, '}');
    int rc = pg_query(merge->ingest->target, arena, compare->end_rows, PG_NONE, &rows, err,
                      PG_TEXT(buf_text(&compare->tids)));
    if (!rc && rows.affected != compare->ending) {
        (void)err_set(err, ERR_CONFLICT, "table \"%s\".\"%s\" was changed by somebody else while it was compared",
                      merge->dataset->schema, merge->dataset->table);
        rc = err_hint(err, "nothing but Yellow may write to it; run the batch again");
    }
    arena_free(arena);
    buf_cut(&compare->tids, 0);
    compare->ending = 0;
    return rc;
}

static int flush(struct compare *compare, struct err *err)
{
    int rc = 0;
    if (!compare->ending && !compare->writer.pending.len)
        return 0;
    if (!compare->wrote)
        rc = pg_script(compare->merge->ingest->target, "savepoint yellow_compare", err);
    compare->wrote = true;
    if (!rc && compare->ending)
        rc = end_rows(compare, err);
    return rc ? rc : writer_end(&compare->writer, err);
}

static int flush_when_full(struct compare *compare, struct err *err)
{
    return compare->ending < PIECE_ROWS && compare->writer.pending.len < PIECE_BYTES ? 0 : flush(compare, err);
}

static void end_standing(struct compare *compare)
{
    buf_addf(&compare->tids, "%s\"(%" PRIu32 ",%u)\"", compare->ending ? "," : "{", compare->standing.block,
             (unsigned)compare->standing.item);
    compare->ending++;
}

/* The next row of the source; *out absent at the end. */
static int next_source(struct compare *compare, struct str *out, struct err *err)
{
    int rc = intake_next(compare->intake, out, err);
    if (rc == 0)
        *out = (struct str){0};
    return rc < 0 ? rc : 0;
}

static int next_standing(struct compare *compare, struct str *out, struct err *err)
{
    int rc = standing_next(&compare->standing, err);
    *out = rc > 0 ? compare->standing.tuple : (struct str){0};
    return rc < 0 ? rc : 0;
}

/* Until both ends. 1 when the source is not in order. A source row that meets its like is in order by that: only one
 * that meets none has to be looked at. */
static int run(struct compare *compare, struct err *err)
{
    const struct work_dataset *dataset = compare->merge->dataset;
    struct counts *counts = &compare->merge->counts;
    struct str come = {0}, there = {0};
    int rc = next_source(compare, &come, err);
    if (!rc)
        rc = next_standing(compare, &there, err);
    while (!rc && (come.data || there.data)) {
        int order = !come.data ? 1 : !there.data ? -1 : str_eq(come, there) ? 0 : order_compare(dataset, come, there);
        if (order < 0) {
            if (compare->last.len && order_compare(dataset, buf_str(&compare->last), come) >= 0)
                return 1;
            counts->inserted++;
            rc = writer_add(&compare->writer, come, err);
        } else if (order > 0) {
            counts->deleted++;
            end_standing(compare);
        } else if (!str_eq(come, there)) {
            counts->updated++;
            end_standing(compare);
            rc = writer_add(&compare->writer, come, err);
        }
        if (!rc)
            rc = flush_when_full(compare, err);
        if (!rc && order <= 0) {
            buf_cut(&compare->last, 0);
            buf_add_str(&compare->last, come);
            rc = next_source(compare, &come, err);
        }
        if (!rc && order >= 0)
            rc = next_standing(compare, &there, err);
    }
    return rc ? rc : flush(compare, err);
}

int merge_compare(struct merge *merge, struct intake *intake, struct err *err)
{
    struct compare compare = {.merge = merge, .intake = intake, .end_rows = end_statement(merge)};
    intake->ascending = false; /* looked at here, where it matters */
    writer_init(&compare.writer, merge, false);
    compare.writer.hold = true;
    int rc = standing_open(&compare.standing, merge, err);
    if (!rc)
        rc = run(&compare, err);
    standing_close(&compare.standing);
    writer_dispose(&compare.writer);
    buf_dispose(&compare.tids);
    buf_dispose(&compare.last);
    if (rc == 1 && compare.wrote && pg_script(merge->ingest->target, "rollback to savepoint yellow_compare", err) != 0)
        return -err->code;
    merge->way = merge->counts.inserted || merge->counts.updated || merge->counts.deleted ? "compare" : "none";
    return rc;
}
