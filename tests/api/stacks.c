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

TestSuite(stacks, .init = setup, .fini = teardown);

#define PSP "/v1/ecosystems/acme/psps/yellow-ny"

static const char *render_in_process(void)
{
    struct snapshot *snapshot;
    struct findings findings = {.arena = a.flow.arena};
    struct stack stack;
    struct err err = {0};
    struct buf *text = buf_new(a.flow.arena);
    cr_assert_eq(snapshots_get(a.app.snapshots, "acme", 0, &snapshot, &err), 0, "%s", err.text);
    cr_assert_eq(stack_render(a.flow.arena, a.app.library, snapshot->model, "yellow-ny", &findings, &stack, &err), 0,
                 "%s", err.text);
    stack_write_yaml(&stack, text);
    snapshot_release(snapshot);
    return buf_text(text);
}

Test(stacks, the_stack_is_yaml_by_default_with_a_tag_that_spares_the_second_answer)
{
    cr_assert_eq(ask(&a, HTTP_GET, PSP "/stack", NULL, NULL), 200);
    cr_assert_str_eq(ask_header(&a, "Content-Type"), "application/yaml");
    cr_assert_str_eq(ask_header(&a, "Vary"), "Accept");
    cr_assert_str_eq(http_response_body(&a.res).data, render_in_process());
    const char *tag = arena_printf(a.flow.arena, "If-None-Match: %s", ask_header(&a, "ETag"));
    cr_assert_eq(ask(&a, HTTP_GET, PSP "/stack", NULL, ASK_HEADERS(tag)), 304);
}

