#include "model/view.h"

#include <stdlib.h>

static bool wanted(const char *filter, const char *name)
{
    return name && (!filter || strcmp(filter, name) == 0);
}

static bool transforms_on(const struct jobs *jobs, const char *platform, const char *workspace)
{
    for (size_t i = 0; i < jobs->count; i++) {
        const struct job *job = &jobs->items[i];
        if (job->kind == JOB_TRANSFORMER && strcmp(job->platform, platform) == 0 &&
            strcmp(job->workspace, workspace) == 0)
            return true;
    }
    return false;
}

static int compare(const void *a, const void *b)
{
    const struct view *x = a, *y = b;
    const char *const left[] = {x->platform, x->workspace, x->group, x->store, x->dataset};
    const char *const right[] = {y->platform, y->workspace, y->group, y->store, y->dataset};
    int order = 0;
    for (size_t i = 0; !order && i < sizeof left / sizeof *left; i++)
        order = strcmp(left[i], right[i]);
    return order;
}

static bool has_dataset(const struct model *model, const struct sink *sink)
{
    const struct object *store = model_find(model, OBJECT_DATASTORE, sink->store);
    if (store)
        vec_each(dataset, &store->datastore->datasets) if (strcmp(dataset->name, sink->dataset) == 0) return true;
    return false;
}

struct maker {
    struct arena *arena;
    const struct model *model;
    const struct jobs *jobs;
    const struct view_filter *filter;
    vec(struct view) found;
};

static void add_workspace(struct maker *maker, const char *psp, const struct data_platform *platform,
                          const struct object *workspace)
{
    const struct view_filter *filter = maker->filter;
    bool all = workspace->workspace->transformer.present && transforms_on(maker->jobs, platform->name, workspace->name);
    vec_each(group, &workspace->workspace->groups)
    {
        if (!all && !group_fits(group, platform))
            continue;
        vec_each(sink, &group->sinks)
        {
            if (wanted(filter->store, sink->store) && wanted(filter->dataset, sink->dataset) &&
                has_dataset(maker->model, sink))
                *vec_push(maker->arena, &maker->found) =
                    (struct view){psp,         platform->name, platform->milestoning, workspace->name,
                                  group->name, sink->store,    sink->dataset};
        }
    }
}

struct views model_views(struct arena *arena, const struct model *model, const struct jobs *jobs,
                         const struct view_filter *filter)
{
    struct maker maker = {.arena = arena, .model = model, .jobs = jobs, .filter = filter};
    for (size_t p = 0; p < model->count; p++) {
        const struct object *psp = &model->objects[p];
        if (psp->kind != OBJECT_PSP || !wanted(filter->psp, psp->name))
            continue;
        vec_each(platform, &psp->psp->platforms) for (size_t w = 0; w < model->count; w++)
        {
            if (model->objects[w].kind == OBJECT_WORKSPACE && wanted(filter->platform, platform->name))
                add_workspace(&maker, psp->name, platform, &model->objects[w]);
        }
    }
    if (maker.found.len > 1)
        qsort(maker.found.items, maker.found.len, sizeof *maker.found.items, compare);
    struct views views = {maker.found.items, 0};
    for (size_t i = 0; i < maker.found.len; i++)
        if (!views.count || compare(&views.items[views.count - 1], &maker.found.items[i]) != 0)
            views.items[views.count++] = maker.found.items[i];
    return views;
}
