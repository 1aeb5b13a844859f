#ifndef YELLOW_API_IDEMPOTENT_H
#define YELLOW_API_IDEMPOTENT_H

#include "http/http.h"
#include "store/idempotency.h"

/* Does the work of a creating POST and fills its answer, on the arena. In a transaction; may run again. */
typedef int idempotent_fn(struct pg *pg, struct http_request *req, void *ctx, struct idempotent_answer *answer,
                          struct err *err);

/* What fn answers; on the arena. The reference to json goes along. */
void idempotent_answer_with(struct arena *arena, struct idempotent_answer *answer, int status, json_t *json);
/* Runs fn once for each Idempotency-Key of the token (a request without one is always new) and replies. A replay has
 * the header Idempotent-Replayed: true. */
int idempotent_post(struct http_request *req, struct http_response *res, idempotent_fn *fn, void *ctx, struct err *err);

#endif
