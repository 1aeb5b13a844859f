#ifndef YELLOW_INGEST_REMOTE_H
#define YELLOW_INGEST_REMOTE_H

#include "http/stream.h"
#include "ingest/progress.h"

/* A source that is reached over HTTP: what is worth another try gets one, after a while, and every failure has one of
 * the causes of model/cause.h. */
struct remote {
    struct http_stream *stream;
    const struct progress *progress; /* NULL: nobody stops it */
    const char *cause;               /* of the last failure; NULL when it was stopped */
};

/* Of the process; tests make them smaller. */
struct remote_limits {
    int tries;                          /* of one request, and without a byte in between of one object */
    int64_t backoff_ms, backoff_max_ms; /* before the second try, twice that before the third, ... */
    int64_t retry_after_max_ms;         /* a server that asks for more is not waited for */
    int64_t connect_ms, idle_ms;
};
extern struct remote_limits remote_limits;

/* options: origin, sign, user, password; the rest comes from remote_limits and progress. */
int remote_open(struct remote *remote, const struct progress *progress, struct http_stream_options options,
                struct err *err);
void remote_close(struct remote *remote); /* also of {0} */

/* Sends until there is an answer that is no 408, 429 or 5xx, at most remote_limits.tries times. 0: head has the last
 * answer, whatever its status. */
int remote_get(struct remote *remote, const char *url, const char *const *headers, struct http_client_response *head,
               struct err *err);
/* As http_stream_read. */
int remote_read(struct remote *remote, struct str *piece, struct err *err);
/* Waits before try number `tried` + 1, but no less than at_least_ms. ERR_CANCELLED when it is stopped. */
int remote_wait(struct remote *remote, int tried, int64_t at_least_ms, struct err *err);
/* The error of an answer whose status is not the wanted one. detail: what the answer itself says ("AccessDenied"), or
 * NULL. */
int remote_refused(struct remote *remote, const struct http_client_response *head, const char *what, const char *detail,
                   struct err *err);
/* Notes the cause and returns rc. */
int remote_fail(struct remote *remote, const char *cause, int rc);

#endif
