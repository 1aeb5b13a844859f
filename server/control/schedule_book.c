#include "control/schedule_book.h"

#include "base/log.h"
#include "base/quantity.h"
#include "model/fields.h"

#include <stdlib.h>

enum {
    OVERLAP_MS = 5000, /* rows carry the time at which their transaction began */
    COMPLETE_MS = 60000,
    AHEAD_MS = 60000 /* a time that is further off was taken before somebody put the clock back */
};

void schedule_book_init(struct schedule_book *book)
{
    *book = (struct schedule_book){.versions = -1};
}

void schedule_book_dispose(struct schedule_book *book)
{
    arena_free(book->arena);
    schedule_book_init(book);
}

ptrdiff_t schedule_book_find(const struct schedule_book *book, int64_t job)
{
    size_t low = 0, high = book->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (book->entries[middle].row.id < job)
            low = middle + 1;
        else
            high = middle;
    }
    return low < book->count && book->entries[low].row.id == job ? (ptrdiff_t)low : -1;
}

static enum schedule_state state_of(const struct book_entry *entry)
{
    static const struct {
        const char *name;
        enum schedule_state state;
    } states[] = {{"idle", SCHEDULE_READY}, {"failed", SCHEDULE_FAILED}, {"lost", SCHEDULE_FAILED}};
    const struct schedule_row *row = &entry->row;
    if (entry->held || row->run.running)
        return SCHEDULE_CLOSED;
    if (row->operation && strcmp(row->state, "retired") == 0)
        return SCHEDULE_READY; /* its tables are to be dropped */
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(row->state, states[i].name) == 0)
            return states[i].state;
    return SCHEDULE_CLOSED;
}

/* A time that the clock has not reached is from before it was put back. Nothing waits until it comes again. */
static int64_t not_ahead(const struct schedule_book *book, int64_t at, int64_t otherwise)
{
    return at <= book->now + AHEAD_MS ? at : otherwise;
}

void schedule_book_settle(struct schedule_book *book, size_t i, const struct schedule_limits *limits)
{
    const struct book_entry *entry = &book->entries[i];
    struct schedule_job *job = &book->jobs[i];
    job->state = state_of(entry);
    job->appeared_at = not_ahead(book, entry->row.changed_at, book->now);
    job->started_at =
        entry->row.run.id ? not_ahead(book, entry->row.run.started_at, SCHEDULE_NEVER_MS) : SCHEDULE_NEVER_MS;
    job->ended_at = not_ahead(book, entry->row.run.finished_at, 0);
    job->attempts = entry->row.run.attempt;
    job->requested_at = not_ahead(book, entry->row.run_requested_at, 0);
    job->inputs_at = SCHEDULE_NEVER_MS;
    bool complete = entry->inputs_complete;
    for (size_t k = 0; k < entry->input_count && complete; k++) {
        int64_t at = not_ahead(book, book->entries[entry->inputs[k]].row.last_commit_at, 0);
        complete = at >= 0;
        if (at > job->inputs_at)
            job->inputs_at = at;
    }
    if (!complete)
        job->inputs_at = SCHEDULE_NEVER_MS;
    book->due[i] = schedule_due(job, limits);
}

/* --- a complete reading --- */

struct reading {
    struct schedule_book *book;
    struct snapshots *snapshots;
    struct map zones; /* name -> struct zone */
    struct map names; /* "ecosystem platform stream" -> struct book_entry */
    const char *ecosystem;
    struct snapshot *snapshot; /* of that ecosystem; NULL: it could not be had */
};

static const struct zone *zone_of(struct reading *reading, const char *name)
{
    const struct zone *zone = map_getz(&reading->zones, name);
    struct err err = {0};
    if (zone)
        return zone;
    if (zone_load(reading->book->arena, name, &zone, &err) != 0) {
        log_event(LOG_ERROR, "time zone not read: its schedules follow UTC", LOG_S("error", err.text),
                  LOG_S("hint", err.hint), LOG_END);
        (void)zone_load(reading->book->arena, "UTC", &zone, &err);
    }
    (void)map_put(&reading->zones, str_from(name), (void *)zone);
    return zone;
}

static const char *stream_key(struct arena *arena, const char *ecosystem, const char *platform, const char *name)
{
    return arena_printf(arena, "%s %s %s", ecosystem, platform, name);
}

