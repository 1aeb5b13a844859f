#include "control/commit_model.h"

#include "control/registry.h"
#include "control/unit_reader.h"
#include "model/change.h"
#include "model/checks.h"
#include "model/origin.h"
#include "model/unit.h"
#include "model/wanted.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* What a caller holds; the model is its first member. */
struct held {
    struct commit_model model;
    struct arena *arena;
    size_t bytes;
    uint64_t used; /* grows: the smallest was used longest ago */
    _Atomic unsigned references;
};

struct slot {
    struct held *held; /* NULL: it was pushed out */
};

struct commit_models {
    pthread_mutex_t lock; /* of all below; held for a look-up or a swap */
    struct arena *arena;
    struct map latest; /* "ecosystem repository" -> struct slot */
    size_t bytes, most;
    uint64_t clock;
};

struct commit_models *commit_models_new(size_t most_bytes)
{
    struct arena *arena = arena_new();
    struct commit_models *models = arena_alloc(arena, sizeof *models);
    models->arena = models->latest.arena = arena;
    models->most = most_bytes;
    pthread_mutex_init(&models->lock, NULL);
    return models;
}

struct commit_model *commit_model_retain(struct commit_model *made)
{
    atomic_fetch_add(&((struct held *)made)->references, 1);
    return made;
}

void commit_model_release(struct commit_model *made)
{
    struct held *held = (struct held *)made;
    if (held && atomic_fetch_sub(&held->references, 1) == 1)
        arena_free(held->arena);
}

void commit_models_free(struct commit_models *models)
{
    if (!models)
        return;
    map_each(entry, &models->latest)
    {
        struct held *held = ((struct slot *)entry->value)->held;
        commit_model_release(held ? &held->model : NULL);
    }
    pthread_mutex_destroy(&models->lock);
    arena_free(models->arena);
}

static const char *key_of(struct arena *arena, const char *ecosystem, const char *repo)
{
    return arena_printf(arena, "%s %s", ecosystem, repo);
}

/* A reference to the last model of the same folder, or NULL. */
static struct commit_model *take_latest(struct commit_models *models, const struct ecosystem_row *ecosystem)
{
    if (!models)
        return NULL;
    struct arena *scratch = arena_new();
    const char *key = key_of(scratch, ecosystem->name, ecosystem_repo(ecosystem));
    pthread_mutex_lock(&models->lock);
    struct slot *slot = map_getz(&models->latest, key);
    struct held *held = slot ? slot->held : NULL;
    if (held && strcmp(held->model.folder, ecosystem->path) != 0)
        held = NULL;
    if (held) {
        held->used = ++models->clock;
        commit_model_retain(&held->model);
    }
    pthread_mutex_unlock(&models->lock);
    arena_free(scratch);
    return held ? &held->model : NULL;
}

/* Empties a slot; its reference goes to gone. Under the lock. */
static void empty(struct commit_models *models, struct slot *slot, struct held **gone, size_t *n)
{
    if (!slot->held)
        return;
    models->bytes -= slot->held->bytes;
    gone[(*n)++] = slot->held;
    slot->held = NULL;
}

static struct slot *oldest(struct commit_models *models)
{
    struct slot *oldest = NULL;
    map_each(entry, &models->latest)
    {
        struct slot *slot = entry->value;
        if (slot->held && (!oldest || slot->held->used < oldest->held->used))
            oldest = slot;
    }
    return oldest;
}

/* In place of the repository's former one; what was used longest ago makes room. */
static void keep(struct commit_models *models, struct held *held)
{
    if (!models || held->bytes > models->most)
        return;
    const char *name = key_of(held->arena, held->model.ecosystem, held->model.repo);
    size_t n = 0;
    pthread_mutex_lock(&models->lock);
    struct held **gone = calloc(models->latest.len + 1, sizeof(struct held *));
    if (!gone)
        arena_exhausted(models->latest.len);
    struct slot *slot = map_getz(&models->latest, name);
    if (!slot) {
        slot = arena_alloc(models->arena, sizeof *slot);
        (void)map_put(&models->latest, str_from(arena_strdup(models->arena, name)), slot);
    }
    empty(models, slot, gone, &n);
    while (models->bytes + held->bytes > models->most)
        empty(models, oldest(models), gone, &n);
    held->used = ++models->clock;
    models->bytes += held->bytes;
    commit_model_retain(&held->model);
    slot->held = held;
    pthread_mutex_unlock(&models->lock);
    for (size_t i = 0; i < n; i++)
        commit_model_release(&gone[i]->model);
    free(gone);
}

