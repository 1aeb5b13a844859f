#include "base/time.h"

#include <criterion/criterion.h>

Test(time, instants_are_written_as_rfc_3339_in_utc)
{
    static const struct {
        int64_t us;
        const char *text;
    } table[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {1, "1970-01-01T00:00:00.000Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {951782400123456, "2000-02-29T00:00:00.123Z"},
        {1801439999999999, "2027-01-31T23:59:59.999Z"}, /* cut, not rounded into the next year, month or day */
        {253402300799999999, "9999-12-31T23:59:59.999Z"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        char text[TIME_TEXT_SIZE];
        time_format(table[i].us, text);
        cr_assert_str_eq(text, table[i].text);
    }
}

Test(time, the_monotonic_clock_does_not_go_back)
{
    int64_t before = time_monotonic_ms();
    for (int i = 0; i < 1000; i++) {
        int64_t now = time_monotonic_ms();
        cr_assert_geq(now, before);
        before = now;
    }
    cr_assert_gt(time_now_us(), 1700000000000000);
}

Test(time, reads_what_it_writes_and_nothing_else)
{
    static const char *const bad[] = {"",
                                      "2026-02-31T00:00:00.000Z",
                                      "2026-01-31T23:59:59Z",
                                      "2026-01-31 23:59:59.999Z",
                                      "2026-01-31T23:59:59.999+",
                                      "2026-01-31T24:00:00.000Z",
                                      "12026-01-31T23:59:59.999Z",
                                      "infinity"};
    static const int64_t good[] = {0, 951782400000000, 1769903999999000, 4102444800000000};
    int64_t us;
    char text[TIME_TEXT_SIZE];
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        time_format(good[i], text);
        cr_expect(time_parse(text, &us), "%s", text);
        cr_expect_eq(us, good[i], "%s", text);
    }
    us = 5;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        cr_expect_not(time_parse(bad[i], &us), "%s", bad[i]);
    cr_expect_eq(us, 5);
}

Test(time, the_coarse_clock_is_close_to_the_other)
{
    int64_t before = time_now_us(), coarse = time_coarse_us();
    cr_expect(coarse > before - 1000000, "%lld us late", (long long)(before - coarse));
    cr_expect(coarse <= time_now_us());
}
