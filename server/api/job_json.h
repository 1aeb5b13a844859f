#ifndef YELLOW_API_JOB_JSON_H
#define YELLOW_API_JOB_JSON_H

#include "http/http.h"
#include "store/batch.h"
#include "store/job.h"
#include "store/run.h"

/* Streams and transformers in requests and documents: one set of handlers serves both, and the route says which. */

enum job_kind job_kind_of(const struct http_request *req);
/* Out of {eco}, {platform} and {stream} or {transformer}. */
struct job_key job_key_of(const struct http_request *req);

/* New references. full: with what only the page of one job has. */
json_t *job_json(const struct job_row *job, bool full);
json_t *batch_json(const struct batch_row *batch);
json_t *run_json(const struct run_row *run);
/* A JSON column as a value; null when it is absent. */
json_t *stored_json(struct str text);
/* Member names that a body may have, NULL-terminated: others become problems under pointer. True when there were none.
 */
bool body_members(struct http_request *req, struct http_response *res, const json_t *body, const char *pointer,
                  const char *const *known);
/* "reason" of the body, "" without it; a problem when it is no text, or too long. */
const char *body_reason(struct http_request *req, struct http_response *res, const json_t *body);

#endif
