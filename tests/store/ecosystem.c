#include "store/ecosystem.h"

#include "pg/cluster.h"
#include "store/audit.h"
#include "store/version.h"

#include <criterion/criterion.h>

static struct arena *arena;
static struct pg *pg;
static struct err err;
static struct ecosystem_row acme;

static void setup(void)
{
    arena = arena_new();
    pg = test_connect(test_database(arena));
    err = (struct err){0};
    json_t *secrets;
    cr_assert_eq(json_read(arena, STR("[{\"env\":\"HOOK\"}]"), &secrets, &err), 0);
    acme = (struct ecosystem_row){
        .name = "acme", .url = "https://example.net/acme.git", .branch = "main", .path = "model", .secrets = secrets};
}

static void teardown(void)
{
    pg_close(pg);
    arena_free(arena);
}

TestSuite(store_ecosystem, .init = setup, .fini = teardown);

Test(store_ecosystem, what_is_created_reads_back)
{
    struct ecosystem_row got;
    cr_assert_eq(ecosystem_create(pg, arena, &acme, &err), 0, "%s", err.text);
    cr_assert_eq(ecosystem_get(pg, arena, "acme", &got, &err), 0, "%s", err.text);
    cr_assert_str_eq(got.url, "https://example.net/acme.git");
    cr_assert_str_eq(got.branch, "main");
    cr_assert_str_eq(got.path, "model");
    cr_assert_str_eq(json_text(json_array_get(got.secrets, 0), "env"), "HOOK");
    cr_assert_eq(got.revision, 1);
    cr_assert_eq(got.version, 0);
    cr_assert_null(got.head_oid);
    cr_assert_eq(ecosystem_create(pg, arena, &acme, &err), -ERR_CONFLICT);
    cr_assert_str_eq(err.text, "ecosystem acme is there already");
}

Test(store_ecosystem, names_that_become_one_in_a_merge_database_are_refused)
{
    acme.name = "acme-eu";
    cr_assert_eq(ecosystem_create(pg, arena, &acme, &err), 0, "%s", err.text);
    acme.name = "Acme_EU";
    cr_assert_eq(ecosystem_create(pg, arena, &acme, &err), -ERR_CONFLICT);
    cr_assert_str_eq(err.text, "ecosystem acme-eu and Acme_EU become the same name in SQL");
    cr_assert_str_eq(err.hint, "take a name that differs in more than case, '_' and '-'");
    acme.name = "acmeeu";
    cr_assert_eq(ecosystem_create(pg, arena, &acme, &err), 0, "%s", err.text);
}

Test(store_ecosystem, an_unknown_one_is_not_found_by_name)
{
    struct ecosystem_row got;
    cr_assert_eq(ecosystem_get(pg, arena, "nobody", &got, &err), -ERR_NOT_FOUND);
    cr_assert_str_eq(err.text, "there is no ecosystem nobody");
}

Test(store_ecosystem, an_update_needs_the_revision_it_was_read_at_and_forgets_the_head)
{
    struct ecosystem_row got;
    cr_assert_eq(ecosystem_create(pg, arena, &acme, &err), 0);
    cr_assert_eq(ecosystem_set_head(pg, arena, &(struct ecosystem_row){.name = "acme", .revision = 1},
                                    "1111111111111111111111111111111111111111", "2026-01-01T00:00:00.000000Z", 7, &err),
                 0, "%s", err.text);
    cr_assert_eq(ecosystem_get(pg, arena, "acme", &got, &err), 0);
    cr_assert_str_eq(got.head_at, "2026-01-01T00:00:00.000000Z");
    cr_assert_eq(got.head_delivery, 7);
    got.branch = "release";
    cr_assert_eq(ecosystem_update(pg, arena, &got, &err), 0, "%s", err.text);
    cr_assert_eq(ecosystem_update(pg, arena, &got, &err), -ERR_STALE);
    cr_assert_str_eq(err.text, "ecosystem acme was changed by somebody else");
    cr_assert_eq(ecosystem_get(pg, arena, "acme", &got, &err), 0);
    cr_assert_str_eq(got.branch, "release");
    cr_assert_eq(got.revision, 2);
    cr_assert_null(got.head_oid);
}

