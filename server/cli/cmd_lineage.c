#include "cli/command.h"
#include "cli/folder.h"
#include "model/graph.h"

#include <stdio.h>

/* What is told at most; the API pages beyond it. */
enum { NODES_MAX = 5000 };

/* A dataset in the graph of a model on this machine. */
struct asked {
    struct arena *arena;
    struct graph graph;
    const struct graph_node *of;
    bool json;
};

static int suggest(const struct graph *graph, const char *of, struct err *err)
{
    const char *nearest = NULL;
    size_t best = 4;
    for (size_t i = 0; i < graph->node_count; i++) {
        const struct graph_node *node = &graph->nodes[i];
        size_t distance = node->kind == GRAPH_DATASET ? str_distance(str_from(of), str_from(node->name), best) : best;
        if (distance < best) {
            best = distance;
            nearest = node->name;
        }
    }
    return nearest ? err_hint(err, "did you mean %s?", nearest) : err_hint(err, "a dataset is named STORE.DATASET");
}

/* yellow lineage|impact DATASET [DIR] */
static int read_question(const struct command *command, const struct cli_args *args, struct asked *out, struct err *err)
{
    struct findings findings = {.arena = args->arena};
    struct model *model;
    if (args->operand_count != 1 && args->operand_count != 2)
        return command_check_operands(command, args, 1, err);
    const char *of = args->operands[0], *dir = args->operand_count == 2 ? args->operands[1] : ".";
    int rc = folder_load(args->arena, dir, &findings, &model, err);
    if (rc)
        return rc;
    struct jobs jobs = {0};
    if (!findings.errors)
        jobs = model_jobs(args->arena, model, &findings);
    if (findings.errors) {
        struct buf *text = buf_new(args->arena);
        findings_print(&findings, text);
        (void)fputs(buf_text(text), stderr);
        return err_set(err, ERR_INVALID, "%s: the model has %zu errors", dir, findings.errors);
    }
    *out = (struct asked){args->arena, graph_make(args->arena, model, &jobs), NULL, cli_has(args, "json")};
    out->of = graph_find_dataset(&out->graph, of);
    if (out->of)
        return 0;
    (void)err_set(err, ERR_NOT_FOUND, "%s has no dataset %s", dir, of);
    return suggest(&out->graph, of, err);
}

static void print(const struct asked *asked, json_t *json, const struct buf *text)
{
    struct buf *out = buf_new(asked->arena);
    json_object_set_new(json, "of", json_string(asked->of->name));
    json_write(out, json_own(asked->arena, json));
    buf_addc(out, '\n');
    (void)fputs(asked->json ? buf_text(out) : buf_text(text), stdout);
}

static int run_lineage(const struct cli_args *args, struct err *err)
{
    static const char *const names[] = {"upstream", "downstream"};
    const char *direction = cli_value(args, "direction");
    struct asked asked = {0};
    json_t *json = json_object();
    struct buf *text = buf_new(args->arena);
    int rc = 0;
    if (direction && strcmp(direction, names[0]) != 0 && strcmp(direction, names[1]) != 0)
        rc = err_set(err, ERR_USAGE, "--direction %s is neither upstream nor downstream", direction);
    if (!rc)
        rc = read_question(&cmd_lineage, args, &asked, err);
    for (size_t i = 0; i < 2 && !rc; i++) {
        if (direction && strcmp(direction, names[i]) != 0)
            continue;
        json_object_set_new(json, names[i], graph_lineage(args->arena, &asked.graph, asked.of, i == 0, NODES_MAX));
        graph_lineage_print(args->arena, &asked.graph, asked.of, i == 0, NODES_MAX, text);
    }
    if (!rc)
        print(&asked, json_incref(json), text);
    json_decref(json);
    return rc;
}

static int run_impact(const struct cli_args *args, struct err *err)
{
    struct asked asked = {0};
    struct buf *text = buf_new(args->arena);
    int rc = read_question(&cmd_impact, args, &asked, err);
    if (rc)
        return rc;
    json_t *impact = graph_impact(args->arena, &asked.graph, asked.of, NODES_MAX);
    json_object_set_new(impact, "deprecated", json_boolean(asked.of->dataset->deprecated));
    graph_impact_print(asked.of, impact, text);
    print(&asked, impact, text);
    return 0;
}

static const struct cli_option lineage_options[] = {
    {"direction", "DIRECTION", "upstream (what its data comes from) or downstream (where it goes); both when not given",
     0},
    {"json", NULL, "print nodes and edges as JSON", 0},
    {0},
};
static const struct cli_option impact_options[] = {
    {"json", NULL, "print it as JSON", 0},
    {0},
};

const struct command cmd_lineage = {
    .name = "lineage",
    .summary = "show what a dataset's data comes from and where it goes, through transformers, without a server",
    .operands = "STORE.DATASET [DIR]",
    .options = lineage_options,
    .run = run_lineage};

const struct command cmd_impact = {.name = "impact",
                                   .summary = "show who a change of a dataset reaches, without a server",
                                   .operands = "STORE.DATASET [DIR]",
                                   .options = impact_options,
                                   .run = run_impact};
