#ifndef TESTS_STORE_JOB_KIT_H
#define TESTS_STORE_JOB_KIT_H

#include "model/job.h"
#include "pg/pg.h"
#include "store/job.h"

/* Jobs by hand, for tests of what the merge writes and runs report. */

/* A stream of store `name` on a platform with the system's defaults for ingestion. */
struct job kit_stream(const char *platform, const char *name);
struct job kit_transformer(const char *platform, const char *name);
/* The ecosystem's row, without a version. */
void kit_ecosystem(struct pg *pg, const char *name);
/* Applies jobs as a version; a failure fails the test. */
void kit_apply(struct pg *pg, const char *ecosystem, int version, struct job *jobs, size_t n);
/* The text of a statement that gives one value, "" for NULL; on the arena. */
const char *kit_value(struct pg *pg, struct arena *arena, const char *sql);

#endif
