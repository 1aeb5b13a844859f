#ifndef YELLOW_INGEST_BEAT_H
#define YELLOW_INGEST_BEAT_H

#include "ingest/server.h"

/* The thread beside a batch: it keeps the leases of the job's runs, shows the progress, and sees to it that a job that
 * is told to stop does: waiting statements are cancelled, and one that goes on all the same is ended. */
struct beat;

struct beat_options {
    const struct server *server;
    struct progress *progress;
    const char *title; /* of a bar on the terminal; NULL: none is drawn */
};

/* Starts the thread. */
int beat_start(const struct beat_options *options, struct beat **out, struct err *err);
/* From now on the run's lease is kept, too. The run must live until its end. */
void beat_add(struct beat *beat, const struct server_run *run);
/* Its lease is kept no longer; the number of the monotonic millisecond at which it is certainly over. */
int64_t beat_remove(struct beat *beat, const struct server_run *run);
/* Everything of the run's batch is staged: said with the next heartbeat. */
void beat_ingested(struct beat *beat);
/* Statements of this connection are cancelled when the job is stopped; NULL: none. Called before it is closed. */
void beat_watch(struct beat *beat, struct pg *pg);
/* A newer run took over, or the server has given the run up, or does not take the job's token any more. */
bool beat_lost(const struct beat *beat);
/* Ends the thread. NULL is allowed. */
void beat_stop(struct beat *beat);

/* What a job that is stopped has until it is gone. */
enum { BEAT_STOP_MS = 3000 };
/* When the job was told to stop, in monotonic milliseconds; 0: it was not. */
int64_t beat_stopped_at(const struct beat *beat);

#endif
