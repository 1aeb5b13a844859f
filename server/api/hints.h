#ifndef YELLOW_API_HINTS_H
#define YELLOW_API_HINTS_H

#include "http/http.h"

/* .../platforms/{platform}/streams/{stream}/hint and /resources, and the same of transformers. A hint is created
 * without a precondition or with If-None-Match: *; changing or deleting one needs If-Match. */
http_handler hints_get, hints_put, hints_delete, hints_resources;

#endif
