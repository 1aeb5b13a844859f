#include "control/status.h"

#include "base/time.h"
#include "control/health.h"
#include "control/run.h"
#include "http/shared.h"
#include "store/notify.h"

#include <pthread.h>
#include <stdlib.h>

static const int64_t minute_us = 60000000;
static const int64_t blind_us = STATUS_BLIND_MS * 1000LL;

struct document {
    struct http_shared *shared; /* NULL: none */
    int64_t built_us;           /* before its statement ran */
    int64_t due_us;             /* when the words about time in it change; INT64_MAX: never */
};

/* One ecosystem that exists or existed. Entries stay until the end. */
struct entry {
    const char *name;
    pthread_mutex_t building; /* one build at a time; taken before lock */
    pthread_mutex_t lock;     /* of all below; never held while waiting */
    struct document document;
    uint64_t changes; /* invalidations so far */
    uint64_t settled; /* those that the document has seen; it is current when equal */
    bool asked;       /* since the document was built */
};

struct statuses {
    struct pg_pool *pool;
    int64_t (*now_us)(void);
    pthread_rwlock_t lock; /* of entries */
    struct arena *arena;
    struct map entries;
    pthread_mutex_t creating; /* first builds, one at a time */
    _Atomic uint64_t changes; /* invalidations of anything: what a first build goes by */
    _Atomic int64_t heard_us; /* when something came from the channel; 0: never */
};

struct statuses *statuses_new(struct pg_pool *pool)
{
    struct arena *arena = arena_new();
    struct statuses *statuses = arena_alloc(arena, sizeof *statuses);
    statuses->pool = pool;
    statuses->now_us = time_coarse_us;
    statuses->arena = arena;
    statuses->entries.arena = arena;
    pthread_rwlock_init(&statuses->lock, NULL);
    pthread_mutex_init(&statuses->creating, NULL);
    return statuses;
}

void statuses_free(struct statuses *statuses)
{
    if (!statuses)
        return;
    map_each(item, &statuses->entries)
    {
        struct entry *entry = item->value;
        http_shared_unref(entry->document.shared);
        pthread_mutex_destroy(&entry->building);
        pthread_mutex_destroy(&entry->lock);
    }
    pthread_rwlock_destroy(&statuses->lock);
    pthread_mutex_destroy(&statuses->creating);
    arena_free(statuses->arena);
}

void statuses_set_clock(struct statuses *statuses, int64_t (*now_us)(void))
{
    statuses->now_us = now_us;
}

/* NULL for an ecosystem that nobody asked for, or that does not exist. */
static struct entry *find(struct statuses *statuses, const char *ecosystem)
{
    pthread_rwlock_rdlock(&statuses->lock);
    struct entry *entry = map_getz(&statuses->entries, ecosystem);
    pthread_rwlock_unlock(&statuses->lock);
    return entry;
}

static struct http_shared *current(struct statuses *statuses, struct entry *entry)
{
    struct http_shared *out = NULL;
    int64_t now = statuses->now_us();
    bool hearing = now - atomic_load(&statuses->heard_us) <= blind_us;
    pthread_mutex_lock(&entry->lock);
    entry->asked = true;
    if (entry->document.shared && entry->settled == entry->changes &&
        (hearing || now - entry->document.built_us <= blind_us))
        out = http_shared_ref(entry->document.shared);
    pthread_mutex_unlock(&entry->lock);
    return out;
}

struct http_shared *statuses_peek(struct statuses *statuses, const char *ecosystem)
{
    struct entry *entry = find(statuses, ecosystem);
    return entry ? current(statuses, entry) : NULL;
}

/* Builds the document out of the database. */
static int build(struct statuses *statuses, const char *ecosystem, struct document *out, struct err *err)
{
    struct arena *arena = arena_new();
    struct status_figures figures;
    struct pg *pg = NULL;
    out->built_us = statuses->now_us();
    int rc = pg_pool_take(statuses->pool, &pg, err);
    if (!rc)
        rc = status_store_figures(pg, arena, ecosystem, HEALTH_FAILURES, &figures, err);
    pg_pool_give(statuses->pool, pg);
    if (!rc) {
        struct buf body = {0};
        json_write(&body, json_own(arena, health_document(arena, ecosystem, &figures)));
        out->shared = http_shared_new(200, "application/json", NULL, &body);
        out->due_us = figures.lag.stream ? out->built_us + minute_us - figures.lag.seconds % 60 * 1000000 : INT64_MAX;
    }
    arena_free(arena);
    return rc;
}

/* Builds anew and puts it in force, unless an invalidation came in between: then only the caller, who came before it,
 * gets it. Holds entry->building. */
static int rebuild(struct statuses *statuses, struct entry *entry, struct http_shared **out, struct err *err)
{
    struct document document = {0};
    struct http_shared *former = NULL;
    pthread_mutex_lock(&entry->lock);
    uint64_t changes = entry->changes;
    pthread_mutex_unlock(&entry->lock);
    if (build(statuses, entry->name, &document, err) != 0)
        return -err->code;
    pthread_mutex_lock(&entry->lock);
    if (entry->changes == changes) {
        former = entry->document.shared;
        entry->document = document;
        entry->settled = changes;
        entry->asked = false;
        http_shared_ref(document.shared);
    }
    pthread_mutex_unlock(&entry->lock);
    http_shared_unref(former);
    *out = document.shared;
    return 0;
}

