#include "model/graph.h"

#include <stdlib.h>

json_t *graph_node_json(const struct graph_node *node)
{
    return json_pack("{s:s, s:s, s:s, s:s?}", "id", node->id, "kind", graph_kind_names[node->kind], "name", node->name,
                     "team", node->team);
}

json_t *graph_lineage(struct arena *arena, const struct graph *graph, const struct graph_node *start, bool upstream,
                      size_t max)
{
    struct graph_walk walk = graph_walk(arena, graph, start, upstream, max);
    bool *in = arena_calloc(arena, graph->node_count, sizeof *in);
    json_t *nodes = json_array(), *edges = json_array();
    for (size_t i = 0; i < walk.count; i++) {
        json_t *node = graph_node_json(&graph->nodes[walk.nodes[i]]);
        json_object_set_new(node, "depth", json_integer(walk.depths[i]));
        json_array_append_new(nodes, node);
        in[walk.nodes[i]] = true;
    }
    for (size_t i = 0; i < graph->edge_count; i++) {
        const struct graph_edge *edge = &graph->edges[i];
        if (in[edge->from] && in[edge->to])
            json_array_append_new(edges, json_pack("{s:s, s:s, s:s}", "from", graph->nodes[edge->from].id, "to",
                                                   graph->nodes[edge->to].id, "kind", edge->kind));
    }
    return json_pack("{s:o, s:o, s:b}", "nodes", nodes, "edges", edges, "truncated", walk.truncated);
}

/* Names, each once, in order. */
struct names {
    struct arena *arena;
    struct map seen;
    vec(const char *) list;
};

static void note(struct names *names, const char *name)
{
    if (name && !map_put(&names->seen, str_from(name), (void *)name))
        *vec_push(names->arena, &names->list) = name;
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static json_t *names_json(struct names *names)
{
    json_t *list = json_array();
    if (names->list.len > 1)
        qsort(names->list.items, names->list.len, sizeof *names->list.items, compare_texts);
    vec_each(name, &names->list) json_array_append_new(list, json_string(*name));
    return list;
}

/* The views through which a workspace reads what is affected. */
static void add_views(json_t *views, const struct object *workspace, const struct map *datasets)
{
    struct buf name = {0};
    vec_each(group, &workspace->workspace->groups) vec_each(sink, &group->sinks)
    {
        buf_cut(&name, 0);
        buf_addf(&name, "%s.%s", sink->store, sink->dataset);
        if (map_get(datasets, buf_str(&name)))
            json_array_append_new(views, json_pack("{s:s, s:s, s:s, s:s}", "workspace", workspace->name, "group",
                                                   group->name, "store", sink->store, "dataset", sink->dataset));
    }
    buf_dispose(&name);
}

/* Whether the job carries or makes one of the datasets. */
static bool job_affected(const struct job *job, const struct map *datasets, const struct names *stores,
                         const struct names *transformers)
{
    if (job->kind == JOB_TRANSFORMER)
        return map_getz(&transformers->seen, job->name) != NULL;
    return job->dataset ? map_getz(datasets, job->name) != NULL : map_getz(&stores->seen, job->store) != NULL;
}

static json_t *jobs_json(const struct graph *graph, const struct map *datasets, const struct names *stores,
                         const struct names *transformers)
{
    json_t *list = json_array();
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct job *job = graph->nodes[i].job;
        if (job && job_affected(job, datasets, stores, transformers))
            json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "kind", job_kind_names[job->kind], "platform",
                                                  job->platform, "name", job->name));
    }
    return list;
}

json_t *graph_impact(struct arena *arena, const struct graph *graph, const struct graph_node *dataset, size_t max)
{
    struct graph_walk walk = graph_walk(arena, graph, dataset, false, max);
    struct names users = {.arena = arena, .seen = {.arena = arena}}, workspaces = users, teams = users,
                 datasets = users, transformers = users, stores = users;
    json_t *views = json_array();
    for (size_t i = 0; i < walk.count; i++) {
        const struct graph_node *node = &graph->nodes[walk.nodes[i]];
        note(&teams, node->team);
        if (node->kind == GRAPH_DATASET) {
            note(&datasets, node->name);
            note(&stores, node->object->name);
        }
        if (node->kind == GRAPH_TRANSFORMER)
            note(&transformers, node->name);
        if (node->kind == GRAPH_WORKSPACE)
            note(&workspaces, node->name);
        if (node->kind == GRAPH_WORKSPACE && walk.depths[i] == 1)
            note(&users, node->name);
    }
    for (size_t i = 0; i < walk.count; i++)
        if (graph->nodes[walk.nodes[i]].kind == GRAPH_WORKSPACE)
            add_views(views, graph->nodes[walk.nodes[i]].object, &datasets.seen);
    json_t *jobs = jobs_json(graph, &datasets.seen, &stores, &transformers);
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "users", names_json(&users), "workspaces",
                     names_json(&workspaces), "teams", names_json(&teams), "datasets", names_json(&datasets),
                     "transformers", names_json(&transformers), "jobs", jobs, "views", views, "truncated",
                     walk.truncated);
}
