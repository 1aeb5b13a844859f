#include "model/cron.h"

#include <criterion/criterion.h>

Test(cron, five_fields_with_names_ranges_lists_and_steps)
{
    static const char *const good[] = {"* * * * *",    "*/10 * * * *", "0 0 1 1 *",         "5,10-20/5 3 * * 1-5",
                                       "0 0 29 2 *",   "0 0 * * 7",    "0 0 * JAN-mar Sun", "0  1  2 3 4",
                                       "0 0 31 4,5 *", "0 0 31 2 1",   " 59 23 31 12 6 ",   "5/15 * * * *"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct err err = {0};
        cr_expect_eq(cron_parse(str_from(good[i]), NULL, &err), 0, "%s: %s", good[i], err.text);
    }
}

Test(cron, what_is_wrong_is_named)
{
    static const struct {
        const char *cron, *text;
    } bad[] = {{"", "a cron schedule has five fields, not 0"},
               {"@daily", "a cron schedule has five fields, not 1"},
               {"* * * * * *", "a cron schedule has five fields, not 6"},
               {"60 * * * *", "\"60\" is no minute (0 to 59)"},
               {"* 24 * * *", "\"24\" is no hour (0 to 23)"},
               {"* * 0 * *", "\"0\" is no day of month (1 to 31)"},
               {"* * * 13 *", "\"13\" is no month (1 to 12)"},
               {"* * * * 8", "\"8\" is no day of week (0 to 7)"},
               {"*/0 * * * *", "the step of \"*/0\" in minute is not a number from 1 to 59"},
               {"5-1 * * * *", "the range \"5-1\" in minute runs backwards"},
               {"1,,2 * * * *", "\"\" is no minute (0 to 59)"},
               {"-1 * * * *", "\"-1\" is no minute (0 to 59)"},
               {"0 0 31 2 *", "day 31 of month 2 never comes"},
               {"0 0 30-31 FEB *", "day 30-31 of month FEB never comes"},
               {"0 0 31 4,6,9,11 *", "day 31 of month 4,6,9,11 never comes"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err err = {0};
        cr_expect_eq(cron_parse(str_from(bad[i].cron), NULL, &err), -ERR_INVALID, "%s", bad[i].cron);
        cr_expect_str_eq(err.text, bad[i].text);
    }
}

Test(cron, the_next_minute_follows_the_calendar)
{
    static const struct {
        const char *cron;
        int64_t after, next;
    } cases[] = {{"*/10 * * * *", 0, 600},
                 {"0 0 * * *", 1, 86400},
                 {"0 0 29 2 *", 951782400 - 1, 951782400}, /* 2000-02-29 */
                 {"0 0 29 2 *", 951782400, 1078012800},    /* 2004-02-29 */
                 {"0 12 * * MON", 1763769600, 1763985600}, /* 2025-11-22 is a Saturday */
                 {"0 0 13 * 5", 0, 86400}};                /* the 13th or a Friday: 1970-01-02 */
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cron cron;
        struct err err = {0};
        cr_assert_eq(cron_parse(str_from(cases[i].cron), &cron, &err), 0);
        cr_expect_eq(cron_next(&cron, cases[i].after), cases[i].next, "%s: %lld", cases[i].cron,
                     (long long)cron_next(&cron, cases[i].after));
    }
}
