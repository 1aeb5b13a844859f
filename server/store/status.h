#ifndef YELLOW_STORE_STATUS_H
#define YELLOW_STORE_STATUS_H

#include "base/json.h"
#include "pg/pg.h"

/* The figures of an ecosystem's status document, all of one moment. */
struct status_figures {
    int version;
    const json_t *counts; /* [{"kind", "state", "count"}], states without a job left out; NULL without jobs */
    struct {
        const char *platform, *stream; /* NULL: no stream committed yet */
        const char *last_commit_at;
        int64_t seconds;
    } lag;                   /* of the stream whose last commit is the oldest */
    int64_t never_committed; /* streams */
    int64_t hints_skipped;
    int64_t important;      /* failed or lost jobs of priority critical or high */
    const json_t *failures; /* the most important first, at most max; NULL: none */
    const json_t *holds;    /* that nobody released, the oldest first, at most max; NULL: none */
};

/* One statement. ERR_NOT_FOUND for an unknown ecosystem. */
int status_store_figures(struct pg *pg, struct arena *arena, const char *ecosystem, size_t max,
                         struct status_figures *out, struct err *err);

#endif
