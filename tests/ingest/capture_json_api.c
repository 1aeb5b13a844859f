#include "ingest/capture_kit.h"
#include "ingest/json_api.h"
#include "ingest/remote.h"
#include "ingest/web.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

static struct capture_kit kit;
static struct web web;

static void setup(void)
{
    static const char *const arguments[] = {NULL};
    web = web_start("json_server.py", arguments);
    capture_kit_init(&kit, CAPTURE_JSON_API,
                     "id int64 key, name varchar(10), note json null, price decimal(20,2) null");
    kit.source = (struct container){
        .name = "things-api", .type = CONTAINER_HTTP, .url = arena_printf(kit.arena, "http://127.0.0.1:%d/", web.port)};
    kit.work.credential = NULL;
    kit.dataset.records = "/data";
    remote_limits.backoff_ms = 1;
    remote_limits.backoff_max_ms = 1;
    remote_limits.tries = 3;
    json_api_limits.page_bytes = 64 << 20;
    json_api_limits.pages = 20;
}

static void teardown(void)
{
    capture_kit_dispose(&kit);
    web_stop(&web);
}

TestSuite(capture_json_api, .init = setup, .fini = teardown);

/* The outcome of a way, with the server's address as ADDRESS. */
static const char *outcome(const char *way)
{
    char address[64];
    (void)snprintf(address, sizeof address, "http://127.0.0.1:%d", web.port);
    kit.dataset.path = way;
    const char *text = capture_kit_run(&kit), *at = strstr(text, address);
    return at ? arena_printf(kit.arena, "%.*sADDRESS%s", (int)(at - text), text, at + strlen(address)) : text;
}

struct way {
    const char *path, *outcome;
};

static void check(const char *paging, const struct way *ways, size_t count)
{
    kit.store.capture.paging = (struct paging){.type = paging};
    if (strcmp(paging, "page") == 0 || strcmp(paging, "offset") == 0)
        kit.store.capture.paging = (struct paging){.type = paging, .parameter = paging, .size = 3};
    if (strcmp(paging, "cursor") == 0)
        kit.store.capture.paging = (struct paging){.type = paging, .parameter = "after", .pointer = "/next"};
    for (size_t i = 0; i < count; i++)
        cr_expect(eq(str, (char *)outcome(ways[i].path), (char *)ways[i].outcome), "%s", ways[i].path);
}

#define CHECK(paging, ways) check(paging, ways, sizeof ways / sizeof *ways)
#define FINE "1|n1|-|-;2|n2|-|-"
#define PAGE_1(way) "page 1 of ADDRESS/" way ": "
#define BAD(way, n) "bad-data-over-limit: more than 0 bad rows in the batch, the last one in ADDRESS/" way ":" n

Test(capture_json_api, goes_on_where_it_can)
{
    static const struct way ways[] = {
        {"fine/", FINE},
        {"/fine?x=1", FINE},
        {"no_content", ""},
        {"empty_list", ""},
        {"five_hundred_twice", FINE},
        {"bad_gateway", FINE},
        {"too_many", FINE},
        {"too_many_retry_after", FINE},
        {"retry_after_date", FINE},
        {"cut_body", FINE},
        {"cut_head", FINE},
        {"closed", FINE},
        {"dribble", FINE},
        {"no_length", "1|n1|-|-"},
        {"chunked", ""},
        {"plain_type", "1|n1|-|-"},
        {"mark", "1|n1|-|-"},
        {"missing", "1|a|-|-;2|b|-|-"},
        {"escapes", "1|\xc3\xa9\n\xf0\x9f\x98\x80|-|-"},
        {"numbers", "9007199254740993|a|-|12345678901234567.89"},
        {"values", "1|a|{\"a\": 100, \"b\": [1.50, null]}|-;2|b|\"t\"|-"},
    };
    CHECK("none", ways);
}

