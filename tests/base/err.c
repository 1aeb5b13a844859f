#include "base/err.h"

#include <criterion/criterion.h>
#include <string.h>

Test(err, setting_returns_the_negative_code_and_clears_what_was_there)
{
    struct err err = {.sqlstate = "23505", .hint = "old"};
    cr_assert_eq(err_set(&err, ERR_CONFLICT, "stream %s is open", "s"), -ERR_CONFLICT);
    cr_assert_eq(err.code, ERR_CONFLICT);
    cr_assert_str_eq(err.text, "stream s is open");
    cr_assert_str_eq(err.hint, "");
    cr_assert_str_eq(err.sqlstate, "");
}

Test(err, a_hint_and_a_prefix_keep_the_code)
{
    struct err err = {0};
    (void)err_set(&err, ERR_NOT_FOUND, "no dataset people");
    cr_assert_eq(err_hint(&err, "add it to %s", "customers"), -ERR_NOT_FOUND);
    cr_assert_eq(err_prefix(&err, "sales.yaml:%d", 3), -ERR_NOT_FOUND);
    cr_assert_str_eq(err.text, "sales.yaml:3: no dataset people");
    cr_assert_str_eq(err.hint, "add it to customers");
}

static int fails(struct err *err)
{
    (void)err_set(err, ERR_STALE, "x");
    return err_hint(err, "y");
}

Test(err, whoever_ignores_an_error_still_gets_its_code)
{
    cr_assert_eq(fails(ERR_IGNORED), -ERR_STALE);
}

Test(err, long_texts_are_cut_and_terminated)
{
    struct err err = {0};
    (void)err_set(&err, ERR_IO, "%4000d", 1);
    cr_assert_eq(strlen(err.text), sizeof err.text - 1);
    (void)err_prefix(&err, "where");
    cr_assert_eq(strlen(err.text), sizeof err.text - 1);
    cr_assert_eq(strncmp(err.text, "where:  ", 8), 0);
    (void)err_prefix(&err, "%4000d", 2);
    cr_assert_eq(strlen(err.text), sizeof err.text - 1);
}

Test(err, every_code_has_a_kind)
{
    for (int code = 0; code < ERR_CODE_COUNT; code++) {
        const struct err_kind *kind = err_kind((enum err_code)code);
        cr_assert_not_null(kind->name);
        cr_assert(code == ERR_NONE || (kind->http_status >= 400 && kind->exit_code >= 1 && kind->exit_code <= 3));
        for (int other = 0; other < code; other++)
            cr_assert_str_neq(kind->name, err_kind((enum err_code)other)->name);
    }
    cr_assert_str_eq(err_kind((enum err_code)999)->name, "internal");
    cr_assert_eq(err_kind(ERR_STALE)->http_status, 412);
    cr_assert_eq(err_kind(ERR_USAGE)->exit_code, 2);
    cr_assert(err_kind(ERR_UNAVAILABLE)->retryable);
}
