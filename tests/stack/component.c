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
                                    "provides: {host: {type: hostname, value: '{{ n }}', doc: d}}\n"
                                    "requires: {key: {type: secret, value: k, doc: d}}\n"
                                    "artifacts:\n  - {template: x.yaml.j2, media_type: application/yaml}\n"),
                                &c, &err),
                 0, "%s", err.text);
    cr_assert_str_eq(c.name, "db");
    cr_assert_eq(c.parameters.len, 1);
    cr_assert_str_eq(c.provides.items[0].name, "host");
    cr_assert_eq(c.provides.items[0].type, OFFER_HOSTNAME);
    cr_assert_eq(c.provides.items[0].external, false);
    cr_assert_eq(c.requires.items[0].type, OFFER_SECRET);
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
        {"component: db\ndoc: d\nartifacts:\n  - {template: x.j2, media_type: image/png}",
         "c.yaml:4: there is no media type image/png for artifacts"},
        {"component: db\ndoc: d\nprovides: {a: {type: host, value: x, doc: d}}\nartifacts: []",
         "c.yaml:3: a: there is no type host"},
        {"component: db\ndoc: d\nprovides: {a: x}\nartifacts: []", "c.yaml:3: a: type, value and doc are needed"},
        {"component: db\ndoc: d\nrequires: {a: {type: secret, value: x, doc: d, external: true}}\nartifacts: []",
         "c.yaml:3: a: there is no key external here"},
        {"component: db\ndoc: d\nparameters: [{name: a, type: map, doc: d, items: port}]\nartifacts: []",
         "c.yaml:3: parameter a: items is a type, and goes with type list"},
        {"component: db\ndoc: d\nparameters: [{name: a, type: port, doc: d, dflt: 1}]\nartifacts: []",
         "c.yaml:3: a parameter has no key dflt"},
        {"[1]", "c.yaml:1: a declaration is a map"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct component c;
        struct err err = {0};
        cr_assert_eq(component_read(arena, "c.yaml", str_from(cases[i].text), &c, &err), -ERR_SYNTAX);
        cr_assert_str_eq(err.text, cases[i].error);
    }
}

Test(component, an_own_one_names_its_templates_from_the_models_root)
{
    static const char *const refused[] = {"../x.j2", "a/../x.j2", "/etc/x.j2", "a//x.j2", ".git/x.j2",
                                          "a/.x.j2", "x.yaml",    "a\\\\x.j2", ".j2",     ""};
    struct component c;
    struct err err = {0};
    cr_assert_eq(
        component_read_own(arena,
                           STR("{\"kind\": \"Component\", \"name\": \"db\", \"doc\": \"d\", \"artifacts\": "
                               "[{\"template\": \"own/db/x.yaml.j2\", \"media_type\": \"application/yaml\"}]}"),
                           "own.yaml", 7, &c, &err),
        0, "%s", err.text);
    cr_assert(c.own);
    cr_assert_eq(c.line, 7);
    cr_assert_str_eq(c.artifacts[0].template, "model/own/db/x.yaml.j2");
    cr_assert_str_eq(c.artifacts[0].file, "x.yaml");
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        const char *body = arena_printf(arena,
                                        "{\"kind\": \"Component\", \"name\": \"db\", \"doc\": \"d\", \"artifacts\": "
                                        "[{\"template\": \"%s\", \"media_type\": \"application/yaml\"}]}",
                                        refused[i]);
        cr_assert_eq(component_read_own(arena, str_from(body), "own.yaml", 7, &c, &err), -ERR_SYNTAX, "%s", refused[i]);
        cr_assert_str_eq(err.text,
                         "own.yaml:7: an artifact needs template (NAME.j2, a path from the model's root without "
                         "..) and media_type");
    }
}
