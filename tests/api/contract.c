#include "api/routes.h"
#include "base/embed.h"
#include "base/map.h"
#include "base/vec.h"
#include "base/yaml.h"

#include <criterion/criterion.h>

/* api/openapi.yaml, as the program gives it away, against the table of routes: any difference is a failure. */

static struct arena *arena;
static const struct yaml_node *document;
static const struct http_route *routes;
static size_t route_count;

static void set_up(void)
{
    static const struct yaml_limits limits = {1 << 20, 64, 100000};
    struct yaml_node *root = NULL;
    struct err err = {0};
    arena = arena_new();
    const struct embed_file *file = embed_find("api/openapi.yaml");
    cr_assert_not_null(file, "api/openapi.yaml is not built in");
    cr_assert_eq(yaml_read_one(arena, file->data, &limits, &root, &err), 0, "%s", err.text);
    document = root;
    routes = routes_all(&route_count);
}

static void tear_down(void)
{
    arena_free(arena);
}

TestSuite(contract, .init = set_up, .fini = tear_down);

static const char *text_of(const struct yaml_node *node)
{
    return node && node->type == YAML_SCALAR ? node->text.data : NULL;
}

static const char *text(const struct yaml_node *node, const char *key)
{
    return text_of(yaml_get(node, key));
}

/* The node itself, or the one that its $ref names. */
static const struct yaml_node *resolve(const struct yaml_node *node)
{
    const char *ref = text(node, "$ref");
    if (!ref)
        return node;
    struct str rest = str_from(ref);
    cr_assert(str_eqz(str_cut(&rest, '/'), "#"), "%s is not of this document", ref);
    const struct yaml_node *target = document;
    while (target && rest.data) {
        struct str part = str_cut(&rest, '/');
        target = yaml_get(target, arena_strndup(arena, part.data, part.len));
    }
    cr_assert_not_null(target, "%s is not there", ref);
    return resolve(target);
}

struct operation {
    const char *path;
    enum http_method method;
    const struct yaml_node *node;
    const struct yaml_node *shared; /* parameters of the path */
};

static const char *title(const struct operation *operation)
{
    return arena_printf(arena, "%s %s", http_method_name(operation->method), operation->path);
}

static size_t operations(const struct operation **out)
{
    static const struct {
        const char *key;
        enum http_method method;
    } verbs[] = {
        {"get", HTTP_GET}, {"put", HTTP_PUT}, {"post", HTTP_POST}, {"patch", HTTP_PATCH}, {"delete", HTTP_DELETE}};
    const struct yaml_node *paths = yaml_get(document, "paths");
    vec(struct operation) list = {0};
    for (size_t i = 0; i < paths->len; i++) {
        const struct yaml_node *item = &paths->items[i];
        for (size_t k = 0; k < item->len; k++) {
            const char *key = item->keys[k].text.data;
            enum http_method method = 0;
            for (size_t v = 0; v < sizeof verbs / sizeof *verbs; v++)
                method = strcmp(key, verbs[v].key) == 0 ? verbs[v].method : method;
            cr_assert(method || strcmp(key, "parameters") == 0, "%s has %s", paths->keys[i].text.data, key);
            if (method)
                *vec_push(arena, &list) =
                    (struct operation){paths->keys[i].text.data, method, &item->items[k], yaml_get(item, "parameters")};
        }
    }
    *out = list.items;
    return list.len;
}

static const struct http_route *find_route(const struct operation *operation)
{
    for (size_t i = 0; i < route_count; i++)
        if (routes[i].method == operation->method && strcmp(routes[i].path, operation->path) == 0)
            return &routes[i];
    return NULL;
}

static const struct operation *find_operation(const struct http_route *route)
{
    const struct operation *all;
    size_t n = operations(&all);
    for (size_t i = 0; i < n; i++)
        if (all[i].method == route->method && strcmp(all[i].path, route->path) == 0)
            return &all[i];
    return NULL;
}

/* The parameter of that place and name among those of the operation, or NULL. */
static const struct yaml_node *parameter(const struct operation *operation, const char *in, const char *name)
{
    const struct yaml_node *list = yaml_get(operation->node, "parameters");
    for (size_t i = 0; list && i < list->len; i++) {
        const struct yaml_node *item = resolve(&list->items[i]);
        if (strcmp(text(item, "in"), in) == 0 && strcmp(text(item, "name"), name) == 0)
            return item;
    }
    return NULL;
}

