#ifndef YELLOW_API_DELIVERIES_H
#define YELLOW_API_DELIVERIES_H

#include "http/http.h"
#include "store/idempotency.h"

/* GET .../deliveries?state=&event=&limit=&cursor=: newest first, without findings. */
http_handler deliveries_list;
/* GET .../deliveries/{id}: with findings. */
http_handler deliveries_get;
/* POST .../deliveries/{id}/redeliver: 202 with a new delivery of the same bytes; 409 while this one has no outcome. */
http_handler deliveries_redeliver;

/* The answer to a POST that made a delivery: 202 and where it is. */
void deliveries_answer(struct arena *arena, const char *ecosystem, int64_t id, struct idempotent_answer *answer);

#endif
