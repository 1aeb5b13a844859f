#include "api/reading.h"

#include "api/ask.h"
#include "api/routes.h"

#include <criterion/criterion.h>

static struct ask a;

/* Two versions that differ in one column. */
static void setup(void)
{
    ask_init(&a);
    flow_receive_push(&a.flow, flow_push(&a.flow, NULL));
    (void)flow_work(&a.flow);
    flow_receive_push(
        &a.flow, flow_push(&a.flow, "sed -i '/full_name/s/varchar(100)/varchar(200)/' teams/sales/customers.yaml"));
    (void)flow_work(&a.flow);
    snapshots_invalidate(a.app.snapshots, "acme");
    flow_sql(&a.flow, "update versions set created_at = ('2026-01-0' || version || ' 12:00:00.123456Z')::timestamptz");
}

static void teardown(void)
{
    ask_dispose(&a);
}

TestSuite(api_reading, .init = setup, .fini = teardown);

/* A path of the route that there is something at. */
static const char *target_of(const struct http_route *route)
{
    static const struct {
        const char *name, *value;
    } values[] = {{"{eco}", "acme"},
                  {"{datastore}", "customers"},
                  {"{workspace}", "marketing"},
                  {"{psp}", "yellow-ny"},
                  {"{component}", "postgres"},
                  {"{assembly}", "blue-minio"},
                  {"{artifact}", "namespace.yaml"},
                  {"{platform}", "YellowLive"},
                  {"{transformer}", "mask-customers"}};
    const char *path = route->path;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const char *at = strstr(path, values[i].name);
        if (at)
            path = arena_printf(a.flow.arena, "%.*s%s%s", (int)(at - path), path, values[i].value,
                                at + strlen(values[i].name));
    }
    bool of = strstr(path, "/lineage") || strstr(path, "/impact");
    return arena_printf(a.flow.arena, "%s?%s", path, of ? "of=customers.people&" : "");
}

static const char *body(void)
{
    struct str text = http_response_body(&a.res);
    return arena_strndup(a.flow.arena, text.data, text.len);
}

static int get(const char *target, const char *query)
{
    return ask(&a, HTTP_GET, arena_printf(a.flow.arena, "%s%s", target, query), NULL, NULL);
}

Test(api_reading, each_route_of_the_model_reads_an_older_version_by_number_and_by_time)
{
    size_t count, walked = 0;
    const struct http_route *routes = routes_all(&count);
    for (size_t i = 0; i < count; i++) {
        const struct http_route *route = &routes[i];
        if (!(route->flags & ROUTE_MODEL))
            continue;
        const char *target = target_of(route);
        /* the transformer of the example is SQL: there is no code to hand out, in no version */
        int found = strcmp(route->operation, "getTransformerCode") == 0 ? 404 : 200;
        cr_expect_eq(get(target, "version=1"), found, "%s %s: %s", route->operation, target, ask_at(&a, "/detail"));
        const char *by_number = body();
        cr_expect_eq(get(target, "at=2026-01-01T12:00:00.123Z"), found, "%s: %s", route->operation,
                     ask_at(&a, "/detail"));
        if (found == 200) {
            cr_expect_str_eq(body(), by_number, "%s", route->operation);
            cr_expect_str_eq(ask_header(&a, "Cache-Control"), "private, no-cache", "%s", route->operation);
            cr_expect_str_neq(ask_header(&a, "ETag"), "absent", "%s", route->operation);
        }
        cr_expect_eq(get(target, "version=99"), 404, "%s", route->operation);
        cr_expect_str_eq(ask_at(&a, "/detail"), "ecosystem acme has no version 99", "%s", route->operation);
        cr_expect_eq(get(target, "at=2025-12-31T00:00:00Z"), 404, "%s", route->operation);
        cr_expect_str_eq(ask_at(&a, "/hint"), "version 1 came at 2026-01-01T12:00:00.123Z", "%s", route->operation);
        cr_expect_eq(get(target, "at=yesterday"), 400, "%s", route->operation);
        cr_expect_eq(get(target, "version=first"), 400, "%s", route->operation);
        cr_expect_eq(get(target, "version=1&at=2026-01-01T12:00:00Z"), 400, "%s", route->operation);
        walked++;
    }
    cr_assert_eq(walked, 21);
}

