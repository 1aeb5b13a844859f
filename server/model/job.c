#include "model/job.h"

#include "model/checks.h"
#include "model/diff.h"
#include "model/job_levels.h"

#include <stdlib.h>

const char *const job_kind_names[] = {"stream", "transformer"};

enum job_kind job_kind_from(const char *name)
{
    return strcmp(name, job_kind_names[JOB_TRANSFORMER]) == 0 ? JOB_TRANSFORMER : JOB_STREAM;
}

#define AT(member) .offset = offsetof(struct job, member)
static const struct field job_fields[] = {
    {"capture", FIELD_TEXT, AT(capture)},
    {"feeds", FIELD_TEXTS, AT(feeds)},
    {"inputs", FIELD_TEXTS, AT(inputs)},
    {"milestoning", FIELD_ENUM, AT(milestoning), .size = sizeof(enum milestoning), .values = milestoning_names},
    {"priority", FIELD_ENUM, AT(priority), .size = sizeof(enum priority), .values = priority_names},
    {"psp", FIELD_TEXT, AT(psp)},
    {"resources", FIELD_STRUCT, AT(resolved.values), .sub = &resources_table},
    {"schedule", FIELD_TEXT, AT(schedule)},
    {"store", FIELD_TEXT, AT(store)},
    {"team", FIELD_TEXT, AT(team)},
    {"timezone", FIELD_TEXT, AT(timezone)},
    {"workspace", FIELD_TEXT, AT(workspace)},
};
const struct table job_table = {
    .name = "job", .fields = job_fields, .len = sizeof job_fields / sizeof *job_fields, .size = sizeof(struct job)};

static int latency_rank(const char *latency)
{
    int rank = 0;
    while (latency_names[rank] && strcmp(latency_names[rank], latency) != 0)
        rank++;
    return rank;
}

bool group_fits(const struct group *group, const struct data_platform *platform)
{
    if (!platform->name)
        return false;
    if (group->platform.name)
        return strcmp(group->platform.name, platform->name) == 0;
    if (!group->platform.by_milestoning || group->platform.milestoning != platform->milestoning)
        return false;
    return !group->platform.latency || !platform->latency ||
           latency_rank(platform->latency) <= latency_rank(group->platform.latency);
}

/* A job in the making. */
struct node {
    struct job job;
    vec(const char *) feeds;
    size_t stamp; /* of the last consumer that reached it */
};

/* One platform's jobs in the making. */
struct carrier {
    const struct object *psp;
    const struct data_platform *platform;
    const struct psp_levels *levels;
    struct map streams, transformers;        /* name -> struct node */
    vec(const struct object *) transforming; /* workspaces whose transformers exist here */
};

struct maker {
    struct arena *arena;
    const struct model *model;
    struct findings *findings;
    struct map outputs; /* store -> workspace object */
    vec(struct node *) nodes;
    size_t stamp;
    vec(const struct sink *) work; /* still to be reached by the consumer of `stamp` */
};

/* A cron's clock: its own, else its PSP's, else UTC. */
static const char *timezone_of(const struct carrier *carrier, const char *own)
{
    const char *common = carrier->psp->psp->timezone;
    return own ? own : common ? common : "UTC";
}

static struct node *add_node(struct maker *maker, struct carrier *carrier, enum job_kind kind, const char *name)
{
    struct node *node = arena_alloc(maker->arena, sizeof *node);
    node->job = (struct job){.kind = kind,
                             .psp = carrier->psp->name,
                             .platform = carrier->platform->name,
                             .name = name,
                             .milestoning = carrier->platform->milestoning};
    (void)map_put(kind == JOB_STREAM ? &carrier->streams : &carrier->transformers, str_from(name), node);
    *vec_push(maker->arena, &maker->nodes) = node;
    return node;
}

/* Notes that the consumer needs the node; false when it was known already in this walk. */
static bool reach(struct maker *maker, struct node *node, const struct object *consumer)
{
    if (node->stamp == maker->stamp)
        return false;
    node->stamp = maker->stamp;
    *vec_push(maker->arena, &node->feeds) = consumer->name;
    if (consumer->workspace->priority > node->job.priority)
        node->job.priority = consumer->workspace->priority;
    return true;
}

