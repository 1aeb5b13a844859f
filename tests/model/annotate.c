#include "model/annotate.h"

#include <criterion/criterion.h>

static void expect_github(const struct findings *findings, const char *folder, const char *expected)
{
    struct buf out = {0};
    findings_github(findings, folder, &out);
    cr_expect_str_eq(buf_text(&out), expected);
    buf_dispose(&out);
}

static struct findings begin(void)
{
    return (struct findings){.arena = arena_new()};
}

Test(annotate, a_workflow_command_says_where_and_what)
{
    struct findings f = begin();
    struct finding *finding =
        findings_add(&f, SEVERITY_ERROR, "dangling-reference", (struct place){"teams/a.yaml", 3, 7}, "there is no a");
    finding_hint(&f, finding, "did you mean \"b\"?");
    (void)findings_add(&f, SEVERITY_WARNING, "no-platform", (struct place){"b.yaml", 1, 1}, "fits none");
    (void)findings_add(&f, SEVERITY_ERROR, "no-ecosystem", (struct place){0}, "the model has no Ecosystem");
    expect_github(&f, "",
                  "::error file=teams/a.yaml,line=3,col=7,title=dangling-reference::there is no a%0Ahint: did you mean "
                  "\"b\"?\n"
                  "::warning file=b.yaml,line=1,col=1,title=no-platform::fits none\n"
                  "::error title=no-ecosystem::the model has no Ecosystem\n");
    expect_github(&f, "model",
                  "::error file=model/teams/a.yaml,line=3,col=7,title=dangling-reference::there is no a%0Ahint: did "
                  "you mean \"b\"?\n"
                  "::warning file=model/b.yaml,line=1,col=1,title=no-platform::fits none\n"
                  "::error title=no-ecosystem::the model has no Ecosystem\n");
    arena_free(f.arena);
}

Test(annotate, a_workflow_command_cannot_be_left)
{
    struct findings f = begin();
    (void)findings_add(&f, SEVERITY_ERROR, "bad-text", (struct place){"a,b:c%\n.yaml", 1, 2}, "%s",
                       "a\r\n::set-output name=x::y 100%: z, w");
    expect_github(
        &f, "",
        "::error file=a%2Cb%3Ac%25%0A.yaml,line=1,col=2,title=bad-text::a%0D%0A::set-output name=x::y 100%25: "
        "z, w\n");
    arena_free(f.arena);
}

Test(annotate, sarif_names_rules_and_places)
{
    struct findings f = begin();
    struct finding *finding =
        findings_add(&f, SEVERITY_ERROR, "unknown-key", (struct place){"my dir/\xc3\xbc.yaml", 3, 7}, "a \"b\"");
    finding_hint(&f, finding, "did you mean \"c\"?");
    (void)findings_add(&f, SEVERITY_WARNING, "capacity", (struct place){"b.yaml", 2, 0}, "large");
    (void)findings_add(&f, SEVERITY_ERROR, "unknown-key", (struct place){0}, "d");
    json_t *sarif = findings_sarif(&f, "m");
    json_t *results = json_object_get(json_array_get(json_object_get(sarif, "runs"), 0), "results");
    size_t i;
    json_t *result;
    json_array_foreach(results, i, result)
    {
        cr_expect_eq(strlen(json_text(json_object_get(result, "partialFingerprints"), "yellow/v1")), 64);
        json_object_del(result, "partialFingerprints");
    }
    struct buf out = {0};
    json_write(&out, sarif);
    cr_expect_str_eq(
        buf_text(&out),
        "{\"$schema\":\"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json\","
        "\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"name\":\"yellow\",\"version\":\"" YELLOW_VERSION "\","
        "\"rules\":[{\"id\":\"capacity\",\"shortDescription\":{\"text\":\"the volumes of a PSP, times their replicas, "
        "are within its cluster's declared capacity\"},\"help\":{\"text\":\"raise `capacity`, or lower sizes or "
        "replicas\"},\"defaultConfiguration\":{\"level\":\"warning\"}},{\"id\":\"unknown-key\",\"shortDescription\":"
        "{\"text\":\"every key is known\"},\"help\":{\"text\":\"take the key that is suggested, or remove it\"},"
        "\"defaultConfiguration\":{\"level\":\"error\"}}]}},\"columnKind\":\"unicodeCodePoints\",\"results\":["
        "{\"ruleId\":\"unknown-key\",\"ruleIndex\":1,\"level\":\"error\",\"message\":{\"text\":\"a \\\"b\\\"\\nhint: "
        "did you mean \\\"c\\\"?\"},\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":"
        "\"m/my%20dir/%C3%BC.yaml\"},\"region\":{\"startLine\":3,\"startColumn\":7}}}]},"
        "{\"ruleId\":\"capacity\",\"ruleIndex\":0,\"level\":\"warning\",\"message\":{\"text\":\"large\"},\"locations\":"
        "["
        "{\"physicalLocation\":{\"artifactLocation\":{\"uri\":\"m/b.yaml\"},\"region\":{\"startLine\":2}}}]},"
        "{\"ruleId\":\"unknown-key\",\"ruleIndex\":1,\"level\":\"error\",\"message\":{\"text\":\"d\"}}]}]}");
    buf_dispose(&out);
    json_decref(sarif);
    arena_free(f.arena);
}
