#ifndef YELLOW_BASE_ARENA_H
#define YELLOW_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

/* Under AddressSanitizer what is not handed out is poisoned, and each piece has a gap behind it: otherwise a piece that
 * is written past its end would only reach its neighbour, unseen. */
#define ARENA_CHECKED 0
#if defined __has_feature
#if __has_feature(address_sanitizer)
#undef ARENA_CHECKED
#define ARENA_CHECKED 1
#endif
#endif
#if defined __SANITIZE_ADDRESS__
#undef ARENA_CHECKED
#define ARENA_CHECKED 1
#endif

/* Memory of one request, job, template or snapshot: taken piece by piece, given back at once. Not for two threads at
 * a time. Out of memory ends the process. */
struct arena;

struct arena *arena_new(void);

/* Runs the deferred functions, newest first, then frees everything. NULL is allowed. */
void arena_free(struct arena *arena);

/* As arena_free, but the arena stays, with its first chunk, for the next user. */
void arena_reset(struct arena *arena);

/* Zeroed, aligned for any type. size 0 gives a distinct pointer. */
void *arena_alloc(struct arena *arena, size_t size);
/* As arena_alloc, not zeroed: for callers that fill every byte that they read. */
void *arena_take(struct arena *arena, size_t size);
/* As arena_alloc for n elements; an overflow of the product ends the process too. */
void *arena_calloc(struct arena *arena, size_t n, size_t size);

/* Copies, always terminated with a NUL. arena_strdup(NULL) is NULL. */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t len);
char *arena_printf(struct arena *arena, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *arena, const char *fmt, va_list args) __attribute__((format(printf, 2, 0)));

/* fn(ptr) runs when the arena is freed or reset: for PGresult, json_t, git objects. */
void arena_defer(struct arena *arena, void (*fn)(void *), void *ptr);

/* Tells the allocator to keep what arenas give back, up to 16 MiB, for the next ones: giving pages to the kernel and
 * faulting them in again costs more than most requests do. For main(), before the first thread. */
void arena_keep_pages(void);

/* Says so on standard error and ends the process with the exit code of the cause out-of-memory (model/cause.h), which
 * is that of a container that is killed for its memory: whoever started it can tell. size: of what could not be had. */
enum { EXIT_OUT_OF_MEMORY = 137 };
_Noreturn void arena_exhausted(size_t size);

/* Bytes taken from the system so far, for limits and metrics. */
size_t arena_size(const struct arena *arena);

#endif
