#ifndef YELLOW_INGEST_INTAKE_H
#define YELLOW_INGEST_INTAKE_H

#include "ingest/merge.h"

/* A capture's rows on their way into a merge: counted, bad ones put aside, their order watched. */
struct intake {
    struct merge *merge;
    struct rows *rows;
    bool *required;   /* of each column */
    bool ascending;   /* each key so far was above the one before */
    struct buf last;  /* the row before, up to the end of its key */
    int64_t accepted; /* rows given out */
};

/* Takes over rows. */
void intake_init(struct intake *intake, struct merge *merge, struct rows *rows);
void intake_dispose(struct intake *intake);
/* As rows->next. */
int intake_next(struct intake *intake, struct str *tuple, struct err *err);
/* Quarantines a row of the merge's dataset; record as JSON. */
int intake_refuse(struct merge *merge, const char *column, const char *reason, struct str record, struct err *err);

#endif