static void reach_transformer(struct maker *maker, struct carrier *carrier, const struct object *workspace,
                              const struct object *consumer)
{
    const struct transformer *transformer = &workspace->workspace->transformer;
    struct node *node = map_getz(&carrier->transformers, transformer->name);
    if (!node) {
        node = add_node(maker, carrier, JOB_TRANSFORMER, transformer->name);
        node->job.store = transformer->output;
        node->job.workspace = workspace->name;
        node->job.team = workspace->workspace->team;
        node->job.capture = code_type_names[transformer->code];
        node->job.schedule = transformer->trigger;
        node->job.timezone = timezone_of(carrier, transformer->timezone);
        psp_levels_resolve(carrier->levels, &node->job, NULL, workspace, maker->findings);
        *vec_push(maker->arena, &carrier->transforming) = workspace;
    }
    if (!reach(maker, node, consumer))
        return;
    vec_each(group, &workspace->workspace->groups) vec_each(sink, &group->sinks) *
        vec_push(maker->arena, &maker->work) = sink;
}

/* The stream that carries a sink: its name, or NULL when the sink names nothing that there is. */
static const char *stream_name(struct maker *maker, const struct sink *sink, const struct object **store)
{
    *store = model_find(maker->model, OBJECT_DATASTORE, sink->store);
    if (!*store || !sink->dataset)
        return NULL;
    if ((*store)->datastore->capture.consistency == CONSISTENCY_MULTI_DATASET)
        return (*store)->name;
    return arena_printf(maker->arena, "%s.%s", sink->store, sink->dataset);
}

static void reach_stream(struct maker *maker, struct carrier *carrier, const struct sink *sink,
                         const struct object *consumer)
{
    const struct object *store;
    const char *name = stream_name(maker, sink, &store);
    if (!name)
        return;
    const struct datastore *data = store->datastore;
    const struct object *workspace = data->capture.present ? NULL : map_getz(&maker->outputs, store->name);
    struct node *node = map_getz(&carrier->streams, name);
    if (!node) {
        node = add_node(maker, carrier, JOB_STREAM, name);
        node->job.store = store->name;
        node->job.dataset = data->capture.consistency == CONSISTENCY_SINGLE_DATASET ? sink->dataset : NULL;
        node->job.team = data->team;
        node->job.capture = data->capture.present ? capture_type_names[data->capture.type] : "transformer";
        node->job.schedule = data->capture.present ? data->capture.schedule
                             : workspace
                                 ? arena_printf(maker->arena, "transformer:%s", workspace->workspace->transformer.name)
                                 : "external";
        node->job.timezone = timezone_of(carrier, data->capture.timezone);
        psp_levels_resolve(carrier->levels, &node->job, store, NULL, maker->findings);
    }
    if (reach(maker, node, consumer) && workspace)
        reach_transformer(maker, carrier, workspace, consumer);
}

