#ifndef YELLOW_HTTP_STREAM_H
#define YELLOW_HTTP_STREAM_H

#include "http/client.h"

/* GET requests to one other server, whose answers are read piece by piece: for data that fits no memory. As
 * http/client.h: http and https alone, no redirects, no cookies, the certificate checked; and only to one origin. The
 * connection stays for the next request. One thread, one request at a time. */
struct http_stream;

struct http_stream_options {
    const char *origin;          /* a URL of it; requests elsewhere are ERR_FORBIDDEN */
    int wake_fd;                 /* readable ends any wait with ERR_CANCELLED; -1: none */
    int64_t connect_ms, idle_ms; /* without a connection, without a byte: ERR_TIMEOUT; 0: 10 s, 60 s */
    const char *sign;            /* "aws:amz:REGION:s3": AWS signature 4 by libcurl; NULL: none */
    const char *user, *password; /* what it is signed with */
};

/* Texts are copied. ERR_USAGE: the origin is no http or https URL. Free with http_stream_free. */
int http_stream_new(const struct http_stream_options *options, struct http_stream **out, struct err *err);
void http_stream_free(struct http_stream *stream);

/* Sends and waits for the head of the answer, whatever its status is; what was not read of the last one is given up.
 * head->body is absent; head is good until the next request. Errors as http_client_send. */
int http_stream_get(struct http_stream *stream, const char *url, const char *const *headers,
                    struct http_client_response *head, struct err *err);
/* 1 and the next piece of the body, borrowed until the next call; 0 at its end, when it is complete; ERR_UNAVAILABLE
 * when it broke off, ERR_TIMEOUT, ERR_CANCELLED. */
int http_stream_read(struct http_stream *stream, struct str *piece, struct err *err);

/* Whether two URLs have the same scheme, host and port. */
bool http_same_origin(const char *a, const char *b);
/* A reference (RFC 3986) as seen from base, on the arena; NULL when it is none. */
const char *http_resolve(struct arena *arena, const char *base, const char *reference);

#endif
