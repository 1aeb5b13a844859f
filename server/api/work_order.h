#ifndef YELLOW_API_WORK_ORDER_H
#define YELLOW_API_WORK_ORDER_H

#include "control/snapshot.h"
#include "http/http.h"
#include "store/job.h"

/* What a run is told to do: the job as the merge resolved it, and the objects of the model that define it, as they are
 * stored. Names of credentials, never their values. */
struct work_order {
    struct snapshot *snapshot; /* given back with the request's arena */
};

/* Gets the model in force. */
int work_order_begin(struct http_request *req, struct work_order *out, struct err *err);
/* The model that a retired job last belonged to, instead; nothing for one in force. */
int work_order_retired(struct http_request *req, struct work_order *order, const struct job_row *job, struct err *err);
/* {"version", "ecosystem", "psp", "store", "dataset", "workspace", "milestoning", "merge", "objects": [{"kind", "name",
 * "body"}], "views": [{"platform", "milestoning", "workspace", "group", "store", "dataset"}], "sql", "watermark",
 * "operation", "resources"}. A new reference. */
json_t *work_order_json(struct arena *arena, const struct work_order *order, const struct job_row *job);

/* GET .../psps/{psp}/views: all views of a PSP, with the objects that they are made of. GET .../streams/{stream}/work:
 * what a run would be told, without one. */
http_handler work_order_views, work_order_get;

#endif
