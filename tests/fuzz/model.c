#include "model/body.h"
#include "model/checks.h"
#include "model/plan.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Any bytes as a model file: load, check, jobs, plan, and the bodies read back. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    struct findings findings = {.arena = arena};
    struct model_file file = {"a.yaml", {(const char *)data, size}};
    struct model *model = model_load(arena, &file, 1, &findings);
    bool loaded = findings.errors == 0;
    model_check(model, &findings);
    struct jobs jobs = model_jobs(arena, model, &findings);
    findings_sort(&findings);
    json_decref(findings_json(&findings));
    if (loaded) {
        struct model_body *bodies = arena_calloc(arena, model->count, sizeof *bodies);
        for (size_t i = 0; i < model->count; i++)
            bodies[i] = (struct model_body){model->objects[i].kind, model->objects[i].name, model->objects[i].place,
                                            model->objects[i].body};
        struct model *again;
        struct err err = {0};
        if (model_from_bodies(arena, bodies, model->count, &again, &err) != 0)
            abort(); /* what was stored must load */
        struct buf out = {0};
        for (size_t i = 0; i < model->count; i++) {
            buf_cut(&out, 0);
            body_write(&out, again->objects[i].kind, again->objects[i].data);
            if (!str_eq(buf_str(&out), model->objects[i].body))
                abort(); /* and be the same bytes */
        }
        buf_dispose(&out);
        json_t *plan = plan_make(again, &jobs, model, &jobs);
        if (json_integer_value(json_object_get(json_object_get(plan, "summary"), "objects_changed")) != 0)
            abort();
        json_decref(plan);
    }
    arena_free(arena);
    return 0;
}
