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
