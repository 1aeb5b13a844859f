/* The whole stack of a PSP, warm: loads a model folder once, then renders. Arguments: folder, PSP, renders a round,
 * rounds, and 1 to keep renderings as the server does, 0 to make each anew. Prints the CPU time of one render in ns, a
 * round a line. */
#include "cli/folder.h"
#include "stack/library.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long long cpu_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void must(int rc, const struct findings *findings, const struct err *err)
{
    if (rc >= 0 && findings->errors == 0)
        return;
    (void)fprintf(stderr, "stack_yellow: %s\n", rc < 0 ? err->text : "the model has errors");
    exit(1);
}

int main(int argc, char **argv)
{
    if (argc != 6)
        return 2;
    arena_keep_pages();
    struct arena *arena = arena_new(), *scratch = arena_new();
    struct findings findings = {.arena = arena};
    struct stack_library *library = NULL;
    struct model *model = NULL;
    struct stack stack;
    struct err err = {0};
    must(stack_library_new(&library, &err), &findings, &err);
    if (strcmp(argv[5], "0") == 0)
        stack_cache_limit(library_cache(library), 0);
    must(folder_load(arena, argv[1], &findings, &model, &err), &findings, &err);
    long count = strtol(argv[3], NULL, 10), rounds = strtol(argv[4], NULL, 10);
    for (long round = -1; round < rounds; round++) { /* the first one warms up */
        long long start = cpu_ns();
        for (long i = 0; i < count; i++) {
            struct findings found = {.arena = scratch};
            must(stack_render(scratch, library, model, argv[2], &found, &stack, &err), &found, &err);
            arena_reset(scratch);
        }
        if (round >= 0)
            (void)printf("%lld\n", (cpu_ns() - start) / count);
    }
    stack_library_free(library);
    arena_free(scratch);
    arena_free(arena);
    return 0;
}
