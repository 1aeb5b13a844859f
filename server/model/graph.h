#ifndef YELLOW_MODEL_GRAPH_H
#define YELLOW_MODEL_GRAPH_H

#include "model/job.h"

/* The model as a graph along which data flows (DOMAIN.md section 5): container > store > dataset > workspace >
 * transformer > store, and beside it what carries the data: store > stream > platform. Built for one model version. */
enum graph_kind {
    GRAPH_CONTAINER,
    GRAPH_STORE,
    GRAPH_DATASET,
    GRAPH_WORKSPACE,
    GRAPH_TRANSFORMER,
    GRAPH_PLATFORM,
    GRAPH_JOB
};
extern const char *const graph_kind_names[]; /* "container", "store", ... */

struct graph_node {
    enum graph_kind kind;
    const char *id;   /* "dataset:customers.people", "job:stream:YellowLive/customers" */
    const char *name; /* what follows the kind */
    const char *team; /* "zone/team", or NULL */
    const struct object *object;
    const struct dataset *dataset; /* of a dataset */
    const struct job *job;         /* of a job */
};
struct graph_edge {
    unsigned from, to; /* indices of nodes */
    const char *kind;  /* "captured", "holds", "read", "runs", "writes", "carried", "on" */
};
struct graph {
    struct graph_node *nodes; /* sorted by kind, then in the order of the model */
    size_t node_count;
    struct graph_edge *edges; /* sorted by from, to */
    size_t edge_count;
    struct map by_id; /* id -> struct graph_node */
};

struct graph graph_make(struct arena *arena, const struct model *model, const struct jobs *jobs);
/* NULL when there is no such dataset; of is "store.dataset". */
const struct graph_node *graph_find_dataset(const struct graph *graph, const char *of);

/* What a node's data comes from (upstream) or goes to, nearest first, each once: indices, the node itself first. Jobs
 * and platforms are not followed. At most max nodes; *truncated says that there are more. */
struct graph_walk {
    unsigned *nodes, *depths; /* steps from the first */
    size_t count;
    bool truncated;
};
struct graph_walk graph_walk(struct arena *arena, const struct graph *graph, const struct graph_node *start,
                             bool upstream, size_t max);

/* {"id","kind","name","team"}; a new reference. */
json_t *graph_node_json(const struct graph_node *node);
/* {"nodes": [{..., "depth"}], "edges": [{"from","to","kind"}] between them, "truncated"}; a new reference. */
json_t *graph_lineage(struct arena *arena, const struct graph *graph, const struct graph_node *start, bool upstream,
                      size_t max);
/* Who a change of the dataset reaches: {"users" (workspaces that read it), "workspaces" (they and those behind their
 * transformers), "teams", "datasets", "transformers", "jobs", "views": [{"workspace","group","store","dataset"}],
 * "truncated"}; a new reference. */
json_t *graph_impact(struct arena *arena, const struct graph *graph, const struct graph_node *dataset, size_t max);

/* The same for people: a tree, each node once, below the nearest that leads to it; and who is reached, a line a kind.
 */
void graph_lineage_print(struct arena *arena, const struct graph *graph, const struct graph_node *start, bool upstream,
                         size_t max, struct buf *out);
void graph_impact_print(const struct graph_node *dataset, const json_t *impact, struct buf *out);

#endif
