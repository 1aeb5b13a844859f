#include "model/graph.h"

#include <stdlib.h>

const char *const graph_kind_names[] = {"container", "store", "dataset", "workspace", "transformer", "platform", "job"};

struct making {
    struct arena *arena;
    vec(struct graph_node) nodes;
    vec(struct graph_edge) edges;
    struct map index; /* id -> 1 + index as a pointer */
};

static const char *id_of(struct arena *arena, enum graph_kind kind, const char *name)
{
    return arena_printf(arena, "%s:%s", graph_kind_names[kind], name);
}

static struct graph_node *add_node(struct making *m, enum graph_kind kind, const char *name)
{
    const char *id = id_of(m->arena, kind, name);
    if (map_put(&m->index, str_from(id), (void *)(m->nodes.len + 1)))
        return NULL; /* a name that is there twice, which the checks have said */
    struct graph_node *node = vec_push(m->arena, &m->nodes);
    *node = (struct graph_node){.kind = kind, .id = id, .name = name};
    return node;
}

/* An edge between nodes that are both there; what is named and not there has no node. */
static void add_edge(struct making *m, enum graph_kind from_kind, const char *from, enum graph_kind to_kind,
                     const char *to, const char *kind)
{
    if (!from || !to)
        return;
    size_t a = (size_t)map_getz(&m->index, id_of(m->arena, from_kind, from)),
           b = (size_t)map_getz(&m->index, id_of(m->arena, to_kind, to));
    if (a && b)
        *vec_push(m->arena, &m->edges) = (struct graph_edge){(unsigned)(a - 1), (unsigned)(b - 1), kind};
}

static const char *dataset_name(struct making *m, const char *store, const char *dataset)
{
    return dataset ? arena_printf(m->arena, "%s.%s", store, dataset) : NULL;
}

static const char *job_name(struct making *m, const struct job *job)
{
    return arena_printf(m->arena, "%s:%s/%s", job_kind_names[job->kind], job->platform, job->name);
}

static void add_object(struct making *m, const struct object *object, enum graph_kind kind)
{
    struct graph_node *node = add_node(m, kind, object->name);
    if (!node)
        return;
    node->object = object;
    if (kind == GRAPH_STORE)
        node->team = object->datastore->team;
    if (kind == GRAPH_WORKSPACE)
        node->team = object->workspace->team;
    if (kind == GRAPH_CONTAINER)
        node->team = object->container->team;
}

static void add_datasets(struct making *m, const struct object *object)
{
    vec_each(dataset, &object->datastore->datasets)
    {
        const char *name = dataset_name(m, object->name, dataset->name);
        struct graph_node *node = name ? add_node(m, GRAPH_DATASET, name) : NULL;
        if (!node)
            continue;
        node->object = object;
        node->dataset = dataset;
        node->team = object->datastore->team;
    }
}

static void add_transformer(struct making *m, const struct object *object)
{
    const struct transformer *transformer = &object->workspace->transformer;
    struct graph_node *node =
        transformer->present && transformer->name ? add_node(m, GRAPH_TRANSFORMER, transformer->name) : NULL;
    if (!node)
        return;
    node->object = object;
    node->team = object->workspace->team;
}

static void add_nodes(struct making *m, const struct model *model, const struct jobs *jobs)
{
    static const struct {
        enum object_kind object;
        enum graph_kind kind;
    } plain[] = {{OBJECT_CONTAINER, GRAPH_CONTAINER},   {OBJECT_DATASTORE, GRAPH_STORE},
                 {OBJECT_DATASTORE, GRAPH_DATASET},     {OBJECT_WORKSPACE, GRAPH_WORKSPACE},
                 {OBJECT_WORKSPACE, GRAPH_TRANSFORMER}, {OBJECT_PSP, GRAPH_PLATFORM}};
    for (size_t p = 0; p < sizeof plain / sizeof *plain; p++)
        for (size_t i = 0; i < model->count; i++) {
            const struct object *object = &model->objects[i];
            if (object->kind != plain[p].object)
                continue;
            if (plain[p].kind == GRAPH_DATASET)
                add_datasets(m, object);
            else if (plain[p].kind == GRAPH_TRANSFORMER)
                add_transformer(m, object);
            else if (plain[p].kind != GRAPH_PLATFORM)
                add_object(m, object, plain[p].kind);
            else
                vec_each(platform, &object->psp->platforms) if (platform->name)(void)
                    add_node(m, GRAPH_PLATFORM, platform->name);
        }
    for (size_t i = 0; i < jobs->count; i++) {
        struct graph_node *node = add_node(m, GRAPH_JOB, job_name(m, &jobs->items[i]));
        if (node) {
            node->job = &jobs->items[i];
            node->team = jobs->items[i].team;
        }
    }
}