/* The model in force, for what rows do not say: containers. */
static const struct model *model_of(struct reading *reading, const char *ecosystem)
{
    struct err err = {0};
    if (!reading->ecosystem || strcmp(reading->ecosystem, ecosystem) != 0) {
        if (reading->snapshot)
            snapshot_release(reading->snapshot);
        reading->snapshot = NULL;
        reading->ecosystem = ecosystem;
        if (snapshots_get(reading->snapshots, ecosystem, 0, &reading->snapshot, &err) != 0)
            log_event(LOG_WARN, "scheduler has no model", LOG_S("ecosystem", ecosystem), LOG_S("error", err.text),
                      LOG_END);
    }
    return reading->snapshot ? reading->snapshot->model : NULL;
}

static void find_containers(struct reading *reading, const struct schedule_row *row, struct schedule_job *job)
{
    struct arena *arena = reading->book->arena;
    const struct model *model = model_of(reading, row->key.ecosystem);
    const struct object *store = model ? model_find(model, OBJECT_DATASTORE, row->store) : NULL;
    const struct object *psp = model ? model_find(model, OBJECT_PSP, row->psp) : NULL;
    if (store && store->datastore->capture.present)
        job->source = arena_printf(arena, "%s/%s", row->key.ecosystem, store->datastore->capture.container);
    job->target = arena_printf(arena, "%s/%s", row->key.ecosystem, psp ? psp->psp->merge.container : row->psp);
}

static enum priority priority_of(const char *name)
{
    for (int p = 0; priority_names[p]; p++)
        if (strcmp(priority_names[p], name) == 0)
            return (enum priority)p;
    return PRIORITY_LOW;
}

static void find_trigger(struct reading *reading, const struct schedule_row *row, struct schedule_job *job)
{
    struct err err = {0};
    job->trigger = SCHEDULE_EXTERNAL;
    if (strcmp(row->schedule, "inputs") == 0)
        job->trigger = SCHEDULE_INPUTS;
    else if (cron_parse(str_from(row->schedule), &job->cron, &err) == 0)
        job->trigger = SCHEDULE_CRON;
    job->zone = zone_of(reading, row->timezone);
}

static void find_inputs(struct reading *reading, struct book_entry *entry)
{
    struct arena *arena = reading->book->arena;
    size_t n = entry->row.inputs.len;
    size_t *inputs = arena_calloc(arena, n + 1, sizeof *inputs);
    for (size_t i = 0; i < n; i++) {
        const struct book_entry *input =
            map_getz(&reading->names,
                     stream_key(arena, entry->row.key.ecosystem, entry->row.key.platform, entry->row.inputs.items[i]));
        if (input)
            inputs[entry->input_count++] = (size_t)(input - reading->book->entries);
    }
    entry->inputs = inputs;
    entry->inputs_complete = n > 0 && entry->input_count == n;
}

static void take_limits(struct book_entry *entry)
{
    int64_t memory = 0, cpu = 0;
    (void)quantity_parse(str_from(entry->row.resources.value[RESOURCE_MEMORY_LIMIT]), &memory);
    (void)quantity_parse(str_from(entry->row.resources.value[RESOURCE_CPU_LIMIT]), &cpu);
    entry->memory_limit = memory / 1000;
    entry->cpu_limit = cpu;
}

static bool is_wanted(const struct schedule_row *row)
{
    return strcmp(row->state, "retired") != 0 || row->operation;
}

static void fill(struct reading *reading, const struct schedule_row *rows, size_t count,
                 const struct schedule_book *former)
{
    struct schedule_book *book = reading->book;
    book->entries = arena_calloc(book->arena, count + 1, sizeof *book->entries);
    book->jobs = arena_calloc(book->arena, count + 1, sizeof *book->jobs);
    book->due = arena_calloc(book->arena, count + 1, sizeof *book->due);
    for (size_t r = 0; r < count; r++) {
        ptrdiff_t before = schedule_book_find(former, rows[r].id);
        bool held = before >= 0 && former->entries[before].held;
        if (!is_wanted(&rows[r]) && !held)
            continue;
        size_t i = book->count++;
        struct book_entry *entry = &book->entries[i];
        *entry = (struct book_entry){.row = rows[r], .held = held};
        book->jobs[i] = (struct schedule_job){.priority = priority_of(rows[r].priority)};
        if (before >= 0) {
            entry->early_ends = former->entries[before].early_ends;
            book->jobs[i].not_before = book->made_at < former->made_at ? 0 : former->jobs[before].not_before;
        }
        take_limits(entry);
        find_trigger(reading, &rows[r], &book->jobs[i]);
        find_containers(reading, &rows[r], &book->jobs[i]);
        if (rows[r].key.kind == JOB_STREAM)
            (void)map_put(
                &reading->names,
                str_from(stream_key(book->arena, rows[r].key.ecosystem, rows[r].key.platform, rows[r].key.name)),
                entry);
    }
    for (size_t i = 0; i < book->count; i++)
        if (book->entries[i].row.key.kind == JOB_TRANSFORMER)
            find_inputs(reading, &book->entries[i]);
}

