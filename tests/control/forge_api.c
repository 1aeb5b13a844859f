#include "control/forge_api.h"

#include <criterion/criterion.h>

static const char oid[] = "da1560886d4f094c3e6c9ef40349f7d38b5d27d7";

static struct forge_address address_of(const char *forge, const char *api)
{
    return (struct forge_address){forge_find(forge), api ? api : forge_default_api(forge_find(forge)),
                                  "acme/data-model", NULL};
}

static const struct {
    const char *forge, *api, *url, *body, *authorization;
} statuses[] = {
    {"github", NULL, "https://api.github.com/repos/acme/data-model/statuses/da1560886d4f094c3e6c9ef40349f7d38b5d27d7",
     "{\"context\":\"yellow/acme\",\"state\":\"failure\",\"description\":\"2 errors in the model\"}",
     "Authorization: Bearer t0ken"},
    {"gitlab", NULL,
     "https://gitlab.com/api/v4/projects/acme%2Fdata-model/statuses/da1560886d4f094c3e6c9ef40349f7d38b5d27d7",
     "{\"name\":\"yellow/acme\",\"state\":\"failed\",\"description\":\"2 errors in the model\"}",
     "PRIVATE-TOKEN: t0ken"},
    {"bitbucket", NULL,
     "https://api.bitbucket.org/2.0/repositories/acme/data-model/commit/da1560886d4f094c3e6c9ef40349f7d38b5d27d7/"
     "statuses/build",
     "{\"key\":\"yellow/acme\",\"state\":\"FAILED\",\"description\":\"2 errors in the model\",\"url\":\"https://"
     "bitbucket.org/acme/data-model/commits/da1560886d4f094c3e6c9ef40349f7d38b5d27d7\"}",
     "Authorization: Bearer t0ken"},
    {"gitea", "https://git.example.net/api/v1",
     "https://git.example.net/api/v1/repos/acme/data-model/statuses/da1560886d4f094c3e6c9ef40349f7d38b5d27d7",
     "{\"context\":\"yellow/acme\",\"state\":\"failure\",\"description\":\"2 errors in the model\"}",
     "Authorization: token t0ken"},
    {"forgejo", "https://git.example.net/api/v1",
     "https://git.example.net/api/v1/repos/acme/data-model/statuses/da1560886d4f094c3e6c9ef40349f7d38b5d27d7",
     "{\"context\":\"yellow/acme\",\"state\":\"failure\",\"description\":\"2 errors in the model\"}",
     "Authorization: token t0ken"},
};

Test(forge_api, a_status_is_told_each_forge_in_its_own_words)
{
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        struct forge_address address = address_of(statuses[i].forge, statuses[i].api);
        struct http_client_request request;
        forge_status_request(arena, &address, oid, FORGE_FAILURE, "yellow/acme", "2 errors in the model", &request);
        cr_assert_eq(request.method, HTTP_POST);
        cr_assert_str_eq(request.url, statuses[i].url);
        cr_assert_str_eq(request.body.data, statuses[i].body);
        cr_assert_str_eq(forge_auth_header(arena, address.forge, "t0ken"), statuses[i].authorization);
    }
    arena_free(arena);
}

static const struct {
    const char *forge, *api, *url, *change_url, *body;
    enum http_method change;
} comments[] = {
    {"github", NULL, "https://api.github.com/repos/acme/data-model/issues/7/comments",
     "https://api.github.com/repos/acme/data-model/issues/comments/41", "{\"body\":\"a plan\"}", HTTP_PATCH},
    {"gitlab", NULL, "https://gitlab.com/api/v4/projects/acme%2Fdata-model/merge_requests/7/notes",
     "https://gitlab.com/api/v4/projects/acme%2Fdata-model/merge_requests/7/notes/41", "{\"body\":\"a plan\"}",
     HTTP_PUT},
    {"bitbucket", NULL, "https://api.bitbucket.org/2.0/repositories/acme/data-model/pullrequests/7/comments",
     "https://api.bitbucket.org/2.0/repositories/acme/data-model/pullrequests/7/comments/41",
     "{\"content\":{\"raw\":\"a plan\"}}", HTTP_PUT},
    {"forgejo", "https://git.example.net/api/v1",
     "https://git.example.net/api/v1/repos/acme/data-model/issues/7/comments",
     "https://git.example.net/api/v1/repos/acme/data-model/issues/comments/41", "{\"body\":\"a plan\"}", HTTP_PATCH},
};

Test(forge_api, a_comment_is_made_once_and_changed_from_then_on)
{
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof comments / sizeof *comments; i++) {
        struct forge_address address = address_of(comments[i].forge, comments[i].api);
        struct http_client_request request;
        forge_comment_request(arena, &address, "7", NULL, "a plan", &request);
        cr_assert_eq(request.method, HTTP_POST);
        cr_assert_str_eq(request.url, comments[i].url);
        cr_assert_str_eq(request.body.data, comments[i].body);
        forge_comment_request(arena, &address, "7", "41", "a plan", &request);
        cr_assert_eq(request.method, comments[i].change);
        cr_assert_str_eq(request.url, comments[i].change_url);
    }
    cr_assert_str_eq(forge_comment_id(arena, STR("{\"id\":41,\"body\":\"a plan\"}")), "41");
    cr_assert_null(forge_comment_id(arena, STR("{}")));
    cr_assert_null(forge_comment_id(arena, STR("<html>")));
    arena_free(arena);
}

