#include "model/place.h"

struct entry {
    const char *text;
    unsigned line, column;
};

enum { BLOCK = 240 };

struct block {
    struct block *next;
    size_t len;
    struct entry entries[BLOCK];
};

struct places {
    struct arena *arena;
    struct block *head; /* the newest: entries are never moved, nothing is left over */
};

struct places *places_new(struct arena *arena)
{
    struct places *places = arena_alloc(arena, sizeof *places);
    places->arena = arena;
    return places;
}

void places_put(struct places *places, const char *text, unsigned line, unsigned column)
{
    struct block *block = places->head;
    if (!block || block->len == BLOCK) {
        block = arena_take(places->arena, sizeof *block);
        block->next = places->head;
        block->len = 0;
        places->head = block;
    }
    block->entries[block->len++] = (struct entry){text, line, column};
}

struct place places_of(const struct places *places, const char *text, struct place owner)
{
    for (const struct block *block = places && text ? places->head : NULL; block; block = block->next)
        for (size_t i = 0; i < block->len; i++)
            if (block->entries[i].text == text)
                return (struct place){owner.path, block->entries[i].line, block->entries[i].column};
    return owner;
}
