#include "model/resources_json.h"
#include "stack/context.h"
#include "stack/naming.h"

enum { CRON_JOB_NAME_MAX = 52 };

/* Host and port of "https://host:9000/path"; host is empty when it is no URL of that form. */
static void split_url(const char *url, struct str *host, int64_t *port)
{
    struct str text = str_from(url), rest = text;
    const char *at = url ? strstr(url, "://") : NULL;
    *host = (struct str){0};
    if (!at)
        return;
    *port = str_starts(text, STR("http://")) ? 80 : 443;
    rest = str_from(at + 3);
    struct str authority = str_cut(&rest, '/');
    struct str name = str_cut(&authority, ':');
    if (authority.data)
        (void)str_int64(authority, 1, 65535, port);
    *host = name;
}

/* Where a container is reached; port 0: nowhere from outside. */
static int64_t container_address(const struct container *container, struct str *host)
{
    int64_t port = 0;
    *host = (struct str){0};
    if (container->type == CONTAINER_POSTGRES) {
        *host = str_from(container->host);
        return container->port ? container->port : 5432;
    }
    if (container->type == CONTAINER_S3 || container->type == CONTAINER_HTTP) {
        port = 443;
        split_url(container->endpoint ? container->endpoint : container->url, host, &port);
    }
    return port;
}

struct used {
    struct map containers, credentials; /* name -> struct object */
};

static void put(const struct model *model, struct map *map, enum object_kind kind, const char *name)
{
    const struct object *object = name ? model_find(model, kind, name) : NULL;
    if (object)
        map_put(map, str_from(object->name), (void *)(uintptr_t)object);
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct map_entry *)a)->key, ((const struct map_entry *)b)->key);
}

/* Containers and credentials that this PSP's streams read, and its merge database: no others are let out. */
static struct used collect_used(struct arena *arena, const struct model *model, const struct psp *psp,
                                const struct jobs *jobs)
{
    struct used used = {{.arena = arena}, {.arena = arena}};
    put(model, &used.containers, OBJECT_CONTAINER, psp->merge.container);
    put(model, &used.credentials, OBJECT_CREDENTIAL, psp->merge.credential);
    for (size_t i = 0; i < jobs->count; i++) {
        const struct job *job = &jobs->items[i];
        const struct object *store = model_find(model, OBJECT_DATASTORE, job->store);
        if (job->kind != JOB_STREAM || strcmp(job->psp, psp->name) != 0 || !store)
            continue;
        put(model, &used.containers, OBJECT_CONTAINER, store->datastore->capture.container);
        put(model, &used.credentials, OBJECT_CREDENTIAL, store->datastore->capture.credential);
    }
    if (used.credentials.len)
        qsort(used.credentials.entries, used.credentials.len, sizeof *used.credentials.entries, by_name);
    return used;
}

struct target {
    int64_t port;
    struct str host;
};

static int by_target(const void *a, const void *b)
{
    const struct target *x = a, *y = b;
    if (x->port != y->port)
        return (x->port > y->port) - (x->port < y->port);
    return str_cmp(x->host, y->host);
}

static bool is_ipv4(struct str host)
{
    struct str rest = host;
    size_t parts = 0;
    while (rest.data) {
        int64_t n;
        if (!str_int64(str_cut(&rest, '.'), 0, 255, &n))
            return false;
        parts++;
    }
    return parts == 4;
}

/* The namespace of NAME.NAMESPACE.svc, with or without cluster.local; {0}: it is no Service of the cluster. */
static struct str service_namespace(struct str host)
{
    struct str rest = host;
    (void)str_cut(&rest, '.');
    struct str namespace = str_cut(&rest, '.');
    return rest.data && (str_eqz(rest, "svc") || str_eqz(rest, "svc.cluster.local")) ? namespace : (struct str){0};
}

