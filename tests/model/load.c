#include "support.h"

#include "model/body.h"

Test(load, the_base_model_loads_without_findings)
{
    struct fixture f = support_check(support_base, NULL);
    support_expect(&f, "");
    cr_expect_eq(f.model->count, 7);
    const struct object *store = model_find(f.model, OBJECT_DATASTORE, "customers");
    cr_assert_not_null(store);
    cr_expect_str_eq(store->place.path, "a.yaml");
    cr_expect_eq(store->place.line, 23);
    cr_expect_eq(store->place.column, 1);
    const struct datastore *data = store->datastore;
    cr_expect_str_eq(data->team, "usa/sales");
    cr_expect(data->production && data->capture.present);
    cr_expect_eq(data->capture.type, CAPTURE_SQL_SNAPSHOT);
    cr_expect_eq(data->datasets.len, 1);
    cr_expect_eq(data->datasets.items[0].columns.len, 2);
    cr_expect_eq(data->datasets.items[0].columns.items[1].place.line, 37);
    cr_expect_eq(data->datasets.items[0].columns.items[1].place.column, 9);
    cr_expect(data->datasets.items[0].columns.items[0].key);
    const struct psp *psp = model_find(f.model, OBJECT_PSP, "yellow-ny")->psp;
    cr_expect_eq(json_object_size(psp->parameters), 0);
    cr_expect_str_eq(psp->image_pull_policy, "IfNotPresent");
    cr_expect_str_eq(model_ecosystem(f.model)->name, "acme");
    cr_expect_not_null(map_getz(&f.model->files, "transforms/mask.sql"));
    support_end(&f);
}

Test(load, the_body_is_canonical_json_without_defaults)
{
    struct fixture f = support_load(support_base, NULL);
    cr_expect_str_eq(model_find(f.model, OBJECT_DATASTORE, "customers")->body.data,
                     "{\"capture\":{\"container\":\"crm-db\",\"credential\":\"crm-reader\",\"schedule\":\"*/10 * * * "
                     "*\",\"type\":\"sql-snapshot\"},\"datasets\":[{\"classification\":\"CPI\",\"columns\":[{\"key\":"
                     "true,\"name\":\"id\",\"type\":\"varchar(20)\"},{\"name\":\"employer\",\"type\":\"varchar(100)\"}]"
                     ",\"name\":\"people\"}],\"kind\":\"Datastore\",\"name\":\"customers\",\"production\":true,"
                     "\"team\":\"usa/sales\"}");
    cr_expect_str_eq(
        model_find(f.model, OBJECT_WORKSPACE, "marketing")->body.data,
        "{\"groups\":[{\"name\":\"current\",\"platform\":{\"latency\":\"minutes\",\"milestoning\":\"live\"}"
        ",\"sinks\":[{\"dataset\":\"people\",\"store\":\"customers\"}]}],\"kind\":\"Workspace\",\"name\":"
        "\"marketing\",\"priority\":\"high\",\"team\":\"usa/sales\"}");
    support_end(&f);
}

static void expect_bodies_come_back(const struct model *model)
{
    struct arena *arena = arena_new();
    struct model_body *bodies = arena_calloc(arena, model->count, sizeof *bodies);
    for (size_t i = 0; i < model->count; i++)
        bodies[i] = (struct model_body){model->objects[i].kind, model->objects[i].name, model->objects[i].place,
                                        model->objects[i].body};
    struct model *again;
    struct err err = {0};
    cr_assert_eq(model_from_bodies(arena, bodies, model->count, &again, &err), 0, "%s", err.text);
    cr_assert_eq(again->count, model->count);
    for (size_t i = 0; i < model->count; i++) {
        struct buf out = {0};
        body_write(&out, again->objects[i].kind, again->objects[i].data);
        cr_expect_str_eq(buf_text(&out), model->objects[i].body.data);
        cr_expect_str_eq(again->objects[i].hash, model->objects[i].hash);
        json_t *json;
        cr_assert_eq(json_read(arena, model->objects[i].body, &json, &err), 0);
        buf_cut(&out, 0);
        json_write_canonical(&out, json);
        cr_expect_str_eq(buf_text(&out), model->objects[i].body.data);
        buf_dispose(&out);
    }
    arena_free(arena);
}

