#include "ingest/naming.h"

#include "base/str.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct arena *arena;

static void setup(void)
{
    arena = arena_new();
}

static void teardown(void)
{
    arena_free(arena);
}

TestSuite(ingest_naming, .init = setup, .fini = teardown);

#define LONG_A "a23456789012345678901234567890"

static void expect_join(const char *name, bool plain, const char *const *parts, size_t n)
{
    cr_expect(eq(str, (char *)naming_join(arena, parts, n), (char *)name));
    cr_expect(eq(int, naming_is_plain(parts, n), plain), "%s", name);
}
#define EXPECT_JOIN(name, plain, ...)                                                                                  \
    expect_join(name, plain, (const char *const[]){__VA_ARGS__},                                                       \
                sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

Test(ingest_naming, names_are_their_parts_in_lower_case_joined_by_two_underscores)
{
    cr_expect(eq(str, (char *)naming_data_schema(arena, "acme", "YellowLive"), "acme__yellowlive"));
    cr_expect(eq(str, (char *)naming_table(arena, "customers", "people"), "customers__people"));
    cr_expect(
        eq(str, (char *)naming_view_schema(arena, "acme", "YellowLive", "marketing"), "acme__yellowlive__marketing"));
    cr_expect(eq(str, (char *)naming_view(arena, "current", "my-store", "People", NULL), "current__my_store__people"));
    cr_expect(eq(str, (char *)naming_view(arena, "current", "s", "d", "full"), "current__s__d__full"));
    cr_expect(eq(str, (char *)naming_reader_role(arena, "acme", "Live", "mkt"), "acme__live__mkt__reader"));
    cr_expect(eq(str, (char *)naming_output_schema(arena, "acme", "Live", "mask"), "acme__live__mask__output"));
}

Test(ingest_naming, what_63_bytes_do_not_hold_is_cut_and_hashed)
{
    EXPECT_JOIN(LONG_A "__" LONG_A "b", true, LONG_A, LONG_A "b");
    EXPECT_JOIN("a23456789012345678901234567890__a23456789012345678_2446d18af6cb", false, LONG_A, LONG_A "1234567890");
}

Test(ingest_naming, parts_that_could_meet_are_hashed_apart)
{
    const char *a = naming_table(arena, "a_", "b"), *b = naming_table(arena, "a", "_b"),
               *c = naming_table(arena, "a__b", "c"), *d = naming_table(arena, "a", "b__c");
    cr_expect(ne(str, (char *)a, (char *)b));
    cr_expect(ne(str, (char *)c, (char *)d));
    cr_expect(eq(str, (char *)b, "a___b"));
    cr_expect(eq(int, naming_is_plain((const char *const[]){"a_", "b"}, 2), 0));
    cr_expect(eq(int, naming_is_plain((const char *const[]){"a__b", "c"}, 2), 0));
}

Test(ingest_naming, a_plain_name_never_looks_like_a_hashed_one)
{
    const char *hashed = naming_table(arena, "a_", "b");
    cr_expect(eq(int, naming_is_plain(&hashed, 1), 0));
    cr_expect(ne(str, (char *)naming_join(arena, &hashed, 1), (char *)hashed));
}

Test(ingest_naming, what_postgresql_reserves_gets_another_beginning)
{
    const char *name = naming_data_schema(arena, "pg", "Live");
    cr_expect(eq(int, str_starts(str_from(name), STR("y_pg__live_")), 1), "%s", name);
}
