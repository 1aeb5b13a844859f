#ifndef YELLOW_API_PROBES_H
#define YELLOW_API_PROBES_H

#include "http/http.h"

/* GET /livez: the process answers. Never asks the database. */
http_handler probes_live;
/* GET /readyz: the tables are up to date and the database answers; 503 otherwise. */
http_handler probes_ready;
/* GET /metrics: Prometheus text. */
http_handler probes_metrics;
/* GET /openapi.yaml: the contract of this very program. */
http_handler probes_openapi;

#endif
