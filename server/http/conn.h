#ifndef YELLOW_HTTP_CONN_H
#define YELLOW_HTTP_CONN_H

#include "http/memo.h"
#include "http/reaper.h"
#include "http/server.h"

#include <microhttpd.h>

/* A connection of the server and the one request it is at. Used by its event thread; while the request is with a
 * worker, by that one alone. */

enum conn_state {
    CONN_IDLE,     /* no request */
    CONN_NEW,      /* the request line is there */
    CONN_ACCEPTED, /* by a worker, before the body */
    CONN_BODY,     /* the body is coming, if there is one */
    CONN_RUNNING,  /* suspended, with a worker */
    CONN_DONE,     /* the response is complete and waits for the next handler call */
    CONN_QUEUED    /* given to libmicrohttpd */
};

struct conn {
    struct reaper_entry reaper; /* first member */
    struct http_server *server;
    struct MHD_Connection *mhd;
    struct server_counts *counts; /* of the thread that saw the request begin */
    struct arena *arena;
    struct http_request req;
    struct http_response res;
    struct http_memo memo;
    struct buf body;
    enum conn_state state;
    bool body_read;      /* there is none, or it is there */
    bool begun;          /* http_dispatch_begin has accepted it; otherwise a worker has to ask again */
    bool refused_target; /* the request line was refused: early_err says why */
    struct err early_err;
    const char *method; /* as sent, libmicrohttpd's */
    int64_t started_us;
    uint64_t sent_bytes;
    char peer[64];
};

#endif
