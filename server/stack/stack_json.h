#ifndef YELLOW_STACK_STACK_JSON_H
#define YELLOW_STACK_STACK_JSON_H

#include "base/json.h"
#include "stack/stack.h"

/* {name, component, media_type, bytes, sha256}, and text when asked for. A new reference. */
json_t *artifact_json(const struct artifact *artifact, bool with_text);

/* {psp, sha256, artifacts: [artifact], externals: [{type, name, component, doc}]}. A new reference. */
json_t *stack_json(const struct stack *stack, const char *psp, bool with_text);

#endif
