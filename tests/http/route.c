#include "http/route.h"

#include <criterion/criterion.h>

static int nothing(struct http_request *req, struct http_response *res, struct err *err)
{
    (void)req, (void)res, (void)err;
    return 0;
}

#define R(m, p, op)                                                                                                    \
    {                                                                                                                  \
        .method = (m), .path = (p), .operation = (op), .handle = nothing, .scope = "s"                                 \
    }

Test(route, literals_win_over_parameters_and_the_search_goes_back)
{
    static const struct http_route routes[] = {
        R(HTTP_GET, "/", "root"),
        R(HTTP_GET, "/v1/{eco}/streams", "streams"),
        R(HTTP_GET, "/v1/{eco}/{name}", "any"),
        R(HTTP_PUT, "/v1/{eco}/streams", "put"),
        R(HTTP_GET, "/v1/tokens/{id}", "token"),
        R(HTTP_DELETE, "/v1/tokens/streams", "odd"),
    };
    static const struct {
        unsigned method;
        const char *path, *operation;
        unsigned allowed;
        size_t values;
    } cases[] = {
        {HTTP_GET, "/", "root", HTTP_GET, 0},
        {HTTP_GET, "/v1/acme/streams", "streams", HTTP_GET | HTTP_PUT, 1},
        {HTTP_HEAD, "/v1/acme/streams", "streams", HTTP_GET | HTTP_PUT, 1},
        {HTTP_GET, "/v1/acme/other", "any", HTTP_GET, 2},
        {HTTP_GET, "/v1/tokens/7", "token", HTTP_GET, 1},
        {HTTP_PUT, "/v1/tokens/streams", "put", HTTP_DELETE | HTTP_GET | HTTP_PUT, 1},
        {HTTP_POST, "/v1/acme/streams", NULL, HTTP_GET | HTTP_PUT, 0},
        {HTTP_GET, "/v1/acme", NULL, 0, 0},
        {HTTP_GET, "/v1/acme/streams/", NULL, 0, 0},
        {HTTP_GET, "/v2", NULL, 0, 0},
        {HTTP_OTHER, "/", NULL, HTTP_GET, 0},
    };
    struct arena *arena = arena_new();
    struct route_tree *tree = NULL;
    struct err err = {0};
    cr_assert_eq(route_tree_new(arena, routes, sizeof routes / sizeof routes[0], &tree, &err), 0, "%s", err.text);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct route_match m;
        route_tree_find(tree, cases[i].method, str_from(cases[i].path), &m);
        if (cases[i].operation) {
            cr_expect(m.route && strcmp(m.route->operation, cases[i].operation) == 0, "case %zu", i);
            cr_expect_eq(m.value_count, cases[i].values, "case %zu", i);
        } else {
            cr_expect_null(m.route, "case %zu", i);
            cr_expect(!m.allowed == !cases[i].allowed, "case %zu", i);
        }
        if (!cases[i].operation)
            cr_expect_eq(m.allowed & cases[i].allowed, cases[i].allowed, "case %zu", i);
    }
    arena_free(arena);
}

Test(route, bad_and_repeated_patterns_do_not_start)
{
    static const struct {
        struct http_route routes[2];
        const char *text;
    } cases[] = {
        {{R(HTTP_GET, "v1", "a"), R(HTTP_GET, "/x", "b")}, "route \"a\": bad path \"v1\""},
        {{R(HTTP_GET, "/v1/", "a"), R(HTTP_GET, "/x", "b")}, "route \"a\": bad path \"/v1/\""},
        {{R(HTTP_GET, "/{a b}", "a"), R(HTTP_GET, "/x", "b")}, "route \"a\": bad path \"/{a b}\""},
        {{R(HTTP_GET, "/x{a}", "a"), R(HTTP_GET, "/x", "b")}, "route \"a\": bad path \"/x{a}\""},
        {{R(HTTP_GET, "/{a}/{b}/{c}/{d}/{e}/{f}/{g}", "a"), R(HTTP_GET, "/x", "b")},
         "route \"a\": bad path \"/{a}/{b}/{c}/{d}/{e}/{f}/{g}\""},
        {{R(HTTP_GET, "/{a}", "a"), R(HTTP_GET, "/{b}", "b")}, "route \"b\": GET /{b} is taken by \"a\""},
        {{R(HTTP_GET | HTTP_PUT, "/a", "a"), R(HTTP_GET, "/b", "b")}, "route \"a\" /a: not one method"},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct route_tree *tree = NULL;
        struct err err = {0};
        cr_expect_eq(route_tree_new(arena, cases[i].routes, 2, &tree, &err), -ERR_INTERNAL);
        cr_expect_str_eq(err.text, cases[i].text, "%s", err.text);
    }
    arena_free(arena);
}

Test(route, parameters_are_checked_by_their_name)
{
    static const struct {
        struct str name, value;
        bool valid;
    } cases[] = {
        {STR("eco"), STR("acme"), true},
        {STR("eco"), STR("9acme"), false},
        {STR("eco"), STR("a.b"), false},
        {STR("stream"), STR("customers.people"), true},
        {STR("stream"), STR("customers"), true},
        {STR("stream"), STR("a.b.c"), false},
        {STR("stream"), STR("a."), false},
        {STR("stream"), STR(".a"), false},
        {STR("id"), STR("42"), true},
        {STR("id"), STR("-1"), false},
        {STR("n"), STR("x"), false},
        {STR("run"), STR("99999999999999999999"), false},
        {STR("artifact"), STR("airflow-web.yaml"), true},
        {STR("artifact"), STR(".x"), false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_eq(route_param_valid(cases[i].name, cases[i].value), cases[i].valid, "case %zu", i);
}
