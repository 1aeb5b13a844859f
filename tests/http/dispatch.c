#include "http/drive.h"
#include "http/shared.h"

static struct http_shared *document;

static int echo(struct http_request *req, struct http_response *res, struct err *err)
{
    (void)err;
    json_t *doc = json_own(req->arena, json_object());
    (void)json_object_set_new(doc, "operation", json_string(req->route->operation));
    for (size_t i = 0; i < req->param_count; i++)
        (void)json_object_set_new(doc, req->params[i].name, json_string(req->params[i].value));
    http_reply_json(res, 200, doc);
    http_set_etag(req, res, "v7");
    return 0;
}

static int create(struct http_request *req, struct http_response *res, struct err *err)
{
    json_t *body;
    int rc = http_body_json(req, &body, err);
    if (rc)
        return rc;
    if (!json_text(body, "name")) {
        http_add_problem(req, res, "/name", "a name is needed, of %d letters or more", 1);
        (void)err_set(err, ERR_INVALID, "the token cannot be made");
        (void)err_hint(err, "give it a name");
        return -ERR_INVALID;
    }
    http_reply_json(res, 201, body);
    return 0;
}

static int shared(struct http_request *req, struct http_response *res, struct err *err)
{
    (void)req, (void)err;
    http_reply_shared(res, http_shared_ref(document));
    return 0;
}

static int broken(struct http_request *req, struct http_response *res, struct err *err)
{
    (void)req, (void)res;
    return err_set(err, ERR_INTERNAL, "password of pool is hunter2");
}

static int away(struct http_request *req, struct http_response *res, struct err *err)
{
    (void)req, (void)res;
    return err_set(err, ERR_UNAVAILABLE, "the database is away");
}

static int silent(struct http_request *req, struct http_response *res, struct err *err)
{
    (void)req, (void)res, (void)err;
    return 0;
}

static const struct http_route routes[] = {
    {HTTP_GET, "/livez", echo, SCOPE_PUBLIC, "getLive", ROUTE_INLINE, 0},
    {HTTP_GET, "/v1/ecosystems/{eco}", echo, "read", "getEcosystem", 0, 0},
    {HTTP_PUT, "/v1/ecosystems/{eco}", create, "write", "putEcosystem", ROUTE_IF_MATCH, 100},
    {HTTP_GET, "/v1/ecosystems/{eco}/status", shared, "read", "getStatus", ROUTE_INLINE, 0},
    {HTTP_GET, "/v1/ecosystems/{eco}/versions/{n}", echo, "read", "getVersion", 0, 0},
    {HTTP_POST, "/v1/ecosystems/{eco}/webhooks/{forge}", echo, SCOPE_SIGNATURE, "postWebhook", ROUTE_RAW_BODY, 100},
    {HTTP_POST, "/v1/tokens", create, "admin", "createToken", ROUTE_IDEMPOTENCY, 100},
    {HTTP_GET, "/broken", broken, SCOPE_PUBLIC, "getBroken", 0, 0},
    {HTTP_GET, "/away", away, SCOPE_PUBLIC, "getAway", 0, 0},
    {HTTP_GET, "/silent", silent, SCOPE_PUBLIC, "getSilent", 0, 0},
};

static int authenticate(void *app, struct arena *arena, bool may_wait, struct str token, struct http_principal *out,
                        struct err *err)
{
    (void)app;
    (void)arena;
    if (str_eqz(token, "slow") && !may_wait)
        return HTTP_DEFER;
    if (str_eqz(token, "reader") || str_eqz(token, "slow"))
        *out = (struct http_principal){.token_id = 1, .name = "reader", .scopes = {"read"}};
    else if (str_eqz(token, "acme"))
        *out = (struct http_principal){.token_id = 2, .name = "acme", .ecosystem = "acme", .scopes = {"read", "write"}};
    else if (str_eqz(token, "root"))
        *out = (struct http_principal){.token_id = 3, .name = "root", .scopes = {"admin"}};
    else if (str_eqz(token, "later"))
        return err_set(err, ERR_UNAVAILABLE, "tokens are not loaded yet");
    else
        return err_set(err, ERR_UNAUTHORIZED, "the token is unknown or expired");
    return 0;
}

static struct http_dispatcher *dispatcher;

