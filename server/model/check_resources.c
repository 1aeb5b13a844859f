#include "model/checks.h"

/* Within one place; what comes out of several is seen when jobs are made. */
static void check_pair(struct check_run *run, const struct resources *resources, enum resource request,
                       enum resource limit, const char *what, struct place place)
{
    const char *low = resources->value[request], *high = resources->value[limit];
    int64_t from, to;
    if (!low || !high || !quantity_parse(str_from(low), &from) || !quantity_parse(str_from(high), &to) || from <= to)
        return;
    check_report(run->findings, CHECK_REQUEST_OVER_LIMIT, model_place(run->model, low, place),
                 "%s: %s %s is more than %s %s", what, resource_names[request], low, resource_names[limit], high);
}

static void check_four(struct check_run *run, const struct resources *resources, const char *what, struct place place)
{
    check_pair(run, resources, RESOURCE_MEMORY_REQUEST, RESOURCE_MEMORY_LIMIT, what, place);
    check_pair(run, resources, RESOURCE_CPU_REQUEST, RESOURCE_CPU_LIMIT, what, place);
    const char *memory = resources->value[RESOURCE_MEMORY_LIMIT];
    if (resources_is_too_small(resources))
        check_report(run->findings, CHECK_BAD_QUANTITY, model_place(run->model, memory, place),
                     "%s: limits.memory %s is less than " RESOURCES_MEMORY_MIN ": no process starts in it", what,
                     memory);
}

void check_resources(struct check_run *run)
{
    check_objects(object, run, OBJECT_DATASTORE)
        check_four(run, &object->datastore->resources, "the store's resources", object->place);
    check_objects(object, run, OBJECT_WORKSPACE)
        check_four(run, &object->workspace->transformer.resources, "the transformer's resources",
                   object->workspace->transformer.place);
    check_objects(object, run, OBJECT_PSP)
    {
        const struct psp *psp = object->psp;
        const struct {
            const char *name;
            const struct psp_default *values;
        } defaults[] = {{"defaults.ingestion", &psp->defaults.ingestion},
                        {"defaults.transformer", &psp->defaults.transformer},
                        {"defaults.airflow_web", &psp->defaults.airflow_web},
                        {"defaults.airflow_scheduler", &psp->defaults.airflow_scheduler},
                        {"defaults.postgres", &psp->defaults.postgres}};
        for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) {
            check_four(run, &defaults[i].values->resources, defaults[i].name, object->place);
            if (defaults[i].values->storage && defaults[i].values != &psp->defaults.postgres)
                check_report(run->findings, CHECK_MISPLACED_STORAGE,
                             model_place(run->model, defaults[i].values->storage, object->place), "%s takes no storage",
                             defaults[i].name);
        }
        vec_each(hint, &psp->hints) check_four(run, &hint->resources, "the hint", hint->place);
    }
}
