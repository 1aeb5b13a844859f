#include "model/graph.h"

struct printing {
    struct arena *arena;
    const struct graph *graph;
    const struct graph_walk *walk;
    size_t *at;     /* of a node of the graph: its place in the walk and 1, or 0 */
    size_t *parent; /* of a place in the walk: the place that it is told below */
    struct buf *out;
};

/* Each node is told once, below the first of the nodes that lead to it by the shortest way. */
static void find_parents(struct printing *printing, bool upstream)
{
    const struct graph *graph = printing->graph;
    const struct graph_walk *walk = printing->walk;
    printing->at = arena_calloc(printing->arena, graph->node_count, sizeof *printing->at);
    printing->parent = arena_calloc(printing->arena, walk->count, sizeof *printing->parent);
    for (size_t i = 0; i < walk->count; i++)
        printing->at[walk->nodes[i]] = i + 1;
    for (size_t i = 0; i < graph->edge_count; i++) {
        const struct graph_edge *edge = &graph->edges[i];
        size_t near = printing->at[upstream ? edge->to : edge->from],
               far = printing->at[upstream ? edge->from : edge->to];
        if (!near || !far || walk->depths[far - 1] != walk->depths[near - 1] + 1)
            continue;
        size_t *parent = &printing->parent[far - 1];
        if (!*parent || near < *parent)
            *parent = near;
    }
}

static void print_below(const struct printing *printing, size_t place, unsigned depth)
{
    for (size_t i = place; i < printing->walk->count; i++) {
        if (printing->parent[i] != place)
            continue;
        const struct graph_node *node = &printing->graph->nodes[printing->walk->nodes[i]];
        buf_addf(printing->out, "%*s%s %s%s%s\n", (int)(2 * depth), "", graph_kind_names[node->kind], node->name,
                 node->team ? ", of " : "", node->team ? node->team : "");
        print_below(printing, i + 1, depth + 1);
    }
}

void graph_lineage_print(struct arena *arena, const struct graph *graph, const struct graph_node *start, bool upstream,
                         size_t max, struct buf *out)
{
    struct graph_walk walk = graph_walk(arena, graph, start, upstream, max);
    struct printing printing = {.arena = arena, .graph = graph, .walk = &walk, .out = out};
    const char *nowhere = upstream ? " nowhere that the model knows" : " nobody";
    buf_addf(out, "%s %s%s\n", start->name, upstream ? "comes from" : "goes to", walk.count > 1 ? ":" : nowhere);
    find_parents(&printing, upstream);
    print_below(&printing, 1, 1);
    if (walk.truncated)
        buf_addf(out, "  ... and more than the %zu that are shown\n", max);
}

/* "label  a, b", over as many lines as it takes; nothing of an empty list. */
static void print_list(struct buf *out, const char *label, const json_t *items)
{
    enum { LABEL = 16, WIDTH = 100 };
    size_t i, column = LABEL;
    json_t *item;
    if (!json_array_size(items))
        return;
    buf_addf(out, "  %-*s", LABEL - 2, label);
    json_array_foreach((json_t *)items, i, item)
    {
        const char *word = json_string_value(item);
        size_t len = strlen(word);
        if (i)
            buf_adds(out, ",");
        if (i && column + 2 + len > WIDTH) {
            buf_addf(out, "\n%*s", LABEL, "");
            column = LABEL;
        } else if (i) {
            buf_addc(out, ' ');
        }
        buf_adds(out, word);
        column += len + 2;
    }
    buf_addc(out, '\n');
}

static json_t *join(const json_t *items, const char *const *keys, const char *separators)
{
    json_t *out = json_array(), *item;
    struct buf text = {0};
    size_t i;
    json_array_foreach((json_t *)items, i, item)
    {
        buf_cut(&text, 0);
        for (size_t k = 0; keys[k]; k++) {
            buf_adds(&text, json_text(item, keys[k]));
            if (keys[k + 1])
                buf_addc(&text, separators[k]);
        }
        json_array_append_new(out, json_string(buf_text(&text)));
    }
    buf_dispose(&text);
    return out;
}

static void print_joined(struct buf *out, const char *label, const json_t *items, const char *const *keys,
                         const char *separators)
{
    json_t *texts = join(items, keys, separators);
    print_list(out, label, texts);
    json_decref(texts);
}

void graph_impact_print(const struct graph_node *of, const json_t *impact, struct buf *out)
{
    static const char *const job[] = {"kind", "platform", "name", NULL}, *const view[] = {"workspace", "group", "store",
                                                                                          "dataset", NULL};
    size_t users = json_array_size(json_object_get(impact, "users"));
    buf_addf(out, "%s%s ", of->name, of->dataset->deprecated ? " (deprecated)" : "");
    if (!users) {
        buf_adds(out, "is read by nobody: it may change as it likes\n");
        return;
    }
    buf_addf(out, "is read by %zu workspace%s; a change of it reaches\n", users, users == 1 ? "" : "s");
    static const char *const lists[] = {"teams", "workspaces", "transformers", "datasets"};
    print_list(out, "readers", json_object_get(impact, "users"));
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        print_list(out, lists[i], json_object_get(impact, lists[i]));
    print_joined(out, "jobs", json_object_get(impact, "jobs"), job, " /");
    print_joined(out, "views", json_object_get(impact, "views"), view, "/ .");
    if (json_is_true(json_object_get(impact, "truncated")))
        buf_adds(out, "  ... and more\n");
}
