#include "model/checks.h"

static void check_sink(struct check_run *run, const struct object *workspace, const struct group *group,
                       const struct sink *sink)
{
    const struct sink_target *target = check_sink_target(run, workspace, group, sink);
    const struct object *store = target->store;
    if (!store)
        return;
    if (workspace->workspace->production && !store->datastore->production)
        check_report(run->findings, CHECK_NOT_PRODUCTION, sink->place,
                     "production Workspace \"%s\" consumes Datastore \"%s\", which is not production", workspace->name,
                     store->name);
    const struct dataset *dataset = target->dataset;
    if (!dataset || !dataset->deprecated)
        return;
    enum check_code code = sink->deprecation_allowed ? CHECK_DEPRECATED_ALLOWED : CHECK_DEPRECATED;
    struct finding *finding =
        check_report(run->findings, code, sink->place, "Workspace \"%s\" consumes %s.%s, which is deprecated",
                     workspace->name, store->name, dataset->name);
    finding_hint(run->findings, finding,
                 sink->deprecation_allowed ? "leave it before it is removed"
                                           : "leave it, or say deprecation: allowed until you have");
}

/* Production data that is made by what is not production is no better than it. */
static void check_maker(struct check_run *run, const struct object *workspace)
{
    const struct transformer *transformer = &workspace->workspace->transformer;
    const struct object *store = model_find(run->model, OBJECT_DATASTORE, transformer->output);
    if (!transformer->present || !store || !store->datastore->production || workspace->workspace->production)
        return;
    struct finding *finding =
        check_report(run->findings, CHECK_NOT_PRODUCTION, transformer->place,
                     "production Datastore \"%s\" is made by Workspace \"%s\", which is not production", store->name,
                     workspace->name);
    finding_hint(run->findings, finding, "production: true on the workspace");
}

void check_production(struct check_run *run)
{
    check_objects(object, run, OBJECT_WORKSPACE) check_maker(run, object);
    check_due(object, run, OBJECT_WORKSPACE) vec_each(group, &object->workspace->groups)
        vec_each(sink, &group->sinks) if (check_sink_due(run, object, sink)) check_sink(run, object, group, sink);
}
