#include "model/place.h"

struct entry {
    const char *text;
    unsigned line, column;
};

struct places {
    struct arena *arena;
    struct entry *entries; /* open addressing; a power of two */
    size_t len, cap;
};

struct places *places_new(struct arena *arena)
{
    struct places *places = arena_alloc(arena, sizeof *places);
    places->arena = arena;
    return places;
}

static struct entry *find(struct entry *entries, size_t cap, const char *text)
{
    uint64_t hash = (uint64_t)(uintptr_t)text * 0x9e3779b97f4a7c15u;
    size_t at = (size_t)(hash >> 20) & (cap - 1);
    while (entries[at].text && entries[at].text != text)
        at = (at + 1) & (cap - 1);
    return &entries[at];
}

void places_put(struct places *places, const char *text, unsigned line, unsigned column)
{
    if (places->len * 4 >= places->cap * 3) {
        size_t cap = places->cap ? places->cap * 4 : 256;
        struct entry *entries = arena_calloc(places->arena, cap, sizeof *entries);
        for (size_t i = 0; i < places->cap; i++)
            if (places->entries[i].text)
                *find(entries, cap, places->entries[i].text) = places->entries[i];
        places->entries = entries;
        places->cap = cap;
    }
    *find(places->entries, places->cap, text) = (struct entry){text, line, column};
    places->len++;
}

struct place places_of(const struct places *places, const char *text, struct place owner)
{
    if (!places || !places->len || !text)
        return owner;
    const struct entry *entry = find(places->entries, places->cap, text);
    return entry->text ? (struct place){owner.path, entry->line, entry->column} : owner;
}
