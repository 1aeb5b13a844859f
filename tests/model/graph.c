#include "model/graph.h"

#include "support.h"

#include <stdlib.h>

#define OUTPUT(name)                                                                                                   \
    "---\nkind: Datastore\nname: " name "\nteam: usa/sales\ndatasets: [{name: d, columns: [{name: id, type: int64, "   \
    "key: true}]}, {name: e, columns: [{name: id, type: int64, key: true}]}]\n"
#define MAKER(ws, sinks, out)                                                                                          \
    "---\nkind: Workspace\nname: " ws "\nteam: usa/sales\ngroups: [{name: g, platform: {name: Live}, sinks: [" sinks   \
    "]}]\ntransformer: {name: " ws "-t, code: {type: sql, file: transforms/mask.sql}, output: " out "}\n"
#define READER(ws, sinks)                                                                                              \
    "---\nkind: Workspace\nname: " ws                                                                                  \
    "\nteam: usa/sales\ngroups: [{name: g, platform: {name: Forensic}, sinks: [" sinks "]}]\n"
/* customers.people > x > x-t > made; x reads its own made.d too; made.d > reader; made.e > nobody */
static const char chain[] = OUTPUT("made") MAKER("x", "{store: customers, dataset: people}, {store: made, dataset: d}",
                                                 "made") READER("reader", "{store: made, dataset: d}");

struct drawn {
    struct fixture f;
    struct jobs jobs;
    struct graph graph;
};

static struct drawn draw(const char *more)
{
    struct drawn drawn = {.f = support_check(support_base, more + 4, NULL)};
    support_expect(&drawn.f, "");
    drawn.jobs = model_jobs(drawn.f.arena, drawn.f.model, &drawn.f.findings);
    drawn.graph = graph_make(drawn.f.arena, drawn.f.model, &drawn.jobs);
    return drawn;
}

/* "id@depth" of a walk. */
static void expect_walk(struct drawn *drawn, const char *of, bool upstream, const char *expected)
{
    const struct graph_node *start = graph_find_dataset(&drawn->graph, of);
    cr_assert_not_null(start, "%s", of);
    struct graph_walk walk = graph_walk(drawn->f.arena, &drawn->graph, start, upstream, 100);
    struct buf out = {0};
    for (size_t i = 0; i < walk.count; i++)
        buf_addf(&out, "%s%s@%u", i ? " " : "", drawn->graph.nodes[walk.nodes[i]].id, walk.depths[i]);
    cr_expect_str_eq(buf_text(&out), expected);
    cr_expect(!walk.truncated);
    buf_dispose(&out);
}

Test(graph, lineage_goes_through_transformers_and_ends_at_a_self_reference)
{
    struct drawn drawn = draw(chain);
    expect_walk(&drawn, "customers.people", false,
                "dataset:customers.people@0 workspace:marketing@1 workspace:x@1 transformer:x-t@2 store:made@3 "
                "dataset:made.d@4 dataset:made.e@4 workspace:reader@5");
    expect_walk(&drawn, "made.e", true,
                "dataset:made.e@0 store:made@1 transformer:x-t@2 workspace:x@3 dataset:customers.people@4 "
                "dataset:made.d@4 store:customers@5 container:crm-db@6");
    expect_walk(&drawn, "made.e", false, "dataset:made.e@0");
    cr_expect_null(graph_find_dataset(&drawn.graph, "customers.peoples"));
    support_end(&drawn.f);
}

Test(graph, a_walk_is_bounded_and_says_so)
{
    struct drawn drawn = draw(chain);
    const struct graph_node *start = graph_find_dataset(&drawn.graph, "customers.people");
    struct graph_walk walk = graph_walk(drawn.f.arena, &drawn.graph, start, false, 3);
    cr_expect_eq(walk.count, 3);
    cr_expect(walk.truncated);
    walk = graph_walk(drawn.f.arena, &drawn.graph, start, false, 8);
    cr_expect(!walk.truncated);
    support_end(&drawn.f);
}

static void expect_json(json_t *json, const char *expected)
{
    struct buf out = {0};
    json_write(&out, json);
    cr_expect_str_eq(buf_text(&out), expected);
    buf_dispose(&out);
    json_decref(json);
}

Test(graph, impact_names_who_a_change_reaches)
{
    struct drawn drawn = draw(chain);
    expect_json(
        graph_impact(drawn.f.arena, &drawn.graph, graph_find_dataset(&drawn.graph, "customers.people"), 100),
        "{\"users\":[\"marketing\",\"x\"],\"workspaces\":[\"marketing\",\"reader\",\"x\"],\"teams\":[\"usa/sales\"],"
        "\"datasets\":[\"customers.people\",\"made.d\",\"made.e\"],\"transformers\":[\"x-t\"],\"jobs\":["
        "{\"kind\":\"stream\",\"platform\":\"Forensic\",\"name\":\"customers\"},"
        "{\"kind\":\"stream\",\"platform\":\"Forensic\",\"name\":\"made\"},"
        "{\"kind\":\"stream\",\"platform\":\"Live\",\"name\":\"customers\"},"
        "{\"kind\":\"stream\",\"platform\":\"Live\",\"name\":\"made\"},"
        "{\"kind\":\"transformer\",\"platform\":\"Forensic\",\"name\":\"x-t\"},"
        "{\"kind\":\"transformer\",\"platform\":\"Live\",\"name\":\"x-t\"}],\"views\":["
        "{\"workspace\":\"marketing\",\"group\":\"current\",\"store\":\"customers\",\"dataset\":\"people\"},"
        "{\"workspace\":\"x\",\"group\":\"g\",\"store\":\"customers\",\"dataset\":\"people\"},"
        "{\"workspace\":\"x\",\"group\":\"g\",\"store\":\"made\",\"dataset\":\"d\"},"
        "{\"workspace\":\"reader\",\"group\":\"g\",\"store\":\"made\",\"dataset\":\"d\"}],\"truncated\":false}");
    expect_json(
        graph_impact(drawn.f.arena, &drawn.graph, graph_find_dataset(&drawn.graph, "made.e"), 100),
        "{\"users\":[],\"workspaces\":[],\"teams\":[\"usa/sales\"],\"datasets\":[\"made.e\"],\"transformers\":[],"
        "\"jobs\":[{\"kind\":\"stream\",\"platform\":\"Forensic\",\"name\":\"made\"},{\"kind\":\"stream\","
        "\"platform\":\"Live\",\"name\":\"made\"}],\"views\":[],\"truncated\":false}");
    support_end(&drawn.f);
}

Test(graph, lineage_has_the_edges_between_its_nodes)
{
    struct drawn drawn = draw(chain);
    expect_json(
        graph_lineage(drawn.f.arena, &drawn.graph, graph_find_dataset(&drawn.graph, "made.d"), false, 2),
        "{\"nodes\":[{\"id\":\"dataset:made.d\",\"kind\":\"dataset\",\"name\":\"made.d\",\"team\":\"usa/sales\","
        "\"depth\":0},{\"id\":\"workspace:reader\",\"kind\":\"workspace\",\"name\":\"reader\",\"team\":"
        "\"usa/sales\",\"depth\":1}],\"edges\":[{\"from\":\"dataset:made.d\",\"to\":\"workspace:reader\","
        "\"kind\":\"read\"}],\"truncated\":true}");
    support_end(&drawn.f);
}
