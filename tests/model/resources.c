#include "model/resources_json.h"

#include <criterion/criterion.h>

Test(resources, quantities_are_read_as_kubernetes_reads_them)
{
    static const struct {
        const char *text;
        int64_t milli;
    } good[] = {{"1", 1000},
                {"500m", 500},
                {"2", 2000},
                {"1.5Gi", INT64_C(1610612736000)},
                {"256Mi", INT64_C(268435456000)},
                {"1e3", 1000000},
                {"1E3", 1000000},
                {"12e-1", 1200},
                {".5", 500},
                {"5.", 5000},
                {"0.1", 100},
                {"1n", 1},
                {"1u", 1},
                {"1001u", 2},
                {"1k", 1000000},
                {"7Pi", INT64_C(7881299347898368000)},
                {"0001", 1000},
                {"1e+2", 100000}};
    static const char *const bad[] = {"",      "0",  "-1",    "+1",   "1 Gi",  "Gi",  "1gi",
                                      "1KI",   "1e", "1e3Gi", "0x10", "1.2.3", "1Ei", "9999999999999999999999999999",
                                      "1_000", "m",  ".",     "0.0",  "1e31"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        int64_t milli = 0;
        cr_expect(quantity_parse(str_from(good[i].text), &milli), "%s", good[i].text);
        cr_expect_eq(milli, good[i].milli, "%s: %lld", good[i].text, (long long)milli);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t milli = 7;
        cr_expect_not(quantity_parse(str_from(bad[i]), &milli), "%s", bad[i]);
        cr_expect_eq(milli, 7);
    }
}

Test(resources, levels_go_through_json_and_explain_each_value)
{
    struct arena *arena = arena_new();
    struct resource_level levels[] = {{"api-hint", "alice", {{[RESOURCE_CPU_LIMIT] = "2"}}},
                                      {"system-default", "Yellow", resources_system_ingestion}};
    json_t *json = json_own(arena, levels_json(levels, 2));
    struct buf out = {0};
    json_write(&out, json);
    cr_expect_str_eq(buf_text(&out),
                     "[{\"name\":\"api-hint\",\"source\":\"alice\",\"values\":{\"limits\":{\"cpu\":\"2\"}}},{\"name\":"
                     "\"system-default\",\"source\":\"Yellow\",\"values\":{\"requests\":{\"memory\":\"256Mi\",\"cpu\":"
                     "\"100m\"},\"limits\":{\"memory\":\"1Gi\",\"cpu\":\"500m\"}}}]");
    struct resource_level *back;
    size_t n;
    struct err err = {0};
    cr_assert_eq(levels_from_json(arena, json, &back, &n, &err), 0);
    cr_assert_eq(n, 2);
    struct resource_resolution resolution;
    cr_assert_eq(resources_resolve(back, n, &resolution, &err), 0);
    json_t *explained = json_own(arena, resource_resolution_json(back, n, &resolution));
    buf_cut(&out, 0);
    json_write(&out, json_object_get(explained, "limits.cpu"));
    cr_expect_str_eq(buf_text(&out),
                     "{\"value\":\"2\",\"level\":\"api-hint\",\"source\":\"alice\",\"losers\":[{\"level\":"
                     "\"system-default\",\"source\":\"Yellow\",\"value\":\"500m\"}]}");
    buf_dispose(&out);
    arena_free(arena);
}

Test(resources, json_that_is_wrong_is_named)
{
    static const struct {
        const char *json, *text;
    } cases[] = {{"[]", "resources are no object"},
                 {"{\"request\":{}}", "resources have no key \"request\""},
                 {"{\"requests\":1}", "/requests is no object"},
                 {"{\"requests\":{\"gpu\":\"1\"}}", "/requests has no key \"gpu\""},
                 {"{\"requests\":{\"cpu\":1}}", "/requests/cpu is no quantity"},
                 {"{\"requests\":{\"cpu\":\"-1\"}}", "/requests/cpu is no quantity"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new();
        struct err err = {0};
        struct resources out;
        json_t *json;
        cr_assert_eq(json_read(arena, str_from(cases[i].json), &json, &err), 0);
        cr_expect_eq(resources_from_json(arena, json, &out, &err), -ERR_INVALID);
        cr_expect_str_eq(err.text, cases[i].text);
        arena_free(arena);
    }
}
