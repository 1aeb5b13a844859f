#include "store/delivery.h"

#include "pg/cluster.h"
#include "store/ecosystem.h"

#include <criterion/criterion.h>

static struct arena *arena;
static const char *url;
static struct pg *pg;
static struct err err;

static void add_ecosystem(const char *name)
{
    struct ecosystem_row row = {
        .name = name, .url = "file:///x", .branch = "main", .path = "", .secrets = json_own(arena, json_array())};
    cr_assert_eq(ecosystem_create(pg, arena, &row, &err), 0, "%s", err.text);
}

static void setup(void)
{
    arena = arena_new();
    url = test_database(arena);
    pg = test_connect(url);
    err = (struct err){0};
    add_ecosystem("acme");
}

static void teardown(void)
{
    pg_close(pg);
    arena_free(arena);
}

TestSuite(store_delivery, .init = setup, .fini = teardown);

static int64_t add(const char *ecosystem, const char *forge_id, bool *fresh)
{
    int64_t id = 0;
    bool made;
    struct delivery_new delivery = {
        ecosystem, "github", "push", forge_id, "application/json", STR("{\"a\":\"\\u0000\"}"), NULL};
    cr_assert_eq(delivery_add(pg, arena, &delivery, &id, fresh ? fresh : &made, &err), 0, "%s", err.text);
    return id;
}

static bool claim(const char *by, struct delivery_claim *out)
{
    bool found;
    cr_assert_eq(delivery_claim(pg, arena, by, 60000, out, &found, &err), 0, "%s", err.text);
    return found;
}

static struct delivery_row get(int64_t id)
{
    struct delivery_row row;
    cr_assert_eq(delivery_get(pg, arena, "acme", id, &row, &err), 0, "%s", err.text);
    return row;
}

static void sql(const char *text)
{
    cr_assert_eq(pg_query(pg, arena, text, PG_NONE, NULL, &err), 0, "%s", err.text);
}

Test(store_delivery, the_forge_sending_again_is_the_first_delivery)
{
    bool fresh;
    int64_t id = add("acme", "g-1", &fresh);
    cr_assert(fresh);
    cr_assert_eq(add("acme", "g-1", &fresh), id);
    cr_assert_not(fresh);
    struct delivery_row row = get(id);
    cr_assert_str_eq(row.state, "received");
    cr_assert_str_eq(row.forge_id, "g-1");
    cr_assert_null(row.reason);
    cr_assert_not_null(row.due_at);
    cr_assert_null(row.finished_at);
    cr_assert_not(row.claimed);
    cr_assert_eq(delivery_get(pg, arena, "acme", id + 1, &row, &err), -ERR_NOT_FOUND);
}

Test(store_delivery, a_claim_counts_the_attempt_and_hands_out_the_bytes)
{
    struct delivery_claim got;
    int64_t id = add("acme", "g-1", NULL);
    cr_assert(claim("w1", &got));
    cr_assert_eq(got.id, id);
    cr_assert(str_eqz(got.payload, "{\"a\":\"\\u0000\"}"));
    cr_assert_str_eq(got.ecosystem, "acme");
    cr_assert_str_eq(got.event, "push");
    cr_assert_eq(got.attempts, 1);
    cr_assert(get(id).claimed);
    cr_assert_eq(get(id).attempts, 1);
}

Test(store_delivery, an_ecosystem_is_worked_on_by_one_at_a_time)
{
    struct delivery_claim first, second;
    add_ecosystem("bolt");
    add("acme", "g-1", NULL);
    add("acme", "g-2", NULL);
    int64_t other = add("bolt", "g-1", NULL);
    cr_assert(claim("w1", &first));
    cr_assert(claim("w2", &second));
    cr_assert_eq(second.id, other);
    cr_assert_not(claim("w3", &second));
    struct delivery_outcome outcome = {.state = "ignored", .reason = "ping"};
    cr_assert_eq(delivery_finish(pg, arena, &first, &outcome, &err), 0, "%s", err.text);
    cr_assert(claim("w3", &second));
    cr_assert_str_eq(second.ecosystem, "acme");
}

Test(store_delivery, a_second_claim_that_did_not_see_the_first_is_refused)
{
    struct delivery_claim first;
    add("acme", "g-1", NULL);
    add("acme", "g-2", NULL);
    cr_assert(claim("w1", &first));
    cr_assert_eq(
        pg_query(pg, arena, "update deliveries set claimed_by = 'w2' where forge_id = 'g-2'", PG_NONE, NULL, &err),
        -ERR_CONFLICT);
}

