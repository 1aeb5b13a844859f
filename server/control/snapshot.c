#include "control/snapshot.h"

#include "control/commit_model.h"
#include "store/ecosystem.h"
#include "store/object.h"
#include "store/version.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* What a caller holds; the snapshot is its first member. */
struct held {
    struct snapshot snapshot;
    struct arena *arena;
    size_t whole_bytes; /* of the model when it was last read as a whole */
    _Atomic unsigned refs;
};

struct entry {
    struct held *current; /* what was in force when it was last looked */
    bool stale;           /* it may not be in force any more */
};

enum { OLD_MAX = 8 };

struct snapshots {
    struct pg_pool *pool;
    pthread_mutex_t lock; /* of all below; held for a look-up or a swap, never while waiting */
    struct arena *arena;
    struct map entries;        /* ecosystem -> struct entry; only of ecosystems that exist */
    uint64_t invalidations;    /* so that a load that ran across one does not count as fresh */
    struct held *old[OLD_MAX]; /* versions asked for by number, newest use over oldest place */
    size_t next_old;
    pthread_mutex_t loading; /* one load at a time: a hundred requests after a merge load once */
};

struct snapshots *snapshots_new(struct pg_pool *pool)
{
    struct arena *arena = arena_new();
    struct snapshots *snapshots = arena_alloc(arena, sizeof *snapshots);
    snapshots->pool = pool;
    snapshots->arena = arena;
    snapshots->entries.arena = arena;
    pthread_mutex_init(&snapshots->lock, NULL);
    pthread_mutex_init(&snapshots->loading, NULL);
    return snapshots;
}

void snapshot_release(struct snapshot *snapshot)
{
    struct held *held = (struct held *)snapshot;
    if (held && atomic_fetch_sub(&held->refs, 1) == 1)
        arena_free(held->arena);
}

static struct snapshot *take(struct held *held)
{
    atomic_fetch_add(&held->refs, 1);
    return &held->snapshot;
}

void snapshots_free(struct snapshots *snapshots)
{
    if (!snapshots)
        return;
    map_each(at, &snapshots->entries)
    {
        snapshot_release(&((struct entry *)at->value)->current->snapshot);
    }
    for (size_t i = 0; i < OLD_MAX; i++)
        if (snapshots->old[i])
            snapshot_release(&snapshots->old[i]->snapshot);
    pthread_mutex_destroy(&snapshots->lock);
    pthread_mutex_destroy(&snapshots->loading);
    arena_free(snapshots->arena);
}

/* A reference out of memory, or NULL. version 0: the one in force, when that is certain. */
static struct snapshot *look(struct snapshots *snapshots, const char *ecosystem, int version)
{
    struct snapshot *found = NULL;
    pthread_mutex_lock(&snapshots->lock);
    struct entry *entry = map_getz(&snapshots->entries, ecosystem);
    if (entry && (version ? entry->current->snapshot.version == version : !entry->stale))
        found = take(entry->current);
    for (size_t i = 0; version && !found && i < OLD_MAX; i++) {
        struct held *held = snapshots->old[i];
        if (held && held->snapshot.version == version && strcmp(held->snapshot.ecosystem, ecosystem) == 0)
            found = take(held);
    }
    pthread_mutex_unlock(&snapshots->lock);
    return found;
}

/* What versions hold on to of those before them may be so much more than a version that is read as a whole. */
enum { OLD_TIMES = 2, OLD_BYTES = 16 << 20 };

/* Whether a newer version may be read by what came since: the former one is there, and has not gathered too much. */
static bool can_follow(const struct held *former, int version)
{
    return former && former->snapshot.model && former->snapshot.version < version &&
           model_bytes(former->snapshot.model) <= OLD_TIMES * former->whole_bytes + OLD_BYTES;
}

/* former: in force before, or NULL. */
static int load(struct pg *pg, const char *ecosystem, int version, const struct held *former, struct held **out,
                struct err *err)
{
    struct arena *arena = arena_new();
    struct held *held = arena_alloc(arena, sizeof *held);
    *held = (struct held){
        .snapshot = {.ecosystem = arena_strdup(arena, ecosystem), .version = version}, .arena = arena, .refs = 1};
    struct version_row row;
    bool follow = can_follow(former, version);
    int rc = 0;
    if (version) {
        rc = version_get(pg, arena, ecosystem, version, &row, err);
        if (!rc)
            rc = object_load(pg, arena, ecosystem, version, follow ? former->snapshot.model : NULL,
                             follow ? former->snapshot.version : 0, &held->snapshot.model, err);
    }
    if (rc) {
        arena_free(arena);
        return rc;
    }
    if (version) {
        /* what there is to find was found when the version was made */
        struct findings findings = {.arena = arena};
        memcpy(held->snapshot.commit_oid, row.commit_oid,
               strnlen(row.commit_oid, sizeof held->snapshot.commit_oid - 1));
        held->snapshot.path = row.path;
        held->snapshot.repo = row.repo;
        held->whole_bytes = follow ? former->whole_bytes : model_bytes(held->snapshot.model);
        held->snapshot.jobs = model_jobs(arena, held->snapshot.model, &findings);
    }
    *out = held;
    return 0;
}

/* Puts held (its reference goes along) in force: for certain if nothing was invalidated since `seen`, which was read
 * before the database was asked. */
