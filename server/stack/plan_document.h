#ifndef YELLOW_STACK_PLAN_DOCUMENT_H
#define YELLOW_STACK_PLAN_DOCUMENT_H

#include "stack/stack.h"

/* A plan as people and programs are shown it: what model/plan.h has, and what it means for data and for the stacks. */

struct plan_side {
    const struct model *model; /* NULL: there is none */
    const struct jobs *jobs;   /* of the model; only read with one */
};

/* {"outcome": "passes" | "breaking" | "refused", "changes": whether anything does, "id", "base", "findings", and unless
 * it is refused what plan_make gives, with
 *  "tables": {"added": [{"platform","store","dataset"}], "retired", "changed": [{..., "breaking"}]},
 *  "views": {"added": [{"platform","workspace","group","store","dataset"}], "retired", "changed": [{..., "breaking"}]},
 *  "resources": [{"kind","platform","name","changes": [{"pointer","from","to"}]}],
 *  "stacks": [{"psp", ...as stack_diff_json, without texts}], those that differ}
 * plan: of plan_make, with or without an id (null then); NULL: the model is wrong and nothing is planned. Pure: the
 * same sides and findings give the same document. On the arena. */
json_t *plan_document(struct arena *arena, const struct stack_library *library, const struct plan_side *from,
                      const struct plan_side *to, const json_t *plan, const struct findings *findings);
/* For people: the outcome, then a section for each kind of thing that changes, then the findings. */
void plan_document_print(const json_t *document, struct buf *out);

#endif
