#ifndef YELLOW_CONTROL_SCHEDULE_BOOK_H
#define YELLOW_CONTROL_SCHEDULE_BOOK_H

#include "control/schedule_plan.h"
#include "control/snapshot.h"
#include "store/schedule.h"

/* A scheduler's jobs in memory: what schedule_plan decides on, and who they are. Made anew when a version comes into
 * force and now and then; between that, what runs change is kept up. For one thread. */

struct book_entry {
    struct schedule_row row;
    bool held;            /* a process of this scheduler works on it */
    int early_ends;       /* processes in a row that ended without a run */
    int64_t memory_limit; /* bytes */
    int64_t cpu_limit;    /* thousandths of a core */
    const size_t *inputs; /* of a transformer: indexes of the streams that it reads */
    size_t input_count;
    bool inputs_complete; /* all of them are in the book */
};

struct schedule_book {
    struct arena *arena;
    size_t count;
    struct book_entry *entries; /* by id */
    struct schedule_job *jobs;  /* of the same index */
    int64_t *due;
    int64_t versions; /* schedule_store_now's */
    int64_t read_at;  /* of the last reading, and of the last complete one */
    int64_t made_at;
    int64_t now; /* the database's clock, as of the last reading */
};

void schedule_book_init(struct schedule_book *book);
void schedule_book_dispose(struct schedule_book *book);

/* Reads what changed, or all when a version came or the book is a minute old; recomputes when jobs are due. *now: the
 * database's clock. What the book knows of processes (held, early_ends, not_before) stays. */
int schedule_book_read(struct schedule_book *book, struct pg *pg, struct snapshots *snapshots,
                       const struct schedule_limits *limits, int64_t *now, struct err *err);
/* The index of a job, or -1. */
ptrdiff_t schedule_book_find(const struct schedule_book *book, int64_t job);
/* Computes anew when a job is due, after a change of its entry. */
void schedule_book_settle(struct schedule_book *book, size_t i, const struct schedule_limits *limits);

#endif
