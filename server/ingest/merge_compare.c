#include "ingest/builder.h"
#include "ingest/merge_ways.h"
#include "ingest/order.h"
#include "ingest/standing.h"
#include "ingest/writer.h"

#include <inttypes.h>
#include <pthread.h>

/* What differs is written piece by piece while the two orders run past each other: first the rows that end, by their
 * ctid, then those that come. Nobody else writes to the table (the ledger's fence), and VACUUM moves no live row. */

enum { PIECE_ROWS = 8192, PIECE_BYTES = 1 << 20 };

/* Differences that are written together. One piece is written by a thread while the next one is filled: the database
 * that writes need not wait for the two that read, nor they for its disk. */
struct piece {
    struct compare *compare;
    struct buf tids; /* of rows that end: an array's text, without its last bracket */
    int64_t ending;  /* tids in it */
    struct writer writer;
    struct err err; /* of the thread, and: */
    int rc;
};

struct compare {
    struct merge *merge;
    struct intake *intake;
    struct standing standing;
    const char *end_rows; /* the statement */
    struct piece pieces[2];
    size_t filling;
    pthread_t thread;
    bool writing;    /* the thread has the other piece, and the connection */
    struct buf last; /* the source's row before */
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

static int end_rows(struct piece *piece, struct err *err)
{
    const struct merge *merge = piece->compare->merge;
    struct arena *arena = arena_new();
    struct pg_rows rows;
    buf_addc(&piece->tids, '}');
    int rc = pg_query(merge->ingest->target, arena, piece->compare->end_rows, PG_NONE, &rows, err,
                      PG_TEXT(buf_text(&piece->tids)));
    if (!rc && rows.affected != piece->ending) {
        (void)err_set(err, ERR_CONFLICT, "table \"%s\".\"%s\" was changed by somebody else while it was compared",
                      merge->dataset->schema, merge->dataset->table);
        rc = err_hint(err, "nothing but Yellow may write to it; run the batch again");
    }
    arena_free(arena);
    buf_cut(&piece->tids, 0);
    piece->ending = 0;
    return rc;
}

static int write_piece(struct piece *piece, struct err *err)
{
    int rc = piece->ending ? end_rows(piece, err) : 0;
    return rc ? rc : writer_end(&piece->writer, err);
}

static void *write_in_thread(void *arg)
{
    struct piece *piece = arg;
    piece->rc = write_piece(piece, &piece->err);
    return NULL;
}

/* Until the thread is done: the connection is ours again. */
static int await_thread(struct compare *compare, struct err *err)
{
    const struct piece *piece = &compare->pieces[!compare->filling];
    if (!compare->writing)
        return 0;
    (void)pthread_join(compare->thread, NULL);
    compare->writing = false;
    if (piece->rc)
        *err = piece->err;
    return piece->rc;
}

static int flush(struct compare *compare, bool last, struct err *err)
{
    struct piece *piece = &compare->pieces[compare->filling];
    int rc = await_thread(compare, err);
    if (rc || (!piece->ending && !piece->writer.pending.len))
        return rc;
    if (!compare->wrote)
        rc = pg_script(compare->merge->ingest->target, "savepoint yellow_compare", err);
    compare->wrote = true;
    if (rc)
        return rc;
    if (last || pthread_create(&compare->thread, NULL, write_in_thread, piece) != 0)
        return write_piece(piece, err);
    compare->writing = true;
    compare->filling = !compare->filling;
    return 0;
}

static int flush_when_full(struct compare *compare, struct err *err)
{
    const struct piece *piece = &compare->pieces[compare->filling];
    return piece->ending < PIECE_ROWS && piece->writer.pending.len < PIECE_BYTES ? 0 : flush(compare, false, err);
}

static void end_standing(struct compare *compare)
{
    struct piece *piece = &compare->pieces[compare->filling];
    buf_addf(&piece->tids, "%s\"(%" PRIu32 ",%u)\"", piece->ending ? "," : "{", compare->standing.block,
             (unsigned)compare->standing.item);
    piece->ending++;
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
            rc = writer_add(&compare->pieces[compare->filling].writer, come, err);
        } else if (order > 0) {
            counts->deleted++;
            end_standing(compare);
        } else if (!str_eq(come, there)) {
            counts->updated++;
            end_standing(compare);
            rc = writer_add(&compare->pieces[compare->filling].writer, come, err);
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
    return rc ? rc : flush(compare, true, err);
}

int merge_compare(struct merge *merge, struct intake *intake, struct err *err)
{
    struct compare compare = {.merge = merge, .intake = intake, .end_rows = end_statement(merge)};
    intake->ascending = false; /* looked at here, where it matters */
    for (int i = 0; i < 2; i++) {
        compare.pieces[i].compare = &compare;
        writer_init(&compare.pieces[i].writer, merge, WRITE_BESIDE);
        compare.pieces[i].writer.hold = true;
    }
    int rc = standing_open(&compare.standing, merge, err);
    if (!rc)
        rc = run(&compare, err);
    (void)await_thread(&compare, rc < 0 ? ERR_IGNORED : err); /* the first error counts */
    standing_close(&compare.standing);
    for (int i = 0; i < 2; i++) {
        writer_dispose(&compare.pieces[i].writer);
        buf_dispose(&compare.pieces[i].tids);
    }
    buf_dispose(&compare.last);
    if (rc == 1 && compare.wrote && pg_script(merge->ingest->target, "rollback to savepoint yellow_compare", err) != 0)
        return -err->code;
    merge->way = merge->counts.inserted || merge->counts.updated || merge->counts.deleted ? "compare" : "none";
    return rc;
}
