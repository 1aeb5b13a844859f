#ifndef YELLOW_INGEST_SQL_HORIZON_H
#define YELLOW_INGEST_SQL_HORIZON_H

#include "ingest/sql_source.h"

/* Where the snapshot of a source's transaction ends: every transaction below `at` was over when it was taken.
 *
 * Rows are judged by the age of their transaction, a 32-bit difference: between 0 and the horizon's age are those of
 * transactions at or above it, below 0 those frozen more than 2^31 transactions ago. */
struct sql_horizon {
    int64_t at;
    const char *identity; /* whose transactions these are: of a cluster, a timeline, a database */
    int64_t age;          /* of the horizon, and of the one before */
    int64_t age_before;
    bool goes_on; /* the one before is of this source, and near enough */
};

/* before: the horizon of an earlier batch, of the source identity; 0 and NULL: none. */
int sql_horizon_read(struct sql_source *source, int64_t before, const char *identity, struct sql_horizon *out,
                     struct err *err);

#endif
