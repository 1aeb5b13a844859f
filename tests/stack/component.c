#include "stack/component.h"

#include <criterion/criterion.h>

static struct arena *arena;

static void setup(void)
{
    arena = arena_new();
}

static void teardown(void)
{
    arena_free(arena);
}

TestSuite(component, .init = setup, .fini = teardown);

Test(component, a_declaration_gives_parameters_outputs_and_artifacts)
{
    struct component c;
    struct err err = {0};
    cr_assert_eq(component_read(arena, "c.yaml",
                                STR("component: db\ndoc: D.\nparameters:\n  - {name: n, type: port, doc: d}\n"
                                    "provides: {hostname: '{{ n }}'}\n"
                                    "artifacts:\n  - {template: x.yaml.j2, media_type: application/yaml}\n"),
                                &c, &err),
                 0, "%s", err.text);
    cr_assert_str_eq(c.name, "db");
    cr_assert_eq(c.parameters.len, 1);
    cr_assert_str_eq(c.provides[0].name, "hostname");
    cr_assert_str_eq(c.artifacts[0].template, "components/db/x.yaml.j2");
    cr_assert_str_eq(c.artifacts[0].file, "x.yaml");
}

Test(component, what_is_wrong_with_a_declaration_is_said_with_its_line)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"component: db\nartifacts: []", "c.yaml:1: doc: a text is needed"},
        {"component: 1db\ndoc: d\nartifacts: []", "c.yaml:1: component: a name is needed"},
        {"component: db\ndoc: d", "c.yaml:1: artifacts: a list is needed"},
        {"component: db\ndoc: d\nartefacts: []", "c.yaml:3: there is no key artefacts"},
        {"component: db\ndoc: d\nartifacts:\n  - {template: ../x.j2, media_type: a}",
         "c.yaml:4: an artifact needs template (NAME.j2 beside the declaration) and media_type"},
        {"[1]", "c.yaml:1: a declaration is a map"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct component c;
        struct err err = {0};
        cr_assert_eq(component_read(arena, "c.yaml", str_from(cases[i].text), &c, &err), -ERR_SYNTAX);
        cr_assert_str_eq(err.text, cases[i].error);
    }
}