static void setup(void)
{
    struct err err = {0};
    struct http_dispatcher_options options = {.authenticate = authenticate};
    cr_assert_eq(http_dispatcher_new(routes, sizeof routes / sizeof routes[0], &options, &dispatcher, &err), 0, "%s",
                 err.text);
    struct buf body = {0};
    buf_adds(&body, "{\"state\":\"ok\"}");
    document = http_shared_new(200, "application/json", "s1", &body);
}

static void teardown(void)
{
    http_dispatcher_free(dispatcher);
    http_shared_unref(document);
}

TestSuite(dispatch, .init = setup, .fini = teardown);

#define AS_READER "Authorization: Bearer reader"
#define AS_ACME "Authorization: Bearer acme"
#define AS_ROOT "Authorization: Bearer root"
#define JSON_TYPE "Content-Type: application/json"

static void run(struct drive *t, enum http_method method, const char *target, const char *body,
                const char *const *headers)
{
    drive_begin(t, method, target, headers);
    t->req.body = body ? str_from(body) : (struct str){0};
    http_dispatch(dispatcher, &t->req, &t->res);
}

/* Status, code and detail of a problem document. */
static void expect_problem(struct drive *t, int status, const char *code, const char *detail)
{
    cr_expect_eq(t->res.status, status, "%d", t->res.status);
    cr_expect_str_eq(http_response_header(&t->res, "Content-Type"), "application/problem+json");
    json_t *doc = drive_json(t);
    cr_expect_eq(json_integer_value(json_object_get(doc, "status")), status);
    cr_expect_str_eq(json_text(doc, "code"), code);
    cr_expect_str_eq(json_text(doc, "detail"), detail, "%s", json_text(doc, "detail"));
    cr_expect_str_eq(json_text(doc, "request_id"), t->req.id);
    cr_expect_str_eq(http_response_header(&t->res, "Cache-Control"), "no-store");
}

Test(dispatch, a_read_has_its_standard_headers)
{
    struct drive t;
    run(&t, HTTP_GET, "/v1/ecosystems/acme", NULL, DRIVE_HEADERS(AS_READER, "X-Request-Id: r-1"));
    cr_assert_eq(t.res.status, 200);
    cr_assert_str_eq(http_response_body(&t.res).data, "{\"operation\":\"getEcosystem\",\"eco\":\"acme\"}\n");
    cr_assert_str_eq(http_response_header(&t.res, "Content-Type"), "application/json");
    cr_assert_str_eq(http_response_header(&t.res, "ETag"), "\"v7\"");
    cr_assert_str_eq(http_response_header(&t.res, "X-Request-Id"), "r-1");
    cr_assert_str_eq(http_response_header(&t.res, "Cache-Control"), "private, no-cache");
    cr_assert_str_eq(http_response_header(&t.res, "X-Content-Type-Options"), "nosniff");
    drive_end(&t);
}

Test(dispatch, an_unknown_path_is_404_and_an_unknown_method_405_with_allow)
{
    struct drive t;
    run(&t, HTTP_GET, "/v1/nothing", NULL, NULL);
    expect_problem(&t, 404, "not-found", "there is nothing at \"/v1/nothing\"");
    drive_end(&t);
    run(&t, HTTP_DELETE, "/v1/ecosystems/acme", NULL, NULL);
    expect_problem(&t, 405, "method-not-allowed", "method DELETE is not allowed here");
    cr_assert_str_eq(http_response_header(&t.res, "Allow"), "GET, HEAD, PUT, OPTIONS");
    drive_end(&t);
    run(&t, HTTP_OTHER, "/livez", NULL, NULL);
    expect_problem(&t, 405, "method-not-allowed", "the method is not known");
    drive_end(&t);
    run(&t, HTTP_OPTIONS, "/v1/ecosystems/acme", NULL, NULL);
    cr_assert_eq(t.res.status, 204);
    cr_assert_str_eq(http_response_header(&t.res, "Allow"), "GET, HEAD, PUT, OPTIONS");
    drive_end(&t);
}

