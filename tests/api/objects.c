#include "api/ask.h"

#include <criterion/criterion.h>

static struct ask a;

static void setup(void)
{
    ask_init(&a);
    flow_receive_push(&a.flow, flow_push(&a.flow, NULL));
    flow_work(&a.flow);
}

static void teardown(void)
{
    ask_dispose(&a);
}

TestSuite(api_objects, .init = setup, .fini = teardown);

#define ECO "/v1/ecosystems/acme"

static void widen(void)
{
    flow_receive_push(&a.flow, flow_push(&a.flow, "sed -i 's/full_name, type: varchar([0-9]*)/full_name, type: "
                                                  "varchar(180)/' teams/sales/customers.yaml"));
    flow_work(&a.flow);
}

Test(api_objects, one_has_its_body_and_an_etag_and_older_versions_stay_readable)
{
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/datastores/customers", NULL, NULL), 200, "%s", ask_at(&a, "/detail"));
    cr_assert_str_eq(ask_at(&a, "/version"), "1");
    cr_assert_str_eq(ask_at(&a, "/kind"), "Datastore");
    cr_assert_str_eq(ask_at(&a, "/path"), "teams/sales/customers.yaml");
    cr_assert_str_eq(ask_at(&a, "/body/team"), "usa/sales");
    const char *tag = arena_strdup(a.flow.arena, ask_header(&a, "ETag"));
    const char *condition = arena_printf(a.flow.arena, "If-None-Match: %s", tag);
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/datastores/customers", NULL, ASK_HEADERS(condition)), 304);
    widen();
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/datastores/customers", NULL, ASK_HEADERS(condition)), 200);
    cr_assert_str_eq(ask_at(&a, "/version"), "2");
    cr_assert_not_null(strstr(ask_at(&a, "/body"), "varchar(180)"));
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/datastores/customers?version=1", NULL, ASK_HEADERS(condition)), 304);
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/datastores/customers?version=1", NULL, NULL), 200);
    cr_assert_not_null(strstr(ask_at(&a, "/body"), "varchar(100)"));
}

Test(api_objects, what_is_not_there_is_named)
{
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/datastores/nothing", NULL, NULL), 404);
    cr_assert_str_eq(ask_at(&a, "/detail"), "version 1 of ecosystem acme has no datastore nothing");
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/datastores?version=9", NULL, NULL), 404);
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/datastores?version=x", NULL, NULL), 400);
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/datastores?team=x", NULL, NULL), 400);
    flow_sql(&a.flow, "insert into ecosystems (name, url, branch, secrets) values ('bolt', 'file:///x', 'main', '[]')");
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/ecosystems/bolt/datastores", NULL, NULL), 404);
    cr_assert_str_eq(ask_at(&a, "/detail"), "ecosystem bolt has no model version yet");
}

Test(api_objects, a_list_stays_at_the_version_of_its_first_page)
{
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/datastores?limit=3", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/version"), "1");
    const char *third = arena_strdup(a.flow.arena, ask_at(&a, "/items/2/name"));
    char *next = arena_strdup(a.flow.arena, ask_header(&a, "Link") + 1);
    *strchr(next, '>') = 0;
    widen();
    cr_assert_eq(ask(&a, HTTP_GET, next, NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/version"), "1");
    cr_assert_gt(strcmp(ask_at(&a, "/items/0/name"), third), 0);
}

Test(api_objects, the_version_in_force_is_read_without_sql)
{
    static const char *const targets[] = {ECO "/datastores", ECO "/workspaces",     ECO "/teams",
                                          ECO "/psps",       ECO "/psps/yellow-ny", ECO "/workspaces/marketing"};
    cr_assert_eq(ask(&a, HTTP_GET, targets[0], NULL, NULL), 200);
    uint64_t before = pg_statement_count();
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        cr_assert_eq(ask(&a, HTTP_GET, targets[i], NULL, NULL), 200, "%s", targets[i]);
    cr_assert_eq(pg_statement_count(), before);
}

Test(api_objects, a_team_names_its_stores_and_workspaces)
{
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/teams", NULL, NULL), 200);
    bool seen = false;
    size_t i;
    json_t *team;
    json_array_foreach(json_object_get(a.json, "items"), i, team)
    {
        if (strcmp(json_text(team, "name"), "usa/sales") != 0)
            continue;
        seen = true;
        cr_assert_str_eq(json_text(team, "zone"), "usa");
        cr_assert_str_eq(json_text(json_object_get(team, "owner"), "branch"), "main");
        cr_assert_str_eq(json_string_value(json_array_get(json_object_get(team, "datastores"), 0)), "customers");
    }
    cr_assert(seen);
}

Test(api_objects, versions_and_plans_say_what_changed)
{
    widen();
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/versions", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/items/0/version"), "2");
    cr_assert_str_eq(ask_at(&a, "/items/0/in_force"), "true");
    cr_assert_str_eq(ask_at(&a, "/items/1/in_force"), "false");
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/versions/2", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/summary/objects_changed"), "1");
    cr_assert_str_eq(ask_at(&a, "/message"), "a change");
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/versions/2/plan", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/objects/changed/0/name"), "customers");
    cr_assert_str_eq(ask_at(&a, "/objects/changed/0/changes/0/to"), "varchar(180)");
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/versions/7", NULL, NULL), 404);
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/versions/99999999999", NULL, NULL), 404);
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/versions/7/plan", NULL, NULL), 404);
}

Test(api_objects, the_graph_comes_in_pages_of_one_version)
{
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/graph?limit=1", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/version"), "1");
    cr_assert_str_eq(ask_at(&a, "/items/0/id"), "container:campaign-api");
    cr_assert_str_eq(ask_at(&a, "/items/0/edges"), "[{\"to\":\"store:campaigns\",\"kind\":\"captured\"}]");
    cr_assert_str_eq(ask_at(&a, "/items/1"), "absent");
    cr_assert_not_null(strstr(ask_header(&a, "Link"), "rel=\"next\""));
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/graph?limit=1000", NULL, NULL), 200);
    cr_assert_str_eq(ask_header(&a, "Link"), "absent");
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/graph?limit=1001", NULL, NULL), 400);
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/graph?cursor=x", NULL, NULL), 400);
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/graph?version=9", NULL, NULL), 404);
}

Test(api_objects, lineage_and_impact_are_asked_of_a_dataset)
{
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/lineage?of=masked-customers.people&direction=upstream", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/nodes/0/id"), "dataset:masked-customers.people");
    cr_assert_str_eq(ask_at(&a, "/nodes/2/id"), "transformer:mask-customers");
    cr_assert_str_eq(ask_at(&a, "/truncated"), "false");
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/lineage?of=customers.people&limit=2", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/direction"), "downstream");
    cr_assert_str_eq(ask_at(&a, "/truncated"), "true");
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/lineage?of=customers.people&direction=sideways", NULL, NULL), 400);
    cr_assert_str_eq(ask_at(&a, "/detail"), "direction \"sideways\" is none of upstream, downstream");
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/lineage", NULL, NULL), 400);
    cr_assert_str_eq(ask_at(&a, "/detail"), "of is needed: a dataset");
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/impact?of=customers.people", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/users"), "[\"marketing\",\"sales-desk\"]");
    cr_assert_str_eq(ask_at(&a, "/transformers"), "[\"mask-customers\"]");
    cr_assert_eq(ask(&a, HTTP_GET, ECO "/impact?of=customers.nobody", NULL, NULL), 404);
    cr_assert_str_eq(ask_at(&a, "/detail"), "version 1 of ecosystem acme has no dataset customers.nobody");
}
