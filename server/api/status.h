#ifndef YELLOW_API_STATUS_H
#define YELLOW_API_STATUS_H

#include "http/http.h"

/* GET /v1/ecosystems/{eco}/status: out of memory on the event thread; when it must be built, on a worker. */
http_handler status_get;

#endif