Test(load, stored_bodies_read_again_are_the_same_bytes)
{
    struct fixture f =
        support_load(support_base,
                     "kind: Component\nname: c1\nparameters: [{name: x, type: quantity, default: 1e3}]\n"
                     "text: \"quotes \\\" and \\\\ \\x01 \\t \\u00e9\"\nnumber: -0.1\nnothing: null\n---\n"
                     "kind: Datastore\nname: files\nteam: usa/sales\n"
                     "capture: {type: csv-s3, container: b, schedule: external, consistency: single-dataset,\n"
                     "  csv: {header: false, delimiter: \"\\t\", quote: \"'\", null_text: \"\\\\N\", bad_rows: 5}}\n"
                     "resources: {requests: {cpu: 2}, limits: {memory: 1.5Gi}}\n"
                     "datasets: [{name: a, pattern: \"*.csv\", deprecated: true, columns: [{name: A b, type: 'decimal( "
                     "10 , 2 )', nullable: true}]}]\n",
                     NULL);
    support_expect(&f, "");
    expect_bodies_come_back(f.model);
    cr_expect_str_eq(model_find(f.model, OBJECT_DATASTORE, "files")->datastore->datasets.items[0].columns.items[0].type,
                     "decimal(10,2)");
    support_end(&f);
}

Test(load, a_meddled_body_is_an_error_of_the_database)
{
    struct arena *arena = arena_new();
    struct err err = {0};
    struct model *model = NULL;
    struct model_body body = {OBJECT_CREDENTIAL, "c", {"a.yaml", 1, 1}, STR("{\"name\":\"c\",\"type\":\"pasword\"}")};
    cr_expect_eq(model_from_bodies(arena, &body, 1, &model, &err), -ERR_INTERNAL);
    cr_expect_str_eq(err.text, "stored Credential \"c\" does not load: \"type\" cannot be \"pasword\"");
    cr_expect_null(model);
    arena_free(arena);
}

Test(load, keys_are_checked_with_their_place_and_the_nearest_name)
{
    struct fixture f =
        support_load("kind: Datastore\n"
                     "name: s\n"
                     "tean: usa/sales\n"
                     "capture: {type: sql-snapshot, container: c, schedule: external, csv: {header: true}}\n"
                     "datasets:\n"
                     "  - name: d\n"
                     "    columns:\n"
                     "      - {name: id, typ: text, key: yes}\n",
                     "kind: Datastroe\nname: x\n---\nname: y\n---\n- 1\n", NULL);
    support_expect(&f, "a.yaml:1:1: error: Datastore \"s\" has no \"team\" [missing-key]\n"
                       "a.yaml:3:1: error: Datastore \"s\" has no key \"tean\" [unknown-key]\n"
                       "  hint: did you mean \"team\"?\n"
                       "a.yaml:4:65: error: \"csv\" does not go with type sql-snapshot [misplaced-key]\n"
                       "a.yaml:8:9: error: column \"id\" has no \"type\" [missing-key]\n"
                       "a.yaml:8:20: error: column \"id\" has no key \"typ\" [unknown-key]\n"
                       "  hint: did you mean \"type\"?\n"
                       "a.yaml:8:36: error: \"key\" wants true or false, not text [wrong-type]\n"
                       "  hint: write true or false, in lower case and without quotes\n"
                       "b.yaml:1:7: error: there is no kind \"Datastroe\" [unknown-kind]\n"
                       "  hint: did you mean \"Datastore\"?\n"
                       "b.yaml:4:1: error: the document has no \"kind\" [missing-kind]\n"
                       "b.yaml:6:1: error: the document is no mapping with \"kind\" and \"name\" [document]\n");
    support_end(&f);
}