Test(store_ecosystem, versions_only_grow_by_one)
{
    cr_assert_eq(ecosystem_create(pg, arena, &acme, &err), 0);
    cr_assert_eq(ecosystem_advance(pg, arena, "acme", 1, &err), 0, "%s", err.text);
    cr_assert_eq(ecosystem_advance(pg, arena, "acme", 1, &err), -ERR_STALE);
    cr_assert_eq(ecosystem_advance(pg, arena, "acme", 3, &err), -ERR_STALE);
    cr_assert_str_eq(err.text, "ecosystem acme is no longer at version 2");
}

Test(store_ecosystem, a_list_goes_on_after_a_name)
{
    struct ecosystem_row *rows;
    size_t n;
    for (const char *const *name = (const char *const[]){"acme", "bolt", "core", NULL}; *name; name++) {
        acme.name = *name;
        cr_assert_eq(ecosystem_create(pg, arena, &acme, &err), 0);
    }
    cr_assert_eq(ecosystem_list(pg, arena, "acme", 1, &rows, &n, &err), 0, "%s", err.text);
    cr_assert_eq(n, 1);
    cr_assert_str_eq(rows[0].name, "bolt");
}

Test(store_ecosystem, versions_are_listed_newest_first_with_the_summary_of_their_plan)
{
    struct version_row row = {.commit_oid = "1111111111111111111111111111111111111111",
                              .findings = json_own(arena, json_array())};
    json_t *plan;
    cr_assert_eq(json_read(arena, STR("{\"summary\":{\"objects_added\":2},\"jobs\":{}}"), &plan, &err), 0);
    cr_assert_eq(ecosystem_create(pg, arena, &acme, &err), 0);
    for (row.version = 1; row.version <= 3; row.version++)
        cr_assert_eq(version_add(pg, arena, "acme", &row, plan, &err), 0, "%s", err.text);
    struct version_row *rows, one;
    size_t n;
    cr_assert_eq(version_list(pg, arena, "acme", 0, 2, &rows, &n, &err), 0, "%s", err.text);
    cr_assert_eq(n, 2);
    cr_assert_eq(rows[0].version, 3);
    cr_assert_eq(json_integer_value(json_object_get(rows[0].summary, "objects_added")), 2);
    cr_assert_eq(version_list(pg, arena, "acme", 2, 2, &rows, &n, &err), 0);
    cr_assert_eq(n, 1);
    cr_assert_eq(rows[0].version, 1);
    cr_assert_eq(version_get(pg, arena, "acme", 9, &one, &err), -ERR_NOT_FOUND);
    cr_assert_str_eq(err.text, "ecosystem acme has no version 9");
    struct str text;
    cr_assert_eq(version_plan(pg, arena, "acme", 1, &text, &err), 0, "%s", err.text);
    cr_assert_str_eq(text.data, "{\"jobs\": {}, \"summary\": {\"objects_added\": 2}}");
}

Test(store_ecosystem, an_audit_row_keeps_who_did_what)
{
    struct pg_rows rows;
    cr_assert_eq(audit_add(pg, arena,
                           &(struct audit_entry){.ecosystem = "acme",
                                                 .actor = "anna",
                                                 .action = "hint.put",
                                                 .object = "stream YellowLive/customers",
                                                 .after = json_own(arena, json_pack("{s:i}", "n", 1))},
                           &err),
                 0, "%s", err.text);
    cr_assert_eq(pg_query(pg, arena, "select actor, before, after::text, request_id from audit", PG_ONE, &rows, &err),
                 0);
    cr_assert_str_eq(pg_text(&rows, 0, 0), "anna");
    cr_assert(pg_is_null(&rows, 0, 1));
    cr_assert_str_eq(pg_text(&rows, 0, 2), "{\"n\": 1}");
    cr_assert(pg_is_null(&rows, 0, 3));
}
