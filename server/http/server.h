#ifndef YELLOW_HTTP_SERVER_H
#define YELLOW_HTTP_SERVER_H

#include "http/dispatch.h"

/* The dispatcher on a port: libmicrohttpd's event threads, workers for handlers that wait, deadlines, limits, one log
 * line a request. */

struct http_server;

struct http_server_options {
    const struct http_dispatcher *dispatcher; /* borrowed */
    const char *address;                      /* numeric, IPv4 or IPv6; NULL: 127.0.0.1 */
    unsigned port;                            /* 0: any free one, see http_server_port */
    unsigned threads;                         /* event threads; 0: one a core; never more than the cores */
    unsigned workers;                         /* for handlers without ROUTE_INLINE; 0: 16 */
    unsigned queue;                           /* requests that wait for a worker; more get 503; 0: 8 times workers */
    unsigned header_ms;                       /* from the first byte awaited to the end of the headers; 0: 10 s */
    unsigned body_ms;     /* from there to the end of the body, and for the response to leave; 0: 60 s */
    unsigned idle_ms;     /* between requests; 0: 75 s */
    unsigned connections; /* at once; 0: 4096 */
    size_t body_bytes;    /* of request bodies in memory at once, all connections; half of it without a token; more
                           * get 503; 0: 256 MiB */
    int access_fd;        /* where request lines go; 0: standard error, -1: nowhere */
};

/* ERR_IO when the address cannot be bound, ERR_USAGE when it is not one. */
int http_server_start(const struct http_server_options *options, struct http_server **out, struct err *err);
unsigned http_server_port(const struct http_server *server);
/* Takes no more connections, lets requests in flight end for at most drain_ms (a handler that runs is always waited
 * for), closes the rest, flushes the log, frees. NULL is allowed. */
void http_server_stop(struct http_server *server, unsigned drain_ms);

#endif