Test(dispatch, who_is_not_known_gets_401_and_who_lacks_the_scope_403)
{
    struct drive t;
    run(&t, HTTP_GET, "/v1/ecosystems/acme", NULL, NULL);
    expect_problem(&t, 401, "unauthorized", "a bearer token is needed");
    cr_assert_str_eq(http_response_header(&t.res, "WWW-Authenticate"), "Bearer realm=\"yellow\"");
    drive_end(&t);
    run(&t, HTTP_GET, "/v1/ecosystems/acme", NULL, DRIVE_HEADERS("Authorization: Basic eDp5"));
    cr_assert_eq(t.res.status, 401);
    drive_end(&t);
    run(&t, HTTP_GET, "/v1/ecosystems/acme", NULL, DRIVE_HEADERS("Authorization: Bearer nobody"));
    expect_problem(&t, 401, "unauthorized", "the token is unknown or expired");
    cr_assert_str_eq(http_response_header(&t.res, "WWW-Authenticate"),
                     "Bearer realm=\"yellow\", error=\"invalid_token\"");
    drive_end(&t);
    run(&t, HTTP_POST, "/v1/tokens", "{}", DRIVE_HEADERS(AS_READER, JSON_TYPE));
    expect_problem(&t, 403, "forbidden", "token \"reader\" does not have the scope \"admin\"");
    drive_end(&t);
    run(&t, HTTP_GET, "/v1/ecosystems/acme", NULL, DRIVE_HEADERS("Authorization: bearer root"));
    cr_assert_eq(t.res.status, 200);
    drive_end(&t);
    run(&t, HTTP_GET, "/v1/ecosystems/acme", NULL, DRIVE_HEADERS("Authorization: Bearer later"));
    expect_problem(&t, 503, "unavailable", "tokens are not loaded yet");
    drive_end(&t);
}

Test(dispatch, a_token_of_one_ecosystem_does_not_see_another)
{
    struct drive t;
    run(&t, HTTP_GET, "/v1/ecosystems/acme", NULL, DRIVE_HEADERS(AS_ACME));
    cr_assert_eq(t.res.status, 200);
    drive_end(&t);
    run(&t, HTTP_GET, "/v1/ecosystems/other", NULL, DRIVE_HEADERS(AS_ACME));
    expect_problem(&t, 404, "not-found", "there is no ecosystem other");
    drive_end(&t);
}

Test(dispatch, path_parameters_are_checked)
{
    struct drive t;
    run(&t, HTTP_GET, "/v1/ecosystems/9acme", NULL, DRIVE_HEADERS(AS_READER));
    expect_problem(&t, 400, "syntax", "\"9acme\" is not a valid {eco} in the path");
    drive_end(&t);
    run(&t, HTTP_GET, "/v1/ecosystems/acme/versions/-1", NULL, DRIVE_HEADERS(AS_READER));
    expect_problem(&t, 400, "syntax", "\"-1\" is not a valid {n} in the path");
    drive_end(&t);
    run(&t, HTTP_GET, "/v1/ecosystems/acme/versions/12", NULL, DRIVE_HEADERS(AS_READER));
    cr_assert_eq(t.res.status, 200);
    cr_assert_eq(http_param_int(&t.req, "n"), 12);
    drive_end(&t);
}

Test(dispatch, bodies_are_capped_and_must_be_json)
{
    static const char big[] = "{\"name\": \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                              "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}";
    struct drive t;
    run(&t, HTTP_POST, "/v1/tokens", big, DRIVE_HEADERS(AS_ROOT, JSON_TYPE));
    expect_problem(&t, 413, "too-large", "the request body is larger than 100 bytes");
    drive_end(&t);
    run(&t, HTTP_GET, "/v1/ecosystems/acme", "{}", DRIVE_HEADERS(AS_ROOT, JSON_TYPE));
    expect_problem(&t, 413, "too-large", "operation \"getEcosystem\" takes no request body");
    drive_end(&t);
    run(&t, HTTP_POST, "/v1/tokens", "{}", DRIVE_HEADERS(AS_ROOT, "Content-Type: text/plain"));
    expect_problem(&t, 415, "unsupported-media-type", "media type \"text/plain\" is not taken, only application/json");
    drive_end(&t);
    run(&t, HTTP_POST, "/v1/tokens", "{}", DRIVE_HEADERS(AS_ROOT));
    expect_problem(&t, 415, "unsupported-media-type", "media type \"\" is not taken, only application/json");
    drive_end(&t);
    run(&t, HTTP_POST, "/v1/tokens", "{}", DRIVE_HEADERS(AS_ROOT, JSON_TYPE, "Content-Encoding: gzip"));
    expect_problem(&t, 415, "unsupported-media-type", "content encoding \"gzip\" is not taken, only identity");
    drive_end(&t);
    run(&t, HTTP_POST, "/v1/tokens", "{\"name\":\"x\"}",
        DRIVE_HEADERS(AS_ROOT, "Content-Type: Application/JSON; charset=utf-8"));
    cr_assert_eq(t.res.status, 201);
    cr_assert_str_eq(http_response_header(&t.res, "Cache-Control"), "no-store");
    drive_end(&t);
    run(&t, HTTP_POST, "/v1/ecosystems/acme/webhooks/github", "x=1", DRIVE_HEADERS("Content-Type: text/plain"));
    cr_assert_eq(t.res.status, 200);
    drive_end(&t);
}

