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
    _Atomic int64_t in_flight;
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

extern struct metric http_connections, http_in_flight, http_bytes_received, http_bytes_sent, http_queue_full;

#endif
