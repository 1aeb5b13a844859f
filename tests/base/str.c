#include "base/str.h"

#include <criterion/criterion.h>

Test(str, a_name_begins_with_a_letter_and_holds_at_most_63_bytes)
{
    cr_assert(str_is_name(STR("a")));
    cr_assert(str_is_name(STR("Ab_c-9")));
    cr_assert_not(str_is_name(STR("")));
    cr_assert_not(str_is_name(STR("9a")));
    cr_assert_not(str_is_name(STR("a.b")));
    char text[65];
    memset(text, 'x', sizeof text);
    cr_assert(str_is_name((struct str){text, 63}));
    cr_assert_not(str_is_name((struct str){text, 64}));
}

Test(str, order_is_that_of_bytes_with_the_shorter_first)
{
    cr_assert_lt(str_cmp(STR("a"), STR("b")), 0);
    cr_assert_lt(str_cmp(STR("a"), STR("aa")), 0);
    cr_assert_gt(str_cmp(STR("\xc3\xa4"), STR("z")), 0);
    cr_assert_eq(str_cmp(STR(""), (struct str){0}), 0);
}

Test(str, beginnings_and_ends_are_told)
{
    cr_assert(str_starts(STR("abc"), STR("ab")));
    cr_assert(str_starts(STR("abc"), STR("")));
    cr_assert_not(str_starts(STR("ab"), STR("abc")));
    cr_assert(str_ends(STR("abc"), STR("bc")));
    cr_assert_not(str_ends(STR("c"), STR("bc")));
}

Test(str, trimming_takes_white_space_from_both_ends_only)
{
    cr_assert(str_eqz(str_trim(STR(" \t\r\n a b \v\f")), "a b"));
    cr_assert_eq(str_trim(STR(" \n ")).len, 0);
    cr_assert_eq(str_trim((struct str){0}).len, 0);
}

Test(str, cutting_gives_every_part_even_empty_ones)
{
    struct str rest = STR("a,,b,");
    cr_assert(str_eqz(str_cut(&rest, ','), "a"));
    cr_assert(str_eqz(str_cut(&rest, ','), ""));
    cr_assert(str_eqz(str_cut(&rest, ','), "b"));
    cr_assert_not_null(rest.data);
    cr_assert(str_eqz(str_cut(&rest, ','), ""));
    cr_assert_null(rest.data);
}

Test(str, whole_decimal_integers_within_bounds_are_read)
{
    int64_t n = 42;
    cr_assert(str_int64(STR("-9223372036854775808"), INT64_MIN, INT64_MAX, &n));
    cr_assert_eq(n, INT64_MIN);
    cr_assert(str_int64(STR("9223372036854775807"), INT64_MIN, INT64_MAX, &n));
    cr_assert_eq(n, INT64_MAX);
    cr_assert(str_int64(STR("007"), 0, 9, &n));
    cr_assert_eq(n, 7);
    static const char *const bad[] = {"", "-", "+1", " 1", "1 ", "1x", "0x1", "9223372036854775808", "10", "-1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert_not(str_int64(str_from(bad[i]), 0, 9, &n), "%s", bad[i]);
    cr_assert_eq(n, 7);
}

Test(str, only_well_formed_utf8_is_utf8)
{
    static const char *const good[] = {"", "abc", "ä", "€", "😀", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf", "\xee\x80\x80"};
    static const char *const bad[] = {"\x80",
                                      "\xc3",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xe0\x80\x80",
                                      "\xe2\x82",
                                      "\xff",
                                      "\xed\xa0\x80",
                                      "\xf0\x80\x80\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xc3(",
                                      "a\xf0\x9f\x98"
                                      "b"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        cr_assert(str_is_utf8(str_from(good[i])), "good %zu", i);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert_not(str_is_utf8(str_from(bad[i])), "bad %zu", i);
}

Test(str, the_hash_is_fnv_1a)
{
    cr_assert_eq(str_hash(STR("")), 0xcbf29ce484222325u);
    cr_assert_eq(str_hash(STR("a")), 0xaf63dc4c8601ec8cu);
    cr_assert_eq(str_hash(STR("foobar")), 0x85944171f73967e8u);
}

Test(str, distance_counts_edits_up_to_a_bound)
{
    cr_assert_eq(str_distance(STR("kitten"), STR("sitting"), 5), 3);
    cr_assert_eq(str_distance(STR("people"), STR("people"), 2), 0);
    cr_assert_eq(str_distance(STR("peple"), STR("people"), 2), 1);
    cr_assert_eq(str_distance(STR("abc"), STR("xyz"), 2), 3);
    cr_assert_eq(str_distance(STR(""), STR("ab"), 2), 2);
    cr_assert_eq(str_distance(STR("a"), STR("abcdef"), 2), 3);
}