struct refusing {
    struct findings *findings;
    const char *prefix;
};

static void refuse(void *ctx, const char *path, const char *reason)
{
    const struct refusing *refusing = ctx;
    const char *place = arena_printf(refusing->findings->arena, "%s%s", refusing->prefix, path);
    (void)check_report(refusing->findings, CHECK_REFUSED_FILE, (struct place){place, 1, 1}, "%s", reason);
}

/* What the tree says against the commit becomes findings; an error is only what may heal. */
static int list_files(const struct commit_service *service, struct held *held, const struct ecosystem_row *ecosystem,
                      const char *oid, const struct commit_model *former, struct findings *findings, bool *readable,
                      struct err *err)
{
    struct err why = {0};
    const char *folder = ecosystem->path, *prefix = origin_prefix(findings->arena, held->model.repo);
    struct refusing refusing = {findings, prefix};
    const struct git_list_options options = {.limits = commit_limits(service),
                                             .want = model_wants,
                                             .refused = refuse,
                                             .ctx = &refusing,
                                             .former = former ? &former->files : NULL};
    struct arena *scratch = arena_new();
    int rc = git_tree_list(held->arena, commit_mirror(service, scratch, ecosystem), oid, folder, &options,
                           &held->model.files, &why);
    arena_free(scratch);
    *readable = rc == 0;
    if (!rc)
        return 0;
    if (why.code != ERR_INVALID && why.code != ERR_TOO_LARGE && why.code != ERR_NOT_FOUND) {
        *err = why;
        return rc;
    }
    if (why.code != ERR_INVALID || !findings->errors)
        (void)check_report(
            findings, CHECK_UNREADABLE_TREE,
            (struct place){arena_printf(findings->arena, "%s%s", prefix, folder[0] ? folder : "."), 1, 1}, "%s",
            why.text);
    return 0;
}

static void release_units(void *ctx)
{
    struct commit_model *made = ctx;
    for (size_t i = 0; i < made->files.count; i++)
        unit_release(made->units[i]);
}

/* The unit of each file: that of the former model where the file is the same. */
static int read_units(const struct commit_service *service, struct held *held, const struct ecosystem_row *ecosystem,
                      const struct commit_model *former, struct err *err)
{
    struct commit_model *made = &held->model;
    struct arena *scratch = arena_new();
    size_t at = 0, count = made->files.count;
    made->units = arena_calloc(held->arena, count, sizeof *made->units);
    arena_defer(held->arena, release_units, made);
    for (size_t i = 0; i < count; i++) {
        const struct git_file *file = &made->files.files[i];
        int order = -1;
        while (former && at < former->files.count && (order = strcmp(former->files.files[at].path, file->path)) < 0)
            at++;
        if (order == 0 && memcmp(former->files.files[at].oid, file->oid, sizeof file->oid) == 0)
            made->units[i] = unit_retain(former->units[at]);
    }
    const char *prefix = origin_prefix(scratch, made->repo);
    int rc = unit_reader_run(commit_mirror(service, scratch, ecosystem), prefix, &made->files, made->units,
                             &model_limits_default, err);
    for (size_t i = 0; i < count && !rc; i++)
        made->files.files[i].path = made->units[i]->path + strlen(prefix); /* lives as long as this does */
    arena_free(scratch);
    return rc;
}

static void check_name(struct commit_model *made)
{
    const struct object *object = model_ecosystem(made->model);
    if (!object || strcmp(object->name, made->ecosystem) == 0)
        return;
    struct finding *finding = check_report(&made->findings, CHECK_ECOSYSTEM_NAME, object->place,
                                           "ecosystem %s is registered as %s", object->name, made->ecosystem);
    finding_hint(&made->findings, finding, "give both the same name");
}

static void release_other(void *other)
{
    commit_model_release(other);
}