static json_t *target_json(struct arena *arena, const struct target *target)
{
    struct str host = target->host, namespace = service_namespace(host);
    const char *cidr = is_ipv4(host) ? arena_printf(arena, STR_FMT "/32", STR_ARG(host)) : NULL;
    return json_pack("{s:I,s:s%,s:s?,s:s?}", "port", (json_int_t)target->port, "host", host.data ? host.data : "",
                     host.len, "namespace", namespace.len ? arena_strndup(arena, namespace.data, namespace.len) : NULL,
                     "cidr", cidr);
}

/* Each port and host once, ascending. */
static json_t *egress_json(struct arena *arena, const struct map *containers)
{
    struct target *targets = arena_calloc(arena, containers->len, sizeof *targets);
    size_t n = 0;
    map_each(entry, containers)
    {
        struct target *target = &targets[n];
        target->port = container_address(((const struct object *)entry->value)->container, &target->host);
        n += target->port != 0;
    }
    qsort(targets, n, sizeof *targets, by_target);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        if (i == 0 || by_target(&targets[i], &targets[i - 1]) != 0)
            json_array_append_new(list, target_json(arena, &targets[i]));
    return list;
}

static json_t *credentials_json(struct arena *arena, const struct psp *psp, const struct map *credentials)
{
    json_t *list = json_array();
    map_each(entry, credentials)
    {
        const struct object *object = entry->value;
        json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "name", object->name, "type",
                                              credential_type_names[object->credential->type], "secret",
                                              naming_secret(arena, psp->name, object->name)));
    }
    return list;
}

json_t *stack_job_credentials(struct arena *arena, const struct model *model, const struct psp *psp, const char *store)
{
    const struct object *of = model_find(model, OBJECT_DATASTORE, store);
    const char *names[] = {psp->merge.credential, of ? of->datastore->capture.credential : NULL};
    json_t *list = json_array();
    for (size_t i = 0; i < 2; i++)
        if (names[i] && (i == 0 || !names[0] || strcmp(names[0], names[1]) != 0))
            json_array_append_new(
                list, json_pack("{s:s,s:s}", "name", names[i], "secret", naming_secret(arena, psp->name, names[i])));
    return list;
}

const char *stack_job_image(const struct model *model, const char *workspace)
{
    const struct object *of = model_find(model, OBJECT_WORKSPACE, workspace);
    return of && of->workspace->transformer.present && of->workspace->transformer.code == CODE_CONTAINER
               ? of->workspace->transformer.image
               : NULL;
}

static json_t *jobs_json(struct arena *arena, const struct model *model, const struct psp *psp, const struct jobs *jobs)
{
    json_t *list = json_array();
    for (size_t i = 0; i < jobs->count; i++) {
        const struct job *job = &jobs->items[i];
        if (strcmp(job->psp, psp->name) != 0 || str_starts(str_from(job->schedule), STR("transformer:")))
            continue;
        const char *name =
            naming_k8s_max(arena, arena_printf(arena, "%s-%s", job->platform, job->name), CRON_JOB_NAME_MAX);
        json_array_append_new(
            list, json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s*,s:o,s:o}", "kind", job_kind_names[job->kind], "platform",
                            job->platform, "name", job->name, "kube_name", name, "schedule", job->schedule, "timezone",
                            job->timezone, "priority", priority_names[job->priority], "image",
                            stack_job_image(model, job->workspace), "resources", resources_json(&job->resolved.values),
                            "credentials", stack_job_credentials(arena, model, psp, job->store)));
    }
    return list;
}

json_t *stack_context_model(struct arena *arena, const struct model *model, const struct jobs *jobs,
                            const struct psp *psp, bool listed)
{
    struct findings ignored = {.arena = arena};
    struct jobs made = {0};
    if (!jobs)
        made = model_jobs(arena, model, &ignored);
    jobs = jobs ? jobs : &made;
    struct used used = collect_used(arena, model, psp, jobs);
    const struct object *ecosystem = model_ecosystem(model);
    return json_pack("{s:s?,s:o,s:o,s:o*}", "ecosystem", ecosystem ? ecosystem->name : NULL, "credentials",
                     credentials_json(arena, psp, &used.credentials), "egress", egress_json(arena, &used.containers),
                     "jobs", listed ? jobs_json(arena, model, psp, jobs) : NULL);
}