Test(capture_json_api, names_what_is_wrong)
{
    static const struct way ways[] = {
        {"five_hundred", "source-error: " PAGE_1("five_hundred") "the page: the source answers 500"},
        {"too_many_for_hours", "source-error: " PAGE_1("too_many_for_hours") "the page: the source answers 429"},
        {"retry_after_days", "source-error: " PAGE_1("retry_after_days") "the page: the source answers 503"},
        {"unauthorized", "credential-refused: " PAGE_1("unauthorized") "the page: the source answers 401"},
        {"forbidden", "credential-refused: " PAGE_1("forbidden") "the page: the source answers 403"},
        {"not_found", "source-error: " PAGE_1("not_found") "the page: the source answers 404"},
        {"teapot", "source-error: " PAGE_1("teapot") "the page: the source answers 418"},
        {"redirect_elsewhere", "source-error: " PAGE_1("redirect_elsewhere") "the page: the source answers 302"},
        {"redirect_here", "source-error: " PAGE_1("redirect_here") "the page: the source answers 301"},
        {"html", "source-error: " PAGE_1("html") "byte 0: not a value"},
        {"nothing", "source-error: " PAGE_1("nothing") "byte 0: the text ends too early"},
        {"trailing", "source-error: " PAGE_1("trailing") "byte 12: text behind the value"},
        {"two_values", "source-error: " PAGE_1("two_values") "byte 11: text behind the value"},
        {"utf16", "source-error: " PAGE_1("utf16") "byte 0: not a value"},
        {"wrong_length", "source-error: " PAGE_1("wrong_length") "byte 5: the text ends too early"},
        {"no_length_cut", "source-error: " PAGE_1("no_length_cut") "byte 20: the text ends too early"},
        {"wrong_pointer", "source-error: " PAGE_1("wrong_pointer") "there are no records at \"/data\""},
        {"no_list", "source-error: " PAGE_1("no_list") "byte 8: no list where the records should be"},
        {"null_list", "source-error: " PAGE_1("null_list") "byte 8: no list where the records should be"},
        {"twice", "source-error: " PAGE_1("twice") "byte 18: the records are there twice"},
        {"nested", "source-error: " PAGE_1("nested") "byte 70: nested too deeply"},
        {"nested_record", "source-error: " PAGE_1("nested_record") "byte 89: nested too deeply"},
        {"invalid_utf8", "source-error: " PAGE_1("invalid_utf8") "byte 24: a string that is no UTF-8"},
        {"raw_nul", "source-error: " PAGE_1("raw_nul") "byte 25: a control character in a string"},
        {"deflated_unsaid", "source-error: " PAGE_1("deflated_unsaid") "byte 0: not a value"},
        {"zipped", "source-error: " PAGE_1("zipped") "it is compressed (gzip), which was not asked for"},
        {"bomb", "source-error: " PAGE_1("bomb") "it is compressed (gzip), which was not asked for"},
        {"large_value", "source-error: " PAGE_1("large_value") "byte 9: a value of more than 16 MiB"},
    };
    CHECK("none", ways);
}

Test(capture_json_api, names_a_source_that_does_not_answer_as_it_should)
{
    static const char *const ways[] = {"cut_always",  "garbage",      "two_lengths", "chunked_garbage",
                                       "chunked_cut", "many_headers", "slow",        "silent"};
    remote_limits.idle_ms = 200;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        const char *text = outcome(ways[i]);
        cr_expect(eq(int, strncmp(text, "source-unreachable: ", 20), 0), "%s: %s", ways[i], text);
    }
    web_stop(&web);
    const char *text = outcome("fine");
    cr_expect(eq(int, strncmp(text, "source-unreachable: ", 20), 0), "%s", text);
}

Test(capture_json_api, puts_records_aside_that_do_not_fit)
{
    static const struct way ways[] = {
        {"duplicate_member", BAD("duplicate_member", "1")},
        {"no_object", BAD("no_object", "1")},
        {"wrong_type", "1|a|-|-"},
        {"too_long", BAD("too_long", "1")},
        {"missing_key", BAD("missing_key", "1")},
        {"nul", BAD("nul", "1")},
        {"surrogate", BAD("surrogate", "1")},
    };
    CHECK("none", ways);
    cr_expect(eq(str,
                 (char *)capture_kit_ask(&kit, "select concat_ws('|', \"column\", reason, record) from "
                                               "yellow.quarantine where batch = 2"),
                 "name|holds \\u0000 or half of a surrogate pair, which no text can|{\"id\":1,\"name\":\"\\ud800\"}"));
    kit.limit = 1;
    cr_expect(eq(str, (char *)outcome("too_long"), ""));
    cr_expect(eq(i64, kit.quarantined, 1));
}

/* Links to a next page carry tokens of their own. */
Test(capture_json_api, tells_the_place_of_a_record_without_the_query_of_its_page)
{
    cr_expect(eq(str, (char *)outcome("too_long?token=secret"), BAD("too_long", "1")));
    cr_expect(
        eq(str, (char *)capture_kit_ask(&kit, "select count(*) from yellow.quarantine where object ~ 'secret'"), "0"));
}

Test(capture_json_api, turns_pages)
{
    static const struct way page[] = {{"paged", "1|n1|-|-;2|n2|-|-;3|n3|-|-;4|n4|-|-;5|n5|-|-;6|n6|-|-;7|n7|-|-"},
                                      {"fine", "source-error: page 2 of ADDRESS/fine: it is the page before again"},
                                      {"few_paged", "1|n1|-|-;2|n2|-|-;3|n3|-|-;4|n4|-|-;5|n5|-|-"},
                                      {"none_behind", "1|n1|-|-;2|n2|-|-;3|n3|-|-;4|n4|-|-;5|n5|-|-"},
                                      {"none_between",
                                       "source-error: page 2 of ADDRESS/none_between: the page: the source "
                                       "answers 404"}};
    static const struct way offset[] = {
        {"offset", "1|n1|-|-;2|n2|-|-;3|n3|-|-;4|n4|-|-;5|n5|-|-;6|n6|-|-;7|n7|-|-;8|n8|-|-"},
        {"few_offset", "1|n1|-|-;2|n2|-|-;3|n3|-|-;4|n4|-|-;5|n5|-|-"}};
    static const struct way cursor[] = {{"cursor", "1|n1|-|-;2|n2|-|-;3|n3|-|-"}, {"long_cursor", FINE}};
    static const struct way link[] = {{"linked/", "1|n1|-|-;2|n2|-|-;3|n3|-|-"}};
    CHECK("page", page);
    CHECK("offset", offset);
    CHECK("cursor", cursor);
    CHECK("link", link);
}