/* The first document of an ecosystem, with an entry for it when the ecosystem exists. */
static int create(struct statuses *statuses, const char *ecosystem, struct http_shared **out, struct err *err)
{
    struct document document = {0};
    uint64_t changes = atomic_load(&statuses->changes);
    if (build(statuses, ecosystem, &document, err) != 0)
        return -err->code;
    pthread_rwlock_wrlock(&statuses->lock);
    struct entry *entry = arena_alloc(statuses->arena, sizeof *entry);
    entry->name = arena_strdup(statuses->arena, ecosystem);
    pthread_mutex_init(&entry->building, NULL);
    pthread_mutex_init(&entry->lock, NULL);
    /* Invalidations before this line found no entry to mark. */
    entry->document = document;
    entry->changes = atomic_load(&statuses->changes) - changes;
    map_put(&statuses->entries, str_from(entry->name), entry);
    pthread_rwlock_unlock(&statuses->lock);
    *out = http_shared_ref(document.shared);
    return 0;
}

int statuses_get(struct statuses *statuses, const char *ecosystem, struct http_shared **out, struct err *err)
{
    int rc = 0;
    struct entry *entry = find(statuses, ecosystem);
    if (!entry) {
        pthread_mutex_lock(&statuses->creating);
        entry = find(statuses, ecosystem);
        if (!entry)
            rc = create(statuses, ecosystem, out, err);
        pthread_mutex_unlock(&statuses->creating);
        if (!entry)
            return rc;
    }
    if ((*out = current(statuses, entry)))
        return 0;
    pthread_mutex_lock(&entry->building);
    /* Somebody else may have built it while this thread waited. */
    if (!(*out = current(statuses, entry)))
        rc = rebuild(statuses, entry, out, err);
    pthread_mutex_unlock(&entry->building);
    return rc;
}

static void invalidate(struct entry *entry)
{
    pthread_mutex_lock(&entry->lock);
    entry->changes++;
    pthread_mutex_unlock(&entry->lock);
}

void statuses_invalidate(struct statuses *statuses, const char *ecosystem)
{
    pthread_rwlock_rdlock(&statuses->lock);
    atomic_fetch_add(&statuses->changes, 1);
    if (ecosystem) {
        struct entry *entry = map_getz(&statuses->entries, ecosystem);
        if (entry)
            invalidate(entry);
    } else {
        map_each(item, &statuses->entries) invalidate(item->value);
    }
    pthread_rwlock_unlock(&statuses->lock);
}

void statuses_heard(struct statuses *statuses)
{
    atomic_store(&statuses->heard_us, statuses->now_us());
}

static void lost(void *statuses, const char *ecosystem)
{
    statuses_invalidate(statuses, ecosystem);
}

static int ping(struct statuses *statuses, struct err *err)
{
    struct arena *arena = arena_new();
    struct pg *pg = NULL;
    int rc = pg_pool_take(statuses->pool, &pg, err);
    if (!rc)
        rc = notify_send(pg, arena, "ping", err);
    pg_pool_give(statuses->pool, pg);
    arena_free(arena);
    return rc;
}

/* A document whose words about time are due is built again when somebody polls it, and otherwise left for the next who
 * does. Until the new one is there, the old one is served. */
static int follow_clock(struct statuses *statuses, struct entry *entry, struct err *err)
{
    struct http_shared *built = NULL;
    int rc = 0;
    pthread_mutex_lock(&entry->lock);
    bool due =
        entry->document.shared && entry->settled == entry->changes && entry->document.due_us <= statuses->now_us();
    bool asked = entry->asked;
    if (due && !asked)
        entry->changes++;
    pthread_mutex_unlock(&entry->lock);
    if (due && asked) {
        pthread_mutex_lock(&entry->building);
        rc = rebuild(statuses, entry, &built, err);
        pthread_mutex_unlock(&entry->building);
        http_shared_unref(built);
    }
    return rc;
}

int statuses_tick(struct statuses *statuses, struct err *err)
{
    int rc = run_lose_expired(statuses->pool, lost, statuses, err);
    if (!rc && statuses->now_us() - atomic_load(&statuses->heard_us) > blind_us / 4)
        rc = ping(statuses, err);
    /* Entries are only ever added, at the end, and never move: walking them needs the lock for each step alone. */
    for (size_t i = 0; !rc; i++) {
        pthread_rwlock_rdlock(&statuses->lock);
        struct entry *entry = i < statuses->entries.len ? statuses->entries.entries[i].value : NULL;
        pthread_rwlock_unlock(&statuses->lock);
        if (!entry)
            break;
        rc = follow_clock(statuses, entry, err);
    }
    return rc;
}
