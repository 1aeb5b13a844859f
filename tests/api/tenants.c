#include "api/ask.h"
#include "api/routes.h"
#include "http/metrics.h"

#include <criterion/criterion.h>

/* What the token of one ecosystem sees of another one: nothing, on every route there is or will be. acme has a version
 * and all that belongs to it; bolt is the other tenant. */

static struct ask a;

static void setup(void)
{
    ask_init(&a);
    int64_t id = flow_receive_push(&a.flow, flow_push(&a.flow, NULL));
    (void)flow_work(&a.flow);
    flow_expect(&a.flow, id, "merged", NULL);
    cr_assert_eq(ask(&a, HTTP_PUT, "/v1/ecosystems/bolt",
                     "{\"repository\":{\"url\":\"https://git.example.net/bolt.git\"},"
                     "\"webhook_secrets\":[{\"env\":\"FLOW_SECRET\"}]}",
                     NULL),
                 201, "%s", ask_at(&a, "/detail"));
}

static void teardown(void)
{
    ask_dispose(&a);
}

TestSuite(api_tenants, .init = setup, .fini = teardown);

/* Objects that acme has. */
static const struct {
    const char *name, *value;
} params[] = {
    {"eco", NULL},
    {"platform", "YellowLive"},
    {"stream", "customers"},
    {"transformer", "mask-customers"},
    {"psp", "yellow-ny"},
    {"datastore", "customers"},
    {"workspace", "sales-desk"},
    {"id", "1"},
    {"n", "1"},
    {"run", "1"},
    {"forge", "github"},
};

static const char *value_of(struct str name, const char *ecosystem)
{
    for (size_t i = 0; i < sizeof params / sizeof *params; i++)
        if (str_eqz(name, params[i].name))
            return params[i].value ? params[i].value : ecosystem;
    return "some-name";
}

/* The route's path with the objects of an ecosystem in it. */
static const char *fill(const struct http_route *route, const char *ecosystem)
{
    struct buf *path = buf_new(a.flow.arena);
    struct str rest = str_from(route->path);
    while (rest.data) {
        buf_add_str(path, str_cut(&rest, '{'));
        if (rest.data)
            buf_adds(path, value_of(str_cut(&rest, '}'), ecosystem));
    }
    return buf_text(path);
}

/* Status and body of the answer, without what differs between any two requests. */
static const char *answer(const char *token, const struct http_route *route, const char *ecosystem)
{
    const char *path = fill(route, ecosystem);
    bool writes = route->method != HTTP_GET && route->method != HTTP_DELETE;
    int status = ask_as(&a, token, route->method, path, writes ? "{}" : NULL,
                        ASK_HEADERS("If-Match: \"1\"", "Idempotency-Key: k"));
    cr_assert(json_is_object(a.json), "%s", path);
    json_object_del(a.json, "request_id");
    struct buf *text = buf_new(a.flow.arena);
    buf_addf(text, "%d ", status);
    json_write(text, a.json);
    struct buf *out = buf_new(a.flow.arena);
    const char *rest = buf_text(text);
    for (const char *at; (at = strstr(rest, ecosystem)) != NULL; rest = at + strlen(ecosystem))
        buf_addf(out, "%.*sECO", (int)(at - rest), rest);
    buf_adds(out, rest);
    return buf_text(out);
}

Test(api_tenants, another_ecosystem_is_404_on_every_route_and_looks_as_one_that_is_not_there)
{
    size_t count, walked = 0;
    const struct http_route *routes = routes_all(&count);
    for (size_t i = 0; i < count; i++) {
        if (!strstr(routes[i].path, "{eco}"))
            continue;
        walked++;
        uint64_t before = pg_statement_count();
        const char *there = answer("bolt", &routes[i], "acme");
        uint64_t cost = pg_statement_count() - before;
        const char *absent = answer("bolt", &routes[i], "nobody");
        cr_assert_str_eq(there, absent, "%s", routes[i].operation);
        if (strcmp(routes[i].scope, SCOPE_SIGNATURE) == 0) {
            cr_assert(strncmp(there, "401 ", 4) == 0, "%s: %s", routes[i].operation, there);
            continue;
        }
        cr_assert(strncmp(there, "404 ", 4) == 0, "%s: %s", routes[i].operation, there);
        cr_assert(strstr(there, "there is no ecosystem ECO"), "%s: %s", routes[i].operation, there);
        cr_assert_eq(cost, 0, "%s asks the database: it may answer later when there is something", routes[i].operation);
    }
    cr_assert_geq(walked, 50);
    cr_assert_str_eq(flow_value(&a.flow, "select count(*) from audit where actor = 'bolt'"), "0");
}

Test(api_tenants, what_is_hidden_so_is_there_for_its_own)
{
    static const char *const paths[] = {
        "",
        "/deliveries/1",
        "/versions/1",
        "/versions/1/plan",
        "/datastores/customers",
        "/workspaces/sales-desk",
        "/psps/yellow-ny",
        "/psps/yellow-ny/stack",
        "/audit",
        "/graph",
        "/platforms/YellowLive/streams/customers",
        "/platforms/YellowLive/streams/customers/resources",
    };
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const char *path = arena_printf(a.flow.arena, "/v1/ecosystems/acme%s", paths[i]);
        cr_assert_eq(ask_as(&a, "acme", HTTP_GET, path, NULL, NULL), 200, "%s: %s", path, ask_at(&a, "/detail"));
        cr_assert_eq(ask_as(&a, "bolt", HTTP_GET, path, NULL, NULL), 404, "%s", path);
    }
}

Test(api_tenants, lacking_scopes_do_not_tell_what_is_there)
{
    static const struct http_principal who = {.name = "narrow", .ecosystem = "bolt", .scopes = {"status:read"}};
    ask_be(&who);
    cr_assert_eq(ask_as(&a, "narrow", HTTP_POST, "/v1/ecosystems/acme/merges", NULL, NULL), 404);
    cr_assert_eq(ask_as(&a, "narrow", HTTP_POST, "/v1/ecosystems/nobody/merges", NULL, NULL), 404);
    cr_assert_eq(ask_as(&a, "narrow", HTTP_POST, "/v1/ecosystems/bolt/merges", NULL, NULL), 403);
}

Test(api_tenants, the_list_of_ecosystems_has_the_own_one_alone_and_metrics_name_none)
{
    cr_assert_eq(ask_as(&a, "bolt", HTTP_GET, "/v1/ecosystems", NULL, NULL), 200);
    cr_assert_eq(json_array_size(json_object_get(a.json, "items")), 1);
    cr_assert_str_eq(ask_at(&a, "/items/0/name"), "bolt");
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/ecosystems?limit=1", NULL, NULL), 200);
    struct str link = str_from(ask_header(&a, "Link"));
    (void)str_cut(&link, '<');
    struct str target = str_cut(&link, '>');
    const char *next = arena_strndup(a.flow.arena, target.data, target.len);
    cr_assert_eq(ask_as(&a, "bolt", HTTP_GET, next, NULL, NULL), 200);
    cr_assert_eq(json_array_size(json_object_get(a.json, "items")), 0, "a cursor of another token opens nothing");

    cr_assert_eq(ask_as(&a, NULL, HTTP_GET, "/metrics", NULL, NULL), 200);
    struct str text = http_response_body(&a.res);
    cr_assert_null(memmem(text.data, text.len, "acme", 4));
    cr_assert_null(memmem(text.data, text.len, "bolt", 4));
}
