#ifndef YELLOW_TESTS_INGEST_CANNED_H
#define YELLOW_TESTS_INGEST_CANNED_H

#include "base/arena.h"
#include "base/str.h"

/* An HTTP server that gives prepared answers, one a connection, in order, and keeps what it was asked. */
struct canned;

/* answers ends with NULL. Each is a status line and headers and body as they go over the wire; "" closes the connection
 * without a word after the request was read. After the last, connections are refused. */
struct canned *canned_start(struct arena *arena, const char *const *answers);
const char *canned_url(const struct canned *canned);
/* Waits for the server's end; how many requests came. */
size_t canned_stop(struct canned *canned);
/* Request number i from 0, head and body. */
const char *canned_request(const struct canned *canned, size_t i);
/* "HTTP/1.1 STATUS X" with a JSON body. */
const char *canned_json(struct arena *arena, int status, const char *body);

#endif
