#ifndef YELLOW_API_HEALTH_H
#define YELLOW_API_HEALTH_H

#include "http/http.h"

/* GET /livez: the process answers. Never asks the database. */
http_handler health_live;
/* GET /readyz: the tables are up to date and the database answers; 503 otherwise. */
http_handler health_ready;
/* GET /metrics: Prometheus text. */
http_handler health_metrics;
/* GET /openapi.yaml: the contract of this very program. */
http_handler health_openapi;

#endif