Test(contract, every_route_is_described_and_nothing_else)
{
    const struct operation *all;
    size_t n = operations(&all);
    for (size_t i = 0; i < route_count; i++)
        cr_expect_not_null(find_operation(&routes[i]), "api/openapi.yaml lacks %s %s",
                           http_method_name(routes[i].method), routes[i].path);
    for (size_t i = 0; i < n; i++)
        cr_expect_not_null(find_route(&all[i]), "no route for %s", title(&all[i]));
    cr_expect_eq(n, route_count);
}

Test(contract, operations_have_the_names_of_the_routes_in_their_order)
{
    const struct operation *all;
    size_t n = operations(&all);
    cr_assert_eq(n, route_count);
    struct map names = {.arena = arena};
    for (size_t i = 0; i < n; i++) {
        const char *name = text(all[i].node, "operationId");
        cr_expect_str_eq(name, routes[i].operation);
        cr_expect_null(map_put(&names, str_from(name), (void *)name), "%s is there twice", name);
        const char *summary = text(all[i].node, "summary");
        cr_expect(summary && *summary, "%s has no summary", name);
    }
}

static bool needs_no_token(const struct http_route *route)
{
    return strcmp(route->scope, SCOPE_PUBLIC) == 0 || strcmp(route->scope, SCOPE_SIGNATURE) == 0;
}

Test(contract, scopes_are_those_of_the_routes)
{
    const struct operation *all;
    size_t n = operations(&all);
    const struct yaml_node *security = yaml_get(document, "security");
    cr_assert(security && security->len == 1 && yaml_get(&security->items[0], "bearer"));
    for (size_t i = 0; i < n; i++) {
        const struct http_route *route = find_route(&all[i]);
        if (!route)
            continue; /* told by another test */
        const char *scope = text(all[i].node, "x-scope");
        cr_expect(scope && strcmp(scope, route->scope) == 0, "%s: x-scope is %s, the route's %s", title(&all[i]),
                  scope ? scope : "absent", route->scope);
        const struct yaml_node *own = yaml_get(all[i].node, "security");
        bool open = own && own->type == YAML_SEQUENCE && own->len == 0;
        cr_expect_eq(open, needs_no_token(route), "%s: security: [] is for routes without a token", title(&all[i]));
        cr_expect(open || !own, "%s has a security of its own", title(&all[i]));
    }
}

Test(contract, bodies_are_described_where_they_are_taken_with_their_cap)
{
    const struct operation *all;
    size_t n = operations(&all);
    for (size_t i = 0; i < n; i++) {
        const struct http_route *route = find_route(&all[i]);
        if (!route)
            continue; /* told by another test */
        const struct yaml_node *body = yaml_get(all[i].node, "requestBody");
        const char *cap = text(all[i].node, "x-body-cap");
        int64_t bytes = 0;
        cr_expect_eq(body != NULL, route->body_cap > 0,
                     "%s: a body is described but not taken, or taken but not "
                     "described",
                     title(&all[i]));
        cr_expect_eq(cap != NULL, body != NULL, "%s: x-body-cap", title(&all[i]));
        if (!body || !cap)
            continue;
        cr_expect(str_int64(str_from(cap), 1, INT64_MAX, &bytes) && (size_t)bytes == route->body_cap,
                  "%s: x-body-cap is %s, the route's cap %zu", title(&all[i]), cap, route->body_cap);
        const struct yaml_node *content = yaml_get(body, "content");
        cr_expect_not_null(yaml_get(content, "application/json"), "%s", title(&all[i]));
        cr_expect_eq(yaml_get(content, "*/*") != NULL, (route->flags & ROUTE_RAW_BODY) != 0, "%s", title(&all[i]));
        cr_expect_eq(yaml_get(content, "application/merge-patch+json") != NULL, route->method == HTTP_PATCH, "%s",
                     title(&all[i]));
    }
}

