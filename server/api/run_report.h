#ifndef YELLOW_API_RUN_REPORT_H
#define YELLOW_API_RUN_REPORT_H

#include "control/run.h"
#include "http/http.h"

/* What jobs send about their runs, read and checked: ERR_SYNTAX, or ERR_INVALID with a problem for each thing that is
 * wrong. Texts are on the request's arena. */

/* {"fence", "progress": object, "state": "ingested"}; only fence is needed. */
int run_heartbeat_read(struct http_request *req, struct http_response *res, struct run_heartbeat *out, struct err *err);
/* {"fence", "outcome": "committed", "counts": {...}, "watermark"} or {"fence", "outcome": "failed", "cause",
 * "message", "counts"} or {"fence", "outcome": "cancelled", "message"}. Its hash is that of its canonical JSON. */
int run_report_read(struct http_request *req, struct http_response *res, struct run_report *out, struct err *err);

#endif
