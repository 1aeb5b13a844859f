#include "api/ask.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct ask a;

static void setup(void)
{
    ask_init(&a);
}

static void teardown(void)
{
    ask_dispose(&a);
}

TestSuite(api_ecosystems, .init = setup, .fini = teardown);

#define BODY(url, secrets) "{\"repository\":{\"url\":\"" url "\",\"branch\":\"main\"},\"webhook_secrets\":" secrets "}"
#define GOOD BODY("https://git.example.net/bolt.git", "[{\"env\":\"FLOW_SECRET\"}]")
#define OTHER BODY("https://git.example.net/other.git", "[{\"env\":\"FLOW_SECRET\"}]")

Test(api_ecosystems, put_creates_reads_back_and_changes_under_its_etag)
{
    cr_assert_eq(ask(&a, HTTP_PUT, "/v1/ecosystems/bolt", GOOD, NULL), 201, "%s", ask_at(&a, "/detail"));
    cr_assert_str_eq(ask_header(&a, "Location"), "/v1/ecosystems/bolt");
    cr_assert_str_eq(ask_header(&a, "ETag"), "\"1-0\"");
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/ecosystems/bolt", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/repository"),
                     "{\"url\":\"https://git.example.net/bolt.git\",\"branch\":\"main\",\"path\":\"\",\"name\":null}");
    cr_assert_str_eq(ask_at(&a, "/webhook_secrets"), "[{\"env\":\"FLOW_SECRET\"}]");
    cr_assert_str_eq(ask_at(&a, "/version"), "0");
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/ecosystems/bolt", NULL, ASK_HEADERS("If-None-Match: \"1-0\"")), 304);

    cr_assert_eq(ask(&a, HTTP_PUT, "/v1/ecosystems/bolt", OTHER, NULL), 428);
    cr_assert_eq(ask(&a, HTTP_PUT, "/v1/ecosystems/bolt", OTHER, ASK_HEADERS("If-Match: \"7-0\"")), 412);
    cr_assert_eq(ask(&a, HTTP_PUT, "/v1/ecosystems/bolt", OTHER, ASK_HEADERS("If-None-Match: *")), 412);
    cr_assert_eq(ask(&a, HTTP_PUT, "/v1/ecosystems/bolt", OTHER, ASK_HEADERS("If-Match: \"1-0\"")), 200);
    cr_assert_str_eq(ask_header(&a, "ETag"), "\"2-0\"");
    cr_assert_eq(ask(&a, HTTP_PUT, "/v1/ecosystems/bolt", OTHER, ASK_HEADERS("If-Match: \"2-5\"")), 200,
                 "a version that came meanwhile is no conflict");
    cr_assert_str_eq(ask_at(&a, "/revision"), "2", "nothing changed");
    cr_assert_str_eq(flow_value(&a.flow, "select string_agg(action || ' ' || actor, ',' order by id) from audit"),
                     "ecosystem.create admin,ecosystem.update admin");
}

Test(api_ecosystems, if_match_on_one_that_is_not_there_is_stale)
{
    cr_assert_eq(ask(&a, HTTP_PUT, "/v1/ecosystems/bolt", GOOD, ASK_HEADERS("If-Match: \"1-0\"")), 412);
    cr_assert_eq(ask(&a, HTTP_PUT, "/v1/ecosystems/bolt", GOOD, ASK_HEADERS("If-None-Match: *")), 201);
}

Test(api_ecosystems, everything_wrong_is_told_with_its_pointer_and_no_secret)
{
    setenv("SHORT_SECRET", "fifteen bytes..", 1);
    cr_assert_eq(ask(&a, HTTP_PUT, "/v1/ecosystems/bolt",
                     "{\"repository\":{\"url\":\"https://u:hunter2@x.net/a\",\"branch\":\"-f\",\"path\":\"/abs\"},"
                     "\"webhook_secrets\":[{\"env\":\"SHORT_SECRET\"},{\"file\":\"/nonexistent/x\"}]}",
                     NULL),
                 422);
    cr_assert_str_eq(ask_at(&a, "/errors/0/pointer"), "/repository/url");
    cr_assert_str_eq(ask_at(&a, "/errors/1/pointer"), "/repository/branch");
    cr_assert_str_eq(ask_at(&a, "/errors/2/pointer"), "/repository/path");
    cr_assert_str_eq(ask_at(&a, "/errors/3/pointer"), "/webhook_secrets/0");
    cr_assert_str_eq(ask_at(&a, "/errors/3/detail"), "environment variable SHORT_SECRET holds fewer than 16 bytes");
    cr_assert_str_eq(ask_at(&a, "/errors/4/pointer"), "/webhook_secrets/1");
    cr_assert_null(strstr(http_response_body(&a.res).data, "fifteen bytes"));
    cr_assert_null(strstr(http_response_body(&a.res).data, "hunter2"));
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/ecosystems/bolt", NULL, NULL), 404);
}

Test(api_ecosystems, unknown_members_and_absent_ones_are_told)
{
    cr_assert_eq(ask(&a, HTTP_PUT, "/v1/ecosystems/bolt", "{\"repository\":{\"urL\":\"x\"},\"secret\":1}", NULL), 422);
    cr_assert_str_eq(ask_at(&a, "/errors/0/pointer"), "/secret");
    cr_assert_str_eq(ask_at(&a, "/errors/1/pointer"), "/repository/urL");
    cr_assert_str_eq(ask_at(&a, "/errors/2/pointer"), "/repository/url");
    cr_assert_eq(ask(&a, HTTP_PUT, "/v1/ecosystems/bolt", "[]", NULL), 400);
    cr_assert_eq(ask(&a, HTTP_PUT, "/v1/ecosystems/bolt", BODY("file:///x", "[]"), NULL), 422);
    cr_assert_str_eq(ask_at(&a, "/errors/0/detail"), "one or two webhook secrets are needed, each by reference");
}

Test(api_ecosystems, a_list_goes_page_by_page_and_shows_a_bound_token_its_own)
{
    cr_assert_eq(ask(&a, HTTP_PUT, "/v1/ecosystems/bolt", GOOD, NULL), 201);
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/ecosystems?limit=1", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/items/0/name"), "acme");
    cr_assert_str_eq(ask_at(&a, "/items/1"), "absent");
    const char *link = ask_header(&a, "Link");
    char *next = arena_strdup(a.flow.arena, link + 1);
    *strchr(next, '>') = 0;
    cr_assert_eq(ask(&a, HTTP_GET, next, NULL, NULL), 200, "%s", next);
    cr_assert_str_eq(ask_at(&a, "/items/0/name"), "bolt");
    cr_assert_str_eq(ask_header(&a, "Link"), "absent");
    cr_assert_eq(ask_as(&a, "bolt", HTTP_GET, "/v1/ecosystems", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/items/0/name"), "bolt");
    cr_assert_str_eq(ask_at(&a, "/items/1"), "absent");
    cr_assert_eq(ask_as(&a, "bolt", HTTP_GET, "/v1/ecosystems/acme", NULL, NULL), 404);
    cr_assert_eq(ask_as(&a, "reader", HTTP_GET, "/v1/ecosystems", NULL, NULL), 403);
    cr_assert_eq(ask_as(&a, NULL, HTTP_GET, "/v1/ecosystems", NULL, NULL), 401);
}
