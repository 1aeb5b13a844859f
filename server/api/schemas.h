#ifndef YELLOW_API_SCHEMAS_H
#define YELLOW_API_SCHEMAS_H

#include "http/http.h"

/* GET /v1/schemas/{schema}: the model format as JSON Schema, of one kind or ("model") of any document. */
int schemas_get(struct http_request *req, struct http_response *res, struct err *err);

#endif
