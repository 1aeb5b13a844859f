#include "stack/library.h"

#include "base/file.h"
#include "stack/describe.h"
#include "support.h"

#include <criterion/criterion.h>

static struct arena *arena;
static struct stack_library *library;

static void setup(void)
{
    arena = arena_new();
    library = support_library(arena);
}

static void teardown(void)
{
    arena_free(arena);
}

TestSuite(library, .init = setup, .fini = teardown);

#define OWN_COMPONENT                                                                                                  \
    "kind: Component\nname: cache\ndoc: A cache.\n"                                                                    \
    "parameters:\n  - {name: namespace, type: namespace, required: true, doc: Where.}\n"                               \
    "  - {name: note, type: string, default: none, doc: A note.}\n"                                                    \
    "provides: {host: {type: hostname, value: 'cache.{{ namespace }}.svc', doc: Where it answers.}}\n"                 \
    "artifacts: [{template: own/x.yaml.j2, media_type: application/yaml}]\n"
#define OWN_ASSEMBLY                                                                                                   \
    "---\nkind: Assembly\nname: mine\ndoc: Mine.\n"                                                                    \
    "parameters: [{name: note, type: string, default: \"it's {{ 1 }}\", doc: d}]\n"                                    \
    "components:\n  - {component: namespace, with: {namespace: $psp.namespace}}\n"                                     \
    "  - {component: storage-class, with: {name: fast, provisioner: driver.longhorn.io, parameters: {copies: 3}}}\n"   \
    "  - {component: volume-claim, as: scratch, with: {name: scratch, namespace: $namespace.namespace, size: 1Gi}}\n"  \
    "  - {component: cache, with: {namespace: $namespace.namespace, note: $parameters.note}}\n"
#define OWN_TEMPLATE                                                                                                   \
    "{% from 'lib/kubernetes.j2' import metadata %}\napiVersion: v1\nkind: ConfigMap\n"                                \
    "{{ metadata(yellow, 'cache', namespace) }}data:\n  note: {{ note | quote_yaml }}\n"
#define ON_MINE                                                                                                        \
    "assembly: yellow-single-postgres\nparameters: # what the assembly declares; the rest has defaults\n"              \
    "  logs_storage: 10Gi\n  log_level: INFO\n",                                                                       \
        "assembly: mine\n"

static struct stack render(const struct model *model)
{
    struct findings findings = {.arena = arena};
    struct stack stack;
    struct err err = {0};
    cr_assert_eq(stack_render(arena, library, model, "yellow-ny", &findings, &stack, &err), 0, "%s", err.text);
    return stack;
}

Test(library, a_companys_own_component_and_assembly_work_like_built_in_ones)
{
    struct findings findings = {.arena = arena};
    struct model *model = support_acme_own(arena, ON_MINE, OWN_COMPONENT OWN_ASSEMBLY, OWN_TEMPLATE, &findings);
    cr_assert_eq(findings.errors, 0, "%s", findings.list.items[0].text);
    stack_check(library, model, NULL, &findings);
    cr_assert_eq(findings.errors, 0, "%s", findings.list.items[0].text);
    struct stack stack = render(model);
    cr_assert_eq(stack.count, 4);
    cr_assert_str_eq(stack.artifacts[3].name, "cache-x.yaml");
    cr_assert_not_null(strstr(stack.artifacts[3].text.data, "app.kubernetes.io/component: \"cache\"\n"));
    cr_assert_not_null(strstr(stack.artifacts[3].text.data, "  note: \"it's {{ 1 }}\""));
}

/* The first finding of a model with these documents. */
static const char *finding_of(const char *documents, const char *template)
{
    struct findings findings = {.arena = arena};
    struct model *model = support_acme_own(arena, NULL, NULL, documents, template, &findings);
    stack_check(library, model, NULL, &findings);
    return findings.list.len ? findings.list.items[0].text : "";
}

