#ifndef YELLOW_CLI_WORK_H
#define YELLOW_CLI_WORK_H

#include "cli/config.h"

#include <sys/types.h>

/* The workers that merge deliveries, as a process of their own: `yellow serve` starts `yellow work` (hidden) and starts
 * it again when it dies, so that a commit that crashes its worker leaves the port open and the other ecosystems go on.
 */
struct work {
    const struct config *config;
    const char *url;             /* of the database */
    pid_t pid;                   /* 0: none runs */
    int64_t started_ms, next_ms; /* monotonic; next: not before */
    int64_t wait_ms;             /* before the next start; grows with each early death */
};

/* Starts the process, if the settings ask for workers. From the thread that calls work_check and outlives it: the child
 * dies with that thread. */
int work_start(struct work *work, const struct config *config, const char *url, struct err *err);
/* Sees to it that the process runs; called about once a second. */
void work_check(struct work *work);
/* Lets deliveries in work come to their end, for at most a few seconds. */
void work_stop(struct work *work);

#endif
