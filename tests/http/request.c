#include "http/drive.h"

static int init(struct arena *arena, const char *target, struct http_request *req, struct err *err)
{
    *req = (struct http_request){0};
    return http_request_init(req, arena, HTTP_GET, target, err);
}

Test(request, the_target_is_split_and_decoded_once)
{
    struct drive t;
    drive_begin(&t, HTTP_GET, "/v1/a%20b?limit=3&state=a%2Bb+c&flag&&x=%3D%26", NULL);
    cr_assert_str_eq(t.req.path, "/v1/a b");
    cr_assert_eq(t.req.query_count, 4);
    cr_assert_str_eq(http_query(&t.req, "limit"), "3");
    cr_assert_str_eq(http_query(&t.req, "state"), "a+b c");
    cr_assert_str_eq(http_query(&t.req, "flag"), "");
    cr_assert_str_eq(http_query(&t.req, "x"), "=&");
    cr_assert_null(http_query(&t.req, "y"));
    drive_end(&t);
}

Test(request, paths_that_two_readers_could_take_differently_are_refused)
{
    static const struct {
        const char *target, *text;
    } bad[] = {
        {"", "the request path does not begin with '/'"},
        {"*", "the request path does not begin with '/'"},
        {"http://h/x", "the request path does not begin with '/'"},
        {"/a/../b", "the request path holds '..'"},
        {"/a/%2e%2E/b", "the request path holds '..'"},
        {"/a//b", "the request path holds '//'"},
        {"/a%2fb", "the request path holds an escaped '/'"},
        {"/a%2Fb", "the request path holds an escaped '/'"},
        {"/a%5cb", "the request path holds an escaped '\\'"},
        {"/a\\b", "the request path holds a control character or a backslash"},
        {"/a%252fb", "the request path holds an escaped '%'"},
        {"/a%00b", "the request path holds a control character or a backslash"},
        {"/a%0ab", "the request path holds a control character or a backslash"},
        {"/a\x01", "the request path holds a control character or a backslash"},
        {"/a%zz", "the request path holds a broken % escape"},
        {"/a%2", "the request path holds a broken % escape"},
        {"/a%ff", "the request path is not UTF-8"},
        {"/a?x=%zz", "the query holds a broken escape or bytes that are not UTF-8"},
        {"/a?x=%00", "the query holds a broken escape or bytes that are not UTF-8"},
        {"/a?&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&", "the query has more than 32 parameters"},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct http_request req;
        struct err err = {0};
        cr_expect_eq(init(arena, bad[i].target, &req, &err), -ERR_SYNTAX, "%s", bad[i].target);
        cr_expect_str_eq(err.text, bad[i].text, "%s: %s", bad[i].target, err.text);
    }
    arena_free(arena);
}

Test(request, header_names_compare_without_case)
{
    struct drive t;
    drive_begin(&t, HTTP_GET, "/", DRIVE_HEADERS("X-One: 1", "content-type: text/plain"));
    cr_assert_str_eq(http_header(&t.req, "x-one"), "1");
    cr_assert_str_eq(http_header(&t.req, "Content-Type"), "text/plain");
    cr_assert_null(http_header(&t.req, "X-On"));
    drive_end(&t);
}

Test(request, a_well_formed_request_id_is_taken_over_and_another_one_replaced)
{
    struct drive t;
    drive_begin(&t, HTTP_GET, "/", DRIVE_HEADERS("X-Request-Id: abc.DEF_1-2"));
    cr_assert_str_eq(t.req.id, "abc.DEF_1-2");
    drive_end(&t);
    static const char *const bad[] = {"X-Request-Id: a b", "X-Request-Id: ", "X-Request-Id: \"x\"",
                                      "X-Request-Id: 0123456789012345678901234567890123456789012345678901234567890123"};
    for (size_t i = 0; i < 4; i++) {
        drive_begin(&t, HTTP_GET, "/", DRIVE_HEADERS(bad[i]));
        cr_assert_eq(strlen(t.req.id), HTTP_ID_LENGTH);
        cr_assert_eq(strspn(t.req.id, "0123456789abcdef"), HTTP_ID_LENGTH);
        drive_end(&t);
    }
}

Test(request, two_made_ids_differ)
{
    struct drive a, b;
    drive_begin(&a, HTTP_GET, "/", NULL);
    drive_begin(&b, HTTP_GET, "/", NULL);
    cr_assert_str_neq(a.req.id, b.req.id);
    drive_end(&a);
    drive_end(&b);
}