/* Only of a model that nothing is wrong with. */
static void make_jobs(const struct commit_service *service, struct held *held, struct commit_model *former, bool same)
{
    struct commit_model *made = &held->model;
    size_t before = made->findings.errors + made->findings.warnings;
    /* Jobs are made out of what resolves; else they would only repeat what was said. */
    bool resolves = !made->findings.errors;
    struct findings of_jobs = {.arena = made->findings.arena};
    if (same) {
        made->jobs_of = commit_model_retain(former->jobs_of ? former->jobs_of : former);
        arena_defer(held->arena, release_other, made->jobs_of);
        made->jobs = former->jobs;
        made->plain = true;
        return;
    }
    struct jobs jobs = {0};
    if (resolves)
        jobs = model_jobs(held->arena, made->model, &of_jobs);
    if (service->library)
        stack_check(service->library, made->model, resolves ? &jobs : NULL, &made->findings);
    if (!made->findings.errors) {
        made->jobs = jobs;
        findings_add_all(&made->findings, &of_jobs);
    }
    made->plain = made->findings.errors + made->findings.warnings == before && !made->findings.errors;
}

static void check(const struct commit_service *service, struct held *held, const struct ecosystem_row *ecosystem,
                  const struct snapshot *others, struct commit_model *former)
{
    struct commit_model *made = &held->model;
    struct arena *scratch = arena_new();
    struct model_change change = {0};
    const struct owner pusher = {registry_repository(scratch, ecosystem), ecosystem->branch};
    const struct model_others among = {others ? others->model : NULL, origin_prefix(scratch, made->repo), &pusher};
    made->model = model_of_units_among(held->arena, made->units, made->files.count, others ? &among : NULL,
                                       &model_limits_default, &made->findings);
    made->loaded = made->findings.errors == 0;
    if (former)
        change = model_change_of(scratch, former->model, made->model);
    made->checked = model_check_after(held->arena, made->model, former ? &former->checked : NULL,
                                      former ? &change : NULL, &made->findings);
    check_name(made);
    make_jobs(service, held, former,
              !made->findings.errors && former && former->plain && model_change_keeps_jobs(&change));
    findings_sort(&made->findings);
    arena_free(scratch);
}

static size_t bytes_of(const struct held *held)
{
    size_t bytes = arena_size(held->arena);
    for (size_t i = 0; i < held->model.files.count; i++)
        bytes += held->model.units[i]->bytes;
    return bytes;
}

/* Whether both are the same tree: then there is nothing to read, and nothing to check. */
static bool same_tree(const struct commit_model *a, const struct commit_model *b)
{
    return a && a->among == b->among && strcmp(a->pusher, b->pusher) == 0 &&
           strcmp(a->files.folders[0].oid, b->files.folders[0].oid) == 0;
}

/* Who takes over what is its own by now, and who does not. */
static const char *pusher_of(struct arena *arena, const struct ecosystem_row *ecosystem)
{
    const char *name = registry_repository(arena, ecosystem);
    return arena_printf(arena, "%s %s", name ? name : "", ecosystem->branch);
}

int commit_model_make(const struct commit_service *service, const struct ecosystem_row *ecosystem,
                      const struct snapshot *others, const char *oid, struct findings *findings,
                      struct commit_model **out, struct err *err)
{
    struct arena *arena = arena_new();
    struct held *held = arena_alloc(arena, sizeof *held);
    *held = (struct held){.model = {.ecosystem = arena_strdup(arena, ecosystem->name),
                                    .repo = arena_strdup(arena, ecosystem_repo(ecosystem)),
                                    .among = others ? others->version : 0,
                                    .pusher = pusher_of(arena, ecosystem),
                                    .folder = arena_strdup(arena, ecosystem->path),
                                    .findings = {.arena = arena}},
                          .arena = arena,
                          .references = 1};
    struct commit_model *former = take_latest(service->models, ecosystem);
    bool readable;
    int rc = list_files(service, held, ecosystem, oid, former, findings, &readable, err);
    if (!rc && readable && same_tree(former, &held->model)) {
        *out = former;
        arena_free(arena);
        return 0;
    }
    if (!rc && readable)
        rc = read_units(service, held, ecosystem, former, err);
    if (!rc && readable)
        check(service, held, ecosystem, others, former);
    commit_model_release(former);
    if (rc || !readable) {
        arena_free(arena);
        *out = NULL;
        return rc;
    }
    held->bytes = bytes_of(held);
    keep(service->models, held);
    *out = &held->model;
    return 0;
}
