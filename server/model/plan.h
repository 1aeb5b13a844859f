#ifndef YELLOW_MODEL_PLAN_H
#define YELLOW_MODEL_PLAN_H

#include "model/job.h"

/* The difference between two models and what it will do; pure and deterministic. from may be NULL (first version).
 * {"objects": {"added": [{"kind","name","path","line"}], "removed": [...], "changed": [{"kind","name","path","line",
 *   "changes": [{"pointer": "/datasets/people/columns/age/type", "from": "int32", "to": "int64"}]}]},
 *  "jobs": {"added": [{"kind","platform","name"}], "retired": [...], "changed": [{... "changes": [...]}]},
 *  "summary": {"objects_added": n, ...}}
 * Items of named lists (datasets, columns, groups, sinks, hints, ...) are matched by their name, not by their place.
 * A new reference. */
json_t *plan_make(const struct model *from, const struct jobs *from_jobs, const struct model *to,
                  const struct jobs *to_jobs);
/* For people: one line a change, indented. */
void plan_print(const json_t *plan, struct buf *out);

#endif
