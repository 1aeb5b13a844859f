#include "base/arena.h"

#include "base/str.h"

#include <criterion/criterion.h>

static char order[8];
static size_t ran;

static void note(void *letter)
{
    order[ran++] = *(char *)letter;
}

Test(arena, pieces_are_zeroed_aligned_and_distinct)
{
    struct arena *arena = arena_new();
    for (size_t size = 0; size < 3000; size += 7) {
        unsigned char *a = arena_alloc(arena, size), *b = arena_alloc(arena, size);
        cr_assert_eq((uintptr_t)a % _Alignof(max_align_t), 0);
        cr_assert_neq(a, b);
        for (size_t i = 0; i < size; i++)
            cr_assert_eq(a[i], 0);
        memset(a, 0xff, size);
        memset(b, 0xff, size);
    }
    arena_free(arena);
}

Test(arena, pieces_stay_zeroed_after_a_reset)
{
    struct arena *arena = arena_new();
    memset(arena_alloc(arena, 1000), 0xff, 1000);
    arena_reset(arena);
    unsigned char *again = arena_alloc(arena, 1000);
    for (size_t i = 0; i < 1000; i++)
        cr_assert_eq(again[i], 0);
    arena_free(arena);
}

Test(arena, deferred_functions_run_newest_first_and_once)
{
    static char letters[] = "abc";
    struct arena *arena = arena_new();
    arena_defer(arena, note, &letters[0]);
    arena_defer(arena, note, &letters[1]);
    arena_reset(arena);
    cr_assert_str_eq(order, "ba");
    arena_defer(arena, note, &letters[2]);
    arena_free(arena);
    cr_assert_str_eq(order, "bac");
    arena_free(NULL);
}

Test(arena, its_size_falls_back_after_a_reset)
{
    struct arena *arena = arena_new();
    size_t first = arena_size(arena);
    (void)arena_alloc(arena, 5000000);
    cr_assert_geq(arena_size(arena), first + 5000000);
    arena_reset(arena);
    cr_assert_eq(arena_size(arena), first);
    arena_free(arena);
}

Test(arena, a_large_piece_does_not_waste_the_chunk_in_use)
{
    struct arena *arena = arena_new();
    char *a = arena_alloc(arena, 16);
    (void)arena_alloc(arena, 1 << 20);
    char *b = arena_alloc(arena, 16);
    cr_assert(b > a && b - a < 100, "%td", b - a); /* under AddressSanitizer there is a gap */
    arena_free(arena);
}

Test(arena, copies_are_terminated)
{
    struct arena *arena = arena_new();
    cr_assert_str_eq(arena_strdup(arena, "text"), "text");
    cr_assert_null(arena_strdup(arena, NULL));
    cr_assert_str_eq(arena_strndup(arena, "text", 2), "te");
    cr_assert_str_eq(arena_strndup(arena, NULL, 0), "");
    cr_assert_str_eq(arena_printf(arena, "%s-%04d", "a", 7), "a-0007");
    char *wide = arena_printf(arena, "%9000d", 1);
    cr_assert_eq(strlen(wide), 9000);
    arena_free(arena);
}

Test(arena, a_product_that_overflows_ends_the_process_as_out_of_memory, .exit_code = EXIT_OUT_OF_MEMORY)
{
    struct arena *arena = arena_new();
    (void)arena_calloc(arena, SIZE_MAX / 2, 4);
}
