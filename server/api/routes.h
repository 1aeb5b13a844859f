#ifndef YELLOW_API_ROUTES_H
#define YELLOW_API_ROUTES_H

#include "http/http.h"

/* Every route of the API, in the order of api/openapi.yaml. Static. */
const struct http_route *routes_all(size_t *count);

#endif
