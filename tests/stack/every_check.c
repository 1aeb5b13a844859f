/* Every check that is made where stacks are rendered, by a sample in which it finds something. Those of models alone
 * are in tests/model/every_check.c. */

#include "model/checks.h"
#include "stack/library.h"
#include "support.h"

#include <criterion/criterion.h>

#define ON_MINE                                                                                                        \
    "assembly: yellow-single-postgres\nparameters: # what the assembly declares; the rest has defaults\n"              \
    "  logs_storage: 10Gi\n  log_level: INFO\n",                                                                       \
        "assembly: mine\n"
#define MINE(components) "---\nkind: Assembly\nname: mine\ndoc: d\ncomponents: [" components "]\n"
#define COMPONENT(more)                                                                                                \
    "kind: Component\nname: c\ndoc: d\n" more "artifacts: [{template: own/x.yaml.j2, media_type: application/yaml}]\n"
#define GOOD "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"

static const struct {
    enum check_code code;
    const char *before, *after; /* of the PSP */
    const char *documents, *template;
} samples[] = {
    {CHECK_ASSEMBLY, NULL, NULL, MINE("{component: nothing}"), NULL},
    {CHECK_ASSEMBLY_UNKNOWN, "yellow-single-postgres", "yellow-none", NULL, NULL},
    {CHECK_DEFINITION, NULL, NULL, "kind: Component\nname: postgres\ndoc: d\nartifacts: []\n", NULL},
    {CHECK_PARAMETER_MISSING, "yellow-single-postgres", "yellow-external-postgres", NULL, NULL},
    {CHECK_PARAMETER_UNKNOWN, "logs_storage: 10Gi", "logs_store: 10Gi", NULL, NULL},
    {CHECK_PARAMETER_TYPE, "logs_storage: 10Gi", "logs_storage: much", NULL, NULL},
    {CHECK_BINDING_UNKNOWN, ON_MINE,
     MINE("{component: namespace, with: {namespace: $psp.namespace}}, {component: namespace, as: other, with: "
          "{namespace: $later.namespace}}"),
     NULL},
    {CHECK_PROVIDES_TYPE, ON_MINE,
     COMPONENT("provides: {host: {type: hostname, value: 'no host', doc: d}}\n") MINE("{component: c}"), GOOD},
    {CHECK_REQUIREMENT, ON_MINE,
     COMPONENT("requires: {key: {type: secret, value: 'mine', doc: d}}\n") MINE("{component: c}"), GOOD},
    {CHECK_TEMPLATE, ON_MINE,
     COMPONENT("provides: {host: {type: hostname, value: '{{ nowhere }}', doc: d}}\n") MINE("{component: c}"), GOOD},
    {CHECK_STACK, ON_MINE, COMPONENT("") MINE("{component: c}"), "a: ["},
    {CHECK_CAPACITY, "image_pull_policy: IfNotPresent", "image_pull_policy: IfNotPresent\ncapacity: 50Gi", NULL, NULL},
};

Test(stack_every_check, finds_what_it_looks_for)
{
    bool shown[CHECK_CODE_COUNT] = {0};
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        struct arena *arena = arena_new();
        struct findings findings = {.arena = arena};
        struct model *model = support_acme_own(arena, samples[i].before, samples[i].after, samples[i].documents,
                                               samples[i].template, &findings);
        stack_check(support_library(arena), model, NULL, &findings);
        struct buf *text = buf_new(arena);
        findings_print(&findings, text);
        vec_each(finding, &findings.list)
        {
            const struct check *check = check_by_code(finding->code);
            cr_assert_not_null(check, "%s is in no table", finding->code);
            cr_expect_eq(check->severity, finding->severity, "%s", finding->code);
            cr_expect(finding->place.path && finding->place.line, "%s has no place", finding->code);
            shown[samples[i].code] = shown[samples[i].code] || check == &checks[samples[i].code];
        }
        cr_expect(shown[samples[i].code], "%s is not found: %s", checks[samples[i].code].code, buf_text(text));
        arena_free(arena);
    }
    for (int code = CHECK_ASSEMBLY; code <= CHECK_CAPACITY; code++)
        cr_expect(shown[code], "%s has no sample", checks[code].code);
}
