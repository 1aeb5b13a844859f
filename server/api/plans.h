#ifndef YELLOW_API_PLANS_H
#define YELLOW_API_PLANS_H

#include "http/http.h"

/* POST /v1/ecosystems/{eco}/plans: what a branch or commit would do if it came in force now. Nothing is kept. */
int plans_post(struct http_request *req, struct http_response *res, struct err *err);

#endif
