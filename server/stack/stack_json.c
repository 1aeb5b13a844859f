#include "stack/stack_json.h"

json_t *artifact_json(const struct artifact *artifact, bool with_text)
{
    json_t *json =
        json_pack("{s:s,s:s,s:s,s:I,s:s}", "name", artifact->name, "component", artifact->component, "media_type",
                  artifact->media_type, "bytes", (json_int_t)artifact->text.len, "sha256", artifact->sha256);
    if (with_text)
        json_object_set_new(json, "text", json_stringn(artifact->text.data, artifact->text.len));
    return json;
}

json_t *stack_json(const struct stack *stack, const char *psp, bool with_text)
{
    json_t *artifacts = json_array(), *externals = json_array();
    for (size_t i = 0; i < stack->count; i++)
        json_array_append_new(artifacts, artifact_json(&stack->artifacts[i], with_text));
    for (size_t i = 0; i < stack->external_count; i++) {
        const struct external *e = &stack->externals[i];
        json_array_append_new(externals, json_pack("{s:s,s:s,s:s,s:s}", "type", e->type, "name", e->name, "component",
                                                   e->component, "doc", e->doc));
    }
    return json_pack("{s:s,s:s,s:o,s:o}", "psp", psp, "sha256", stack->sha256, "artifacts", artifacts, "externals",
                     externals);
}