Test(contract, preconditions_and_idempotency_are_those_of_the_routes)
{
    const struct operation *all;
    size_t n = operations(&all);
    for (size_t i = 0; i < n; i++) {
        const struct http_route *route = find_route(&all[i]);
        if (!route)
            continue; /* told by another test */
        const struct yaml_node *match = parameter(&all[i], "header", "If-Match");
        const char *required = text(match, "required");
        cr_expect_eq(required && strcmp(required, "true") == 0, (route->flags & ROUTE_IF_MATCH) != 0,
                     "%s: If-Match is required in one place only", title(&all[i]));
        const struct yaml_node *responses = yaml_get(all[i].node, "responses");
        cr_expect_eq(match != NULL, yaml_get(responses, "412") != NULL, "%s: If-Match and 412", title(&all[i]));
        bool asked = match && !(required && strcmp(required, "false") == 0); /* never, where it says so */
        cr_expect_eq(asked, yaml_get(responses, "428") != NULL, "%s: If-Match and 428", title(&all[i]));
        cr_expect_eq(parameter(&all[i], "header", "Idempotency-Key") != NULL, (route->flags & ROUTE_IDEMPOTENCY) != 0,
                     "%s: Idempotency-Key in one place only", title(&all[i]));
        static const char *const versions[] = {"version", "at"};
        for (size_t v = 0; v < 2; v++)
            cr_expect_eq(parameter(&all[i], "query", versions[v]) != NULL, (route->flags & ROUTE_MODEL) != 0,
                         "%s: %s in one place only", title(&all[i]), versions[v]);
        cr_expect(!parameter(&all[i], "header", "If-None-Match") || yaml_get(responses, "304"), "%s has no 304",
                  title(&all[i]));
    }
}

Test(contract, path_parameters_are_declared_exactly)
{
    const struct operation *all;
    size_t n = operations(&all);
    for (size_t i = 0; i < n; i++) {
        const char *at = all[i].path;
        size_t declared = all[i].shared ? all[i].shared->len : 0, k = 0;
        for (; (at = strchr(at, '{')); k++) {
            const char *end = strchr(at, '}');
            const char *name = arena_strndup(arena, at + 1, (size_t)(end - at) - 1);
            cr_assert_lt(k, declared, "%s: {%s} is not declared", title(&all[i]), name);
            const struct yaml_node *item = resolve(&all[i].shared->items[k]);
            cr_expect_str_eq(text(item, "name"), name, "%s", title(&all[i]));
            cr_expect_str_eq(text(item, "in"), "path");
            cr_expect_str_eq(text(item, "required"), "true");
            at = end;
        }
        cr_expect_eq(k, declared, "%s declares parameters that its path does not have", title(&all[i]));
    }
}

/* A success with a body names a component: nothing is answered that nobody described. */
static void check_success(const struct operation *operation, const char *status, const struct yaml_node *response)
{
    const struct yaml_node *content = yaml_get(response, "content");
    if (strcmp(status, "204") == 0) {
        cr_expect_null(content, "%s: 204 has no body", title(operation));
        return;
    }
    cr_assert(content && content->len, "%s: %s has no content", title(operation), status);
    for (size_t i = 0; i < content->len; i++) {
        const struct yaml_node *schema = yaml_get(&content->items[i], "schema");
        const char *ref = text(schema, "$ref");
        cr_expect(ref && str_starts(str_from(ref), STR("#/components/schemas/")), "%s: %s names no component",
                  title(operation), status);
    }
}

Test(contract, every_answer_has_a_schema_and_every_error_is_a_problem)
{
    const struct operation *all;
    size_t n = operations(&all);
    for (size_t i = 0; i < n; i++) {
        const struct yaml_node *responses = yaml_get(all[i].node, "responses");
        size_t successes = 0;
        cr_expect_not_null(yaml_get(responses, "default"), "%s has no default", title(&all[i]));
        for (size_t k = 0; k < responses->len; k++) {
            const char *status = responses->keys[k].text.data;
            const struct yaml_node *response = resolve(&responses->items[k]);
            if (status[0] == '2') {
                successes++;
                check_success(&all[i], status, response);
            } else if (strcmp(status, "304") != 0) {
                const struct yaml_node *content = yaml_get(response, "content");
                cr_expect(content && content->len == 1 && yaml_get(content, "application/problem+json"),
                          "%s: %s is no problem", title(&all[i]), status);
            }
        }
        cr_expect_gt(successes, 0, "%s never succeeds", title(&all[i]));
    }
}

static void check_refs(const struct yaml_node *node)
{
    if (node->type == YAML_SCALAR)
        return;
    if (node->type == YAML_MAPPING)
        (void)resolve(node);
    for (size_t i = 0; i < node->len; i++)
        check_refs(&node->items[i]);
}

Test(contract, every_reference_leads_somewhere)
{
    check_refs(document);
}

Test(contract, the_document_has_the_version_of_the_program)
{
    cr_assert_str_eq(text(yaml_get(document, "info"), "version"), YELLOW_VERSION);
    cr_assert_str_eq(text(document, "openapi"), "3.1.0");
}
