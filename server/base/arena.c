#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#if ARENA_CHECKED
#include <sanitizer/asan_interface.h>
#define POISON(p, size) ASAN_POISON_MEMORY_REGION(p, size)
#define UNPOISON(p, size) ASAN_UNPOISON_MEMORY_REGION(p, size)
#else
#define POISON(p, size) ((void)(p), (void)(size))
#define UNPOISON(p, size) ((void)(p), (void)(size))
#endif

enum { GAP = ARENA_CHECKED ? 16 : 0, FIRST_CHUNK = 4096, LARGEST_CHUNK = 1 << 20 };

struct chunk {
    struct chunk *next;
    size_t size, used;
    alignas(max_align_t) unsigned char data[];
};

struct deferred {
    struct deferred *next;
    void (*fn)(void *);
    void *ptr;
};

struct arena {
    struct chunk *head;  /* the chunk that is being filled */
    struct chunk *first; /* kept by arena_reset */
    struct deferred *deferred;
    size_t size;
};

/* Without atexit: there is no memory for what else would run. */
_Noreturn void arena_exhausted(size_t size)
{
    (void)fprintf(stderr, "yellow: out of memory (%zu bytes)\n", size);
    _exit(EXIT_OUT_OF_MEMORY);
}

static void *take(size_t size)
{
    void *memory = malloc(size);
    if (!memory)
        arena_exhausted(size);
    return memory;
}

static struct chunk *chunk_new(struct arena *arena, size_t size)
{
    struct chunk *chunk = take(sizeof *chunk + size);
    chunk->size = size;
    chunk->used = 0;
    chunk->next = NULL;
    POISON(chunk->data, size);
    arena->size += sizeof *chunk + size;
    return chunk;
}

struct arena *arena_new(void)
{
    struct arena *arena = take(sizeof *arena);
    *arena = (struct arena){0};
    arena->first = arena->head = chunk_new(arena, FIRST_CHUNK);
    return arena;
}

static void run_deferred(struct arena *arena)
{
    while (arena->deferred) {
        struct deferred *d = arena->deferred;
        arena->deferred = d->next;
        d->fn(d->ptr);
    }
}

void arena_reset(struct arena *arena)
{
    run_deferred(arena);
    for (struct chunk *chunk = arena->head, *next; chunk; chunk = next) {
        next = chunk->next;
        if (chunk != arena->first)
            free(chunk);
    }
    arena->head = arena->first;
    arena->first->next = NULL;
    arena->first->used = 0;
    POISON(arena->first->data, arena->first->size);
    arena->size = sizeof *arena->first + arena->first->size;
}

void arena_free(struct arena *arena)
{
    if (!arena)
        return;
    arena_reset(arena);
    free(arena->first);
    free(arena);
}

void *arena_take(struct arena *arena, size_t size)
{
    const size_t align = alignof(max_align_t);
    if (size > SIZE_MAX / 2)
        arena_exhausted(size);
    const size_t asked = size;
    size = (size ? (size + align - 1) & ~(align - 1) : align) + GAP;
    struct chunk *chunk = arena->head;
    if (chunk->size - chunk->used < size) {
        size_t grown = chunk->size < LARGEST_CHUNK ? chunk->size * 2 : LARGEST_CHUNK;
        if (size > grown / 4 && size > FIRST_CHUNK) {
            /* A large piece gets a chunk of its own, behind the head: the head keeps its free rest. */
            struct chunk *own = chunk_new(arena, size);
            own->used = size;
            own->next = chunk->next;
            chunk->next = own;
            UNPOISON(own->data, asked);
            return own->data;
        }
        chunk = chunk_new(arena, grown < size ? size : grown);
        chunk->next = arena->head;
        arena->head = chunk;
    }
    void *piece = chunk->data + chunk->used;
    chunk->used += size;
    UNPOISON(piece, asked);
    return piece;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    return memset(arena_take(arena, size), 0, size);
}

void *arena_calloc(struct arena *arena, size_t n, size_t size)
{
    if (size && n > SIZE_MAX / size)
        arena_exhausted(SIZE_MAX);
    return arena_alloc(arena, n * size);
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
    char *copy = arena_take(arena, len + 1);
    if (len)
        memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return text ? arena_strndup(arena, text, strlen(text)) : NULL;
}

char *arena_vprintf(struct arena *arena, const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    size_t len = n < 0 ? 0 : (size_t)n;
    char *text = arena_take(arena, len + 1);
    (void)vsnprintf(text, len + 1, fmt, again);
    va_end(again);
    text[len] = '\0';
    return text;
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    char *text = arena_vprintf(arena, fmt, args);
    va_end(args);
    return text;
}

void arena_defer(struct arena *arena, void (*fn)(void *), void *ptr)
{
    struct deferred *d = arena_take(arena, sizeof *d);
    *d = (struct deferred){.next = arena->deferred, .fn = fn, .ptr = ptr};
    arena->deferred = d;
}

void arena_keep_pages(void)
{
#ifdef __GLIBC__
    (void)mallopt(M_TRIM_THRESHOLD, 16 << 20);
    (void)mallopt(M_MMAP_THRESHOLD, 2 * LARGEST_CHUNK);
#endif
}

size_t arena_size(const struct arena *arena)
{
    return arena->size;
}
