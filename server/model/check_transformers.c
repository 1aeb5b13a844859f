#include "model/checks.h"

static void check_stores(struct check_run *run)
{
    check_objects(object, run, OBJECT_DATASTORE)
    {
        if (object->datastore->capture.present || map_getz(&run->outputs, object->name))
            continue;
        struct finding *finding =
            check_report(run->findings, CHECK_NO_CAPTURE, object->place,
                         "Datastore \"%s\" has no capture and is no transformer's output", object->name);
        finding_hint(run->findings, finding, "capture: says how it is read");
    }
}

static void check_output(struct check_run *run, const struct object *workspace)
{
    const struct transformer *transformer = &workspace->workspace->transformer;
    const struct object *store = model_find(run->model, OBJECT_DATASTORE, transformer->output);
    const struct object *first = map_getz(&run->outputs, transformer->output);
    const char *name = transformer->name ? transformer->name : "";
    struct place place = model_place(run->model, transformer->output, transformer->place);
    struct finding *finding;
    if (!store)
        return;
    if (first != workspace) {
        finding = check_report(run->findings, CHECK_OUTPUT_TWICE, place,
                               "Datastore \"%s\" is the output of transformer \"%s\" and of \"%s\"", store->name,
                               first->workspace->transformer.name ? first->workspace->transformer.name : "", name);
        finding_hint(run->findings, finding, "the other is at %s:%u", first->workspace->transformer.place.path,
                     first->workspace->transformer.place.line);
    }
    if (store->datastore->capture.present)
        check_report(run->findings, CHECK_OUTPUT_CAPTURE, store->datastore->capture.place,
                     "Datastore \"%s\" has a capture, and is the output of transformer \"%s\"", store->name, name);
    if (store->datastore->team && workspace->workspace->team &&
        strcmp(store->datastore->team, workspace->workspace->team) != 0)
        check_report(run->findings, CHECK_OUTPUT_TEAM, place,
                     "the output of transformer \"%s\" is Datastore \"%s\" of team %s, not of %s", name, store->name,
                     store->datastore->team, workspace->workspace->team);
}

/* Depth first over workspaces by what their transformers read, without recursion: a chain may be as long as a model. */
struct visit {
    const struct object *workspace;
    size_t group, sink;
};
enum colour { WHITE, GREY, BLACK };

struct walk {
    struct check_run *run;
    enum colour *colours;
    vec(struct visit) path;
};

static enum colour *colour_of(struct walk *walk, const struct object *workspace)
{
    return &walk->colours[workspace - walk->run->model->objects];
}

static void report_cycle(struct walk *walk, const struct object *start)
{
    size_t i = walk->path.len;
    while (i > 0 && walk->path.items[i - 1].workspace != start)
        i--;
    struct buf text = {0};
    for (size_t j = i - 1; j < walk->path.len; j++)
        buf_addf(&text, "%s <- ", walk->path.items[j].workspace->workspace->transformer.name);
    buf_adds(&text, start->workspace->transformer.name);
    struct finding *finding =
        check_report(walk->run->findings, CHECK_TRANSFORMER_CYCLE, start->workspace->transformer.place,
                     "transformers wait for each other: %s", buf_text(&text));
    finding_hint(walk->run->findings, finding,
                 "a transformer may read its own output, but not that of one that reads its");
    buf_dispose(&text);
}

/* The next workspace whose transformer makes an input of this one, or NULL at the end. */
static const struct object *next_input(struct walk *walk, struct visit *visit)
{
    const struct workspace *workspace = visit->workspace->workspace;
    for (; visit->group < workspace->groups.len; visit->group++, visit->sink = 0) {
        const struct group *group = &workspace->groups.items[visit->group];
        while (visit->sink < group->sinks.len) {
            const char *store = group->sinks.items[visit->sink++].store;
            const struct object *maker = store ? map_getz(&walk->run->outputs, store) : NULL;
            if (maker && maker != visit->workspace && maker->workspace->transformer.name)
                return maker;
        }
    }
    return NULL;
}

static void walk_from(struct walk *walk, const struct object *start)
{
    *colour_of(walk, start) = GREY;
    *vec_push(walk->run->arena, &walk->path) = (struct visit){.workspace = start};
    while (walk->path.len) {
        struct visit *top = &walk->path.items[walk->path.len - 1];
        const struct object *input = next_input(walk, top);
        if (!input) {
            *colour_of(walk, top->workspace) = BLACK;
            walk->path.len--;
        } else if (*colour_of(walk, input) == GREY) {
            report_cycle(walk, input);
        } else if (*colour_of(walk, input) == WHITE) {
            *colour_of(walk, input) = GREY;
            *vec_push(walk->run->arena, &walk->path) = (struct visit){.workspace = input};
        }
    }
}

static void check_inputs(struct check_run *run, const struct object *object)
{
    const struct transformer *transformer = &object->workspace->transformer;
    vec_each(group, &object->workspace->groups)
        vec_each(sink, &group->sinks) if (sink->store && transformer->output &&
                                          strcmp(sink->store, transformer->output) != 0) return;
    check_report(run->findings, CHECK_TRANSFORMER_INPUT, transformer->place,
                 "transformer \"%s\" has no input but its own output", transformer->name ? transformer->name : "");
}

void check_transformers(struct check_run *run)
{
    check_stores(run);
    struct walk walk = {.run = run, .colours = arena_calloc(run->arena, run->model->count, sizeof *walk.colours)};
    struct map consumed = {.arena = run->arena};
    if (!run->outputs.len)
        return; /* nothing transforms */
    check_objects(object, run, OBJECT_WORKSPACE) vec_each(group, &object->workspace->groups)
        vec_each(sink, &group->sinks) if (sink->store && map_getz(&run->outputs, sink->store))(void)
            map_put(&consumed, str_from(sink->store), sink);
    check_objects(object, run, OBJECT_WORKSPACE)
    {
        const struct transformer *transformer = &object->workspace->transformer;
        if (!transformer->present || !transformer->output)
            continue;
        check_output(run, object);
        check_inputs(run, object);
        if (!map_getz(&consumed, transformer->output))
            check_report(run->findings, CHECK_IDLE_TRANSFORMER, transformer->place,
                         "nobody consumes Datastore \"%s\": transformer \"%s\" never runs", transformer->output,
                         transformer->name ? transformer->name : "");
        if (transformer->name && *colour_of(&walk, object) == WHITE)
            walk_from(&walk, object);
    }
}