Test(dispatch, a_problem_lists_what_is_wrong_and_what_to_do)
{
    struct drive t;
    run(&t, HTTP_POST, "/v1/tokens", "{}", DRIVE_HEADERS(AS_ROOT, JSON_TYPE, "X-Request-Id: r-2"));
    cr_assert_str_eq(http_response_body(&t.res).data,
                     "{\"type\":\"urn:yellow:problem:invalid\",\"title\":\"Unprocessable Content\",\"status\":422,"
                     "\"detail\":\"the token cannot be made\",\"code\":\"invalid\","
                     "\"errors\":[{\"pointer\":\"/name\",\"detail\":\"a name is needed, of 1 letters or more\"}],"
                     "\"request_id\":\"r-2\",\"hint\":\"give it a name\"}\n");
    drive_end(&t);
}

Test(dispatch, more_problems_than_fit_are_counted)
{
    struct drive t;
    drive_begin(&t, HTTP_GET, "/livez", NULL);
    for (int i = 0; i < 40; i++)
        http_add_problem(&t.req, &t.res, "/x", "problem %d", i);
    struct err err = {0};
    (void)err_set(&err, ERR_INVALID, "too much");
    http_dispatch_refuse(&t.req, &t.res, &err);
    json_t *doc = drive_json(&t);
    cr_assert_eq(json_array_size(json_object_get(doc, "errors")), 32);
    cr_assert_eq(json_integer_value(json_object_get(doc, "errors_omitted")), 8);
    drive_end(&t);
}

Test(dispatch, preconditions_are_asked_for_before_the_handler_runs)
{
    struct drive t;
    run(&t, HTTP_PUT, "/v1/ecosystems/acme", "{\"name\":\"x\"}", DRIVE_HEADERS(AS_ACME, JSON_TYPE));
    expect_problem(&t, 428, "precondition-required", "If-Match is needed to change \"/v1/ecosystems/acme\"");
    drive_end(&t);
    run(&t, HTTP_PUT, "/v1/ecosystems/acme", "{\"name\":\"x\"}", DRIVE_HEADERS(AS_ACME, JSON_TYPE, "If-Match: \"1\""));
    cr_assert_eq(t.res.status, 201);
    drive_end(&t);
    run(&t, HTTP_POST, "/v1/tokens", "{\"name\":\"x\"}", DRIVE_HEADERS(AS_ROOT, JSON_TYPE, "Idempotency-Key: a b"));
    expect_problem(&t, 400, "syntax", "Idempotency-Key is not 1 to 255 printable ASCII characters");
    drive_end(&t);
}

Test(dispatch, an_unchanged_read_is_304_without_a_body)
{
    struct drive t;
    run(&t, HTTP_GET, "/v1/ecosystems/acme", NULL, DRIVE_HEADERS(AS_READER, "If-None-Match: \"v6\", W/\"v7\""));
    cr_assert_eq(t.res.status, 304);
    cr_assert_eq(http_response_body(&t.res).len, 0);
    cr_assert_null(http_response_header(&t.res, "Content-Type"));
    cr_assert_str_eq(http_response_header(&t.res, "ETag"), "\"v7\"");
    cr_assert_str_eq(http_response_header(&t.res, "Cache-Control"), "private, no-cache");
    drive_end(&t);
    run(&t, HTTP_GET, "/v1/ecosystems/acme", NULL, DRIVE_HEADERS(AS_READER, "If-None-Match: \"v6\""));
    cr_assert_eq(t.res.status, 200);
    drive_end(&t);
}

