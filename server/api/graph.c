#include "api/graph.h"

#include "api/page.h"
#include "api/reading.h"
#include "model/graph.h"

enum { PAGE = 100, PAGE_MAX = 1000, NODES = 500, NODES_MAX = 5000 };

/* A node with the edges that go out of it. */
static json_t *item(const struct graph *graph, size_t node, size_t *edge)
{
    json_t *json = graph_node_json(&graph->nodes[node]), *edges = json_array();
    for (; *edge < graph->edge_count && graph->edges[*edge].from == node; ++*edge)
        json_array_append_new(edges, json_pack("{s:s, s:s}", "to", graph->nodes[graph->edges[*edge].to].id, "kind",
                                               graph->edges[*edge].kind));
    json_object_set_new(json, "edges", edges);
    return json;
}

int graph_get(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const known[] = {"limit", "cursor", NULL};
    const struct snapshot *snapshot;
    size_t limit, begin = 0, edge = 0, node;
    int rc = reading_check_query(req, known, err);
    if (rc || (rc = http_page_limit(req, PAGE, PAGE_MAX, &limit, err)) != 0 ||
        (rc = reading_cursor(req, &snapshot, &begin, err)) != 0)
        return rc;
    struct graph graph = graph_make(req->arena, snapshot->model, &snapshot->jobs);
    json_t *items = json_array();
    while (edge < graph.edge_count && graph.edges[edge].from < begin)
        edge++;
    for (node = begin; node < graph.node_count && node < begin + limit; node++)
        json_array_append_new(items, item(&graph, node, &edge));
    if (node < graph.node_count) {
        const char *parts[] = {arena_printf(req->arena, "%d", snapshot->version),
                               arena_printf(req->arena, "%zu", node)};
        http_link_next(req, res, http_cursor_make(req->arena, parts, 2));
    }
    json_t *body = json_pack("{s:i, s:o}", "version", snapshot->version, "items", items);
    http_reply_json(res, 200, json_own(req->arena, body));
    http_set_body_etag(req, res);
    reading_settled(req, res);
    return 0;
}

/* What lineage and impact are asked of. */
struct question {
    const struct snapshot *snapshot;
    struct graph graph;
    const struct graph_node *of;
    size_t limit;
};

static int read_question(struct http_request *req, struct question *out, struct err *err)
{
    const char *of = http_query(req, "of");
    int rc = http_page_limit(req, NODES, NODES_MAX, &out->limit, err);
    if (rc)
        return rc;
    if (!of) {
        err_set(err, ERR_SYNTAX, "of is needed: a dataset");
        return err_hint(err, "?of=STORE.DATASET");
    }
    if ((rc = reading_snapshot(req, &out->snapshot, err)) != 0)
        return rc;
    out->graph = graph_make(req->arena, out->snapshot->model, &out->snapshot->jobs);
    out->of = graph_find_dataset(&out->graph, of);
    if (out->of)
        return 0;
    err_set(err, ERR_NOT_FOUND, "version %d of ecosystem %s has no dataset %s", out->snapshot->version,
            out->snapshot->ecosystem, of);
    return err_hint(err, "?of=STORE.DATASET");
}

static int reply(struct http_request *req, struct http_response *res, const struct question *question, json_t *body)
{
    json_object_set_new(body, "version", json_integer(question->snapshot->version));
    json_object_set_new(body, "of", json_string(question->of->name));
    http_reply_json(res, 200, json_own(req->arena, body));
    http_set_body_etag(req, res);
    reading_settled(req, res);
    return 0;
}

int graph_get_lineage(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const known[] = {"of", "direction", "limit", NULL};
    static const char *const directions[] = {"upstream", "downstream", NULL};
    const char *direction;
    struct question question;
    if (reading_check_query(req, known, err) != 0 ||
        reading_choice(req, "direction", directions, &direction, err) != 0 || read_question(req, &question, err) != 0)
        return -err->code;
    bool upstream = direction && strcmp(direction, "upstream") == 0;
    json_t *body = graph_lineage(req->arena, &question.graph, question.of, upstream, question.limit);
    json_object_set_new(body, "direction", json_string(upstream ? "upstream" : "downstream"));
    return reply(req, res, &question, body);
}

int graph_get_impact(struct http_request *req, struct http_response *res, struct err *err)
{
    static const char *const known[] = {"of", "limit", NULL};
    struct question question;
    int rc = reading_check_query(req, known, err);
    if (rc || (rc = read_question(req, &question, err)) != 0)
        return rc;
    json_t *body = graph_impact(req->arena, &question.graph, question.of, question.limit);
    json_object_set_new(body, "deprecated", json_boolean(question.of->dataset->deprecated));
    return reply(req, res, &question, body);
}
