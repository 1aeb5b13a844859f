#include "stack/naming.h"

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

TestSuite(naming, .init = setup, .fini = teardown);

Test(naming, a_model_name_becomes_a_kubernetes_name)
{
    cr_assert_str_eq(naming_k8s(arena, "Yellow_NY"), "yellow-ny");
    cr_assert_str_eq(naming_k8s(arena, "a_"), "a-571fb0e3");
}

Test(naming, a_long_name_is_cut_and_keeps_a_hash_so_that_two_stay_two)
{
    char a[81], b[81];
    memset(a, 'x', 80);
    memset(b, 'x', 80);
    a[80] = b[80] = '\0';
    b[79] = 'y';
    const char *one = naming_k8s(arena, a), *other = naming_k8s(arena, b);
    cr_assert_eq(strlen(one), 63);
    cr_assert_eq(strlen(other), 63);
    cr_assert_str_neq(one, other);
    cr_assert_eq(strncmp(one, other, 54), 0);
}

Test(naming, a_secret_is_named_by_its_psp_and_its_credential)
{
    cr_assert_str_eq(naming_secret(arena, "yellow-ny", "crm_reader"), "yellow-ny-crm-reader");
}
