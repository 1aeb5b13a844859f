#include "model/job_levels.h"

#include "model/checks.h"

#include <stdio.h>

struct psp_levels {
    struct arena *arena;
    const struct object *psp;
    struct map hints;                    /* "stream:customers", "store:customers@Live", ... -> struct hint_source */
    const char *ingestion, *transformer; /* sources of the defaults */
};
struct hint_source {
    const struct hint *hint;
    const char *source;
};

enum { KEY_SIZE = 320 };

static const char *hint_key(char key[KEY_SIZE], const char *what, const char *name, const char *platform)
{
    (void)snprintf(key, KEY_SIZE, "%s:%s%s%s", what, name, platform ? "@" : "", platform ? platform : "");
    return key;
}

struct psp_levels *psp_levels_new(struct arena *arena, const struct object *object)
{
    struct psp_levels *levels = arena_alloc(arena, sizeof *levels);
    levels->arena = arena;
    levels->psp = object;
    levels->hints.arena = arena;
    levels->ingestion = arena_printf(arena, "PlatformServiceProvider %s, defaults.ingestion", object->name);
    levels->transformer = arena_printf(arena, "PlatformServiceProvider %s, defaults.transformer", object->name);
    size_t index = 0;
    vec_each(hint, &object->psp->hints)
    {
        const struct {
            const char *what, *name;
        } targets[] = {
            {"stream", hint->stream}, {"transformer", hint->transformer}, {"store", hint->store}, {"kind", hint->kind}};
        struct hint_source *source = arena_alloc(arena, sizeof *source);
        source->hint = hint;
        source->source = arena_printf(arena, "PlatformServiceProvider %s, hints[%zu]", object->name, index++);
        char key[KEY_SIZE];
        for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
            if (targets[i].name &&
                !map_getz(&levels->hints, hint_key(key, targets[i].what, targets[i].name, hint->platform)))
                (void)map_put(&levels->hints, str_from(arena_strdup(arena, key)), source);
    }
    return levels;
}

/* The levels of one job, with where each is written. */
struct stack_of {
    struct job *job;
    struct place places[JOB_LEVELS];
};

static void add(struct stack_of *stack, const char *name, const char *source, const struct resources *values,
                struct place place)
{
    bool any = false;
    for (int r = 0; r < RESOURCE_COUNT; r++)
        any = any || values->value[r];
    if (!any || stack->job->level_count == JOB_LEVELS)
        return;
    stack->places[stack->job->level_count] = place;
    stack->job->levels[stack->job->level_count++] = (struct resource_level){name, source, *values};
}

/* A hint for one platform is nearer than one for all. */
static void add_hints(struct stack_of *stack, const struct psp_levels *levels, const char *level, const char *what,
                      const char *name)
{
    char key[KEY_SIZE];
    for (int all = 0; all < 2 && levels->hints.len; all++) {
        const struct hint_source *found =
            map_getz(&levels->hints, hint_key(key, what, name, all ? NULL : stack->job->platform));
        if (found)
            add(stack, level, found->source, &found->hint->resources, found->hint->place);
    }
}

/* Fills resolved. What is wrong within one level, or is no quantity, was said where that is written. */
static void report_pairs(const struct stack_of *stack, struct findings *findings)
{
    struct job *job = stack->job;
    struct resource_resolution resolution;
    bool good = resources_pick(job->levels, job->level_count, &resolution, ERR_IGNORED) == 0;
    for (size_t i = 0; i < 2 && good; i++) {
        const enum resource *pair = resource_pairs[i];
        size_t from = resolution.winner[pair[0]], to = resolution.winner[pair[1]];
        struct err err = {0};
        int64_t milli;
        if (resources_check_pair(job->levels, &resolution, pair, &err) == 0)
            continue;
        if (from == to || !quantity_parse(str_from(resolution.values.value[pair[0]]), &milli) ||
            !quantity_parse(str_from(resolution.values.value[pair[1]]), &milli))
            continue;
        struct finding *finding = check_report(findings, CHECK_REQUEST_OVER_LIMIT, stack->places[from], "%s %s/%s: %s",
                                               job_kind_names[job->kind], job->platform, job->name, err.text);
        if (err.hint[0])
            finding_hint(findings, finding, "%s", err.hint);
    }
    if (good && resources_resolve(job->levels, job->level_count, &resolution, ERR_IGNORED) == 0)
        job->resolved = resolution;
}

void psp_levels_resolve(const struct psp_levels *levels, struct job *job, const struct object *store,
                        const struct object *workspace, struct findings *findings)
{
    bool stream = job->kind == JOB_STREAM;
    const struct psp *psp = levels->psp->psp;
    struct stack_of stack = {.job = job};
    add_hints(&stack, levels, "psp-hint", job_kind_names[job->kind], job->name);
    if (stream) {
        add_hints(&stack, levels, "store-hint", "store", job->store);
        add(&stack, "store-hint", arena_printf(levels->arena, "Datastore %s", store->name),
            &store->datastore->resources, store->place);
    } else {
        add(&stack, "store-hint", arena_printf(levels->arena, "Workspace %s, transformer", workspace->name),
            &workspace->workspace->transformer.resources, workspace->workspace->transformer.place);
    }
    if (!stream || store->datastore->capture.present) /* kind "transformer" is for what runs code */
        add_hints(&stack, levels, "kind-hint", "kind", stream ? job->capture : "transformer");
    add(&stack, "psp-default", stream ? levels->ingestion : levels->transformer,
        stream ? &psp->defaults.ingestion.resources : &psp->defaults.transformer.resources, levels->psp->place);
    add(&stack, "system-default", "Yellow", stream ? &resources_system_ingestion : &resources_system_transformer,
        levels->psp->place);
    report_pairs(&stack, findings);
}
