#include "http/memo.h"

#include "http/drive.h"
#include "http/shared.h"

/* A connection by hand: requests one after the other with one memo. */
static struct http_memo memo;
static struct drive t;
static struct http_dispatcher *dispatcher;
static int asked, asked_again;
static bool holds;

static int hello(struct http_request *req, struct http_response *res, struct err *err)
{
    (void)err;
    http_reply_text(res, 200, "text/plain", str_from(http_param(req, "eco")));
    return 0;
}

static const struct http_route routes[] = {
    {HTTP_GET, "/v1/{eco}/status", hello, "read", "getStatus", ROUTE_INLINE, 0},
    {HTTP_PUT, "/v1/{eco}/status", hello, "read", "putStatus", ROUTE_INLINE, 100},
    {HTTP_GET, "/v1/{eco}/secret", hello, "admin", "getSecret", ROUTE_INLINE, 0},
    {HTTP_GET, "/v1/{eco}/slow", hello, "read", "getSlow", 0, 0},
};

static int authenticate(void *app, struct arena *arena, bool may_wait, struct str token, struct http_principal *out,
                        struct err *err)
{
    (void)app, (void)may_wait;
    asked++;
    if (!str_eqz(token, "good") && !str_eqz(token, "acme") && !str_eqz(token, "fleeting"))
        return err_set(err, ERR_UNAUTHORIZED, "the token is not known");
    const char *name = arena_strndup(arena, token.data, token.len);
    *out = (struct http_principal){.token_id = 1, .name = name, .scopes = {"read"}};
    out->ecosystem = str_eqz(token, "acme") ? "acme" : NULL;
    out->stamp = str_eqz(token, "fleeting") ? 0 : 7;
    return 0;
}

static bool authenticated(void *app, const struct http_principal *who)
{
    (void)app;
    cr_expect_eq(who->stamp, 7);
    asked_again++;
    return holds;
}

static void setup(void)
{
    struct err err = {0};
    struct http_dispatcher_options options = {.authenticate = authenticate, .authenticated = authenticated};
    cr_assert_eq(http_dispatcher_new(routes, sizeof routes / sizeof routes[0], &options, &dispatcher, &err), 0, "%s",
                 err.text);
    t.arena = arena_new();
    t.req.memo = &memo;
    asked = asked_again = 0;
    holds = true;
}

static void teardown(void)
{
    arena_free(t.arena);
    http_memo_dispose(&memo);
    http_dispatcher_free(dispatcher);
}

TestSuite(memo, .init = setup, .fini = teardown);

static int ask_by(enum http_method method, const char *target, const char *authorization)
{
    struct err err = {0};
    arena_reset(t.arena);
    http_response_reset(&t.res);
    if (!http_memo_target(&memo, &t.req, t.arena, str_from(target)))
        cr_assert_eq(http_request_init(&t.req, t.arena, method, target, &err), 0, "%s", err.text);
    t.req.method = method;
    http_request_add_header(&t.req, "Host", "h");
    if (authorization)
        http_request_add_header(&t.req, "authorization", authorization);
    http_dispatch(dispatcher, &t.req, &t.res);
    return t.res.status;
}

static int ask(const char *target, const char *token)
{
    char authorization[64];
    (void)snprintf(authorization, sizeof authorization, "Bearer %s", token);
    return ask_by(HTTP_GET, target, authorization);
}

Test(memo, the_same_question_again_only_asks_whether_the_token_still_holds)
{
    for (int i = 0; i < 5; i++) {
        cr_assert_eq(ask("/v1/acme/status", "good"), 200);
        cr_assert_eq(t.req.recalled, i > 0);
        cr_assert_str_eq(t.req.path, "/v1/acme/status");
        cr_assert_str_eq(t.req.who.name, "good");
        cr_assert_str_eq(t.req.who.scopes[0], "read");
        cr_assert_null(t.req.who.scopes[1]);
        cr_assert_str_eq(t.req.route->operation, "getStatus");
        cr_assert(str_eqz(http_response_body(&t.res), "acme"));
    }
    cr_assert_eq(asked, 1);
    cr_assert_eq(asked_again, 4);
}

Test(memo, a_token_that_no_longer_holds_is_asked_for_anew)
{
    cr_assert_eq(ask("/v1/acme/status", "good"), 200);
    holds = false;
    cr_assert_eq(ask("/v1/acme/status", "good"), 200);
    cr_assert_not(t.req.recalled);
    cr_assert_str_eq(t.req.path, "/v1/acme/status");
    cr_assert_eq(asked, 2);
    holds = true;
    cr_assert_eq(ask("/v1/acme/status", "good"), 200);
    cr_assert(t.req.recalled);
}

Test(memo, another_token_target_or_method_gets_nothing_of_it)
{
    cr_assert_eq(ask("/v1/acme/status", "acme"), 200);
    cr_assert_eq(ask("/v1/acme/status", "axme"), 401);
    cr_assert_eq(ask("/v1/acme/status", "acm"), 401);
    cr_assert_eq(ask("/v1/acme/status", "acmee"), 401);
    cr_assert_eq(ask_by(HTTP_GET, "/v1/acme/status", NULL), 401);
    cr_assert_eq(ask_by(HTTP_GET, "/v1/acme/status", "Basic acme"), 401);
    cr_assert_eq(ask("/v1/other/status", "acme"), 404);
    cr_assert_eq(ask("/v1/acme/secret", "acme"), 403);
    cr_assert_eq(ask_by(HTTP_PUT, "/v1/acme/status", "Bearer axme"), 401);
    cr_assert_eq(ask_by(HTTP_PUT, "/v1/acme/status", "Bearer acme"), 200);
    cr_assert_str_eq(t.req.route->operation, "putStatus");
    cr_assert_not(t.req.recalled);
    cr_assert_eq(ask("/v1/acme/status", "acme"), 200);
    cr_assert(t.req.recalled, "none of them was worth remembering instead");
}

Test(memo, what_is_refused_waits_or_cannot_be_vouched_for_is_not_remembered)
{
    static const struct {
        const char *target, *token;
        int status;
    } cases[] = {
        {"/v1/acme/secret", "good", 403},     {"/v1/other/status", "acme", 404},    {"/v1/acme/slow", "good", 200},
        {"/v1/acme/status", "fleeting", 200}, {"/v1/acme/status?a=1", "good", 200}, {"/v1/acme/nothing", "good", 404},
        {"/v1/ac%3fme/status", "good", 400},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_expect_eq(ask(cases[i].target, cases[i].token), cases[i].status, "%s: %d", cases[i].target, t.res.status);
        cr_expect_null(memo.arena, "%s", cases[i].target);
    }
}

Test(memo, an_escaped_target_is_remembered_as_the_plain_one)
{
    cr_assert_eq(ask("/v1/%61cme/status", "good"), 200);
    cr_assert_eq(ask("/v1/%61cme/status", "good"), 200);
    cr_assert_not(t.req.recalled);
    cr_assert_eq(ask("/v1/acme/status", "good"), 200);
    cr_assert(t.req.recalled);
    cr_assert(str_eqz(http_response_body(&t.res), "acme"));
}

Test(memo, the_next_thing_worth_it_takes_the_place_of_the_last)
{
    cr_assert_eq(ask("/v1/acme/status", "good"), 200);
    cr_assert_eq(ask("/v1/other/status", "good"), 200);
    cr_assert_eq(ask("/v1/other/status", "good"), 200);
    cr_assert(t.req.recalled);
    cr_assert(str_eqz(http_response_body(&t.res), "other"));
    cr_assert_eq(asked, 2);
}
