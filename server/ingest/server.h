#ifndef YELLOW_INGEST_SERVER_H
#define YELLOW_INGEST_SERVER_H

#include "base/json.h"
#include "http/client.h"
#include "ingest/batch.h"

/* The control plane as its clients see it: a job, and commands. */
struct server {
    const char *url;   /* without a slash at its end */
    const char *token; /* NULL: none */
};

/* url and token_file as the command line has them; NULL: of YELLOW_URL and YELLOW_TOKEN_FILE. ERR_USAGE without a URL.
 * On the arena. */
int server_open(struct arena *arena, const char *url, const char *token_file, struct server *out, struct err *err);

struct server_call {
    enum http_method method;
    const char *path; /* "/v1/ecosystems/acme/..." */
    const char *key;  /* Idempotency-Key, or NULL */
    json_t *body;     /* borrowed; NULL: none */
    int64_t deadline_ms;
};
struct server_answer {
    int status;
    json_t *json;        /* of the body, owned by the arena; NULL when it is none */
    struct str body;     /* as it came */
    const char *refusal; /* code of the problem: "run-live", "stale-fence", "not-found"; NULL on success */
};
/* 0 for 2xx. Otherwise the problem as an error whose text is its detail: ERR_CONFLICT for 409, ERR_UNAVAILABLE for 5xx
 * and for no answer, ... */
int server_send(const struct server *server, struct arena *arena, const struct server_call *call,
                struct server_answer *out, struct err *err);
/* Whether trying again can help. */
bool server_may_retry(const struct err *err);
/* As server_send, again and again with growing pauses while again says so of the error, until until_ms (monotonic), or
 * until watched (NULL: nothing is) is stopped. The error is that of the last try. */
int server_insist(const struct server *server, struct arena *arena, const struct server_call *call, int64_t until_ms,
                  const struct progress *watched, bool (*again)(const struct err *err), struct server_answer *out,
                  struct err *err);

/* A run that was taken. */
struct server_run {
    const struct work *work;
    int64_t lease_ms; /* from each contact on */
};
/* Takes a run, asking again while nobody answers, for patience_ms: a lost answer gives the same run. *refusal as above.
 */
int server_start(const struct server *server, struct arena *arena, const char *ecosystem, const char *platform,
                 enum job_kind kind, const char *name, int64_t patience_ms, const struct progress *progress,
                 struct server_run *out, const char **refusal, struct err *err);
/* Tells the server how far the run is; *cancelled: somebody asked it to stop. ERR_CONFLICT or ERR_NOT_FOUND: the lease
 * is lost. */
int server_heartbeat(const struct server *server, struct arena *arena, const struct work *work,
                     const struct progress *progress, bool ingested, int64_t deadline_ms, bool *cancelled,
                     struct err *err);

/* The run's last word. Sent again with growing pauses while nobody answers, until until_ms (monotonic). */
struct server_report {
    const char *outcome; /* "committed", "failed", "cancelled" */
    const struct counts *counts;
    const char *watermark;
    const char *cause, *message;
    int64_t operation;   /* done with the batch; 0: none */
    int64_t merge_fence; /* of cause_server_behind; otherwise 0 */
};
int server_finish(const struct server *server, struct arena *arena, const struct work *work,
                  const struct server_report *report, int64_t until_ms, struct err *err);

/* {"phase", "rows", "bytes", "rows_expected"}; a new reference. */
json_t *server_progress_json(const struct progress *progress);
/* {"read", "inserted", ...}; a new reference. */
json_t *server_counts_json(const struct counts *counts);

#endif
