#include "control/schedule_plan.h"

#include "base/map.h"

#include <stdlib.h>

int64_t schedule_backoff(const struct schedule_limits *limits, int attempts)
{
    int64_t pause = limits->retry_ms;
    for (int i = 1; i < attempts && pause < limits->retry_max_ms; i++)
        pause *= 2;
    return pause < limits->retry_max_ms ? pause : limits->retry_max_ms;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t due_by_trigger(const struct schedule_job *job)
{
    if (job->trigger == SCHEDULE_EXTERNAL)
        return INT64_MAX;
    if (job->trigger == SCHEDULE_INPUTS) {
        bool fresh = job->inputs_at != SCHEDULE_NEVER_MS && job->inputs_at > job->started_at;
        return fresh ? job->inputs_at : INT64_MAX;
    }
    if (job->started_at == SCHEDULE_NEVER_MS)
        return job->appeared_at;
    int64_t next = cron_next_in(&job->cron, job->zone, job->started_at / 1000);
    return next < 0 ? INT64_MAX : next * 1000;
}

int64_t schedule_due(const struct schedule_job *job, const struct schedule_limits *limits)
{
    int64_t due;
    if (job->state == SCHEDULE_CLOSED)
        return INT64_MAX;
    if (job->requested_at != SCHEDULE_NEVER_MS && job->requested_at > job->started_at)
        due = job->requested_at;
    else if (job->state == SCHEDULE_FAILED && job->trigger != SCHEDULE_EXTERNAL)
        due = job->ended_at + schedule_backoff(limits, job->attempts);
    else
        due = due_by_trigger(job);
    return due == INT64_MAX ? due : later(due, job->not_before);
}

/* A job that is due, and how much it presses. */
struct candidate {
    size_t job;
    int64_t weight;
};

static int first_things_first(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return x->job < y->job ? -1 : 1;
}

/* How many jobs use a container, by its name. */
static size_t *uses(struct arena *arena, struct map *map, const char *name)
{
    size_t *count = map_getz(map, name);
    if (!count) {
        count = arena_alloc(arena, sizeof *count);
        (void)map_put(map, str_from(name), count);
    }
    return count;
}

/* What is taken so far. */
struct load {
    struct arena *arena;
    struct map sources, targets;
    size_t jobs;
};

static void take(struct load *load, const char *source, const char *target)
{
    load->jobs++;
    if (source)
        ++*uses(load->arena, &load->sources, source);
    if (target)
        ++*uses(load->arena, &load->targets, target);
}

static bool has_room(struct load *load, const struct schedule_limits *limits, const struct schedule_job *job)
{
    return load->jobs < limits->jobs &&
           (!job->source || *uses(load->arena, &load->sources, job->source) < limits->per_source) &&
           (!job->target || *uses(load->arena, &load->targets, job->target) < limits->per_target);
}

struct schedule_plan schedule_plan(struct arena *arena, const struct schedule_job *jobs, const int64_t *due,
                                   size_t count, const struct schedule_running *running, size_t running_count,
                                   const struct schedule_limits *limits, int64_t now)
{
    struct schedule_plan plan = {.next = INT64_MAX};
    struct load load = {.arena = arena, .sources = {.arena = arena}, .targets = {.arena = arena}};
    size_t ready = 0;
    for (size_t i = 0; i < count; i++) {
        if (due[i] <= now)
            ready++;
        else if (due[i] < plan.next)
            plan.next = due[i];
    }
    if (!ready)
        return plan;
    struct candidate *candidates = arena_calloc(arena, ready, sizeof *candidates);
    for (size_t i = 0, n = 0; i < count; i++)
        if (due[i] <= now)
            candidates[n++] = (struct candidate){i, (int64_t)jobs[i].priority * limits->age_ms + now - due[i]};
    qsort(candidates, ready, sizeof *candidates, first_things_first);
    for (size_t i = 0; i < running_count; i++) {
        take(&load, running[i].source, running[i].target);
        load.jobs -= running[i].elsewhere;
    }
    size_t *start = arena_calloc(arena, ready, sizeof *start);
    for (size_t i = 0; i < ready && load.jobs < limits->jobs; i++) {
        const struct schedule_job *job = &jobs[candidates[i].job];
        if (!has_room(&load, limits, job))
            continue;
        take(&load, job->source, job->target);
        start[plan.count++] = candidates[i].job;
    }
    plan.start = start;
    plan.waiting = ready - plan.count;
    return plan;
}
