#ifndef YELLOW_BASE_MAP_H
#define YELLOW_BASE_MAP_H

#include "base/arena.h"
#include "base/str.h"

/* Strings to pointers, on an arena, walked in the order in which keys came. Keys are borrowed and must live as long as
 * the map. {.arena = arena} is an empty map. */
struct map_entry {
    struct str key;
    void *value;
    uint64_t hash;
};

struct map {
    struct arena *arena;
    struct map_entry *entries; /* in order of arrival */
    uint32_t *slots;           /* 1 + index of the entry, 0 when free */
    size_t len, cap, slot_count;
};

/* NULL when absent. */
void *map_get(const struct map *map, struct str key);
static inline void *map_getz(const struct map *map, const char *key)
{
    return map_get(map, str_from(key));
}
/* Puts value under key and returns what stood there before, or NULL. The place in the order is that of the first put.
 */
void *map_put(struct map *map, struct str key, void *value);

/* Room for n keys in all, for whoever knows how many will come. */
void map_reserve(struct map *map, size_t n);

#define map_each(entry, map)                                                                                           \
    for (struct map_entry *entry = (map)->entries; entry && entry < (map)->entries + (map)->len; entry++)

#endif