Test(dispatch, a_shared_response_is_served_and_compared)
{
    struct drive t;
    run(&t, HTTP_GET, "/v1/ecosystems/acme/status", NULL, DRIVE_HEADERS(AS_READER));
    cr_assert_eq(t.res.status, 200);
    cr_assert_str_eq(http_response_body(&t.res).data, "{\"state\":\"ok\"}");
    cr_assert_str_eq(http_response_header(&t.res, "ETag"), "\"s1\"");
    cr_assert_str_eq(http_response_header(&t.res, "X-Request-Id"), t.req.id);
    drive_end(&t);
    run(&t, HTTP_HEAD, "/v1/ecosystems/acme/status", NULL, DRIVE_HEADERS(AS_READER, "If-None-Match: \"s1\""));
    cr_assert_eq(t.res.status, 304);
    drive_end(&t);
}

Test(dispatch, defects_are_not_told_to_the_client)
{
    struct drive t;
    run(&t, HTTP_GET, "/broken", NULL, NULL);
    expect_problem(&t, 500, "internal", "an internal error, kept in the server's log");
    drive_end(&t);
    run(&t, HTTP_GET, "/silent", NULL, NULL);
    expect_problem(&t, 500, "internal", "an internal error, kept in the server's log");
    drive_end(&t);
    run(&t, HTTP_GET, "/away", NULL, NULL);
    expect_problem(&t, 503, "unavailable", "the database is away");
    cr_assert_str_eq(http_response_header(&t.res, "Retry-After"), "5");
    drive_end(&t);
}

Test(dispatch, a_route_without_a_scope_does_not_start)
{
    static const struct http_route bad[] = {{HTTP_GET, "/x", echo, NULL, "getX", 0, 0}};
    static const struct http_route unnamed[] = {{HTTP_GET, "/x", echo, "read", NULL, 0, 0}};
    static const struct http_route headless[] = {{HTTP_GET, "/x", NULL, "read", "getX", 0, 0}};
    static const struct http_route twice[] = {{HTTP_GET, "/x", echo, "read", "getX", 0, 0},
                                              {HTTP_GET, "/x", echo, "read", "getY", 0, 0}};
    struct http_dispatcher_options options = {0};
    struct http_dispatcher *out = NULL;
    struct err err = {0};
    cr_assert_eq(http_dispatcher_new(bad, 1, &options, &out, &err), -ERR_INTERNAL);
    cr_assert_str_eq(err.text, "route \"getX\" has no scope");
    cr_assert_eq(http_dispatcher_new(unnamed, 1, &options, &out, &err), -ERR_INTERNAL);
    cr_assert_str_eq(err.text, "route /x has no operation");
    cr_assert_eq(http_dispatcher_new(headless, 1, &options, &out, &err), -ERR_INTERNAL);
    cr_assert_str_eq(err.text, "route \"getX\" has no handler");
    cr_assert_eq(http_dispatcher_new(twice, 2, &options, &out, &err), -ERR_INTERNAL);
    cr_assert_str_eq(err.text, "route \"getY\": GET /x is taken by \"getX\"");
    cr_assert_null(out);
}

Test(dispatch, a_header_value_cannot_begin_another_header)
{
    struct drive t;
    drive_begin(&t, HTTP_GET, "/", NULL);
    http_add_header(&t.req, &t.res, "Location", "/v1/x\r\nSet-Cookie: a=b");
    cr_assert_str_eq(http_response_header(&t.res, "Location"), "/v1/x");
    drive_end(&t);
}

Test(dispatch, a_token_that_is_not_in_memory_defers_the_request_to_a_thread_that_may_wait)
{
    struct drive t;
    drive_begin(&t, HTTP_GET, "/v1/ecosystems/acme", DRIVE_HEADERS("Authorization: Bearer slow"));
    t.req.may_wait = false;
    cr_assert_eq(http_dispatch_begin(dispatcher, &t.req, &t.res), HTTP_STEP_DEFER);
    cr_assert_not_null(t.req.route);
    t.req.may_wait = true;
    cr_assert_eq(http_dispatch_begin(dispatcher, &t.req, &t.res), HTTP_STEP_RUN);
    cr_assert_str_eq(t.req.who.name, "reader");
    drive_end(&t);
}
