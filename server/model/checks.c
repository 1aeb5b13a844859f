#include "model/checks.h"

#include "model/change.h"
#include "model/fields.h"
#include "model/unit.h"

const struct check *check_by_code(const char *code)
{
    for (size_t i = 0; i < CHECK_CODE_COUNT; i++)
        if (strcmp(checks[i].code, code) == 0)
            return &checks[i];
    return NULL;
}

struct finding *check_report(struct findings *findings, enum check_code code, struct place place, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    struct finding *finding = findings_vadd(findings, checks[code].severity, checks[code].code, place, fmt, args);
    va_end(args);
    return finding;
}

enum { NEAR = 2 };

static void keep_nearest(const char *name, const char *text, const char **best, size_t *distance)
{
    size_t edits = str_distance(str_from(name), str_from(text), NEAR);
    if (edits < *distance && edits < strlen(text)) {
        *distance = edits;
        *best = name;
    }
}

void check_suggest_list(struct findings *findings, struct finding *finding, const char *const *names, const char *text)
{
    const char *best = NULL;
    size_t distance = NEAR + 1;
    for (size_t i = 0; names[i]; i++)
        keep_nearest(names[i], text, &best, &distance);
    if (best) {
        finding_hint(findings, finding, "did you mean \"%s\"?", best);
        return;
    }
    struct buf list = {0};
    for (size_t i = 0; names[i]; i++)
        buf_addf(&list, "%s%s", i ? ", " : "", names[i]);
    finding_hint(findings, finding, "one of: %s", buf_text(&list));
    buf_dispose(&list);
}

void check_suggest(struct findings *findings, struct finding *finding, const struct map *names, const char *text)
{
    if (!finding) /* only counted: do not look through all names for nothing */
        return;
    const char *best = NULL;
    size_t distance = NEAR + 1;
    map_each(entry, names) if (entry->key.len + NEAR >= strlen(text) && entry->key.len <= strlen(text) + NEAR)
        keep_nearest(entry->key.data, text, &best, &distance);
    if (best)
        finding_hint(findings, finding, "did you mean \"%s\"?", best);
}

static struct map *datasets_of(struct check_run *run, const struct object *store)
{
    struct map **slot = &run->datasets[store - run->model->objects];
    struct map *known = *slot;
    if (known)
        return known;
    *slot = arena_alloc(run->arena, sizeof **slot);
    (*slot)->arena = run->arena;
    map_reserve(*slot, store->datastore->datasets.len);
    vec_each(dataset, &store->datastore->datasets)
    {
        if (dataset->name && !map_getz(*slot, dataset->name))
            (void)map_put(*slot, str_from(dataset->name), dataset);
    }
    return *slot;
}

const struct sink_target *check_sink_target(struct check_run *run, const struct object *workspace,
                                            const struct group *group, const struct sink *sink)
{
    struct sink_target ***groups = &run->targets[workspace - run->model->objects];
    if (!*groups)
        *groups = arena_calloc(run->arena, workspace->workspace->groups.len, sizeof **groups);
    struct sink_target **sinks = &(*groups)[group - workspace->workspace->groups.items];
    if (!*sinks)
        *sinks = arena_calloc(run->arena, group->sinks.len, sizeof **sinks);
    struct sink_target *target = &(*sinks)[sink - group->sinks.items];
    if (!target->known) {
        target->known = true;
        target->store = model_find(run->model, OBJECT_DATASTORE, sink->store);
        if (target->store && sink->dataset)
            target->dataset = map_getz(datasets_of(run, target->store), sink->dataset);
    }
    return target;
}

void check_suggest_dataset(struct check_run *run, struct finding *finding, const struct object *store, const char *name)
{
    check_suggest(run->findings, finding, datasets_of(run, store), name);
}

static void run_checks(struct check_run *run, bool alone)
{
    for (size_t i = 0; i < CHECK_CODE_COUNT; i++)
        if (checks[i].fn && checks[i].alone == alone)
            checks[i].fn(run);
}

void model_check_alone(const struct model *model, struct findings *findings)
{
    struct arena *scratch = arena_new(); /* units live long, and keep only what was found */
    struct check_run run = {.model = model, .findings = findings, .arena = scratch};
    run_checks(&run, true);
    arena_free(scratch);
}

