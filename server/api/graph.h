#ifndef YELLOW_API_GRAPH_H
#define YELLOW_API_GRAPH_H

#include "http/http.h"

/* GET /v1/ecosystems/{eco}/graph, /lineage?of=&direction=, /impact?of=: who makes, carries and reads what, in one model
 * version. */
int graph_get(struct http_request *req, struct http_response *res, struct err *err);
int graph_get_lineage(struct http_request *req, struct http_response *res, struct err *err);
int graph_get_impact(struct http_request *req, struct http_response *res, struct err *err);

#endif
