#ifndef YELLOW_TESTS_INGEST_MERGE_KIT_H
#define YELLOW_TESTS_INGEST_MERGE_KIT_H

#include "ingest/batch.h"
#include "ingest/source_kit.h"

/* Batches whose source is texts in memory, into a database of the test cluster. Datasets as source_kit_dataset makes
 * them; kit->source.work can be changed between batches. */
struct merge_kit {
    struct source_kit source; /* its database is the target; arena, err, work, datasets */
    const char *rows[4];      /* of each dataset: fields by |, rows by newline, \N is null */
    const char *watermark;    /* to keep */
    struct batch_outcome out;
    int (*on_staged)(void *ctx, struct err *err);
    size_t look_bytes; /* of the batch's options */
    bool unsorted;     /* the source promises no order */
    bool shuffled;     /* it promises one and does not keep it */
};

void merge_kit_init(struct merge_kit *kit, bool milestoned);
void merge_kit_dispose(struct merge_kit *kit);
/* Reads kit->rows. */
const struct capture_kind *merge_kit_kind(bool whole);
/* Runs the next batch: whole or additions. Its result and kit->out, kit->source.err. */
int merge_kit_try(struct merge_kit *kit, bool whole);
/* The same with rows for the first dataset, which has to succeed; gives "read/inserted/updated/deleted/unchanged way"
 */
const char *merge_kit_run(struct merge_kit *kit, bool whole, const char *rows);
/* A query's rows on the target, as text: fields by |, rows by newline; on the arena. */
const char *merge_kit_query(struct merge_kit *kit, const char *sql);
/* All of a dataset's table, ordered by its text. */
const char *merge_kit_table(struct merge_kit *kit, size_t dataset);

#endif
