#ifndef YELLOW_API_OPERATIONS_H
#define YELLOW_API_OPERATIONS_H

#include "http/http.h"

/* POST .../streams/{stream}/operations and .../transformers/{transformer}/operations; ?dry_run=true. */
int operations_post(struct http_request *req, struct http_response *res, struct err *err);

#endif