Test(store_delivery, an_outcome_is_written_once_and_by_the_holder_only)
{
    struct delivery_claim got;
    int64_t id = add("acme", "g-1", NULL);
    cr_assert(claim("w1", &got));
    struct delivery_claim thief = got;
    thief.by = "w2";
    struct delivery_outcome outcome = {.state = "merged",
                                       .ref = "refs/heads/main",
                                       .commit_oid = "1111111111111111111111111111111111111111",
                                       .version = 4};
    cr_assert_eq(delivery_finish(pg, arena, &thief, &outcome, &err), -ERR_CONFLICT);
    cr_assert_eq(delivery_finish(pg, arena, &got, &outcome, &err), 0, "%s", err.text);
    cr_assert_eq(delivery_finish(pg, arena, &got, &outcome, &err), -ERR_CONFLICT);
    struct delivery_row row = get(id);
    cr_assert_str_eq(row.state, "merged");
    cr_assert_str_eq(row.ref, "refs/heads/main");
    cr_assert_eq(row.version, 4);
    cr_assert_not_null(row.finished_at);
    cr_assert_null(row.due_at);
    struct pg_rows rows;
    cr_assert_eq(
        pg_query(pg, arena, "select actor, action, object, after ->> 'version' from audit", PG_ONE, &rows, &err), 0);
    cr_assert_str_eq(pg_text(&rows, 0, 0), "worker");
    cr_assert_str_eq(pg_text(&rows, 0, 1), "delivery.merged");
    cr_assert_str_eq(pg_text(&rows, 0, 2), "delivery 1");
    cr_assert_str_eq(pg_text(&rows, 0, 3), "4");
}

Test(store_delivery, a_released_one_waits_with_its_reason)
{
    struct delivery_claim got;
    int64_t id = add("acme", "g-1", NULL), wait;
    cr_assert(claim("w1", &got));
    cr_assert_eq(delivery_release(pg, arena, &got, 3600000, "cannot reach it", &err), 0, "%s", err.text);
    cr_assert_eq(delivery_release(pg, arena, &got, 0, "", &err), -ERR_CONFLICT);
    cr_assert_str_eq(get(id).reason, "cannot reach it");
    cr_assert_str_eq(get(id).state, "received");
    cr_assert_eq(get(id).crashes, 0);
    cr_assert_not(claim("w1", &got));
    cr_assert_eq(delivery_wait(pg, arena, 5000, &wait, &err), 0, "%s", err.text);
    cr_assert_eq(wait, 5000);
    sql("update deliveries set due_at = now()");
    cr_assert_eq(delivery_wait(pg, arena, 5000, &wait, &err), 0);
    cr_assert_eq(wait, 0);
    cr_assert(claim("w1", &got));
    cr_assert_eq(got.attempts, 2);
}

Test(store_delivery, the_third_claim_that_nobody_ended_quarantines)
{
    struct delivery_claim got;
    int64_t id = add("acme", "g-1", NULL);
    for (int i = 1; i <= 3; i++) {
        cr_assert(claim("w1", &got));
        cr_assert_eq(delivery_expire(pg, arena, 3, &err), 0, "%s", err.text);
        cr_assert(get(id).claimed, "a live claim does not expire");
        sql("update deliveries set claimed_until = now() - interval '1 second'");
        cr_assert_eq(delivery_expire(pg, arena, 3, &err), 0, "%s", err.text);
        cr_assert_eq(get(id).crashes, i);
        cr_assert_str_eq(get(id).reason, i == 1   ? "the worker ended without an outcome (1 of 3 times)"
                                         : i == 2 ? "the worker ended without an outcome (2 of 3 times)"
                                                  : "the worker ended without an outcome 3 times");
    }
    cr_assert_str_eq(get(id).state, "quarantined");
    cr_assert_not_null(get(id).finished_at);
    cr_assert_not(claim("w1", &got));
    struct pg_rows rows;
    cr_assert_eq(pg_query(pg, arena, "select action from audit", PG_ONE, &rows, &err), 0, "%s", err.text);
    cr_assert_str_eq(pg_text(&rows, 0, 0), "delivery.quarantined");
}

