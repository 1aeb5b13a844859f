#include "control/auth.h"

#include "base/time.h"
#include "pg/cluster.h"
#include "store/job_kit.h"
#include "store/token.h"

#include <criterion/criterion.h>

static struct arena *arena;
static struct pg *pg;
static struct pg_pool *pool;
static struct auth *auth;
static struct err err;
static struct http_principal who;
static int64_t clock_us;
static const int64_t second = 1000000;

static int64_t now(void)
{
    return clock_us;
}

static void setup(void)
{
    arena = arena_new();
    const char *url = test_database(arena);
    pg = test_connect(url);
    pool = pg_pool_new(&(struct pg_pool_options){
        .url = url, .size = 2, .connect_deadline_ms = 5000, .take_deadline_ms = 5000, .statement_ms = 20000});
    auth = auth_new(pool);
    auth_set_clock(auth, now);
    clock_us = time_now_us();
    err = (struct err){0};
}

static void teardown(void)
{
    auth_free(auth);
    pg_pool_free(pool);
    pg_close(pg);
    arena_free(arena);
}

TestSuite(auth, .init = setup, .fini = teardown);

static const char *make(const char *name, const char *expires_at)
{
    char token[TOKEN_TEXT_SIZE];
    const char *const scopes[] = {"status:read", "run:write"};
    struct token_spec spec = {.name = name,
                              .scopes = scopes,
                              .scope_count = 2,
                              .ecosystem = "acme",
                              .expires_at = expires_at,
                              .actor = "test"};
    cr_assert_eq(token_create(pg, arena, &spec, token, &err), 0, "%s", err.text);
    return arena_strdup(arena, token);
}

static int check(bool may_wait, const char *token)
{
    err = (struct err){0};
    return auth_check(auth, arena, may_wait, str_from(token), &who, &err);
}

Test(auth, a_token_is_deferred_once_and_then_known_without_a_statement)
{
    const char *token = make("dash", NULL);
    cr_assert_eq(check(false, token), HTTP_DEFER);
    cr_assert_eq(check(true, token), 0, "%s", err.text);
    cr_assert_str_eq(who.name, "dash");
    cr_assert_str_eq(who.ecosystem, "acme");
    cr_assert_str_eq(who.scopes[1], "run:write");
    cr_assert_null(who.scopes[2]);
    uint64_t before = pg_statement_count();
    for (int i = 0; i < 1000; i++)
        cr_assert_eq(check(false, token), 0);
    cr_assert_eq(pg_statement_count() - before, 0);
}

Test(auth, unknown_tokens_cost_at_most_one_reading_a_second)
{
    const char *known = make("dash", NULL);
    /* A connection prepares what it runs a second time: that counts too, once. */
    for (int i = 0; i < 2; i++) {
        auth_invalidate(auth);
        cr_assert_eq(check(true, known), 0);
    }
    char *wrong = arena_strdup(arena, known);
    wrong[10] = wrong[10] == 'A' ? 'B' : 'A';
    uint64_t before = pg_statement_count();
    for (int i = 0; i < 100; i++) {
        cr_assert_eq(check(true, wrong), -ERR_UNAUTHORIZED);
        cr_assert_str_eq(err.text, "the token is not known");
    }
    cr_assert_eq(pg_statement_count() - before, 0);
    clock_us += 2 * second;
    cr_assert_eq(check(false, wrong), HTTP_DEFER);
    for (int i = 0; i < 100; i++)
        cr_assert_eq(check(true, wrong), -ERR_UNAUTHORIZED);
    cr_assert_eq(pg_statement_count() - before, 1);
    cr_assert_eq(check(false, "nonsense"), -ERR_UNAUTHORIZED);
}

Test(auth, a_new_token_is_known_at_once_after_a_word_from_the_channel)
{
    cr_assert_eq(check(true, make("first", NULL)), 0);
    const char *second_token = make("second", NULL);
    cr_assert_eq(check(true, second_token), -ERR_UNAUTHORIZED);
    auth_invalidate(auth);
    cr_assert_eq(check(false, second_token), HTTP_DEFER);
    cr_assert_eq(check(true, second_token), 0, "%s", err.text);
    cr_assert_str_eq(who.name, "second");
}

