#include "stack/assembly.h"

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

TestSuite(assembly, .init = setup, .fini = teardown);

Test(assembly, a_dollar_is_a_reference_and_two_are_a_text)
{
    struct assembly a;
    struct err err = {0};
    cr_assert_eq(assembly_read(arena, "a.yaml",
                               STR("assembly: one\ndoc: d\ncomponents:\n  - component: db\n    as: main\n"
                                   "    with: {x: $psp.name, y: $$5, z: 7, quoted: '$psp.name'}\n"),
                               &a, &err),
                 0, "%s", err.text);
    const struct instance *main_db = &a.instances[0];
    cr_assert_str_eq(main_db->name, "main");
    cr_assert_eq(main_db->binding_count, 4);
    cr_assert_str_eq(binding_reference(main_db->bindings[0].value), "psp.name");
    cr_assert_null(binding_reference(main_db->bindings[1].value));
    cr_assert_eq(json_integer_value(main_db->bindings[2].value), 7);
    cr_assert_str_eq(binding_reference(main_db->bindings[3].value), "psp.name");
}

Test(assembly, two_instances_of_one_name_are_refused)
{
    struct assembly a;
    struct err err = {0};
    cr_assert_eq(assembly_read(arena, "a.yaml",
                               STR("assembly: one\ndoc: d\ncomponents:\n  - component: db\n  - component: db\n"), &a,
                               &err),
                 -ERR_SYNTAX);
    cr_assert_str_eq(err.text, "a.yaml:5: the name db is taken by line 4; give one of them another with as:");
}

Test(assembly, what_is_wrong_with_a_declaration_is_said_with_its_line)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"assembly: one\ndoc: d\n", "a.yaml:1: components: a list is needed"},
        {"assembly: one\ndoc: d\ncomponents:\n  - {component: db, as: psp}\n",
         "a.yaml:4: the name psp is taken by $psp; give another with as:"},
        {"assembly: one\ndoc: d\ncomponents:\n  - {component: db, as: 'a b'}\n", "a.yaml:4: as: a name is needed"},
        {"assembly: one\ndoc: d\ncomponents:\n  - {as: x}\n",
         "a.yaml:4: a component of an assembly has component, as and with (a map)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct assembly a;
        struct err err = {0};
        cr_assert_eq(assembly_read(arena, "a.yaml", str_from(cases[i].text), &a, &err), -ERR_SYNTAX);
        cr_assert_str_eq(err.text, cases[i].error);
    }
}
