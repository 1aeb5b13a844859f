#include "model/checks.h"

#include "model/fields.h"

/* What hints may name. */
struct targets {
    struct map stores, streams, transformers, platforms;
};

static struct targets targets_of(struct check_run *run)
{
    struct arena *arena = run->arena;
    struct targets targets = {{.arena = arena}, {.arena = arena}, {.arena = arena}, {.arena = arena}};
    check_objects(object, run, OBJECT_DATASTORE)
    {
        (void)map_put(&targets.stores, str_from(object->name), (void *)object);
        if (object->datastore->capture.consistency == CONSISTENCY_MULTI_DATASET) {
            (void)map_put(&targets.streams, str_from(object->name), (void *)object);
            continue;
        }
        vec_each(dataset, &object->datastore->datasets)
        {
            if (dataset->name)
                (void)map_put(&targets.streams, str_from(arena_printf(arena, "%s.%s", object->name, dataset->name)),
                              (void *)object);
        }
    }
    check_objects(object, run, OBJECT_WORKSPACE) if (object->workspace->transformer.name)(void)
        map_put(&targets.transformers, str_from(object->workspace->transformer.name), (void *)object);
    return targets;
}

static void check_target(struct check_run *run, const struct map *names, const char *what, const char *name,
                         const struct hint *hint)
{
    if (!name || map_getz(names, name))
        return;
    struct finding *finding =
        check_report(run->findings, CHECK_UNKNOWN_HINT, model_place(run->model, name, hint->place),
                     "the hint names %s \"%s\", which there is not", what, name);
    check_suggest(run->findings, finding, names, name);
}

static void check_hint(struct check_run *run, const struct targets *targets, const struct hint *hint)
{
    int named = !!hint->stream + !!hint->transformer + !!hint->store + !!hint->kind;
    if (named != 1)
        check_report(run->findings, CHECK_HINT_TARGET, hint->place,
                     "a hint names one of stream, transformer, store and kind, not %d of them", named);
    check_target(run, &targets->streams, "stream", hint->stream, hint);
    check_target(run, &targets->transformers, "transformer", hint->transformer, hint);
    check_target(run, &targets->stores, "store", hint->store, hint);
    check_target(run, &targets->platforms, "data platform", hint->platform, hint);
}

static bool has_hints(struct check_run *run)
{
    check_objects(object, run, OBJECT_PSP) if (object->psp->hints.len) return true;
    return false;
}

/* What two stacks make in one namespace of one cluster has the same names. */
static void check_namespaces(struct check_run *run)
{
    struct map taken = {.arena = run->arena};
    check_objects(object, run, OBJECT_PSP)
    {
        if (!object->psp->namespace)
            continue;
        const struct object *first = map_getz(&taken, object->psp->namespace);
        if (!first) {
            (void)map_put(&taken, str_from(object->psp->namespace), (void *)object);
            continue;
        }
        struct finding *finding = check_report(run->findings, CHECK_SHARED_NAMESPACE,
                                               model_place(run->model, object->psp->namespace, object->place),
                                               "PlatformServiceProvider \"%s\" has the namespace of \"%s\": \"%s\"",
                                               object->name, first->name, object->psp->namespace);
        finding_hint(run->findings, finding, "the first is at %s:%u; each cluster has its own", first->place.path,
                     first->place.line);
    }
}

void check_psps(struct check_run *run)
{
    check_namespaces(run);
    struct targets targets = {0};
    if (has_hints(run))
        targets = targets_of(run);
    check_objects(object, run, OBJECT_PSP)
    {
        targets.platforms = (struct map){.arena = run->arena};
        vec_each(platform, &object->psp->platforms) if (platform->name)(void)
            map_put(&targets.platforms, str_from(platform->name), platform);
        vec_each(hint, &object->psp->hints) check_hint(run, &targets, hint);
    }
    check_objects(object, run, OBJECT_CONTAINER)
    {
        enum container_type type = object->container->type;
        if (object->container->storage || (type != CONTAINER_POSTGRES && type != CONTAINER_MANAGED))
            continue;
        struct finding *finding = check_report(run->findings, CHECK_MISSING_STORAGE, object->place,
                                               "DataContainer \"%s\" does not say its capacity", object->name);
        finding_hint(run->findings, finding, "storage: 20Gi");
    }
}
