#include "base/map.h"

#include <criterion/criterion.h>

Test(map, an_empty_map_has_nothing)
{
    struct arena *arena = arena_new();
    struct map map = {.arena = arena};
    cr_assert_null(map_getz(&map, "a"));
    map_each(entry, &map) cr_assert_fail("nothing to walk");
    arena_free(arena);
}

Test(map, thousands_of_keys_are_found_and_walked_in_order_of_arrival)
{
    struct arena *arena = arena_new();
    struct map map = {.arena = arena};
    for (size_t i = 0; i < 5000; i++)
        cr_assert_null(map_put(&map, str_from(arena_printf(arena, "key-%zu", i * 7919 % 5000)), (void *)(i + 1)));
    cr_assert_eq(map.len, 5000);
    size_t i = 0;
    map_each(entry, &map)
    {
        cr_assert_str_eq(entry->key.data, arena_printf(arena, "key-%zu", i * 7919 % 5000));
        cr_assert_eq(map_get(&map, entry->key), (void *)++i);
    }
    cr_assert_null(map_getz(&map, "key-5000"));
    arena_free(arena);
}

Test(map, room_for_keys_that_will_come_changes_nothing_else)
{
    struct arena *arena = arena_new();
    struct map map = {.arena = arena};
    map_reserve(&map, 31);
    cr_assert_eq(map.cap, 31);
    cr_assert_null(map_getz(&map, "k1"));
    for (size_t i = 0; i < 100; i++) {
        (void)map_put(&map, str_from(arena_printf(arena, "k%zu", i)), &map);
        map_reserve(&map, 40);
    }
    cr_assert_eq(map.len, 100);
    cr_assert_eq(map_getz(&map, "k99"), &map);
    cr_assert_str_eq(map.entries[40].key.data, "k40");
    arena_free(arena);
}

Test(map, putting_again_gives_what_stood_there_and_keeps_the_place)
{
    struct arena *arena = arena_new();
    struct map map = {.arena = arena};
    static char one, two, three;
    cr_assert_null(map_put(&map, STR("a"), &one));
    cr_assert_null(map_put(&map, STR("b"), &two));
    cr_assert_eq(map_put(&map, STR("a"), &three), &one);
    cr_assert_eq(map.len, 2);
    cr_assert_str_eq(map.entries[0].key.data, "a");
    cr_assert_eq(map_getz(&map, "a"), &three);
    arena_free(arena);
}

Test(map, keys_are_bytes_with_a_length)
{
    struct arena *arena = arena_new();
    struct map map = {.arena = arena};
    static char one, two, three;
    (void)map_put(&map, STR(""), &one);
    (void)map_put(&map, STR("a\0b"), &two);
    (void)map_put(&map, STR("a"), &three);
    cr_assert_eq(map_getz(&map, ""), &one);
    cr_assert_eq(map_get(&map, STR("a\0b")), &two);
    cr_assert_eq(map_getz(&map, "a"), &three);
    arena_free(arena);
}
