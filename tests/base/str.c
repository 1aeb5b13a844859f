#include "base/str.h"

#include <criterion/criterion.h>

Test(str, a_name_begins_with_a_letter_and_holds_at_most_63_bytes)
{
    cr_assert(str_is_name(STR("a")));
    cr_assert(str_is_name(STR("Ab_c-9")));
    cr_assert_not(str_is_name(STR("")));
    cr_assert_not(str_is_name(STR("9a")));
    cr_assert_not(str_is_name(STR("a.b")));
    char text[65];
    memset(text, 'x', sizeof text);
    cr_assert(str_is_name((struct str){text, 63}));
    cr_assert_not(str_is_name((struct str){text, 64}));
}
