#include "control/reporter.h"

#include "control/flow.h"

#include <criterion/criterion.h>

static struct flow flow;

static void setup(void)
{
    flow_init(&flow);
}

static void teardown(void)
{
    flow_dispose(&flow);
}

TestSuite(reporter, .init = setup, .fini = teardown);

static int address(const char *text, struct forge_address *out)
{
    json_t *forge;
    cr_assert_eq(json_read(flow.arena, str_from(text), &forge, &flow.err), 0);
    return reporter_address(flow.arena, forge, "acme/data-model", out, &flow.err);
}

Test(reporter, what_is_left_out_of_a_forge_is_the_usual)
{
    struct forge_address out;
    cr_assert_eq(address("{\"kind\":\"github\"}", &out), 0);
    cr_assert_str_eq(out.api, "https://api.github.com");
    cr_assert_str_eq(out.repository, "acme/data-model");
    cr_assert_eq(
        address("{\"kind\":\"gitea\",\"api\":\"https://git.example.net/api/v1/\",\"repository\":\"a/b\"}", &out), 0);
    cr_assert_str_eq(out.api, "https://git.example.net/api/v1");
    cr_assert_str_eq(out.repository, "a/b");
}

static const struct {
    const char *forge, *text;
} wrong[] = {
    {"{\"kind\":\"sourceforge\"}", "forge \"sourceforge\" is none of github, gitlab, bitbucket, gitea, forgejo"},
    {"{}", "forge \"\" is none of github, gitlab, bitbucket, gitea, forgejo"},
    {"{\"kind\":\"gitea\"}", "gitea needs the address of its api"},
    {"{\"kind\":\"github\",\"api\":\"http://api.example.net\"}",
     "the forge's api is at an https:// address without user and query"},
    {"{\"kind\":\"github\",\"api\":\"https://me@api.example.net\"}",
     "the forge's api is at an https:// address without user and query"},
    {"{\"kind\":\"github\",\"api\":\"file:///etc/passwd\"}",
     "the forge's api is at an https:// address without user and query"},
    {"{\"kind\":\"github\",\"api\":\"http://127.0.0.1.example.net\"}",
     "the forge's api is at an https:// address without user and query"},
    {"{\"kind\":\"github\",\"token\":\"ghp_123.456\"}",
     "the forge's token is the name of one that the server has, not the token itself"},
    {"{\"kind\":\"github\",\"token\":7}",
     "the forge's token is the name of one that the server has, not the token itself"},
};

Test(reporter, a_forge_that_cannot_be_asked_is_refused)
{
    struct forge_address out;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        cr_assert_eq(address(wrong[i].forge, &out), -ERR_INVALID, "%s", wrong[i].forge);
        cr_assert_str_eq(flow.err.text, wrong[i].text);
    }
}

static const char *reports(void)
{
    return flow_value(&flow, "select string_agg(kind || ' ' || (content ->> 'state') || ' ' || (content ->> "
                             "'description'), '; ' order by id) from forge_reports");
}

Test(reporter, an_outcome_is_written_into_the_outbox_with_the_outcome_where_there_is_a_forge)
{
    flow_receive_push(&flow, flow_push(&flow, NULL));
    flow_work(&flow);
    cr_assert_str_eq(flow_value(&flow, "select count(*) from forge_reports"), "0");
    flow_sql(&flow, "update ecosystems set forge = '{\"kind\": \"github\"}'");
    flow_receive_push(&flow, flow_push(&flow, "echo '# a note' >> ecosystem.yaml"));
    flow_work(&flow);
    cr_assert_str_eq(reports(), "status success version 2 is in force");
    flow_receive_push(&flow, flow_push(&flow, "echo 'kind: Nonsense' > extra.yaml"));
    flow_work(&flow);
    cr_assert(strstr(reports(), "; status failure 1 error in the model; the version in force stays"), "%s", reports());
}
