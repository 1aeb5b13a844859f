#include "store/idempotency.h"

#include "pg/cluster.h"

#include <criterion/criterion.h>

static struct arena *arena;
static struct pg *pg;
static struct err err;

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

TestSuite(store_idempotency, .init = setup, .fini = teardown);

static int ask(const char *key, const char *hash, struct idempotent_answer *answer, bool *found)
{
    return idempotency_begin(pg, arena, 1, key, hash, answer, found, &err);
}

Test(store_idempotency, the_second_request_gets_the_first_answer)
{
    struct idempotent_answer answer;
    bool found;
    cr_assert_eq(ask("k1", "h1", &answer, &found), 0, "%s", err.text);
    cr_assert_not(found);
    struct idempotent_answer made = {202, "/v1/x", STR("{\"id\":1}")};
    cr_assert_eq(idempotency_save(pg, arena, 1, "k1", "h1", &made, &err), 0, "%s", err.text);
    cr_assert_eq(ask("k1", "h1", &answer, &found), 0);
    cr_assert(found);
    cr_assert_eq(answer.status, 202);
    cr_assert_str_eq(answer.location, "/v1/x");
    cr_assert(str_eqz(answer.body, "{\"id\":1}"));
    cr_assert_eq(idempotency_begin(pg, arena, 2, "k1", "h1", &answer, &found, &err), 0);
    cr_assert_not(found, "another token's key is another key");
}

Test(store_idempotency, a_key_serves_one_request_only)
{
    struct idempotent_answer answer, made = {202, NULL, STR("{}")};
    bool found;
    cr_assert_eq(idempotency_save(pg, arena, 1, "k1", "h1", &made, &err), 0, "%s", err.text);
    cr_assert_eq(ask("k1", "h2", &answer, &found), -ERR_INVALID);
    cr_assert_str_eq(err.text, "the idempotency key k1 was used for another request");
    cr_assert_str_eq(err.hint, "make a new key for each new request");
}

Test(store_idempotency, keys_older_than_a_day_go)
{
    struct idempotent_answer answer, made = {202, NULL, STR("{}")};
    bool found;
    cr_assert_eq(idempotency_save(pg, arena, 1, "old", "h", &made, &err), 0);
    cr_assert_eq(idempotency_save(pg, arena, 1, "new", "h", &made, &err), 0);
    cr_assert_eq(pg_query(pg, arena,
                          "update idempotency_keys set created_at = now() - interval '25 hours' where key = 'old'",
                          PG_NONE, NULL, &err),
                 0);
    cr_assert_eq(idempotency_purge(pg, arena, &err), 0, "%s", err.text);
    cr_assert_eq(ask("old", "h", &answer, &found), 0);
    cr_assert_not(found);
    cr_assert_eq(ask("new", "h", &answer, &found), 0);
    cr_assert(found);
}
