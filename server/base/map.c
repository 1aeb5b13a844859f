#include "base/map.h"

static size_t slot_of(const struct map *map, struct str key, uint64_t hash)
{
    size_t mask = map->slot_count - 1, i = (size_t)(hash ^ hash >> 29) & mask;
    while (map->slots[i]) {
        const struct map_entry *entry = &map->entries[map->slots[i] - 1];
        if (entry->hash == hash && str_eq(entry->key, key))
            break;
        i = (i + 1) & mask;
    }
    return i;
}

static void grow(struct map *map, size_t cap)
{
    struct map_entry *entries = arena_calloc(map->arena, cap, sizeof *entries);
    if (map->len)
        memcpy(entries, map->entries, map->len * sizeof *entries);
    map->entries = entries;
    map->cap = cap;
    for (map->slot_count = 16; map->slot_count < cap * 2;)
        map->slot_count *= 2;
    map->slots = arena_calloc(map->arena, map->slot_count, sizeof *map->slots);
    for (size_t i = 0; i < map->len; i++)
        map->slots[slot_of(map, entries[i].key, entries[i].hash)] = (uint32_t)i + 1;
}

void *map_get(const struct map *map, struct str key)
{
    if (!map->slot_count)
        return NULL;
    uint32_t at = map->slots[slot_of(map, key, str_hash(key))];
    return at ? map->entries[at - 1].value : NULL;
}

void map_reserve(struct map *map, size_t n)
{
    if (n > map->cap)
        grow(map, n);
}

void *map_put(struct map *map, struct str key, void *value)
{
    if (map->len == map->cap)
        grow(map, map->cap ? map->cap * 2 : 8);
    uint64_t hash = str_hash(key);
    size_t slot = slot_of(map, key, hash);
    if (map->slots[slot]) {
        struct map_entry *entry = &map->entries[map->slots[slot] - 1];
        void *before = entry->value;
        entry->value = value;
        return before;
    }
    map->entries[map->len] = (struct map_entry){key, value, hash};
    map->slots[slot] = (uint32_t)++map->len;
    return NULL;
}