Test(library, what_is_wrong_with_a_companys_own_is_said_in_its_commit)
{
    static const struct {
        const char *documents, *template, *error;
    } cases[] = {
        {OWN_COMPONENT OWN_ASSEMBLY, OWN_TEMPLATE, ""},
        {OWN_COMPONENT, NULL, "Component cache: the model has no file own/x.yaml.j2"},
        {"kind: Component\nname: postgres\ndoc: d\nartifacts: []\n", NULL,
         "Component postgres: the name is that of a built-in component"},
        {"kind: Component\nname: c\ndoc: d\nartifacts: [{template: ../x.yaml.j2, media_type: application/yaml}]\n",
         NULL,
         "Component c: own.yaml:1: an artifact needs template (NAME.j2, a path from the model's root without ..) and "
         "media_type"},
        {"kind: Assembly\nname: blue-minio\ndoc: d\ncomponents: [{component: namespace}]\n", NULL,
         "Assembly blue-minio: the name is that of a built-in assembly"},
        {"kind: Assembly\nname: a\ndoc: d\ncomponents: [{component: nothing}]\n", NULL,
         "assembly a: there is no component nothing"},
        {"kind: Assembly\nname: a\ndoc: d\ncomponents: [{component: namespace}]\n", NULL,
         "assembly a: namespace: parameter namespace is needed and not bound"},
        {"kind: Assembly\nname: a\ndoc: d\ncomponents: [{component: namespace, with: {namespace: $psp.nothing}}]\n",
         NULL, "assembly a: there is nothing at $psp.nothing"},
        {"kind: Assembly\nname: a\ndoc: d\ncomponents: [{component: namespace, with: {namespace: $psp.image}}]\n", NULL,
         "assembly a: namespace: parameter namespace is a namespace (RFC 1123 label, at most 63), and $psp.image is of "
         "type "
         "image"},
        {"kind: Assembly\nname: a\ndoc: d\ncomponents: [{component: namespace, with: {namespace: Not_One}}]\n", NULL,
         "assembly a: namespace: parameter namespace is a namespace (RFC 1123 label, at most 63)"},
        {"kind: Assembly\nname: a\ndoc: d\ncomponents: [{component: namespace, with: {namespace: a, colour: b}}]\n",
         NULL, "assembly a: component namespace has no parameter colour"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_str_eq(finding_of(cases[i].documents, cases[i].template), cases[i].error);
}

Test(library, a_requirement_that_nobody_meets_is_said_before_anything_is_rendered)
{
    struct findings findings = {.arena = arena};
    struct model *model = support_acme_own(arena, ON_MINE,
                                           "kind: Assembly\nname: mine\ndoc: d\ncomponents:\n  - {component: "
                                           "namespace, with: {namespace: $psp.namespace}}\n"
                                           "  - {component: yellow-server, with: {name: server, namespace: "
                                           "$namespace.namespace, image: $psp.image, secret: none,\n"
                                           "     resources: $psp.defaults.postgres.resources}}\n",
                                           NULL, &findings);
    stack_check(library, model, NULL, &findings);
    cr_assert_eq(findings.errors, 1, "%s", findings.list.items[0].text);
    cr_assert_str_eq(
        findings.list.items[0].text,
        "PlatformServiceProvider yellow-ny: component yellow-server requires the secret none (secret), which no "
        "component of assembly mine provides (declared at templates/components/yellow-server/component.yaml:17)");
}

Test(library, a_template_of_a_model_reaches_nothing_but_templates)
{
    static const char *const templates[] = {"{% include 'model/platform/psp.yaml' %}",
                                            "{% include '../../etc/passwd' %}",
                                            "{% include 'model/../own/x.yaml.j2' %}",
                                            "{% include '/etc/passwd' %}",
                                            "{% include 'model/own/x.yaml.j2' %}",
                                            "{% for i in range(999999999) %}{% endfor %}",
                                            "{{ ''.__class__ }}"};
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++) {
        struct findings findings = {.arena = arena};
        struct model *model = support_acme_own(arena, ON_MINE, OWN_COMPONENT OWN_ASSEMBLY, templates[i], &findings);
        stack_check(library, model, NULL, &findings);
        cr_expect_eq(findings.errors, 1, "%s", templates[i]);
    }
}

/* After a wanted change: yellow component doc >docs/components.md */
Test(library, the_documentation_is_in_step_with_the_declarations)
{
    struct buf *text = buf_new(arena);
    struct str expected;
    struct err err = {0};
    describe_library(arena, library, text);
    cr_assert_eq(file_read(arena, SOURCE_DIR "/docs/components.md", 1 << 20, &expected, &err), 0, "%s", err.text);
    cr_assert_str_eq(buf_text(text), expected.data);
}