/* Units have what was found in them; what came out of a database was never looked at. */
static void tell_alone(const struct model *model, struct findings *findings)
{
    bool stored = false;
    for (size_t i = 0; i < model->own_units; i++)
        stored = stored || model->units[i]->stored;
    if (stored)
        model_check_alone(model, findings);
    for (size_t i = 0; i < model->own_units && !stored; i++)
        findings_add_all(findings, &model->units[i]->checked);
}

bool check_begin(struct check_run *run, const struct object *object, size_t *before)
{
    *before = run->findings->errors + run->findings->warnings;
    return !run->known || run->known[object - run->model->objects] != CHECK_KNOWN;
}

void check_end(struct check_run *run, const struct object *object, size_t before)
{
    if (run->found && run->findings->errors + run->findings->warnings != before)
        run->found[object - run->model->objects] = true;
}

bool check_sink_due(const struct check_run *run, const struct object *workspace, const struct sink *sink)
{
    return !run->known || run->known[workspace - run->model->objects] != CHECK_KNOWN_BUT_STORES || !sink->store ||
           model_change_has(run->change, sink->store);
}

/* How much of a workspace that was clean and is the same needs a look. */
static enum check_known workspace_known(const struct object *object, const struct model_change *change)
{
    if (object->workspace->transformer.present)
        return CHECK_UNKNOWN;
    return model_change_reaches(change, object->workspace) ? CHECK_KNOWN_BUT_STORES : CHECK_KNOWN;
}

/* What needs no look, by the index of the model's object; NULL: all does. */
static enum check_known *find_known(struct arena *arena, const struct model *model, const struct checked *former,
                                    const struct model_change *change)
{
    if (!former || !former->clean || !change || change->wide)
        return NULL;
    enum check_known *known = arena_calloc(arena, model->count, sizeof *known);
    size_t at = 0;
    for (size_t i = 0; i < model->count; i++) {
        const struct object *object = &model->objects[i];
        if (!change->same[i])
            continue;
        while (former->model->objects[at].kind != object->kind ||
               strcmp(former->model->objects[at].name, object->name) != 0)
            at++; /* it is there: both are in one order */
        if (former->clean[at])
            known[i] = object->kind == OBJECT_WORKSPACE ? workspace_known(object, change) : CHECK_KNOWN;
    }
    return known;
}

static void note_outputs(struct check_run *run)
{
    check_objects(object, run, OBJECT_WORKSPACE)
    {
        const struct transformer *transformer = &object->workspace->transformer;
        if (transformer->present && transformer->output && !map_getz(&run->outputs, transformer->output))
            (void)map_put(&run->outputs, str_from(transformer->output), (void *)(uintptr_t)object);
    }
}

static void note_platforms(struct check_run *run)
{
    check_objects(object, run, OBJECT_PSP) vec_each(platform, &object->psp->platforms)
    {
        if (!platform->name || map_getz(&run->platforms, platform->name))
            continue;
        struct platform_of *of = arena_alloc(run->arena, sizeof *of);
        *of = (struct platform_of){object, model_find(run->model, OBJECT_CONTAINER, object->psp->merge.container),
                                   platform};
        (void)map_put(&run->platforms, str_from(platform->name), of);
    }
}

struct checked model_check_after(struct arena *arena, const struct model *model, const struct checked *former,
                                 const struct model_change *change, struct findings *findings)
{
    struct arena *scratch = arena_new();
    bool *clean = arena_calloc(arena, model->count, sizeof *clean);
    struct check_run run = {.model = model,
                            .findings = findings,
                            .arena = scratch,
                            .outputs = {.arena = scratch},
                            .platforms = {.arena = scratch},
                            .datasets = arena_calloc(scratch, model->count, sizeof *run.datasets),
                            .targets = arena_calloc(scratch, model->count, sizeof *run.targets),
                            .known = find_known(scratch, model, former, change),
                            .change = change,
                            .found = arena_calloc(scratch, model->count, sizeof *run.found)};
    note_outputs(&run);
    note_platforms(&run);
    tell_alone(model, findings);
    run_checks(&run, false);
    for (size_t i = 0; i < model->count; i++)
        clean[i] = !run.found[i];
    arena_free(scratch);
    return (struct checked){model, clean};
}

void model_check(const struct model *model, struct findings *findings)
{
    (void)model_check_after(findings->arena, model, NULL, NULL, findings);
}
