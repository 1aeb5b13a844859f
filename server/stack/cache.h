#ifndef YELLOW_STACK_CACHE_H
#define YELLOW_STACK_CACHE_H

#include "base/crypto.h"
#include "stack/media.h"

/* Renderings of component instances, kept for the next stack that holds the same ones: of another version, another
 * request or another thread. A key says everything that a rendering depends on, so nothing is ever invalidated; what
 * was not used for longest goes when there is no room. */

enum { STACK_CACHE_BYTES = 32 << 20 };

struct rendered_text {
    struct str text;
    char sha256[SHA256_HEX_SIZE];
    struct media_objects objects;
};

/* Texts of one instance, in the order of its declaration. Filled by whoever made it, immutable once it is put. */
struct rendering {
    struct arena *arena; /* of everything in it */
    struct rendered_text *items;
    size_t len;
};

struct stack_key {
    unsigned char bytes[SHA256_SIZE];
};

struct stack_cache_count {
    uint64_t hits, misses, evicted;
    size_t entries, bytes;
};

struct stack_cache;

/* An empty one, with one reference. */
struct rendering *rendering_new(size_t len);
void rendering_release(struct rendering *rendering);
/* The arena takes over the caller's reference. */
void rendering_keep(struct arena *arena, struct rendering *rendering);

struct stack_cache *stack_cache_new(size_t max_bytes);
void stack_cache_free(struct stack_cache *cache);
/* A reference, or NULL. For any thread. */
struct rendering *stack_cache_find(struct stack_cache *cache, const struct stack_key *key);
/* The cache takes a reference of its own. What is there under that key stays; what is larger than the cache is left. */
void stack_cache_put(struct stack_cache *cache, const struct stack_key *key, struct rendering *rendering);
/* Another bound; 0 keeps nothing. */
void stack_cache_limit(struct stack_cache *cache, size_t max_bytes);
struct stack_cache_count stack_cache_counts(struct stack_cache *cache);

#endif
