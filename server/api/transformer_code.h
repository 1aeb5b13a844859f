#ifndef YELLOW_API_TRANSFORMER_CODE_H
#define YELLOW_API_TRANSFORMER_CODE_H

#include "http/http.h"

/* GET .../transformers/{transformer}/code: the tree of a Python transformer's repository at its ref, as a tar archive
 * (ustar, regular files alone), whose ETag is the commit. Jobs need no git: the server is the cache. */
int transformer_code_get(struct http_request *req, struct http_response *res, struct err *err);

#endif
