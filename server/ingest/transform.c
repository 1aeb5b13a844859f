#include "ingest/transform.h"

#include "model/fields.h"

int transform_run(struct arena *arena, const struct work *work, struct pg *target, struct progress *progress,
                  const char **cause, struct err *err)
{
    const struct transformer *transformer = &work->workspace->transformer;
    (void)arena;
    (void)target;
    (void)progress;
    *cause = "configuration";
    return err_set(err, ERR_INVALID, "transformer %s: this release does not run code of type %s", transformer->name,
                   code_type_names[transformer->code]);
}