static int read_all(struct schedule_book *book, struct pg *pg, struct snapshots *snapshots, int64_t now,
                    struct err *err)
{
    struct schedule_book former = *book, made = {.arena = arena_new(), .made_at = now, .now = now};
    struct reading reading = {
        .book = &made, .snapshots = snapshots, .zones = {.arena = made.arena}, .names = {.arena = made.arena}};
    struct schedule_row *rows;
    size_t count;
    int rc = schedule_store_read(pg, made.arena, 0, &rows, &count, err);
    if (rc) {
        arena_free(made.arena);
        return rc;
    }
    fill(&reading, rows, count, &former);
    if (reading.snapshot)
        snapshot_release(reading.snapshot);
    *book = made;
    arena_free(former.arena);
    return 0;
}

/* --- what changed --- */

/* The parts of a row that runs and operators change; texts stay those of the book. False: it takes a complete reading.
 */
static bool follow(struct schedule_book *book, const struct schedule_row *row, const struct schedule_limits *limits)
{
    ptrdiff_t i = schedule_book_find(book, row->id);
    if (i < 0)
        return !is_wanted(row);
    struct book_entry *entry = &book->entries[i];
    if (entry->row.version_changed != row->version_changed)
        return false;
    struct schedule_row *to = &entry->row;
    if (strcmp(to->state, row->state) != 0)
        to->state = arena_strdup(book->arena, row->state);
    if (row->run.started_by && to->run.id != row->run.id)
        to->run.started_by = arena_strdup(book->arena, row->run.started_by);
    const char *started_by = to->run.started_by;
    to->operation = row->operation;
    to->changed_at = row->changed_at;
    to->last_commit_at = row->last_commit_at;
    to->run_requested_at = row->run_requested_at;
    to->run = row->run;
    to->run.started_by = started_by;
    struct book_entry sizes = {.row = *row};
    take_limits(&sizes);
    entry->memory_limit = sizes.memory_limit;
    entry->cpu_limit = sizes.cpu_limit;
    schedule_book_settle(book, (size_t)i, limits);
    return true;
}

static int read_changes(struct schedule_book *book, struct pg *pg, const struct schedule_limits *limits, bool *all,
                        struct err *err)
{
    struct arena *arena = arena_new();
    struct schedule_row *rows;
    size_t count;
    int rc = schedule_store_read(pg, arena, book->read_at - OVERLAP_MS, &rows, &count, err);
    for (size_t i = 0; !rc && i < count; i++)
        *all = !follow(book, &rows[i], limits) || *all;
    arena_free(arena);
    return rc;
}

int schedule_book_read(struct schedule_book *book, struct pg *pg, struct snapshots *snapshots,
                       const struct schedule_limits *limits, int64_t *now, struct err *err)
{
    struct arena *arena = arena_new();
    int64_t versions, at;
    int rc = schedule_store_now(pg, arena, &at, &versions, err);
    bool all = book->versions != versions || at - book->made_at >= COMPLETE_MS || at < book->made_at || !book->arena;
    arena_free(arena);
    book->now = rc ? book->now : at;
    if (!rc && !all)
        rc = read_changes(book, pg, limits, &all, err);
    if (!rc && all)
        rc = read_all(book, pg, snapshots, at, err);
    if (rc)
        return rc;
    book->versions = versions;
    book->read_at = at;
    for (size_t i = 0; i < book->count; i++) /* a transformer is due by what others committed */
        if (all || book->entries[i].row.key.kind == JOB_TRANSFORMER)
            schedule_book_settle(book, i, limits);
    *now = at;
    return 0;
}
