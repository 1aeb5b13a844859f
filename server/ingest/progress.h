#ifndef YELLOW_INGEST_PROGRESS_H
#define YELLOW_INGEST_PROGRESS_H

#include "base/err.h"

#include <stdatomic.h>
#include <stdint.h>

/* What a running batch shows, and how it is stopped. The thread that works writes the numbers; heartbeats and the bar
 * on a terminal read them; a signal or a lost lease stops it. */

enum phase { PHASE_START, PHASE_CAPTURE, PHASE_MERGE, PHASE_COMMIT, PHASE_TRANSFORM, PHASE_REPORT, PHASE_COUNT };
extern const char *const phase_names[PHASE_COUNT]; /* "start", "capture", ... */

struct progress {
    _Atomic int phase;
    _Atomic uint64_t rows, bytes;   /* read from the source so far */
    _Atomic uint64_t rows_expected; /* an estimate; 0: unknown */
    _Atomic bool stopped;
    const char *_Atomic why;    /* "SIGTERM", "the lease was lost" */
    _Atomic int64_t stopped_ms; /* when, in monotonic milliseconds; 0: it was not */
    int wake_fd;                /* readable from the stop on: every wait watches it */
    int wake_write_fd;
};

/* ERR_IO when there is no pipe. */
int progress_init(struct progress *progress, struct err *err);
void progress_dispose(struct progress *progress);
/* From any thread and from signal handlers; the first reason stays. why: a text that outlives the progress. */
void progress_stop(struct progress *progress, const char *why);
/* 0, or ERR_CANCELLED with the reason. Asked between rows, now and then. */
int progress_check(const struct progress *progress, struct err *err);

#endif