static void add_edges(struct making *m, const struct model *model, const struct jobs *jobs)
{
    for (size_t i = 0; i < model->count; i++) {
        const struct object *object = &model->objects[i];
        if (object->kind == OBJECT_DATASTORE) {
            add_edge(m, GRAPH_CONTAINER, object->datastore->capture.container, GRAPH_STORE, object->name, "captured");
            vec_each(dataset, &object->datastore->datasets) add_edge(
                m, GRAPH_STORE, object->name, GRAPH_DATASET, dataset_name(m, object->name, dataset->name), "holds");
        }
        if (object->kind != OBJECT_WORKSPACE)
            continue;
        const struct transformer *transformer = &object->workspace->transformer;
        vec_each(group, &object->workspace->groups) vec_each(sink, &group->sinks) if (sink->store) add_edge(
            m, GRAPH_DATASET, dataset_name(m, sink->store, sink->dataset), GRAPH_WORKSPACE, object->name, "read");
        if (!transformer->present)
            continue;
        add_edge(m, GRAPH_WORKSPACE, object->name, GRAPH_TRANSFORMER, transformer->name, "runs");
        add_edge(m, GRAPH_TRANSFORMER, transformer->name, GRAPH_STORE, transformer->output, "writes");
    }
    for (size_t i = 0; i < jobs->count; i++) {
        const struct job *job = &jobs->items[i];
        const char *name = job_name(m, job);
        if (job->kind == JOB_STREAM)
            add_edge(m, GRAPH_STORE, job->store, GRAPH_JOB, name, "carried");
        else
            add_edge(m, GRAPH_TRANSFORMER, job->name, GRAPH_JOB, name, "carried");
        add_edge(m, GRAPH_JOB, name, GRAPH_PLATFORM, job->platform, "on");
    }
}

static int compare_edges(const void *a, const void *b)
{
    const struct graph_edge *x = a, *y = b;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x->to > y->to) - (x->to < y->to);
}

struct graph graph_make(struct arena *arena, const struct model *model, const struct jobs *jobs)
{
    struct making m = {.arena = arena, .index = {.arena = arena}};
    add_nodes(&m, model, jobs);
    add_edges(&m, model, jobs);
    if (m.edges.len > 1)
        qsort(m.edges.items, m.edges.len, sizeof *m.edges.items, compare_edges);
    size_t count = 0; /* two groups of a workspace may read one dataset: that is one edge */
    for (size_t i = 0; i < m.edges.len; i++)
        if (!count || compare_edges(&m.edges.items[count - 1], &m.edges.items[i]) != 0)
            m.edges.items[count++] = m.edges.items[i];
    struct graph graph = {.nodes = m.nodes.items,
                          .node_count = m.nodes.len,
                          .edges = m.edges.items,
                          .edge_count = count,
                          .by_id = {.arena = arena}};
    for (size_t i = 0; i < graph.node_count; i++)
        (void)map_put(&graph.by_id, str_from(graph.nodes[i].id), &graph.nodes[i]);
    return graph;
}

const struct graph_node *graph_find_dataset(const struct graph *graph, const char *of)
{
    struct buf id = {0};
    buf_addf(&id, "%s:%s", graph_kind_names[GRAPH_DATASET], of);
    const struct graph_node *node = map_get(&graph->by_id, buf_str(&id));
    buf_dispose(&id);
    return node;
}

/* The edges at each node in one direction: those of node i are order[starts[i]] up to order[starts[i + 1]]. */
struct adjacency {
    unsigned *starts, *order;
};

static struct adjacency adjacency_of(struct arena *arena, const struct graph *graph, bool upstream)
{
    struct adjacency a = {arena_calloc(arena, graph->node_count + 2, sizeof *a.starts),
                          arena_calloc(arena, graph->edge_count, sizeof *a.order)};
    for (size_t i = 0; i < graph->edge_count; i++)
        a.starts[(upstream ? graph->edges[i].to : graph->edges[i].from) + 2]++;
    for (size_t i = 2; i < graph->node_count + 2; i++)
        a.starts[i] += a.starts[i - 1];
    for (size_t i = 0; i < graph->edge_count; i++)
        a.order[a.starts[(upstream ? graph->edges[i].to : graph->edges[i].from) + 1]++] = (unsigned)i;
    return a;
}

struct graph_walk graph_walk(struct arena *arena, const struct graph *graph, const struct graph_node *start,
                             bool upstream, size_t max)
{
    struct adjacency at = adjacency_of(arena, graph, upstream);
    struct graph_walk walk = {.nodes = arena_calloc(arena, graph->node_count, sizeof *walk.nodes),
                              .depths = arena_calloc(arena, graph->node_count, sizeof *walk.depths)};
    bool *seen = arena_calloc(arena, graph->node_count, sizeof *seen);
    walk.nodes[walk.count++] = (unsigned)(start - graph->nodes);
    seen[start - graph->nodes] = true;
    for (size_t i = 0; i < walk.count; i++)
        for (unsigned e = at.starts[walk.nodes[i]]; e < at.starts[walk.nodes[i] + 1]; e++) {
            const struct graph_edge *edge = &graph->edges[at.order[e]];
            unsigned next = upstream ? edge->from : edge->to;
            if (seen[next] || graph->nodes[next].kind >= GRAPH_PLATFORM)
                continue;
            if (walk.count == max) {
                walk.truncated = true;
                return walk;
            }
            seen[next] = true;
            walk.depths[walk.count] = walk.depths[i] + 1;
            walk.nodes[walk.count++] = next;
        }
    return walk;
}