Test(store_delivery, a_renewed_claim_lasts)
{
    struct delivery_claim got;
    add("acme", "g-1", NULL);
    cr_assert(claim("w1", &got));
    sql("update deliveries set claimed_until = now() - interval '1 second'");
    const char *holders[] = {"w0", "w1"};
    cr_assert_eq(delivery_renew(pg, arena, holders, 2, 60000, &err), 0, "%s", err.text);
    cr_assert_eq(delivery_expire(pg, arena, 3, &err), 0);
    cr_assert_eq(get(got.id).crashes, 0);
}

/* Of another session, in the middle of a transaction that stands still. Statements of this one do not wait. */
static struct pg *begin_elsewhere(void)
{
    struct pg *other = test_connect(url);
    cr_assert_eq(pg_script(other, "begin", &err), 0, "%s", err.text);
    sql("set lock_timeout = '10ms'");
    return other;
}

Test(store_delivery, a_claim_whose_answer_was_lost_is_forgotten_by_its_name)
{
    struct delivery_claim got;
    int64_t id = add("acme", "g-1", NULL);
    cr_assert(claim("w1", &got));
    cr_assert_eq(delivery_forget(pg, arena, "w2", "lost", &err), 0, "%s", err.text);
    cr_assert(get(id).claimed);
    cr_assert_eq(delivery_forget(pg, arena, "w1", "the connection was lost", &err), 0, "%s", err.text);
    cr_assert_not(get(id).claimed);
    cr_assert_str_eq(get(id).reason, "the connection was lost");
    cr_assert_eq(get(id).crashes, 0);
    cr_assert(claim("w3", &got));
    cr_assert_eq(got.attempts, 2);
}

Test(store_delivery, a_claim_whose_outcome_is_being_written_keeps_no_other_from_expiring)
{
    struct delivery_claim got;
    int64_t stuck = add("acme", "g-1", NULL), dead;
    add_ecosystem("other");
    dead = add("other", "o-1", NULL);
    cr_assert(claim("w1", &got) && claim("w2", &got));
    sql("update deliveries set claimed_until = now() - interval '1 second'");
    struct pg *other = begin_elsewhere();
    cr_assert_eq(pg_query(other, arena, "update deliveries set reason = 'x' where id = $1::bigint", PG_NONE, NULL, &err,
                          pg_int(arena, stuck)),
                 0, "%s", err.text);
    cr_assert_eq(delivery_expire(pg, arena, 3, &err), 0, "%s", err.text);
    cr_assert(claim("w3", &got));
    cr_assert_eq(got.id, dead);
    cr_assert_eq(pg_rollback(other, &err), 0);
    cr_assert_eq(delivery_expire(pg, arena, 3, &err), 0, "%s", err.text);
    cr_assert(claim("w4", &got));
    cr_assert_eq(got.id, stuck);
    pg_close(other);
}

Test(store_delivery, deliveries_are_received_while_a_merge_holds_the_ecosystem)
{
    struct ecosystem_row row;
    struct pg *other = begin_elsewhere();
    cr_assert_eq(ecosystem_lock(other, arena, "acme", &row, &err), 0, "%s", err.text);
    cr_assert_eq(ecosystem_advance(other, arena, "acme", 1, &err), 0, "%s", err.text);
    add("acme", "g-1", NULL);
    pg_close(other);
}

Test(store_delivery, a_long_queue_of_some_is_no_queue_for_the_others)
{
    struct delivery_claim got;
    struct delivery_outcome outcome = {.state = "ignored", .reason = "ping"};
    add_ecosystem("busy");
    add_ecosystem("other");
    for (int i = 0; i < 20; i++) {
        add("acme", arena_printf(arena, "g-%d", i), NULL);
        add("busy", arena_printf(arena, "b-%d", i), NULL);
    }
    for (int i = 0; i < 4; i++) {
        cr_assert(claim("w1", &got));
        cr_assert_str_eq(got.ecosystem, i % 2 ? "busy" : "acme", "turn %d", i);
        cr_assert_eq(delivery_finish(pg, arena, &got, &outcome, &err), 0, "%s", err.text);
    }
    cr_assert(claim("w1", &got));
    add("other", "o-1", NULL);
    add("other", "o-2", NULL);
    struct delivery_claim next;
    cr_assert(claim("w2", &next));
    cr_assert_str_eq(next.ecosystem, "other", "it was never served: nobody is before it");
    cr_assert_eq(delivery_finish(pg, arena, &next, &outcome, &err), 0, "%s", err.text);
    cr_assert(claim("w2", &next));
    cr_assert_str_eq(next.ecosystem, "busy", "one of each that waits comes between");
    cr_assert_eq(delivery_finish(pg, arena, &next, &outcome, &err), 0, "%s", err.text);
    cr_assert(claim("w2", &next));
    cr_assert_str_eq(next.ecosystem, "other");
    cr_assert_eq(next.id, 42);
}

