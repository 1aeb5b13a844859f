#ifndef YELLOW_HTTP_SERVER_PRIVATE_H
#define YELLOW_HTTP_SERVER_PRIVATE_H

#include "http/access_log.h"
#include "http/metrics.h"
#include "http/reaper.h"
#include "http/server.h"
#include "http/workers.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

struct route_metrics;

/* What every request counts: a line of the cache a thread, so that threads do not wait for each other's. */
struct server_counts {
    _Alignas(64) _Atomic int64_t in_flight;
    _Atomic int64_t bytes_received, bytes_sent;
};

enum { SERVER_STRIPES = 8, SERVER_METRICS = 4 };

struct http_server {
    struct http_server_options options; /* with the defaults filled in */
    struct MHD_Daemon *daemon;
    unsigned port;
    struct workers *workers;
    struct reaper *reaper;
    struct access_log *log;
    struct route_metrics *metrics;
    _Atomic size_t body_bytes; /* held now */
    atomic_bool draining;
    _Atomic int64_t connections;
    struct server_counts counts[SERVER_STRIPES];
    struct metric shown[SERVER_METRICS];
    pthread_mutex_t lock; /* of drained */
    pthread_cond_t drained;
};

/* libmicrohttpd's callbacks: conn.c. cls is the server. */
void conn_notify(void *cls, struct MHD_Connection *mhd, void **context, enum MHD_ConnectionNotificationCode code);
void *conn_target(void *cls, const char *target, struct MHD_Connection *mhd);
enum MHD_Result conn_handle(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                            const char *version, const char *data, size_t *size, void **context);
void conn_completed(void *cls, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode code);
/* Workers' jobs. */
void conn_run(void *job);
void conn_drop(void *job);

/* Durations by operation and class of status; see metrics.h. */
struct route_metrics *route_metrics_new(const struct http_dispatcher *dispatcher);
void route_metrics_free(struct route_metrics *metrics);
void route_metrics_observe(struct route_metrics *metrics, const struct http_route *route, int status, int64_t us);

/* The calling thread's. */
struct server_counts *server_counts(struct http_server *server);
int64_t server_in_flight(struct http_server *server);
/* Puts the server's numbers into /metrics, and takes them out. */
void server_metrics_show(struct http_server *server);
void server_metrics_hide(struct http_server *server);
extern struct metric http_refused;

#endif