static void install(struct snapshots *snapshots, struct held *held, uint64_t seen)
{
    pthread_mutex_lock(&snapshots->lock);
    struct entry *entry = map_getz(&snapshots->entries, held->snapshot.ecosystem);
    if (!entry) {
        entry = arena_alloc(snapshots->arena, sizeof *entry);
        const char *name = arena_strdup(snapshots->arena, held->snapshot.ecosystem);
        (void)map_put(&snapshots->entries, str_from(name), entry);
    }
    struct held *former = entry->current;
    entry->current = held;
    entry->stale = snapshots->invalidations != seen;
    pthread_mutex_unlock(&snapshots->lock);
    if (former)
        snapshot_release(&former->snapshot);
}

static void release_made(void *made)
{
    commit_model_release(made);
}

void snapshots_put(struct snapshots *snapshots, const struct snapshot_of *of, struct commit_model *made,
                   const struct snapshot *base)
{
    struct arena *arena = arena_new();
    struct held *held = arena_alloc(arena, sizeof *held);
    *held = (struct held){.snapshot = {.ecosystem = arena_strdup(arena, of->ecosystem),
                                       .version = of->version,
                                       .repo = arena_strdup(arena, of->repo),
                                       .path = arena_strdup(arena, of->path),
                                       .jobs = made->jobs,
                                       .written = true},
                          .arena = arena,
                          .refs = 1};
    memcpy(held->snapshot.commit_oid, of->commit_oid, strnlen(of->commit_oid, sizeof held->snapshot.commit_oid - 1));
    arena_defer(arena, release_made, commit_model_retain(made)); /* the jobs are its */
    /* all of it was read out of the commit's files */
    held->snapshot.model = model_as_stored(arena, made->model, base ? base->model : NULL);
    held->whole_bytes = model_bytes(held->snapshot.model);
    pthread_mutex_lock(&snapshots->lock);
    struct entry *entry = map_getz(&snapshots->entries, of->ecosystem);
    bool newer = entry && entry->current->snapshot.version >= of->version;
    uint64_t seen = snapshots->invalidations;
    pthread_mutex_unlock(&snapshots->lock);
    if (newer)
        snapshot_release(&held->snapshot);
    else
        install(snapshots, held, seen);
}

static void keep_old(struct snapshots *snapshots, struct held *held)
{
    pthread_mutex_lock(&snapshots->lock);
    struct held *former = snapshots->old[snapshots->next_old];
    snapshots->old[snapshots->next_old] = held;
    snapshots->next_old = (snapshots->next_old + 1) % OLD_MAX;
    pthread_mutex_unlock(&snapshots->lock);
    if (former)
        snapshot_release(&former->snapshot);
}

/* What was in force when it was last looked; a reference, or NULL. */
static struct held *take_current(struct snapshots *snapshots, const char *ecosystem)
{
    pthread_mutex_lock(&snapshots->lock);
    struct entry *entry = map_getz(&snapshots->entries, ecosystem);
    struct held *held = entry ? (struct held *)take(entry->current) : NULL;
    pthread_mutex_unlock(&snapshots->lock);
    return held;
}

static int fetch_in_force(struct snapshots *snapshots, struct pg *pg, const char *ecosystem, struct snapshot **out,
                          struct err *err)
{
    pthread_mutex_lock(&snapshots->lock);
    uint64_t seen = snapshots->invalidations;
    pthread_mutex_unlock(&snapshots->lock);

    struct arena *arena = arena_new();
    struct ecosystem_row row;
    struct held *held = NULL;
    int rc = ecosystem_get(pg, arena, ecosystem, &row, err);
    if (!rc && row.version)
        held = (struct held *)look(snapshots, ecosystem, row.version);
    if (!rc && !held) {
        struct held *former = take_current(snapshots, ecosystem);
        rc = load(pg, ecosystem, row.version, former, &held, err);
        snapshot_release(former ? &former->snapshot : NULL);
    }
    arena_free(arena);
    if (rc)
        return rc;
    *out = take(held);
    install(snapshots, held, seen);
    return 0;
}

static int fetch_old(struct snapshots *snapshots, struct pg *pg, const char *ecosystem, int version,
                     struct snapshot **out, struct err *err)
{
    struct held *held;
    int rc = load(pg, ecosystem, version, NULL, &held, err);
    if (rc)
        return rc;
    *out = take(held);
    keep_old(snapshots, held);
    return 0;
}

int snapshots_get(struct snapshots *snapshots, const char *ecosystem, int version, struct snapshot **out,
                  struct err *err)
{
    struct snapshot *found = look(snapshots, ecosystem, version);
    if (found) {
        *out = found;
        return 0;
    }
    pthread_mutex_lock(&snapshots->loading);
    int rc = 0;
    struct pg *pg = NULL;
    found = look(snapshots, ecosystem, version);
    if (!found)
        rc = pg_pool_take(snapshots->pool, &pg, err);
    if (!found && !rc)
        rc = version ? fetch_old(snapshots, pg, ecosystem, version, &found, err)
                     : fetch_in_force(snapshots, pg, ecosystem, &found, err);
    pg_pool_give(snapshots->pool, pg);
    pthread_mutex_unlock(&snapshots->loading);
    if (!rc)
        *out = found;
    return rc;
}

void snapshots_invalidate(struct snapshots *snapshots, const char *ecosystem)
{
    pthread_mutex_lock(&snapshots->lock);
    snapshots->invalidations++;
    map_each(at, &snapshots->entries)
    {
        if (!ecosystem || str_eqz(at->key, ecosystem))
            ((struct entry *)at->value)->stale = true;
    }
    pthread_mutex_unlock(&snapshots->lock);
}
