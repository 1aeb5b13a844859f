#ifndef YELLOW_API_APPROVALS_H
#define YELLOW_API_APPROVALS_H

#include "http/http.h"

/* GET and POST /v1/ecosystems/{eco}/approvals: breaking changes that somebody let pass, each bound to one plan. */
int approvals_list(struct http_request *req, struct http_response *res, struct err *err);
int approvals_post(struct http_request *req, struct http_response *res, struct err *err);
int approvals_delete(struct http_request *req, struct http_response *res, struct err *err);

#endif
