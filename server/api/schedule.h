#ifndef YELLOW_API_SCHEDULE_H
#define YELLOW_API_SCHEDULE_H

#include "http/http.h"

/* GET .../psps/{psp}/jobs: the PSP's streams and transformers in force, as a scheduler wants them: with schedule,
 * priority, effective resources, inputs, and the secrets of the credentials that each needs. A page; Link: rel="next".
 */
int schedule_jobs(struct http_request *req, struct http_response *res, struct err *err);

#endif
