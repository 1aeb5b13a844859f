#ifndef YELLOW_HTTP_NATIVE_H
#define YELLOW_HTTP_NATIVE_H

#include "http/http.h"

#include <microhttpd.h>

/* Queues res, complete, on the connection. req and res stay as they are until the request has ended. */
enum MHD_Result native_queue(struct MHD_Connection *mhd, const struct http_request *req,
                             const struct http_response *res);

#endif
