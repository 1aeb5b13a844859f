#ifndef YELLOW_INGEST_CAPTURE_H
#define YELLOW_INGEST_CAPTURE_H

#include "ingest/ahead.h"
#include "ingest/progress.h"
#include "ingest/quarantine.h"
#include "ingest/rows.h"
#include "ingest/work.h"
#include "model/cause.h"
#include "pg/pg.h"

/* How data is read at its source (DOMAIN.md section 7): one table of kinds, each with the same few functions. A capture
 * reads; what its rows mean to the tables is the merge's. */

/* What a batch is made of, passed to every part of it. */
struct ingest {
    struct arena *arena; /* of the batch */
    const struct work *work;
    struct progress *progress;
    struct pg *target;     /* the merge database */
    struct ahead *ahead;   /* to the source; NULL: none was begun */
    int64_t stream;        /* id in yellow.streams of the merge database */
    const char *watermark; /* of the last committed batch, as the merge database has it; NULL: none */
    struct quarantine *quarantine;
    const struct work_operation *operation; /* to be done with this batch; NULL: none */
    bool replace;                           /* a re-snapshot: what is not among the rows is gone, whatever the kind */
    bool forgets;                           /* objects that batches after forget_after read count as never read */
    int32_t forget_after;
    size_t look_bytes; /* of rows of a first load, after which it looks who waits for whom; 0: as merge_load.c has it */
    const char *cause; /* of the failure (model/cause.h): who fails sets it, the first one stays */
};

/* Notes the cause and returns rc: return ingest_fail(ingest, "source-error", rc). */
int ingest_fail(struct ingest *ingest, const char *cause, int rc);

struct capturing; /* the state of one batch's capture; each kind has its own */

struct capture_kind {
    enum capture_type type;
    /* Its rows are the whole dataset: what is not among them is gone. Otherwise they add to or replace what is there.
     */
    bool whole;
    /* Reads where to begin, connects and fixes what will be read: a snapshot, an upper bound, a list of objects. Owned
     * by the caller, who ends it. */
    int (*begin)(struct ingest *ingest, struct capturing **out, struct err *err);
    /* The rows of a dataset; one at a time. With sorted, they should come in ascending order of the key as the merge
     * compares it (byte order of texts, ingest/order.h); *is_sorted says whether the source could promise that. A key
     * may come more than once where !whole: the last one counts. */
    int (*rows)(struct capturing *capture, size_t dataset, bool sorted, struct rows **out, bool *is_sorted,
                struct err *err);
    /* Before the rows of a dataset: 1 when they are those that the last committed batch read, which were *rows; 0 when
     * they may differ. NULL: nobody can tell. */
    int (*same)(struct capturing *capture, size_t dataset, int64_t *rows, struct err *err);
    /* After all rows, inside the transaction that commits the batch, on ingest->target: writes down what the next batch
     * has to know beside the watermark (objects that were read). NULL: nothing. */
    int (*commit)(struct capturing *capture, struct err *err);
    /* After all rows: the watermark to keep, on the batch's arena; NULL: none. */
    const char *(*watermark)(struct capturing *capture);
    void (*end)(struct capturing *capture); /* also after errors; NULL is not given */
};

/* Never NULL. */
const struct capture_kind *capture_kind_find(enum capture_type type);
extern const struct capture_kind capture_sql_snapshot, capture_sql_incremental, capture_csv_s3, capture_json_api,
    capture_output; /* of a transformer: the tables that it wrote, in the merge database itself */

#endif
