#ifndef YELLOW_MODEL_CAUSE_H
#define YELLOW_MODEL_CAUSE_H

#include <stdbool.h>
#include <stddef.h>

/* Why a run failed, out of one fixed list: what dashboards group by and what people are told to do. */
struct cause {
    const char *name; /* stable, for machines */
    const char *text; /* what happened */
    const char *hint; /* what to do about it */
    bool reported;    /* a run may report it; the others are found by the server */
    int exit_code;    /* of a job that ends with it */
};
extern const struct cause causes[];
extern const size_t cause_count;
extern const char cause_lost[], cause_cancelled[], cause_server_behind[];

/* NULL for an unknown name. */
const struct cause *cause_find(const char *name);

#endif