Test(stacks, as_json_it_is_the_list_of_artifacts)
{
    cr_assert_eq(ask(&a, HTTP_GET, PSP "/stack", NULL, ASK_HEADERS("Accept: application/json")), 200);
    cr_assert_str_eq(ask_at(&a, "/artifacts/0/name"), "namespace.yaml");
    cr_assert_str_eq(ask_at(&a, "/artifacts/0/component"), "namespace");
    cr_assert_str_neq(ask_at(&a, "/artifacts/0/text"), "absent");
    cr_assert_eq(ask(&a, HTTP_GET, PSP "/artifacts", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/externals/0/type"), "secret");
    cr_assert_str_eq(ask_at(&a, "/artifacts/0/text"), "absent");
    cr_assert_eq(ask(&a, HTTP_GET, PSP "/stack", NULL, ASK_HEADERS("Accept: text/html")), 406);
}

Test(stacks, the_client_s_preference_decides_between_yaml_and_json)
{
    static const struct {
        const char *accept, *type;
    } cases[] = {
        {"Accept: application/yaml, application/json;q=0.1", "application/yaml"},
        {"Accept: application/json;q=0, */*", "application/yaml"},
        {"Accept: application/yaml;q=0.5, application/json", "application/json"},
        {"Accept: application/*", "application/yaml"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cr_assert_eq(ask(&a, HTTP_GET, PSP "/stack", NULL, ASK_HEADERS(cases[i].accept)), 200);
        cr_assert_str_eq(ask_header(&a, "Content-Type"), cases[i].type, "%s", cases[i].accept);
    }
    cr_assert_eq(ask(&a, HTTP_GET, PSP "/stack", NULL, ASK_HEADERS("Accept: text/x-yaml-like")), 406);
}

Test(stacks, one_artifact_comes_by_its_name)
{
    cr_assert_eq(ask(&a, HTTP_GET, PSP "/artifacts/postgres.yaml", NULL, NULL), 200);
    cr_assert_str_eq(ask_header(&a, "Content-Type"), "application/yaml");
    cr_assert_eq(ask(&a, HTTP_GET, PSP "/artifacts/none.yaml", NULL, NULL), 404);
    cr_assert_str_eq(ask_at(&a, "/detail"), "the stack of yellow-ny has no artifact none.yaml");
}

Test(stacks, an_older_version_gives_its_own_bytes)
{
    cr_assert_eq(ask(&a, HTTP_GET, PSP "/stack", NULL, NULL), 200);
    const char *first = arena_strdup(a.flow.arena, ask_header(&a, "ETag"));
    flow_receive_push(&a.flow, flow_push(&a.flow, "sed -i 's/log_level: INFO/log_level: DEBUG/' platform/psp.yaml"));
    flow_work(&a.flow);
    snapshots_invalidate(a.app.snapshots, "acme");
    cr_assert_eq(ask(&a, HTTP_GET, PSP "/stack", NULL, NULL), 200);
    cr_assert_str_neq(ask_header(&a, "ETag"), first);
    cr_assert_eq(ask(&a, HTTP_GET, PSP "/stack?version=1", NULL, NULL), 200);
    cr_assert_str_eq(ask_header(&a, "ETag"), first);
    cr_assert_eq(ask(&a, HTTP_GET, PSP "/stack?version=9", NULL, NULL), 404);
    cr_assert_eq(ask(&a, HTTP_GET, PSP "/stack?version=x", NULL, NULL), 400);
}

Test(stacks, the_difference_of_two_versions_comes_as_paths_and_as_a_text)
{
    cr_assert_eq(ask(&a, HTTP_GET, PSP "/stack/diff", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/from"), "{\"sha256\":null,\"version\":null}");
    cr_assert_str_eq(ask_at(&a, "/summary/changed"), "0");
    cr_assert_str_eq(ask_at(&a, "/added/0/name"), "namespace.yaml");
    flow_receive_push(&a.flow, flow_push(&a.flow, "sed -i 's/log_level: INFO/log_level: DEBUG/' platform/psp.yaml"));
    flow_work(&a.flow);
    snapshots_invalidate(a.app.snapshots, "acme");
    cr_assert_eq(ask(&a, HTTP_GET, PSP "/stack/diff", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/from/version"), "1");
    cr_assert_str_eq(ask_at(&a, "/to/version"), "2");
    cr_assert_str_eq(ask_at(&a, "/summary"), "{\"added\":0,\"removed\":0,\"changed\":1}");
    cr_assert_str_eq(ask_at(&a, "/changed/0/paths/0"),
                     "{\"object\":\"v1 ConfigMap yellow-ny/yellow-logging\",\"pointer\":\"/data/"
                     "AIRFLOW__LOGGING__LOGGING_LEVEL\",\"from\":\"INFO\",\"to\":\"DEBUG\"}");
    const char *tag = arena_printf(a.flow.arena, "If-None-Match: %s", ask_header(&a, "ETag"));
    cr_assert_eq(ask(&a, HTTP_GET, PSP "/stack/diff?from=1&to=2", NULL, ASK_HEADERS(tag)), 304);
    cr_assert_eq(ask(&a, HTTP_GET, PSP "/stack/diff?from=2&to=1", NULL, ASK_HEADERS("Accept: text/plain")), 200);
    cr_assert_str_eq(ask_header(&a, "Content-Type"), "text/plain");
    cr_assert_not_null(strstr(http_response_body(&a.res).data, "\n-  AIRFLOW__LOGGING__LOGGING_LEVEL: \"DEBUG\"\n"
                                                               "+  AIRFLOW__LOGGING__LOGGING_LEVEL: \"INFO\"\n"));
    cr_assert_eq(ask(&a, HTTP_GET, PSP "/stack/diff?from=2", NULL, ASK_HEADERS("Accept: text/plain")), 200);
    cr_assert_eq(http_response_body(&a.res).len, 0);
}

Test(stacks, a_difference_of_what_is_not_there_is_refused)
{
    cr_assert_eq(ask(&a, HTTP_GET, PSP "/stack/diff?from=9", NULL, NULL), 404);
    cr_assert_eq(ask(&a, HTTP_GET, PSP "/stack/diff?to=0", NULL, NULL), 400);
    cr_assert_str_eq(ask_at(&a, "/detail"), "to \"0\" is not a number from 1");
    cr_assert_eq(ask(&a, HTTP_GET, PSP "/stack/diff?version=1&to=1", NULL, NULL), 400);
    cr_assert_eq(ask(&a, HTTP_GET, PSP "/stack/diff", NULL, ASK_HEADERS("Accept: text/html")), 406);
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/ecosystems/acme/psps/none/stack/diff", NULL, NULL), 404);
    cr_assert_eq(ask_as(&a, "reader", HTTP_GET, PSP "/stack/diff", NULL, NULL), 403);
}

Test(stacks, what_is_not_there_is_404_and_a_token_without_the_scope_is_403)
{
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/ecosystems/acme/psps/none/stack", NULL, NULL), 404);
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/ecosystems/none/psps/yellow-ny/stack", NULL, NULL), 404);
    cr_assert_eq(ask_as(&a, "reader", HTTP_GET, PSP "/stack", NULL, NULL), 403);
}

Test(stacks, the_jobs_of_a_psp_come_as_a_scheduler_wants_them)
{
    cr_assert_eq(ask(&a, HTTP_GET, PSP "/jobs", NULL, NULL), 200);
    size_t jobs = json_array_size(json_object_get(a.json, "items"));
    cr_assert_gt(jobs, 3);
    const char *tag = arena_printf(a.flow.arena, "If-None-Match: %s", ask_header(&a, "ETag"));
    cr_assert_eq(ask(&a, HTTP_GET, PSP "/jobs", NULL, ASK_HEADERS(tag)), 304);
    cr_assert_eq(ask(&a, HTTP_GET, PSP "/jobs?limit=2", NULL, NULL), 200);
    cr_assert_eq(json_array_size(json_object_get(a.json, "items")), 2);
    cr_assert_str_eq(ask_at(&a, "/items/0/kind"), "stream");
    cr_assert_str_eq(ask_at(&a, "/items/0/credentials/0/name"), "merge-rw");
    cr_assert_str_eq(ask_at(&a, "/items/0/credentials/0/secret"), "yellow-ny-merge-rw");
    cr_assert_str_neq(ask_at(&a, "/items/0/resources/limits/memory"), "absent");
    cr_assert_not_null(strstr(ask_header(&a, "Link"), "rel=\"next\""));
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/ecosystems/acme/psps/none/jobs", NULL, NULL), 404);
    cr_assert_str_eq(ask_at(&a, "/detail"), "there is no PlatformServiceProvider none");
    cr_assert_eq(ask_as(&a, "reader", HTTP_GET, PSP "/jobs", NULL, NULL), 403);
}

Test(stacks, the_format_comes_as_a_schema_without_a_token)
{
    cr_assert_eq(ask_as(&a, NULL, HTTP_GET, "/v1/schemas/Datastore", NULL, NULL), 200);
    cr_assert_str_eq(ask_header(&a, "Content-Type"), "application/schema+json");
    cr_assert_str_eq(ask_at(&a, "/title"), "Datastore");
    cr_assert_eq(ask_as(&a, NULL, HTTP_GET, "/v1/schemas/model", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/$defs/Credential/properties/kind/const"), "Credential");
    cr_assert_eq(ask_as(&a, NULL, HTTP_GET, "/v1/schemas/Datastores", NULL, NULL), 404);
    cr_assert_str_eq(ask_at(&a, "/detail"), "there is no schema Datastores");
}

Test(stacks, declarations_come_as_documentation)
{
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/components", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/items/0/name"), "airflow-2");
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/components/postgres", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/parameters/0/type"), "k8s-name");
    cr_assert_str_eq(ask_at(&a, "/provides/0/type"), "hostname");
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/components/none", NULL, NULL), 404);
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/assemblies", NULL, NULL), 200);
    cr_assert_eq(json_array_size(json_object_get(a.json, "items")), 5);
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/assemblies/blue-minio", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/components/0/with/namespace"), "$psp.namespace");
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/assemblies/none", NULL, NULL), 404);
}

/* All names of a list that is read in pages of so many; the path without a query. */
static const char *names_in_pages(const char *path, int limit)
{
    struct buf *names = buf_new(a.flow.arena);
    const char *next = arena_printf(a.flow.arena, "%s?limit=%d", path, limit);
    for (int pages = 0; next && pages < 100; pages++) {
        cr_assert_eq(ask(&a, HTTP_GET, next, NULL, NULL), 200, "%s", next);
        size_t i, count = json_array_size(json_object_get(a.json, "items"));
        cr_assert(count > 0 && count <= (size_t)limit);
        for (i = 0; i < count; i++)
            buf_addf(names, "%s ", json_text(json_array_get(json_object_get(a.json, "items"), i), "name"));
        const char *link = ask_header(&a, "Link"), *end = strchr(link, '>');
        next = end ? arena_strndup(a.flow.arena, link + 1, (size_t)(end - link - 1)) : NULL;
    }
    return buf_text(names);
}

Test(stacks, declarations_are_read_in_pages)
{
    static const char *const paths[] = {"/v1/components", "/v1/assemblies", "/v1/ecosystems/acme/components",
                                        "/v1/ecosystems/acme/assemblies"};
    for (size_t i = 0; i < 4; i++) {
        const char *whole = names_in_pages(paths[i], 500);
        cr_assert_str_eq(names_in_pages(paths[i], 2), whole);
        cr_assert_str_eq(names_in_pages(paths[i], 1), whole);
        cr_assert_eq(ask(&a, HTTP_GET, arena_printf(a.flow.arena, "%s?limit=0", paths[i]), NULL, NULL), 400);
        cr_assert_eq(ask(&a, HTTP_GET, arena_printf(a.flow.arena, "%s?limit=501", paths[i]), NULL, NULL), 400);
        cr_assert_eq(ask(&a, HTTP_GET, arena_printf(a.flow.arena, "%s?cursor=nonsense", paths[i]), NULL, NULL), 400);
    }
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/components?version=1", NULL, NULL), 400, "they are of no version");
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/ecosystems/acme/components?limit=1", NULL, NULL), 200);
    const char *link = ask_header(&a, "Link");
    const char *query = strchr(link, '?');
    cr_assert_eq(ask(&a, HTTP_GET,
                     arena_printf(a.flow.arena, "/v1/components%.*s", (int)(strchr(query, '>') - query), query), NULL,
                     NULL),
                 400, "a cursor of another list");
}

Test(stacks, the_declarations_of_a_model_stand_before_the_built_in_ones)
{
    static const char eco[] = "/v1/ecosystems/acme";
    const char *path = arena_printf(a.flow.arena, "%s/components", eco);
    cr_assert_eq(ask(&a, HTTP_GET, path, NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/items/0/own"), "false", "a model without its own has the built-in ones");
    flow_receive_push(&a.flow,
                      flow_push(&a.flow, "mkdir own && echo 'a: {{ t }}' >own/x.yaml.j2 && cat >own/own.yaml <<'END'\n"
                                         "kind: Component\nname: cache\ndoc: A cache.\n"
                                         "parameters: [{name: t, type: string, default: x, doc: d}]\n"
                                         "artifacts: [{template: own/x.yaml.j2, media_type: application/yaml}]\n"
                                         "---\nkind: Assembly\nname: mine\ndoc: Mine.\n"
                                         "components: [{component: cache}]\nEND\n"));
    flow_work(&a.flow);
    snapshots_invalidate(a.app.snapshots, "acme");
    cr_assert_eq(ask(&a, HTTP_GET, path, NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/version"), "2");
    cr_assert_str_eq(ask_at(&a, "/items/0"), "{\"name\":\"cache\",\"doc\":\"A cache.\",\"own\":true}");
    cr_assert_str_eq(ask_at(&a, "/items/1/name"), "airflow-2");
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/ecosystems/acme/components/cache", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/parameters/0/name"), "t");
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/ecosystems/acme/components/cache?version=1", NULL, NULL), 404);
    cr_assert_str_eq(ask_at(&a, "/detail"), "there is no component cache");
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/ecosystems/acme/components/postgres", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/own"), "false");
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/ecosystems/acme/assemblies", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/items/0/name"), "mine");
    cr_assert_eq(json_array_size(json_object_get(a.json, "items")), 6);
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/ecosystems/acme/assemblies/mine", NULL, NULL), 200);
    cr_assert_str_eq(ask_at(&a, "/components/0/component"), "cache");
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/ecosystems/acme/assemblies/none", NULL, NULL), 404);
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/components/cache", NULL, NULL), 404, "nobody else has it");
    cr_assert_eq(ask_as(&a, "reader", HTTP_GET, path, NULL, NULL), 403);
}

/* Pushes a component whose template is what the commands make of it; gives the first finding as "path: text". */
static const char *refusal_of(const char *commands, const char *template)
{
    const char *script = arena_printf(a.flow.arena,
                                      "mkdir -p own && %s && cat >own/own.yaml <<'END'\nkind: Component\nname: cache\n"
                                      "doc: d\nartifacts: [{template: %s, media_type: application/yaml}]\nEND\n",
                                      commands, template);
    int64_t id = flow_receive_push(&a.flow, flow_push(&a.flow, script));
    flow_work(&a.flow);
    struct delivery_row row = flow_delivery(&a.flow, id);
    cr_assert_str_eq(row.state, "rejected");
    const json_t *first = json_array_get(row.findings, 0);
    return arena_printf(a.flow.arena, "%s: %s", json_text(first, "path"), json_text(first, "text"));
}

Test(stacks, a_component_whose_template_is_a_link_or_lies_outside_is_refused)
{
    cr_assert_str_eq(refusal_of("ln -s /etc/passwd own/x.yaml.j2", "own/x.yaml.j2"),
                     "own/x.yaml.j2: a symbolic link is not followed");
    cr_assert_str_eq(refusal_of("rm own/x.yaml.j2 && ln -s ../teams own/teams", "own/teams/x.yaml.j2"),
                     "own/teams: a symbolic link is not followed");
    cr_assert_str_eq(
        refusal_of("rm own/teams", "own/../../x.yaml.j2"),
        "own/own.yaml: Component cache: own/own.yaml:1: an artifact needs template (NAME.j2, a path from the "
        "model's root without ..) and media_type");
    cr_assert_eq(ask(&a, HTTP_GET, "/v1/ecosystems/acme/versions", NULL, NULL), 200);
    cr_assert_eq(json_array_size(json_object_get(a.json, "items")), 1, "nothing of it is in force");
}