Test(request, only_a_valid_traceparent_is_kept)
{
    static const struct {
        const char *header;
        bool valid;
    } cases[] = {
        {"traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true},
        {"traceparent: 01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", true},
        {"traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", false},
        {"traceparent: ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false},
        {"traceparent: 00-00000000000000000000000000000000-00f067aa0ba902b7-01", false},
        {"traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false},
        {"traceparent: 00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false},
        {"traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736", false},
        {"traceparent: ", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct drive t;
        drive_begin(&t, HTTP_GET, "/", DRIVE_HEADERS(cases[i].header));
        cr_expect_eq(t.req.traceparent != NULL, cases[i].valid, "%s", cases[i].header);
        drive_end(&t);
    }
}

Test(request, admin_holds_every_scope)
{
    struct http_principal none = {0}, some = {.scopes = {"status:read", "hint:write"}}, admin = {.scopes = {"admin"}};
    cr_assert_not(http_has_scope(&none, "status:read"));
    cr_assert(http_has_scope(&some, "hint:write"));
    cr_assert_not(http_has_scope(&some, "token:write"));
    cr_assert(http_has_scope(&admin, "token:write"));
}

Test(request, a_body_must_be_one_json_object)
{
    struct drive t;
    struct err err = {0};
    json_t *out = NULL;
    drive_begin(&t, HTTP_POST, "/", NULL);
    cr_assert_eq(http_body_json(&t.req, &out, &err), -ERR_SYNTAX);
    cr_assert_str_eq(err.text, "the request body is empty: a JSON object is expected");
    t.req.body = STR("[1]");
    cr_assert_eq(http_body_json(&t.req, &out, &err), -ERR_SYNTAX);
    cr_assert_str_eq(err.text, "the request body is not a JSON object");
    t.req.body = STR("{\"a\": ");
    cr_assert_eq(http_body_json(&t.req, &out, &err), -ERR_SYNTAX);
    cr_assert(strncmp(err.text, "request body: ", 14) == 0, "%s", err.text);
    t.req.body = STR("{\"a\": 1}");
    cr_assert_eq(http_body_json(&t.req, &out, &err), 0);
    cr_assert_eq(json_integer_value(json_object_get(out, "a")), 1);
    drive_end(&t);
}

Test(request, unknown_and_repeated_query_parameters_are_named)
{
    static const char *const known[] = {"limit", "state", NULL};
    struct drive t;
    struct err err = {0};
    drive_begin(&t, HTTP_GET, "/?limit=1&state=x", NULL);
    cr_assert_eq(http_check_query(&t.req, known, &err), 0);
    drive_end(&t);
    drive_begin(&t, HTTP_GET, "/?limits=1", NULL);
    cr_assert_eq(http_check_query(&t.req, known, &err), -ERR_SYNTAX);
    cr_assert_str_eq(err.text, "unknown query parameter \"limits\"");
    drive_end(&t);
    drive_begin(&t, HTTP_GET, "/?limit=1&limit=2", NULL);
    cr_assert_eq(http_check_query(&t.req, known, &err), -ERR_SYNTAX);
    cr_assert_str_eq(err.text, "query parameter \"limit\" is given twice");
    drive_end(&t);
}

Test(request, the_media_type_is_negotiated_by_quality_and_precision)
{
    static const char *const types[] = {"application/yaml", "application/json"};
    static const struct {
        const char *accept, *want;
    } cases[] = {
        {"Accept: application/json", "application/json"},
        {"Accept: */*", "application/yaml"},
        {"Accept: application/*;q=0.5, application/json", "application/json"},
        {"Accept: application/yaml;q=0.1, application/json;q=0.2", "application/json"},
        {"Accept: application/yaml;q=0, */*", "application/json"},
        {"Accept: APPLICATION/JSON; charset=utf-8", "application/json"},
        {"Accept: text/html", NULL},
        {"Accept: application/json;q=0", NULL},
    };
    struct drive t;
    drive_begin(&t, HTTP_GET, "/", NULL);
    cr_assert_str_eq(http_negotiate(&t.req, types, 2), "application/yaml");
    drive_end(&t);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        drive_begin(&t, HTTP_GET, "/", DRIVE_HEADERS(cases[i].accept));
        const char *got = http_negotiate(&t.req, types, 2);
        cr_expect(got == cases[i].want || (got && cases[i].want && strcmp(got, cases[i].want) == 0), "%s: %s",
                  cases[i].accept, got);
        drive_end(&t);
    }
}