Test(auth, a_revoked_token_is_refused_after_the_word_and_after_a_minute_without_it)
{
    const char *one = make("one", NULL), *two = make("two", NULL);
    cr_assert_eq(check(true, one), 0);
    cr_assert_eq(token_revoke(pg, arena, "one", "test", &err), 0);
    auth_invalidate(auth);
    cr_assert_eq(check(true, one), -ERR_UNAUTHORIZED);
    cr_assert_eq(check(true, two), 0);
    cr_assert_eq(token_revoke(pg, arena, "two", "test", &err), 0);
    cr_assert_eq(check(true, two), 0);
    clock_us += 60 * second;
    cr_assert_eq(check(false, two), HTTP_DEFER);
    cr_assert_eq(check(true, two), -ERR_UNAUTHORIZED);
}

Test(auth, a_token_expires_by_the_clock_without_a_reading)
{
    char expires[TIME_TEXT_SIZE];
    time_format(clock_us + 30 * second, expires);
    const char *token = make("short", expires);
    cr_assert_eq(check(true, token), 0, "%s", err.text);
    clock_us += 31 * second;
    cr_assert_eq(check(false, token), -ERR_UNAUTHORIZED);
    cr_assert_str_eq(err.text, "the token has expired");
}

Test(auth, while_the_database_is_away_memory_counts_for_five_minutes_unless_something_changed)
{
    const char *token = make("dash", NULL);
    cr_assert_eq(check(true, token), 0);
    (void)kit_value(pg, arena, "alter table tokens rename to hidden");
    clock_us += 299 * second;
    cr_assert_eq(check(true, token), 0, "%s", err.text);
    cr_assert_eq(check(false, token), 0, "%s", err.text);
    clock_us += 2 * second;
    cr_assert_eq(check(true, token), -ERR_UNAVAILABLE);
    (void)kit_value(pg, arena, "alter table hidden rename to tokens");
    clock_us += 2 * second;
    cr_assert_eq(check(true, token), 0, "%s", err.text);
    (void)kit_value(pg, arena, "alter table tokens rename to hidden");
    auth_invalidate(auth);
    cr_assert_eq(check(true, token), -ERR_UNAVAILABLE);
    cr_assert_str_eq(err.text, "tokens cannot be checked while the database is away");
}

Test(auth, an_answer_holds_until_something_changes_the_reading_is_old_or_the_token_expires)
{
    char expires[TIME_TEXT_SIZE];
    time_format(clock_us + 30 * second, expires);
    const char *token = make("dash", NULL), *fleeting = make("short", expires);
    struct http_principal nobody = {0};
    cr_assert_not(auth_holds(auth, &nobody));
    cr_assert_eq(check(true, fleeting), 0);
    struct http_principal until_expiry = who;
    cr_assert_eq(check(true, token), 0);
    struct http_principal known = who;
    cr_assert(auth_holds(auth, &known));
    clock_us += 29 * second;
    cr_assert(auth_holds(auth, &until_expiry));
    clock_us += 1 * second;
    cr_assert_not(auth_holds(auth, &until_expiry));
    cr_assert(auth_holds(auth, &known));
    clock_us += 30 * second;
    cr_assert_not(auth_holds(auth, &known));
    cr_assert_eq(check(true, token), 0);
    known = who;
    cr_assert(auth_holds(auth, &known));
    auth_invalidate(auth);
    cr_assert_not(auth_holds(auth, &known));
    cr_assert_eq(check(true, token), 0);
    cr_assert_not(auth_holds(auth, &known));
    cr_assert(auth_holds(auth, &who));
}

Test(auth, what_is_trusted_while_the_database_is_away_is_asked_for_every_time)
{
    const char *token = make("dash", NULL);
    cr_assert_eq(check(true, token), 0);
    (void)kit_value(pg, arena, "alter table tokens rename to hidden");
    clock_us += 100 * second;
    cr_assert_eq(check(true, token), 0, "%s", err.text);
    cr_assert_not(auth_holds(auth, &who));
    (void)kit_value(pg, arena, "alter table hidden rename to tokens");
}
