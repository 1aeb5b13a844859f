#ifndef YELLOW_TESTS_INGEST_SOURCE_KIT_H
#define YELLOW_TESTS_INGEST_SOURCE_KIT_H

#include "ingest/capture.h"

/* A work order whose source is a database of the test cluster, made by hand, and what its captures give. */
struct source_kit {
    struct arena *arena;
    const char *url;
    struct pg *pg; /* to the source */
    struct work work;
    struct datastore store;
    struct container container;
    struct credential credential;
    struct work_dataset datasets[4];
    struct progress progress;
    struct ingest ingest;
    struct err err;
};

/* encoding: NULL for UTF8. */
void source_kit_init(struct source_kit *kit, enum capture_type type, const char *encoding);
void source_kit_dispose(struct source_kit *kit);
/* Adds a dataset with columns "id int32 key, name varchar(20) null": type, then key, null or nothing. table may be
 * NULL, watermark too. */
void source_kit_dataset(struct source_kit *kit, const char *name, const char *table, const char *watermark,
                        const char *columns);
/* Runs SQL on the source; a failure fails the test. */
void source_kit_sql(struct source_kit *kit, const char *sql);
/* A new batch: nothing has failed yet. */
void source_kit_batch(struct source_kit *kit, const char *watermark);
int source_kit_begin(struct source_kit *kit, struct capturing **out);
/* All rows of the dataset, put into a table of the target's types, as text: fields by |, rows by newline, in the order
 * they came; on the arena. A failure gives NULL and kit->err. */
const char *source_kit_rows(struct source_kit *kit, struct capturing *capture, size_t dataset, bool sorted);
/* One whole batch of the first dataset: begin, rows, watermark, end. *watermark (NULL allowed) is updated. */
const char *source_kit_run(struct source_kit *kit, bool sorted, const char **watermark);

#endif
