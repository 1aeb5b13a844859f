#ifndef YELLOW_BASE_VEC_H
#define YELLOW_BASE_VEC_H

#include "base/arena.h"

#include <string.h>

/* A growing array on an arena:  vec(struct finding) found = {0};  *vec_push(arena, &found) = f;
 * Elements move when it grows, so keep an index, not a pointer, across a push. */
#define vec(T)                                                                                                         \
    struct {                                                                                                           \
        T *items;                                                                                                      \
        size_t len, cap;                                                                                               \
    }

/* A pointer to a new, zeroed last element. */
#define vec_push(arena, v)                                                                                             \
    ((v)->len == (v)->cap                                                                                              \
         ? (void)((v)->items = vec_grow((arena), (v)->items, (v)->len, &(v)->cap, sizeof *(v)->items))                 \
         : (void)0,                                                                                                    \
     &(v)->items[(v)->len++])

#define vec_each(item, v)                                                                                              \
    for (__typeof__((v)->items + 0) item = (v)->items; item && item < (v)->items + (v)->len; item++)

static inline void *vec_grow(struct arena *arena, void *items, size_t len, size_t *cap, size_t size)
{
    *cap = *cap ? *cap * 2 : 8;
    void *grown = arena_calloc(arena, *cap, size);
    return len ? memcpy(grown, items, len * size) : grown;
}

#endif
