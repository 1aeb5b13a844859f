#ifndef YELLOW_TESTS_INGEST_CAPTURE_KIT_H
#define YELLOW_TESTS_INGEST_CAPTURE_KIT_H

#include "ingest/capture.h"

/* A capture alone, without a batch: a store of one dataset, and a merge database to write to. */
struct capture_kit {
    struct arena *arena;
    struct pg *pg;
    struct datastore store;
    struct dataset dataset; /* prefix, pattern, path, records are the test's to set */
    struct container source;
    struct credential credential;
    struct work_dataset work_dataset;
    struct work work;
    struct progress progress;
    int64_t limit; /* of quarantine */
    int64_t quarantined;
    bool sorted;
    const char *hint; /* of the last batch's failure */
};

/* columns: "id int32 key, name varchar(5), note text null". */
void capture_kit_init(struct capture_kit *kit, enum capture_type type, const char *columns);
void capture_kit_dispose(struct capture_kit *kit);
/* One batch: "1|a;2|-", the rows as PostgreSQL prints them, ordered as they came, - for null; or "CAUSE: TEXT". It is
 * committed unless it failed; kit->work.batch counts on. */
const char *capture_kit_run(struct capture_kit *kit);
/* One value of the merge database. */
const char *capture_kit_ask(struct capture_kit *kit, const char *sql);

#endif