Test(capture_json_api, does_not_turn_pages_for_ever_or_elsewhere)
{
    static const struct way link[] = {
        {"link_elsewhere", "source-error: " PAGE_1("link_elsewhere") "page 1 names a next page at another address"},
        {"link_scheme", "source-error: " PAGE_1("link_scheme") "page 1 names a next page at another address"},
        {"link_loop", "source-error: page 3 of ADDRESS/link_loop: page 3 names a next page that was there before"}};
    static const struct way cursor[] = {
        {"endless_cursor",
         "source-error: page 2 of ADDRESS/endless_cursor: page 2 names a next page that was there before"},
        {"growing_cursor", "source-error: page 20 of ADDRESS/growing_cursor: more than 20 pages"},
        {"cursor_object", "source-error: " PAGE_1("cursor_object") "byte 52: the cursor is no text"}};
    static const struct way page[] = {
        {"endless_page", "source-error: page 20 of ADDRESS/endless_page: more than 20 pages"},
        {"deaf_page", "source-error: page 2 of ADDRESS/deaf_page: it is the page before again"}};
    CHECK("link", link);
    CHECK("cursor", cursor);
    kit.store.capture.paging = (struct paging){.type = "page", .parameter = "p"};
    for (size_t i = 0; i < sizeof page / sizeof *page; i++)
        cr_expect(eq(str, (char *)outcome(page[i].path), (char *)page[i].outcome));
}

Test(capture_json_api, reads_more_than_it_holds_and_no_more_than_it_may)
{
    kit.dataset.path = "large";
    const char *text = capture_kit_run(&kit);
    cr_expect(eq(int, strncmp(text, "0|n0|-|-;1|n1|-|-;", 18), 0));
    cr_expect(
        eq(str, (char *)capture_kit_ask(&kit, "select count(*) || ' ' || sum(id) from things"), "400000 79999800000"));
    text = outcome("cut_late");
    cr_expect(eq(int, strncmp(text, "source-unreachable: ", 20), 0), "%s", text);
    json_api_limits.page_bytes = 1 << 20;
    cr_expect(eq(str, (char *)outcome("large_page"), "source-error: " PAGE_1("large_page") "more than 1048576 bytes"));
    cr_expect(eq(str, (char *)outcome("endless"), "source-error: " PAGE_1("endless") "more than 1048576 bytes"));
}

Test(capture_json_api, sends_credentials_of_each_kind)
{
    static const struct {
        enum credential_type type;
        const char *path, *seen;
    } cases[] = {{CREDENTIAL_TOKEN, "echo/authorization", "1|Bearer tok|-|-"},
                 {CREDENTIAL_API_KEY, "echo/x-api-key", "1|k1|-|-"},
                 {CREDENTIAL_USER_PASSWORD, "echo/authorization", "1|Basic dTpw|-|-"}};
    static const char *bound[] = {"things-api"};
    (void)setenv("YELLOW_CREDENTIAL_API_TOKEN", "tok", 1);
    (void)setenv("YELLOW_CREDENTIAL_API_KEY", "k1", 1);
    (void)setenv("YELLOW_CREDENTIAL_API_USERNAME", "u", 1);
    (void)setenv("YELLOW_CREDENTIAL_API_PASSWORD", "p", 1);
    kit.work.credential = &kit.credential;
    /* Longer than the column: the prefix is what is looked at. */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct datatype text = {.base = TYPE_TEXT};
        kit.credential = (struct credential){.name = "api", .type = cases[i].type, .containers = {bound, 1}};
        ((struct work_column *)(uintptr_t)kit.work_dataset.columns)[1].type = text;
        ((struct work_column *)(uintptr_t)kit.work_dataset.columns)[1].sql = "text";
        cr_expect(eq(str, (char *)outcome(cases[i].path), (char *)cases[i].seen));
    }
    (void)setenv("YELLOW_CREDENTIAL_API_TOKEN", "a\r\nHost: b", 1);
    kit.credential.type = CREDENTIAL_TOKEN;
    cr_expect(eq(str, (char *)outcome("fine"), "configuration: credential \"api\" is no text for a header"));
    kit.source.name = "another-api";
    cr_expect(eq(str, (char *)outcome("fine"), "configuration: credential api is not bound to container another-api"));
}
