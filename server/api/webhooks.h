#ifndef YELLOW_API_WEBHOOKS_H
#define YELLOW_API_WEBHOOKS_H

#include "http/http.h"

/* POST /v1/ecosystems/{eco}/webhooks/{forge}: 202 with the Location of the delivery, 200 when the forge sent it
 * before. */
http_handler webhooks_receive;

#endif
