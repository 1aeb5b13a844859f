#ifndef YELLOW_HTTP_ACCESS_LOG_H
#define YELLOW_HTTP_ACCESS_LOG_H

#include "http/http.h"

/* One JSON object a line for each request. Lines gather in memory, a shard a thread, and one writer brings them out
 * within 100 ms; none is lost: a full shard is written by the thread that fills it. */
struct access_log;

/* fd is borrowed. */
struct access_log *access_log_new(int fd);
/* Writes what is left. NULL is allowed. */
void access_log_free(struct access_log *log);
/* Writes what is there now; for tests and for the moment before a crash report. */
void access_log_flush(struct access_log *log);

struct access_entry {
    const struct http_request *req;
    const char *method; /* as sent; NULL: req's */
    int status;
    uint64_t bytes; /* of the body */
    int64_t duration_us, now_us;
};

/* The parts of req's line that http/memo.h keeps; on the arena. */
struct str access_log_head(struct arena *arena, const struct http_request *req);
struct str access_log_tail(struct arena *arena, const struct http_request *req);

/* method, operation, path, status, bytes, duration_us, request_id, traceparent, token; never a header or the query. */
void access_log_add(struct access_log *log, const struct access_entry *entry);

#endif
