#ifndef YELLOW_API_WORK_ORDER_H
#define YELLOW_API_WORK_ORDER_H

#include "control/snapshot.h"
#include "http/http.h"
#include "store/job.h"

/* What a run is told to do: the job as the merge resolved it, and its definition out of the model in force. */
struct work_order {
    struct snapshot *snapshot; /* given back with the request's arena */
};

/* Gets the model in force. */
int work_order_begin(struct http_request *req, struct work_order *out, struct err *err);
/* {"version", "psp", "store", "dataset", "milestoning", "capture_type", "capture", "datasets", "watermark",
 * "resources"}; of a transformer also "inputs" and "transformer". A new reference. */
json_t *work_order_json(struct arena *arena, const struct work_order *order, const struct job_row *job);

#endif
