#ifndef YELLOW_HTTP_CLIENT_H
#define YELLOW_HTTP_CLIENT_H

#include "http/http.h"

/* One request to another server, over libcurl: http and https alone, no redirects, no cookies, no proxy unless asked
 * for. The certificate of https is checked. */

struct http_client_request {
    enum http_method method;
    const char *url;
    const char *const *headers; /* "Name: value", ended by NULL; NULL: none */
    struct str body;            /* data NULL: none */
    int64_t deadline_ms;        /* for all of it; 0: 30 s */
    size_t cap;                 /* of the response's body; 0: 64 MiB */
    bool proxy;                 /* use the proxy of the environment */
};

struct http_client_response {
    int status;
    struct str body;           /* terminated */
    struct http_pair *headers; /* of the last response: what came before it (100) is left out */
    size_t header_count;
};

/* 0 whatever the status is; everything is on the arena. ERR_USAGE: the URL is not one of ours; ERR_UNAVAILABLE: no
 * connection, or it broke; ERR_TIMEOUT; ERR_TOO_LARGE. The text names the URL without its query and user. */
int http_client_send(struct arena *arena, const struct http_client_request *request,
                     struct http_client_response *response, struct err *err);
/* For error texts: without query, fragment and user, which may hold a secret. */
const char *http_client_plain_url(struct arena *arena, const char *url);
/* NULL when absent; names compare without case. */
const char *http_client_header(const struct http_client_response *response, const char *name);

#endif
