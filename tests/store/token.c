#include "store/token.h"

#include "pg/cluster.h"

#include <criterion/criterion.h>

static struct arena *arena;
static struct pg *pg;
static struct err err;

static const char *const admin[] = {"admin"};
static const char *const some[] = {"status:read", "hints:write"};

static void setup(void)
{
    arena = arena_new();
    pg = test_connect(test_database(arena));
    err = (struct err){0};
}

static void teardown(void)
{
    pg_close(pg);
    arena_free(arena);
}

TestSuite(token, .init = setup, .fini = teardown);

static int64_t number(const char *sql)
{
    struct pg_rows rows;
    cr_assert_eq(pg_query(pg, arena, sql, PG_ONE, &rows, &err), 0, "%s", err.text);
    return pg_integer(&rows, 0, 0);
}

/* The one valid token that there is; its hash is that of text. */
static struct token_row find(const char *text)
{
    struct token_row *rows;
    unsigned char hash[SHA256_SIZE];
    size_t count;
    cr_assert_eq(token_list(pg, arena, false, &rows, &count, &err), 0, "%s", err.text);
    cr_assert_eq(count, 1);
    cr_assert(token_hash(str_from(text), hash));
    cr_assert_eq(memcmp(hash, rows[0].hash, SHA256_SIZE), 0);
    return rows[0];
}

Test(token, its_text_finds_it_and_is_nowhere_in_the_database)
{
    char text[TOKEN_TEXT_SIZE];
    struct token_row row;
    const struct token_spec spec = {
        .name = "bob", .scopes = some, .scope_count = 2, .ecosystem = "acme", .actor = "cli"};
    cr_assert_eq(token_create(pg, arena, &spec, text, &err), 0, "%s", err.text);
    cr_assert_eq(strlen(text), 47);
    cr_assert(str_starts(str_from(text), STR("yel_")));
    row = find(text);
    cr_assert_str_eq(row.name, "bob");
    cr_assert_eq(row.scope_count, 2);
    cr_assert_str_eq(row.scopes[0], "status:read");
    cr_assert_str_eq(row.scopes[1], "hints:write");
    cr_assert_str_eq(row.ecosystem, "acme");
    cr_assert_null(row.expires_at);
    cr_assert_eq(number("SELECT count(*) FROM tokens t WHERE t::text LIKE '%yel_%'"), 0);
    cr_assert_eq(number("SELECT count(*) FROM audit WHERE action = 'token.create' AND object = 'token bob' "
                        "AND actor = 'cli' AND after->>'ecosystem' = 'acme'"),
                 1);
}

Test(token, two_tokens_are_never_equal_and_names_are_taken_once)
{
    char first[TOKEN_TEXT_SIZE], second[TOKEN_TEXT_SIZE];
    struct token_spec spec = {.name = "a", .scopes = admin, .scope_count = 1, .actor = "cli"};
    cr_assert_eq(token_create(pg, arena, &spec, first, &err), 0, "%s", err.text);
    cr_assert_eq(token_create(pg, arena, &spec, second, &err), -ERR_CONFLICT);
    cr_assert_str_eq(err.text, "token a is there already");
    cr_assert_str_eq(err.hint, "take another name, or revoke it first");
    cr_assert_eq(token_revoke(pg, arena, "a", "cli", &err), 0, "%s", err.text);
    cr_assert_eq(token_create(pg, arena, &spec, second, &err), 0, "%s", err.text);
    cr_assert_str_neq(first, second);
}

Test(token, a_revoked_and_an_expired_one_are_listed_only_when_asked_for)
{
    char revoked[TOKEN_TEXT_SIZE], expired[TOKEN_TEXT_SIZE];
    struct token_spec spec = {.name = "gone", .scopes = admin, .scope_count = 1, .actor = "cli"};
    struct token_row *rows;
    size_t count;
    cr_assert_eq(token_create(pg, arena, &spec, revoked, &err), 0, "%s", err.text);
    cr_assert_eq(token_revoke(pg, arena, "gone", "cli", &err), 0, "%s", err.text);
    spec.name = "late";
    spec.expires_at = "2020-01-01T00:00:00.000Z";
    cr_assert_eq(token_create(pg, arena, &spec, expired, &err), 0, "%s", err.text);
    cr_assert_eq(token_list(pg, arena, false, &rows, &count, &err), 0, "%s", err.text);
    cr_assert_eq(count, 0);
    cr_assert_eq(token_list(pg, arena, true, &rows, &count, &err), 0, "%s", err.text);
    cr_assert_eq(count, 2);
    cr_assert_str_eq(rows[0].name, "gone");
    cr_assert_not_null(rows[0].revoked_at);
    cr_assert_str_eq(rows[1].expires_at, "2020-01-01T00:00:00.000Z");
    cr_assert_eq(token_revoke(pg, arena, "gone", "cli", &err), -ERR_NOT_FOUND);
    cr_assert_str_eq(err.text, "there is no token gone");
    cr_assert_eq(number("SELECT count(*) FROM audit WHERE action = 'token.revoke'"), 1);
}

Test(token, its_times_are_in_utc_whatever_the_time_zone_of_the_database)
{
    char text[TOKEN_TEXT_SIZE];
    const struct token_spec spec = {
        .name = "a", .scopes = admin, .scope_count = 1, .actor = "cli", .expires_at = "2099-07-01T12:00:00Z"};
    cr_assert_eq(pg_script(pg, "SET TimeZone = 'America/New_York'", &err), 0, "%s", err.text);
    cr_assert_eq(token_create(pg, arena, &spec, text, &err), 0, "%s", err.text);
    cr_assert_str_eq(find(text).expires_at, "2099-07-01T12:00:00.000Z");
}

Test(token, the_first_one_is_made_once)
{
    char text[TOKEN_TEXT_SIZE];
    bool created = false;
    struct token_spec spec = {.name = "admin", .scopes = admin, .scope_count = 1, .actor = "first-start"};
    cr_assert_eq(token_create_first(pg, arena, &spec, text, &created, &err), 0, "%s", err.text);
    cr_assert(created);
    cr_assert_eq(token_revoke(pg, arena, "admin", "cli", &err), 0, "%s", err.text);
    cr_assert_eq(token_create_first(pg, arena, &spec, text, &created, &err), 0, "%s", err.text);
    cr_assert_not(created);
    cr_assert_eq(number("SELECT count(*) FROM tokens"), 1);
}

Test(token, bad_names_and_scopes_are_refused)
{
    char text[TOKEN_TEXT_SIZE];
    static const char *const bad[] = {"Status Read"};
    struct token_spec spec = {.name = "9", .scopes = admin, .scope_count = 1, .actor = "cli"};
    cr_assert_eq(token_create(pg, arena, &spec, text, &err), -ERR_INVALID);
    cr_assert_str_eq(err.text, "token \"9\": a name is a letter and at most 62 letters, digits, _ or -");
    spec.name = "bob";
    spec.scopes = bad;
    cr_assert_eq(token_create(pg, arena, &spec, text, &err), -ERR_INVALID);
    cr_assert_str_eq(err.text, "token bob: \"Status Read\" is not a scope");
    spec.scope_count = 0;
    cr_assert_eq(token_create(pg, arena, &spec, text, &err), -ERR_INVALID);
    cr_assert_str_eq(err.text, "token bob has no scope");
}
