#include "ingest/watermark.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static struct arena *arena;
static struct err err;

static void setup(void)
{
    arena = arena_new();
    err = (struct err){0};
}

static void teardown(void)
{
    arena_free(arena);
}

TestSuite(watermark, .init = setup, .fini = teardown);

static const char text[] = "{\"datasets\":{\"orders\":{},\"people \\\"x\\\"\":{\"value\":\"2026-01-31 "
                           "12:00:00.000001+00\",\"relations\":[\"16385\",\"16390\"]}},\"source\":\"7/00000001/5\","
                           "\"horizon\":\"9223372036854775807\"}";

Test(watermark, a_text_is_written_as_it_was_read)
{
    struct watermark watermark;
    cr_assert(eq(int, watermark_read(arena, text, &watermark, &err), 0), "%s", err.text);
    cr_expect(eq(i64, watermark.horizon, INT64_MAX));
    const struct watermark_dataset *people = watermark_find(&watermark, "people \"x\"");
    cr_assert_not_null(people);
    cr_expect(eq(str, (char *)people->value, "2026-01-31 12:00:00.000001+00"));
    cr_expect(eq(sz, people->relation_count, 2));
    cr_expect_null(watermark_find(&watermark, "others"));
    cr_expect(eq(str, (char *)watermark_write(arena, &watermark), (char *)text));
    cr_assert(eq(int, watermark_read(arena, NULL, &watermark, &err), 0));
    cr_expect(eq(str, (char *)watermark_write(arena, &watermark), "{\"datasets\":{}}"));
}

Test(watermark, a_rewind_reads_again_from_a_value_on_beside_what_is_read_anyway)
{
    const char *out;
    struct watermark watermark;
    cr_assert(eq(int, watermark_rewind(arena, text, "17", &out, &err), 0));
    cr_expect(eq(str, (char *)out, arena_printf(arena, "%.*s,\"from\":\"17\"}", (int)strlen(text) - 1, text)));
    cr_assert(eq(int, watermark_read(arena, out, &watermark, &err), 0));
    cr_expect(eq(str, (char *)watermark.from, "17"));
    cr_assert(eq(int, watermark_rewind(arena, NULL, "17", &out, &err), 0));
    cr_expect_null(out);
    cr_expect(eq(int, watermark_rewind(arena, "5", "17", &out, &err), -ERR_INVALID));
    cr_expect(eq(str, err.text, "the watermark was set by hand, and no batch has used it yet"));
}

Test(watermark, a_plain_value_is_that_of_every_dataset)
{
    struct watermark watermark;
    cr_assert(eq(int, watermark_read(arena, "2026-01-01", &watermark, &err), 0));
    cr_expect(eq(str, (char *)watermark_find(&watermark, "any")->value, "2026-01-01"));
    cr_expect(eq(i64, watermark.horizon, 0));
}

Test(watermark, what_is_none_is_refused)
{
    static const char *const bad[] = {"", "{", "{}", "{\"datasets\":{},\"horizon\":\"x\"}",
                                      "{\"datasets\":{\"a\":{\"relations\":[1]}}}"};
    struct watermark watermark;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_expect(eq(int, watermark_read(arena, bad[i], &watermark, &err), -ERR_INVALID), "%s", bad[i]);
    cr_expect(eq(str, err.text, "the watermark cannot be read: a relation that is no text"));
}
