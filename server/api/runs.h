#ifndef YELLOW_API_RUNS_H
#define YELLOW_API_RUNS_H

#include "http/http.h"

/* POST .../platforms/{platform}/streams/{stream}/runs (and of transformers) takes the lease; GET and PATCH
 * /v1/ecosystems/{eco}/runs/{run}, and POST .../finish, are the run's own. */
http_handler runs_start, runs_get, runs_heartbeat, runs_finish;

#endif