Test(api_reading, every_read_of_the_model_or_its_stack_is_such_a_route_or_says_why_not)
{
    static const char *const others[] = {
        "listApprovals",  "listHolds",    "getHold",        "listVersions", "getVersion", /* of all versions */
        "getPlan",                                                                        /* by its number */
        "getStreamWork",                                                                  /* of a job as it is now */
        "listComponents", "getComponent", "listAssemblies", "getAssembly"};               /* of the program */
    size_t count;
    const struct http_route *routes = routes_all(&count);
    for (size_t i = 0; i < count; i++) {
        const struct http_route *route = &routes[i];
        bool reads = route->method == HTTP_GET &&
                     (strcmp(route->scope, "model:read") == 0 || strcmp(route->scope, "stack:read") == 0);
        bool other = false;
        for (size_t o = 0; o < sizeof others / sizeof *others; o++)
            other |= strcmp(others[o], route->operation) == 0;
        cr_expect(!reads || other != ((route->flags & ROUTE_MODEL) != 0), "%s", route->operation);
    }
}

#define CUSTOMERS "/v1/ecosystems/acme/datastores/customers?"
static const char *type_of(const char *query)
{
    cr_assert_eq(get(CUSTOMERS, query), 200, "%s: %s", query, ask_at(&a, "/detail"));
    return ask_at(&a, "/body/datasets/0/columns/1/type");
}

Test(api_reading, a_time_is_read_with_any_offset_and_names_the_version_in_force_then)
{
    cr_assert_str_eq(type_of("at=2026-01-02T12:00:00.122Z"), "varchar(100)");
    cr_assert_str_eq(type_of("at=2026-01-02T12:00:00.123Z"), "varchar(200)");
    cr_assert_str_eq(type_of("at=2026-01-02T14:00:00.123%2B02:00"), "varchar(200)");
    cr_assert_str_eq(type_of("at=2026-01-02T14:00:00+02:00"), "varchar(100)");
    cr_assert_str_eq(type_of("at=2026-01-02T04:30:00.5-07:30"), "varchar(200)");
    cr_assert_str_eq(type_of("at=2026-02-01T00:00:00Z"), "varchar(200)");
    cr_assert_eq(get(CUSTOMERS, "at=2999-01-01T00:00:00Z"), 422);
    cr_assert_str_eq(ask_at(&a, "/detail"), "at: 2999-01-01T00:00:00.000Z is yet to come");
    cr_assert_eq(get(CUSTOMERS, "at=2026-02-30T00:00:00Z"), 400);
    cr_assert_str_eq(ask_at(&a, "/detail"), "at \"2026-02-30T00:00:00Z\" is not a time");
    cr_assert_eq(get("/v1/ecosystems/none/datastores?", "at=2026-02-03T00:00:00Z"), 404);
}

Test(api_reading, an_answer_of_a_version_asked_for_by_number_never_changes)
{
    cr_assert_str_eq(type_of("version=1"), "varchar(100)");
    cr_assert_str_eq(ask_header(&a, "Cache-Control"), "private, max-age=31536000, immutable");
    const char *tag = arena_printf(a.flow.arena, "If-None-Match: %s", ask_header(&a, "ETag"));
    cr_assert_eq(ask(&a, HTTP_GET, CUSTOMERS "version=1", NULL, ASK_HEADERS(tag)), 304);
    cr_assert_str_eq(type_of(""), "varchar(200)");
    cr_assert_str_eq(ask_header(&a, "Cache-Control"), "private, no-cache");
    /* a stack is made by the templates of this release, too */
    cr_assert_eq(get("/v1/ecosystems/acme/psps/yellow-ny/stack?", "version=1"), 200);
    cr_assert_str_eq(ask_header(&a, "Cache-Control"), "private, no-cache");
    cr_assert_eq(get(CUSTOMERS, "version=99"), 404);
    cr_assert_str_eq(ask_header(&a, "Cache-Control"), "no-store");
}

Test(api_reading, pages_of_a_time_stay_in_its_version)
{
    cr_assert_eq(get("/v1/ecosystems/acme/datastores?", "limit=1&at=2026-01-01T13:00:00Z"), 200);
    const char *link = arena_strdup(a.flow.arena, ask_header(&a, "Link"));
    const char *next = arena_strndup(a.flow.arena, link + 1, (size_t)(strchr(link, '>') - link - 1));
    cr_assert_eq(ask(&a, HTTP_GET, next, NULL, NULL), 200, "%s: %s", next, ask_at(&a, "/detail"));
    cr_assert_str_eq(ask_at(&a, "/version"), "1");
    cr_assert_str_eq(ask_at(&a, "/items/0/name"), "customers");
}

Test(api_reading, the_jobs_that_a_version_had_are_sized_by_it_alone)
{
    cr_assert_eq(get("/v1/ecosystems/acme/psps/yellow-ny/jobs?", "version=1"), 200);
    const char *then = body();
    cr_assert_eq(get("/v1/ecosystems/acme/psps/yellow-ny/jobs?", ""), 200);
    cr_assert_str_eq(body(), then);
    cr_assert_eq(get("/v1/ecosystems/acme/psps/yellow-ny/jobs?", "version=1&limit=2"), 200);
    cr_assert_str_neq(ask_header(&a, "Link"), "absent");
}
