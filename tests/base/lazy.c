#include "base/lazy.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <math.h>
#include <wchar.h>

#ifdef LAZY_ENTER

/* What script/lazy writes for the program, over functions that nothing else here calls. */
const struct lazy_symbol lazy_symbols[] = {
    {"libc.so.6", "swprintf"},
    {"libm.so.6", "remquo"},
    {"libno-such-library.so.1", "lazy_test_nowhere"},
    {"libc.so.6", "lazy_test_unknown"},
};
void *lazy_slots[4];
LAZY_ENTER;
LAZY_FUNCTION(0, swprintf);
LAZY_FUNCTION(1, remquo);
LAZY_FUNCTION(2, lazy_test_nowhere);
LAZY_FUNCTION(3, lazy_test_unknown);
void lazy_test_nowhere(void);
void lazy_test_unknown(void);

Test(lazy, passes_every_kind_of_argument_the_first_time_and_later)
{
    cr_assert_eq(lazy_slots[0], NULL);
    for (int i = 0; i < 2; i++) {
        wchar_t text[200];
        int n = swprintf(text, 200, L"%d %d %d %d %d %d %.1f %.1f %.1f %.1f %.1f %.1f %.1f %.1f %.1f %s", 1, 2, 3, 4, 5,
                         6, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5, 9.5, "end");
        cr_assert_eq(n, 51);
        cr_assert_eq(wcscmp(text, L"1 2 3 4 5 6 1.5 2.5 3.5 4.5 5.5 6.5 7.5 8.5 9.5 end"), 0);
        cr_assert_neq(lazy_slots[0], NULL);
    }
}

Test(lazy, gives_back_what_the_function_gives)
{
    int quotient;
    double (*const function)(double, double, int *) = remquo; /* its address can be taken */
    cr_assert_eq(function(29.0, 3.0, &quotient), -1.0);
    cr_assert_eq(quotient & 7, 10 & 7);
    cr_assert_eq(remquo(7.0, 2.0, &quotient), -1.0);
}

Test(lazy, a_library_that_is_not_there_ends_the_program, .init = cr_redirect_stderr, .exit_code = 3)
{
    lazy_test_nowhere();
}

Test(lazy, a_function_that_is_not_there_ends_the_program, .init = cr_redirect_stderr, .exit_code = 3)
{
    lazy_test_unknown();
}

#endif