Test(store_delivery, redelivery_is_a_new_delivery_of_the_same_bytes)
{
    struct delivery_claim got;
    int64_t id = add("acme", "g-1", NULL), made;
    cr_assert_eq(delivery_redeliver(pg, arena, "acme", id, &made, &err), -ERR_CONFLICT);
    cr_assert_str_eq(err.text, "delivery 1 of ecosystem acme has no outcome yet");
    cr_assert(claim("w1", &got));
    struct delivery_outcome outcome = {.state = "ignored", .reason = "ping"};
    cr_assert_eq(delivery_finish(pg, arena, &got, &outcome, &err), 0);
    cr_assert_eq(delivery_redeliver(pg, arena, "acme", id, &made, &err), 0, "%s", err.text);
    cr_assert_str_eq(get(made).forge_id, "redelivery-of-1-1");
    cr_assert_eq(get(made).redelivery_of, id);
    cr_assert_eq(delivery_redeliver(pg, arena, "acme", id, &made, &err), 0, "%s", err.text);
    cr_assert_str_eq(get(made).forge_id, "redelivery-of-1-2");
    cr_assert(claim("w1", &got));
    cr_assert(str_eqz(got.payload, "{\"a\":\"\\u0000\"}"));
    cr_assert_eq(delivery_redeliver(pg, arena, "acme", 99, &made, &err), -ERR_NOT_FOUND);
}

Test(store_delivery, lists_go_newest_first_by_filter_and_place)
{
    struct delivery_row *rows;
    size_t n;
    for (int i = 0; i < 5; i++)
        add("acme", arena_printf(arena, "g-%d", i), NULL);
    sql("update deliveries set state = 'ignored' where id in (2, 4)");
    struct delivery_filter filter = {0};
    cr_assert_eq(delivery_list(pg, arena, "acme", &filter, 2, &rows, &n, &err), 0, "%s", err.text);
    cr_assert_eq(n, 2);
    cr_assert_eq(rows[0].id, 5);
    cr_assert_eq(rows[1].id, 4);
    filter = (struct delivery_filter){.state = "ignored", .before = 4};
    cr_assert_eq(delivery_list(pg, arena, "acme", &filter, 9, &rows, &n, &err), 0);
    cr_assert_eq(n, 1);
    cr_assert_eq(rows[0].id, 2);
    filter = (struct delivery_filter){.event = "ping"};
    cr_assert_eq(delivery_list(pg, arena, "acme", &filter, 9, &rows, &n, &err), 0);
    cr_assert_eq(n, 0);
}

Test(store_delivery, a_head_decides_for_what_came_before_its_fetch_only)
{
    struct delivery_decided decided;
    struct delivery_claim got;
    bool found;
    int64_t first = add("acme", "g-1", NULL), second = add("acme", "g-2", NULL);
    cr_assert(claim("w1", &got));
    int64_t late = add("acme", "g-3", NULL);
    cr_assert_eq(ecosystem_set_head(pg, arena, &(struct ecosystem_row){.name = "acme", .revision = 1},
                                    "1111111111111111111111111111111111111111", got.at, first, &err),
                 0);
    struct delivery_outcome outcome = {.state = "merged", .version = 1};
    cr_assert_eq(delivery_finish(pg, arena, &got, &outcome, &err), 0);
    cr_assert_eq(delivery_decided(pg, arena, second, &decided, &found, &err), 0, "%s", err.text);
    cr_assert(found);
    cr_assert_str_eq(decided.head_oid, "1111111111111111111111111111111111111111");
    cr_assert_str_eq(decided.state, "merged");
    cr_assert_eq(decided.version, 1);
    cr_assert_eq(delivery_decided(pg, arena, late, &decided, &found, &err), 0);
    cr_assert_not(found);
}
