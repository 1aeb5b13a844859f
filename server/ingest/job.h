#ifndef YELLOW_INGEST_JOB_H
#define YELLOW_INGEST_JOB_H

#include "ingest/server.h"

/* One run of a stream or transformer, from the lease to the last word: what `yellow job run` does. */
struct job_options {
    const struct server *server;
    const char *ecosystem, *platform;
    enum job_kind kind;
    const char *name;
    int64_t patience_ms; /* how long to ask for a run while the server does not answer */
    bool bar;            /* draw one on standard error */
};

/* Exit codes beside 0 and those of causes (model/cause.h). */
enum job_exit {
    JOB_REFUSED = 1,   /* the server gives no run: unknown, retired, held, no right to */
    JOB_USAGE = 2,     /* the command line */
    JOB_NO_SERVER = 3, /* nobody answers, or this machine failed; no run was taken */
    JOB_LIVE = 4,      /* another run of it is live */
    JOB_UNREPORTED = 7 /* done, and the server could not be told: the next run does */
};

struct job_outcome {
    const char *outcome; /* "committed", "failed", "cancelled", "lost", "refused" */
    int64_t run;         /* 0: none was taken */
    struct batch_outcome batch;
    const char *cause;          /* NULL: none */
    const char *message, *hint; /* of a failure; NULL: none */
    bool reported;
    int exit_code;
};

/* Takes a run and does it. Always fills out, on the arena. A batch that an earlier run had committed without a word to
 * the server is reported first; the run that was asked for comes after it. A transformer runs its code, then ingests
 * its output under a run of that stream. The caller stops it through progress. */
void job_run(struct arena *arena, const struct job_options *options, struct progress *progress,
             struct job_outcome *out);

#endif
