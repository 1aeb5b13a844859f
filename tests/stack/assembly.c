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
    cr_assert_str_eq(main_db->bindings[0].reference, "psp.name");
    cr_assert_str_eq(json_string_value(main_db->bindings[1].value), "$5");
    cr_assert_eq(json_integer_value(main_db->bindings[2].value), 7);
    cr_assert_str_eq(main_db->bindings[3].reference, "psp.name");
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
