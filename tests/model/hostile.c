#include "support.h"

#include <stdlib.h>

Test(hostile, a_text_nested_ten_thousand_deep_is_one_finding)
{
    char deep[10001];
    memset(deep, '[', 10000);
    deep[10000] = '\0';
    struct fixture f = support_load(deep, "kind: Credential\nname: c\ntype: token\n", NULL);
    support_expect(&f, "a.yaml:1:33: error: nested deeper than 32 levels [yaml-depth]\n");
    cr_expect_eq(f.model->count, 1);
    support_end(&f);
}

Test(hostile, an_alias_bomb_is_refused_at_its_first_anchor)
{
    struct fixture f = support_load("kind: Component\nname: c\na: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", NULL);
    cr_expect(f.findings.errors > 0);
    cr_expect_str_eq(f.findings.list.items[0].code, "yaml-alias");
    cr_expect_eq(f.findings.list.items[0].place.line, 3);
    support_end(&f);
}

Test(hostile, a_file_and_a_model_have_a_size)
{
    struct model_limits limits = model_limits_default;
    struct arena *arena = arena_new();
    struct findings findings = {.arena = arena};
    const struct model_file files[] = {
        {"a.yaml", STR("kind: Credential\nname: a\ntype: token\n---\nkind: Credential\nname: b\ntype: token\n")},
        {"b.yaml", STR("kind: Credential\nname: c\ntype: token\n")}};
    limits.file_bytes = 60;
    limits.objects = 0;
    (void)model_load_limited(arena, files, 2, &limits, &findings);
    struct buf *text = buf_new(arena);
    findings_sort(&findings);
    findings_print(&findings, text);
    cr_expect_str_eq(buf_text(text), "a.yaml:1:1: error: 78 bytes are more than the 60 allowed [yaml-size]\n"
                                     "b.yaml:1:1: error: the model has more than 0 objects [too-many-objects]\n");
    arena_free(arena);
}

Test(hostile, all_findings_of_all_files_come_at_once_and_in_order)
{
    struct fixture f = support_check(
        support_base, "kind: Datastore\nname: d1\nname: d2\nteam: usa/sales\n",
        "kind: Credential\nname: k\ntype: token\n---\nkind: [\n",
        "kind: Datastore\nname: s\nteam: [usa, sales]\nprodution: true\n"
        "capture: {type: sql-snapshot, container: nowhere, schedule: daily}\n"
        "datasets:\n  - name: d\n    columns: [{name: a, type: int65}, {name: b, type: int64, key: maybe}]\n",
        NULL);
    struct buf out = {0};
    for (size_t i = 0; i < f.findings.list.len; i++)
        buf_addf(&out, "%s:%u:%u %s\n", f.findings.list.items[i].place.path, f.findings.list.items[i].place.line,
                 f.findings.list.items[i].place.column, f.findings.list.items[i].code);
    cr_expect_str_eq(buf_text(&out), "b.yaml:1:1 missing-key\nb.yaml:1:1 no-capture\nb.yaml:1:1 no-columns\n"
                                     "b.yaml:3:1 yaml-duplicate-key\n"
                                     "c.yaml:6:1 yaml-syntax\n"
                                     "d.yaml:3:7 wrong-type\nd.yaml:4:1 unknown-key\nd.yaml:5:42 dangling-reference\n"
                                     "d.yaml:5:61 bad-schedule\nd.yaml:8:31 bad-type\nd.yaml:8:67 wrong-type\n");
    buf_dispose(&out);
    cr_expect_not_null(model_find(f.model, OBJECT_CREDENTIAL, "k"), "documents before the broken one are there");
    support_end(&f);
}

Test(hostile, values_of_every_wrong_shape_are_findings_for_every_key)
{
    static const char *const values[] = {"[]", "{}",       "5",   "1.5",  "true",   "null",
                                         "",   "\"text\"", "[1]", "[[]]", "{a: b}", "[{}]"};
    static const char *const keys[][8] = {
        {"Ecosystem", "owner", "vendors", "zones"},
        {"GovernanceZone", "policies", "teams"},
        {"DataContainer", "type", "port", "locations", "storage", "host"},
        {"Credential", "type"},
        {"Datastore", "team", "production", "capture", "resources", "datasets"},
        {"Workspace", "team", "priority", "container", "groups", "transformer"},
        {"PlatformServiceProvider", "parameters", "merge", "defaults", "platforms", "hints", "storage_classes"}};
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
        for (size_t i = 1; i < 8 && keys[k][i]; i++)
            for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
                char text[256];
                (void)snprintf(text, sizeof text, "kind: %s\nname: x\n%s: %s\n", keys[k][0], keys[k][i], values[v]);
                struct fixture f = support_check(text, NULL);
                cr_expect(f.findings.errors > 0, "%s", text);
                support_end(&f);
            }
}