/* All that a workspace needs on a platform; every group when its transformer runs there, else those that fit. */
static void consume(struct maker *maker, struct carrier *carrier, const struct object *consumer, bool all)
{
    maker->stamp++;
    maker->work.len = 0;
    vec_each(group, &consumer->workspace->groups) if (all || group_fits(group, carrier->platform))
            vec_each(sink, &group->sinks) *
        vec_push(maker->arena, &maker->work) = sink;
    while (maker->work.len)
        reach_stream(maker, carrier, maker->work.items[--maker->work.len], consumer);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct texts sorted_texts(const char **items, size_t len)
{
    struct texts texts = {items, 0};
    if (len > 1)
        qsort(items, len, sizeof *items, compare_texts);
    for (size_t i = 0; i < len; i++)
        if (texts.len == 0 || strcmp(texts.items[texts.len - 1], items[i]) != 0)
            texts.items[texts.len++] = items[i];
    return texts;
}

/* What it waits for: not for its own output, which it may read, too. */
static void add_inputs(struct maker *maker, struct carrier *carrier, const struct object *workspace)
{
    struct node *node = map_getz(&carrier->transformers, workspace->workspace->transformer.name);
    vec(const char *) inputs = {0};
    vec_each(group, &workspace->workspace->groups) vec_each(sink, &group->sinks)
    {
        const struct object *store;
        const char *name = stream_name(maker, sink, &store);
        if (name && map_getz(&maker->outputs, store->name) != workspace)
            *vec_push(maker->arena, &inputs) = name;
    }
    node->job.inputs = sorted_texts(inputs.items, inputs.len);
}

static void make_platform(struct maker *maker, const struct object *psp, const struct data_platform *platform,
                          const struct psp_levels *levels)
{
    struct carrier carrier = {.psp = psp,
                              .platform = platform,
                              .levels = levels,
                              .streams = {.arena = maker->arena},
                              .transformers = {.arena = maker->arena}};
    for (size_t i = 0; i < maker->model->count; i++)
        if (maker->model->objects[i].kind == OBJECT_WORKSPACE)
            consume(maker, &carrier, &maker->model->objects[i], false);
    for (size_t i = 0; i < carrier.transforming.len; i++) { /* grows while it is walked */
        add_inputs(maker, &carrier, carrier.transforming.items[i]);
        consume(maker, &carrier, carrier.transforming.items[i], true);
    }
}

int job_compare(const struct job *a, const struct job *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    int platforms = strcmp(a->platform, b->platform);
    return platforms ? platforms : strcmp(a->name, b->name);
}

static int compare_jobs(const void *a, const void *b)
{
    return job_compare(a, b);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool job_same(const struct job *a, const struct job *b)
{
    bool same = job_compare(a, b) == 0 && same_text(a->dataset, b->dataset) && a->level_count == b->level_count;
    for (size_t i = 0; same && i < a->level_count; i++) {
        const struct resource_level *x = &a->levels[i], *y = &b->levels[i];
        same = strcmp(x->name, y->name) == 0 && strcmp(x->source, y->source) == 0 &&
               diff_same_structs(&resources_table, &x->values, &y->values);
    }
    return same && diff_same_structs(&job_table, a, b);
}

static struct jobs finish(struct maker *maker)
{
    struct jobs jobs = {arena_calloc(maker->arena, maker->nodes.len, sizeof *jobs.items), maker->nodes.len};
    for (size_t i = 0; i < jobs.count; i++) {
        struct node *node = maker->nodes.items[i];
        jobs.items[i] = node->job;
        jobs.items[i].feeds = sorted_texts(node->feeds.items, node->feeds.len);
    }
    if (jobs.count > 1)
        qsort(jobs.items, jobs.count, sizeof *jobs.items, compare_jobs);
    return jobs;
}

/* A group that says what it wants and gets no platform. */
static void check_groups(const struct model *model, const struct map *platforms, struct findings *findings)
{
    for (size_t i = 0; i < model->count; i++) {
        if (model->objects[i].kind != OBJECT_WORKSPACE)
            continue;
        vec_each(group, &model->objects[i].workspace->groups)
        {
            bool fits =
                group->platform.name || !group->platform.by_milestoning; /* those are wrong, and said elsewhere */
            map_each(entry, platforms) fits = fits || group_fits(group, entry->value);
            if (!fits)
                check_report(findings, CHECK_NO_PLATFORM, group->place,
                             "group \"%s\" of Workspace \"%s\" fits no data platform: its sinks are not carried",
                             group->name ? group->name : "", model->objects[i].name);
        }
    }
}

struct jobs model_jobs(struct arena *arena, const struct model *model, struct findings *findings)
{
    struct maker maker = {.arena = arena, .model = model, .findings = findings, .outputs = {.arena = arena}};
    struct map platforms = {.arena = arena};
    for (size_t i = 0; i < model->count; i++) {
        const struct object *object = &model->objects[i];
        if (object->kind != OBJECT_WORKSPACE)
            continue;
        const struct transformer *transformer = &object->workspace->transformer;
        if (transformer->present && transformer->output && transformer->name &&
            !map_getz(&maker.outputs, transformer->output))
            (void)map_put(&maker.outputs, str_from(transformer->output), (void *)object);
    }
    for (size_t i = 0; i < model->count; i++) {
        const struct object *object = &model->objects[i];
        if (object->kind != OBJECT_PSP)
            continue;
        const struct psp_levels *levels = psp_levels_new(arena, object);
        vec_each(platform, &object->psp->platforms) if (platform->name &&
                                                        !map_put(&platforms, str_from(platform->name), platform))
            make_platform(&maker, object, platform, levels);
    }
    check_groups(model, &platforms, findings);
    return finish(&maker);
}
