#ifndef YELLOW_STORE_BATCH_H
#define YELLOW_STORE_BATCH_H

#include "pg/pg.h"

/* Batches of a job: 1, 2, 3, ...; one open (not committed) batch at a time. */
struct batch_row {
    int64_t batch, attempts;
    const char *state;
    const char *started_at, *ingested_at, *committed_at, *failed_at;
    struct str counts; /* JSON, absent without */
    const char *watermark, *cause, *message;
};

/* Opens the batch in that state, or takes the open one up again; gives the number of this attempt, from 1. */
int batch_store_start(struct pg *pg, struct arena *arena, int64_t job, int64_t batch, const char *state,
                      int64_t *attempt, struct err *err);
/* Moves it to row->state; counts and watermark stay when row has none, cause and message are replaced. */
int batch_store_move(struct pg *pg, struct arena *arena, int64_t job, const struct batch_row *row, struct err *err);
/* Newest first, those before `before` (0: all), at most limit. */
int batch_store_list(struct pg *pg, struct arena *arena, int64_t job, int64_t before, size_t limit,
                     struct batch_row **out, size_t *count, struct err *err);

#endif