Test(load, texts_that_yaml_readers_disagree_on_want_quotes)
{
    static const char *const bad[] = {"yes",      "No",   "on",   "OFF",  "y",     "null",
                                      "~",        "true", "0777", "1e3",  "1_000", "2026-01-31",
                                      "12:30:45", "0x1f", ".inf", "-1.5", "0o17",  "2026-01-31T10:00:00Z",
                                      "1",        "+5",   ".5"};
    static const char *const good[] = {"main", "release-1", "1.2.3",   "10.0.0.1", "0abc",
                                       "v1e3", "20Gi",      "2026-01", "'1e3'",    "\"yes\""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[200];
        (void)snprintf(text, sizeof text, "kind: Ecosystem\nname: e\nowner: {repository: a/b, branch: %s}\n", bad[i]);
        struct fixture f = support_load(text, NULL);
        cr_assert_eq(f.findings.list.len, 1, "%s", bad[i]);
        cr_expect_str_eq(f.findings.list.items[0].code, "ambiguous-scalar");
        cr_expect_eq(f.findings.list.items[0].place.line, 3);
        cr_expect_eq(f.findings.list.items[0].place.column, 34);
        support_end(&f);
    }
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        char text[200];
        (void)snprintf(text, sizeof text, "kind: Ecosystem\nname: e\nowner: {repository: a/b, branch: %s}\n", good[i]);
        struct fixture f = support_load(text, NULL);
        cr_expect_eq(f.findings.list.len, 0, "%s", good[i]);
        support_end(&f);
    }
}

Test(load, an_object_defined_twice_is_shown_with_the_first)
{
    struct fixture f =
        support_load("kind: Credential\nname: c\ntype: token\n", "\nkind: Credential\nname: c\ntype: token\n", NULL);
    support_expect(&f, "b.yaml:3:7: error: Credential \"c\" is defined twice [duplicate-name]\n"
                       "  hint: it is defined at a.yaml:2:7\n");
    cr_expect_eq(f.model->count, 1);
    support_end(&f);
}

Test(load, findings_beyond_the_limit_are_counted)
{
    struct arena *arena = arena_new();
    struct findings findings = {.arena = arena, .max = 3};
    for (unsigned i = 5; i > 0; i--)
        findings_add(&findings, SEVERITY_ERROR, "code", (struct place){"a.yaml", i, 1}, "number %u", i);
    findings_sort(&findings);
    cr_expect_eq(findings.errors, 5);
    cr_expect_eq(findings.list.len, 3);
    struct buf out = {0};
    findings_print(&findings, &out);
    cr_expect_str_eq(buf_text(&out), "a.yaml:4:1: error: number 4 [code]\na.yaml:5:1: error: number 5 [code]\n"
                                     "error: there are more than 3 findings: the rest are only counted "
                                     "[too-many-findings]\n  hint: mend these and look again\n");
    buf_dispose(&out);
    arena_free(arena);
}

Test(load, limits_hold_and_can_be_set)
{
    struct arena *arena = arena_new();
    struct findings findings = {.arena = arena};
    struct model_limits limits = model_limits_default;
    limits.objects = 1;
    struct model_file file = {"a.yaml",
                              STR("kind: Credential\nname: a\ntype: token\n---\nkind: Credential\nname: b\ntype: "
                                  "token\n---\nkind: Credential\nname: c\ntype: token\n")};
    struct model *model = model_load_limited(arena, &file, 1, &limits, &findings);
    cr_expect_eq(model->count, 1);
    cr_expect_eq(findings.list.len, 1);
    cr_expect_str_eq(findings.list.items[0].text, "the model has more than 1 objects");
    arena_free(arena);
}
