#ifndef YELLOW_API_STREAMS_H
#define YELLOW_API_STREAMS_H

#include "http/http.h"

/* Streams, and transformers by the same handlers: GET .../streams, GET .../platforms/{platform}/streams/{stream} and
 * below it /batches. */
http_handler streams_list, streams_get, streams_batches;

#endif
