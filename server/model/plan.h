#ifndef YELLOW_MODEL_PLAN_H
#define YELLOW_MODEL_PLAN_H

#include "model/compatibility.h"
#include "model/job.h"

/* The difference between two models and what it will do; pure and deterministic. from may be NULL (first version).
 * {"objects": {"added": [{"kind","name","path","line","hash"}], "removed": [{..., "breaking", "why"}], "changed":
 *   [{..., "changes": [{"pointer": "/datasets/people/columns/age/type", "from": "int32", "to": "int64", "breaking",
 *   "why"}]}]},
 *  "files": {"added": [{"path","hash"}], "removed": [...], "changed": [...]},
 *  "jobs": {"added": [{"kind","platform","name"}], "retired": [...], "changed": [{... "changes": [...]}]},
 *  "breaking": [{"store","dataset","pointer","code","text","why","users"}],
 *  "summary": {"objects_added": n, ..., "breaking": n}}
 * Each change says whether it breaks readers, and why (or why it is worth a warning; null).
 * Items of named lists (datasets, columns, groups, sinks, hints, ...) are matched by their name, not by their place.
 * A new reference. */
json_t *plan_make(const struct model *from, const struct jobs *from_jobs, const struct model *to,
                  const struct jobs *to_jobs);
/* The same with what compatibility_of has found already. */
json_t *plan_make_judged(const struct model *from, const struct jobs *from_jobs, const struct model *to,
                         const struct jobs *to_jobs, const struct compat_changes *compat);
/* Adds "base", the version that the plan was made against (0: none), and "id": SHA-256 of all of it in canonical form,
 * in hexadecimal. Whatever differs in content or base has another id. Returns the id, borrowed. */
const char *plan_identify(json_t *plan, int base);
/* For people: what it comes to in one line, then one line a change, indented; what breaks is marked with "!". */
void plan_print(const json_t *plan, struct buf *out);

#endif
