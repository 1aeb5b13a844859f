#ifndef YELLOW_API_ECOSYSTEMS_H
#define YELLOW_API_ECOSYSTEMS_H

#include "http/http.h"
#include "store/ecosystem.h"

/* GET /v1/ecosystems: those that the token may see, by name. */
http_handler ecosystems_list;
/* GET /v1/ecosystems/{eco}. Its ETag is "REVISION-VERSION": of the configuration and of the model in force. */
http_handler ecosystems_get;
/* PUT /v1/ecosystems/{eco}[/repositories/{repository}]: creates it, or changes its configuration under If-Match (an
 * ETag of the same revision). */
http_handler ecosystems_put;

/* For those of other repositories. ecosystems_allow: of registry.h, ctx being the request. */
void ecosystems_set_tag(struct http_request *req, struct http_response *res, const struct ecosystem_row *row);
int ecosystems_allow(void *ctx, const struct ecosystem_row *now, struct err *err);

#endif