Test(forge_api, a_long_description_is_cut_at_a_whole_character)
{
    struct arena *arena = arena_new();
    struct forge_address address = address_of("github", NULL);
    struct http_client_request request;
    struct buf *text = buf_new(arena);
    for (int i = 0; i < 141; i++)
        buf_adds(text, "\xc3\xa9");
    forge_status_request(arena, &address, oid, FORGE_SUCCESS, "yellow/acme", buf_text(text), &request);
    json_t *body;
    cr_assert_eq(json_read(arena, request.body, &body, ERR_IGNORED), 0);
    const char *description = json_text(body, "description");
    cr_assert_eq(strlen(description), 2 * 137 + 3);
    cr_assert_str_eq(description + 2 * 137, "...");
    buf_cut(text, 2 * 140);
    forge_status_request(arena, &address, oid, FORGE_SUCCESS, "yellow/acme", buf_text(text), &request);
    cr_assert_eq(json_read(arena, request.body, &body, ERR_IGNORED), 0);
    cr_assert_eq(strlen(json_text(body, "description")), 2 * 140);
    arena_free(arena);
}

enum { NOW = 1700000000 };

static const struct {
    int status;
    const char *name, *value, *name2, *value2;
    enum forge_answer answer;
    int64_t wait_ms;
    const char *body;
} answers[] = {
    {201, NULL, NULL, NULL, NULL, FORGE_DONE, 0, NULL},
    {201, "X-RateLimit-Remaining", "17", "X-RateLimit-Reset", "1700000060", FORGE_DONE, 0, NULL},
    {201, "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1700000060", FORGE_DONE, 60000, NULL},
    {201, "RateLimit-Remaining", "0", "RateLimit-Reset", "1700000020", FORGE_DONE, 20000, NULL},
    {301, "Location", "https://elsewhere.example.net/", NULL, NULL, FORGE_REFUSED, 0, NULL},
    {401, NULL, NULL, NULL, NULL, FORGE_REFUSED, 0, NULL},
    {403, NULL, NULL, NULL, NULL, FORGE_REFUSED, 0, NULL},
    {403, NULL, NULL, NULL, NULL, FORGE_REFUSED, 0, "{\"message\":\"Resource not accessible by integration\"}"},
    {403, "X-RateLimit-Remaining", "17", "X-RateLimit-Reset", "1700000060", FORGE_REFUSED, 0, NULL},
    {403, "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1700000060", FORGE_LIMITED, 60000, NULL},
    {403, "X-RateLimit-Remaining", "17", "X-RateLimit-Reset", "1700000060", FORGE_LIMITED, 0,
     "{\"message\":\"You have exceeded a secondary rate limit. Please wait a few minutes before you try again.\"}"},
    {403, NULL, NULL, NULL, NULL, FORGE_LIMITED, 0,
     "{\"message\":\"You have triggered an abuse detection mechanism.\"}"},
    {403, NULL, NULL, NULL, NULL, FORGE_REFUSED, 0, "rate limit"},
    {403, "Retry-After", "30", NULL, NULL, FORGE_LIMITED, 30000, NULL},
    {404, NULL, NULL, NULL, NULL, FORGE_GONE, 0, NULL},
    {422, NULL, NULL, NULL, NULL, FORGE_REFUSED, 0, NULL},
    {429, NULL, NULL, NULL, NULL, FORGE_LIMITED, 0, NULL},
    {429, "retry-after", "5", NULL, NULL, FORGE_LIMITED, 5000, NULL},
    {429, "RateLimit-Reset", "1700000010", NULL, NULL, FORGE_LIMITED, 10000, NULL},
    {429, "Retry-After", "999999999", NULL, NULL, FORGE_LIMITED, 3600000, NULL},
    {429, "Retry-After", "soon", NULL, NULL, FORGE_LIMITED, 0, NULL},
    {503, NULL, NULL, NULL, NULL, FORGE_LATER, 0, NULL},
    {503, "Retry-After", "120", NULL, NULL, FORGE_LATER, 120000, NULL},
};

Test(forge_api, an_answer_says_what_comes_next)
{
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct http_pair headers[] = {{answers[i].name, answers[i].value}, {answers[i].name2, answers[i].value2}};
        struct http_client_response response = {.status = answers[i].status,
                                                .headers = headers,
                                                .body = str_from(answers[i].body ? answers[i].body : ""),
                                                .header_count = (size_t) !!answers[i].name + !!answers[i].name2};
        int64_t wait_ms = -1;
        cr_assert_eq(forge_read_answer(&response, NOW, &wait_ms), answers[i].answer, "%zu", i);
        cr_assert_eq(wait_ms, answers[i].wait_ms, "%zu: %lld", i, (long long)wait_ms);
    }
}
