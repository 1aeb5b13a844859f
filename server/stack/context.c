#include "stack/context.h"

#include "model/checks.h"
#include "stack/naming.h"

/* What the parts of a platform get when the PSP says nothing. */
static const struct {
    const char *key;
    struct resources values;
    const char *storage;
} sizes[] = {
    {"airflow_web", {{"512Mi", "2Gi", "200m", "1"}}, NULL},
    {"airflow_scheduler", {{"512Mi", "2Gi", "200m", "1"}}, NULL},
    {"postgres", {{"512Mi", "2Gi", "250m", "1"}}, "10Gi"},
};
enum { SIZE_COUNT = sizeof sizes / sizeof *sizes };

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static const char *first(const char *a, const char *b)
{
    return a ? a : b;
}

static json_t *size_json(const struct psp_default *own, size_t i)
{
    const char *value[RESOURCE_COUNT];
    for (size_t r = 0; r < RESOURCE_COUNT; r++)
        value[r] = first(own->resources.value[r], sizes[i].values.value[r]);
    return json_pack("{s:{s:{s:s,s:s},s:{s:s,s:s}},s:o}", "resources", "requests", "memory",
                     value[RESOURCE_MEMORY_REQUEST], "cpu", value[RESOURCE_CPU_REQUEST], "limits", "memory",
                     value[RESOURCE_MEMORY_LIMIT], "cpu", value[RESOURCE_CPU_LIMIT], "storage",
                     text_or_null(first(own->storage, sizes[i].storage)));
}

/* The merge database as the model knows it. */
static json_t *merge_json(struct arena *arena, const struct model *model, const struct psp *psp)
{
    const struct object *object =
        psp->merge.container ? model_find(model, OBJECT_CONTAINER, psp->merge.container) : NULL;
    const struct container *merge = object ? object->container : NULL;
    bool postgres = merge && merge->type == CONTAINER_POSTGRES;
    return json_pack(
        "{s:o,s:o,s:o,s:o,s:o,s:o}", "container", text_or_null(psp->merge.container), "credential",
        text_or_null(psp->merge.credential), "secret",
        text_or_null(psp->merge.credential ? naming_secret(arena, psp->name, psp->merge.credential) : NULL), "host",
        text_or_null(postgres ? merge->host : NULL), "port",
        postgres ? json_integer(merge->port ? merge->port : 5432) : json_null(), "database",
        text_or_null(postgres ? merge->database : NULL));
}

static json_t *secrets_json(struct arena *arena, const struct psp *psp)
{
    json_t *made = json_object();
    for (const char *const *name = stack_secret_names; *name; name++)
        json_object_set_new(made, *name, json_string(naming_secret(arena, psp->name, *name)));
    return made;
}

static json_t *psp_json(struct arena *arena, const struct model *model, const struct psp *psp)
{
    const struct psp_default *own[SIZE_COUNT] = {&psp->defaults.airflow_web, &psp->defaults.airflow_scheduler,
                                                 &psp->defaults.postgres};
    json_t *defaults = json_object(), *platforms = json_array();
    for (size_t i = 0; i < SIZE_COUNT; i++)
        json_object_set_new(defaults, sizes[i].key, size_json(own[i], i));
    vec_each(platform, &psp->platforms)
        json_array_append_new(platforms, json_pack("{s:s,s:s}", "name", platform->name, "milestoning",
                                                   milestoning_names[platform->milestoning]));
    const char *shared = psp->storage_class;
    return json_pack("{s:s,s:s,s:s,s:o,s:s,s:{s:o,s:o,s:o,s:o},s:o,s:o,s:o,s:o}", "name", psp->name, "kube_name",
                     naming_k8s(arena, psp->name), "namespace", psp->namespace, "image", text_or_null(psp->image),
                     "image_pull_policy", first(psp->image_pull_policy, "IfNotPresent"), "storage_classes", "postgres",
                     text_or_null(first(psp->storage_classes.postgres, shared)), "dags",
                     text_or_null(first(psp->storage_classes.dags, shared)), "logs",
                     text_or_null(first(psp->storage_classes.logs, shared)), "git_cache",
                     text_or_null(first(psp->storage_classes.git_cache, shared)), "merge",
                     merge_json(arena, model, psp), "secrets", secrets_json(arena, psp), "defaults", defaults,
                     "platforms", platforms);
}

json_t *stack_context_make(struct arena *arena, const struct model *model, const struct jobs *jobs,
                           const struct psp *psp, bool listed)
{
    return json_own(arena, json_pack("{s:o,s:o}", "psp", psp_json(arena, model, psp), "model",
                                     stack_context_model(arena, model, jobs, psp, listed)));
}

const json_t *stack_context_find(const json_t *context, const char *path)
{
    struct str rest = str_from(path);
    const json_t *at = context;
    while (at && rest.data) {
        struct str key = str_cut(&rest, '.');
        at = json_is_object(at) ? json_object_getn(at, key.data, key.len) : NULL;
    }
    return at;
}

/* What references can reach, and what it is. */
static const struct {
    const char *path;
    enum parameter_type type;
} paths[] = {
    {"psp.name", PARAMETER_STRING},
    {"psp.kube_name", PARAMETER_K8S_NAME},
    {"psp.namespace", PARAMETER_NAMESPACE},
    {"psp.image", PARAMETER_IMAGE},
    {"psp.image_pull_policy", PARAMETER_PULL_POLICY},
    {"psp.storage_classes.postgres", PARAMETER_STORAGE_CLASS},
    {"psp.storage_classes.dags", PARAMETER_STORAGE_CLASS},
    {"psp.storage_classes.logs", PARAMETER_STORAGE_CLASS},
    {"psp.storage_classes.git_cache", PARAMETER_STORAGE_CLASS},
    {"psp.merge.credential", PARAMETER_CREDENTIAL},
    {"psp.merge.secret", PARAMETER_K8S_NAME},
    {"psp.merge.host", PARAMETER_HOSTNAME},
    {"psp.merge.port", PARAMETER_PORT},
    {"psp.merge.database", PARAMETER_STRING},
    {"psp.secrets.airflow_database", PARAMETER_K8S_NAME},
    {"psp.secrets.airflow_token", PARAMETER_K8S_NAME},
    {"psp.secrets.job_token", PARAMETER_K8S_NAME},
    {"psp.secrets.lake_database", PARAMETER_K8S_NAME},
    {"psp.secrets.server", PARAMETER_K8S_NAME},
    {"psp.secrets.server_database", PARAMETER_K8S_NAME},
    {"psp.defaults.airflow_web.resources", PARAMETER_MAP},
    {"psp.defaults.airflow_scheduler.resources", PARAMETER_MAP},
    {"psp.defaults.postgres.resources", PARAMETER_MAP},
    {"psp.defaults.postgres.storage", PARAMETER_STORAGE},
    {"psp.platforms", PARAMETER_LIST},
    {"model.ecosystem", PARAMETER_STRING},
    {"model.credentials", PARAMETER_LIST},
    {"model.egress", PARAMETER_LIST},
    {"model.jobs", PARAMETER_LIST},
};

bool stack_context_type(const char *path, enum parameter_type *out)
{
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (strcmp(paths[i].path, path) == 0) {
            *out = paths[i].type;
            return true;
        }
    }
    return false;
}
