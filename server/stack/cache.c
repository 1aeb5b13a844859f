#include "stack/cache.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { BUCKETS = 1024 };

struct held {
    struct rendering rendering; /* first: a struct rendering * is one of its struct held */
    atomic_size_t refs;
};

struct entry {
    struct entry *next;          /* of the bucket */
    struct entry *newer, *older; /* by use */
    struct stack_key key;
    struct rendering *rendering;
    size_t bytes;
};

struct stack_cache {
    pthread_mutex_t lock;
    struct entry *buckets[BUCKETS];
    struct entry *newest, *oldest;
    size_t max_bytes;
    struct stack_cache_count count;
};

static void *allocate(size_t size)
{
    void *memory = calloc(1, size);
    if (!memory) {
        (void)fprintf(stderr, "yellow: out of memory (%zu bytes)\n", size);
        abort();
    }
    return memory;
}

struct rendering *rendering_new(size_t len)
{
    struct arena *arena = arena_new();
    struct held *held = arena_alloc(arena, sizeof *held);
    held->rendering = (struct rendering){
        .arena = arena, .items = arena_calloc(arena, len, sizeof *held->rendering.items), .len = len};
    atomic_init(&held->refs, 1);
    return &held->rendering;
}

static struct rendering *take(struct rendering *rendering)
{
    (void)atomic_fetch_add(&((struct held *)rendering)->refs, 1);
    return rendering;
}

void rendering_release(struct rendering *rendering)
{
    if (atomic_fetch_sub(&((struct held *)rendering)->refs, 1) == 1)
        arena_free(rendering->arena);
}

static void release(void *rendering)
{
    rendering_release(rendering);
}

void rendering_keep(struct arena *arena, struct rendering *rendering)
{
    arena_defer(arena, release, rendering);
}

struct stack_cache *stack_cache_new(size_t max_bytes)
{
    struct stack_cache *cache = allocate(sizeof *cache);
    pthread_mutex_init(&cache->lock, NULL);
    cache->max_bytes = max_bytes;
    return cache;
}

/* A key is a hash: any of its bits are as good as others. */
static struct entry **bucket(struct stack_cache *cache, const struct stack_key *key)
{
    return &cache->buckets[(key->bytes[0] | (unsigned)key->bytes[1] << 8) % BUCKETS];
}

static struct entry *find(struct stack_cache *cache, const struct stack_key *key)
{
    struct entry *entry = *bucket(cache, key);
    while (entry && memcmp(&entry->key, key, sizeof *key) != 0)
        entry = entry->next;
    return entry;
}

static void unlink_use(struct stack_cache *cache, struct entry *entry)
{
    *(entry->newer ? &entry->newer->older : &cache->newest) = entry->older;
    *(entry->older ? &entry->older->newer : &cache->oldest) = entry->newer;
}

static void link_newest(struct stack_cache *cache, struct entry *entry)
{
    entry->newer = NULL;
    entry->older = cache->newest;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = entry;
    cache->newest = entry;
}

static void drop(struct stack_cache *cache, struct entry *entry)
{
    struct entry **at = bucket(cache, &entry->key);
    while (*at != entry)
        at = &(*at)->next;
    *at = entry->next;
    unlink_use(cache, entry);
    cache->count.entries--;
    cache->count.bytes -= entry->bytes;
    rendering_release(entry->rendering);
    free(entry);
}

static void make_room(struct stack_cache *cache, size_t bytes)
{
    while (cache->oldest && cache->count.bytes + bytes > cache->max_bytes) {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the oldest has no older one, so another is the oldest after it */
        drop(cache, cache->oldest);
        cache->count.evicted++;
    }
}

void stack_cache_free(struct stack_cache *cache)
{
    if (!cache)
        return;
    while (cache->oldest)
        drop(cache, cache->oldest);
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

struct rendering *stack_cache_find(struct stack_cache *cache, const struct stack_key *key)
{
    struct rendering *found = NULL;
    pthread_mutex_lock(&cache->lock);
    struct entry *entry = find(cache, key);
    if (entry) {
        found = take(entry->rendering);
        unlink_use(cache, entry);
        link_newest(cache, entry);
    }
    *(entry ? &cache->count.hits : &cache->count.misses) += 1;
    pthread_mutex_unlock(&cache->lock);
    return found;
}

void stack_cache_put(struct stack_cache *cache, const struct stack_key *key, struct rendering *rendering)
{
    size_t bytes = sizeof(struct entry) + arena_size(rendering->arena);
    pthread_mutex_lock(&cache->lock);
    if (bytes <= cache->max_bytes && !find(cache, key)) {
        struct entry *entry = allocate(sizeof *entry), **at = bucket(cache, key);
        make_room(cache, bytes);
        *entry = (struct entry){.next = *at, .key = *key, .rendering = take(rendering), .bytes = bytes};
        *at = entry;
        link_newest(cache, entry);
        cache->count.entries++;
        cache->count.bytes += bytes;
    }
    pthread_mutex_unlock(&cache->lock);
}

void stack_cache_limit(struct stack_cache *cache, size_t max_bytes)
{
    pthread_mutex_lock(&cache->lock);
    cache->max_bytes = max_bytes;
    make_room(cache, 0);
    pthread_mutex_unlock(&cache->lock);
}

struct stack_cache_count stack_cache_counts(struct stack_cache *cache)
{
    pthread_mutex_lock(&cache->lock);
    struct stack_cache_count count = cache->count;
    pthread_mutex_unlock(&cache->lock);
    return count;
}
