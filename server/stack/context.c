#include "stack/context.h"

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

static json_t *psp_json(struct arena *arena, const struct psp *psp)
{
    const struct psp_default *own[SIZE_COUNT] = {&psp->defaults.airflow_web, &psp->defaults.airflow_scheduler,
                                                 &psp->defaults.postgres};
    json_t *defaults = json_object(), *platforms = json_array();
    for (size_t i = 0; i < SIZE_COUNT; i++)
        json_object_set_new(defaults, sizes[i].key, size_json(own[i], i));
    vec_each(platform, &psp->platforms)
        json_array_append_new(platforms, json_pack("{s:s,s:s}", "name", platform->name, "milestoning",
                                                   platform->milestoning == MILESTONING_LIVE ? "live" : "milestoned"));
    const char *shared = psp->storage_class;
    return json_pack("{s:s,s:s,s:s,s:o,s:s,s:{s:o,s:o,s:o,s:o},s:{s:o,s:o,s:o},s:o,s:o}", "name", psp->name,
                     "kube_name", naming_k8s(arena, psp->name), "namespace", psp->namespace, "image",
                     text_or_null(psp->image), "image_pull_policy", first(psp->image_pull_policy, "IfNotPresent"),
                     "storage_classes", "postgres", text_or_null(first(psp->storage_classes.postgres, shared)), "dags",
                     text_or_null(first(psp->storage_classes.dags, shared)), "logs",
                     text_or_null(first(psp->storage_classes.logs, shared)), "git_cache",
                     text_or_null(first(psp->storage_classes.git_cache, shared)), "merge", "container",
                     text_or_null(psp->merge.container), "credential", text_or_null(psp->merge.credential), "secret",
                     psp->merge.credential ? json_string(naming_secret(arena, psp->name, psp->merge.credential))
                                           : json_null(),
                     "defaults", defaults, "platforms", platforms);
}

static int64_t container_port(const struct container *container)
{
    switch (container->type) {
    case CONTAINER_POSTGRES:
        return container->port ? container->port : 5432;
    case CONTAINER_S3:
    case CONTAINER_HTTP: {
        const char *url = first(container->endpoint, container->url);
        return url && str_starts(str_from(url), STR("http://")) ? 80 : 443;
    }
    case CONTAINER_MANAGED:
        break;
    }
    return 0;
}

/* Containers and credentials that this PSP's streams read, and its merge database: no others are let out. */
static void collect_used(const struct model *model, const struct psp *psp, const struct jobs *jobs,
                         struct map *containers, struct map *credentials)
{
    const struct {
        const char *container, *credential;
    } merge = {psp->merge.container, psp->merge.credential};
    for (size_t i = 0; i <= jobs->count; i++) {
        const char *container = merge.container, *credential = merge.credential;
        if (i < jobs->count) {
            const struct job *job = &jobs->items[i];
            const struct object *store = model_find(model, OBJECT_DATASTORE, job->store);
            if (job->kind != JOB_STREAM || strcmp(job->psp, psp->name) != 0 || !store)
                continue;
            container = store->datastore->capture.container;
            credential = store->datastore->capture.credential;
        }
        const struct object *c = container ? model_find(model, OBJECT_CONTAINER, container) : NULL;
        const struct object *k = credential ? model_find(model, OBJECT_CREDENTIAL, credential) : NULL;
        if (c)
            map_put(containers, str_from(c->name), (void *)(uintptr_t)c);
        if (k)
            map_put(credentials, str_from(k->name), (void *)(uintptr_t)k);
    }
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct map_entry *)a)->key, ((const struct map_entry *)b)->key);
}

static int by_number(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Each port once, ascending. */
static json_t *ports_json(struct arena *arena, const struct map *containers)
{
    int64_t *ports = arena_calloc(arena, containers->len, sizeof *ports);
    size_t n = 0;
    map_each(entry, containers)
    {
        int64_t port = container_port(((const struct object *)entry->value)->container);
        if (port)
            ports[n++] = port;
    }
    qsort(ports, n, sizeof *ports, by_number);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        if (i == 0 || ports[i] != ports[i - 1])
            json_array_append_new(list, json_integer(ports[i]));
    return list;
}

static json_t *model_json(struct arena *arena, const struct model *model, const struct psp *psp)
{
    struct findings ignored = {.arena = arena};
    struct jobs jobs = model_jobs(arena, model, &ignored);
    struct map containers = {.arena = arena}, credentials = {.arena = arena};
    collect_used(model, psp, &jobs, &containers, &credentials);
    if (credentials.len)
        qsort(credentials.entries, credentials.len, sizeof *credentials.entries, by_name);
    json_t *keys = json_array();
    map_each(entry, &credentials)
    {
        const struct object *object = entry->value;
        static const char *const type_names[] = {"user-password", "token", "api-key", "s3-keys"};
        json_array_append_new(keys, json_pack("{s:s,s:s,s:s}", "name", object->name, "type",
                                              type_names[object->credential->type], "secret",
                                              naming_secret(arena, psp->name, object->name)));
    }
    const struct object *ecosystem = model_ecosystem(model);
    return json_pack("{s:o,s:o,s:o}", "ecosystem", text_or_null(ecosystem ? ecosystem->name : NULL), "credentials",
                     keys, "egress_ports", ports_json(arena, &containers));
}

json_t *stack_context_make(struct arena *arena, const struct model *model, const struct psp *psp)
{
    return json_own(arena, json_pack("{s:o,s:o}", "psp", psp_json(arena, psp), "model", model_json(arena, model, psp)));
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
