#include "model/cron.h"

#include <criterion/criterion.h>
#include <string.h>
#include <time.h>

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

/* "2026-03-08 06:59" of UTC. */
static int64_t utc(const char *text)
{
    struct tm tm = {0};
    cr_assert_not_null(strptime(text, "%Y-%m-%d %H:%M", &tm), "%s", text);
    return timegm(&tm);
}

Test(cron, a_schedule_follows_the_clock_of_its_zone)
{
    static const struct {
        const char *what, *zone, *cron, *after, *next[4];
    } table[] = {
        {"every day at nine",
         "America/New_York",
         "0 9 * * *",
         "2026-03-07 00:00",
         {"2026-03-07 14:00", "2026-03-08 13:00", "2026-03-09 13:00", "2026-03-10 13:00"}},
        {"in the gap: once, at its end",
         "America/New_York",
         "30 2 * * *",
         "2026-03-07 00:00",
         {"2026-03-07 07:30", "2026-03-08 07:00", "2026-03-09 06:30", "2026-03-10 06:30"}},
        {"more than one in the gap: once",
         "America/New_York",
         "*/20 2 * * *",
         "2026-03-08 00:00",
         {"2026-03-08 07:00", "2026-03-09 06:00", "2026-03-09 06:20", "2026-03-09 06:40"}},
        {"the gap's end itself",
         "America/New_York",
         "0 2,3 * * *",
         "2026-03-08 00:00",
         {"2026-03-08 07:00", "2026-03-09 06:00", "2026-03-09 07:00", "2026-03-10 06:00"}},
        {"twice shown: the first time",
         "America/New_York",
         "30 1 * * *",
         "2026-10-31 12:00",
         {"2026-11-01 05:30", "2026-11-02 06:30", "2026-11-03 06:30", "2026-11-04 06:30"}},
        {"every ten minutes of the hour that is shown twice",
         "America/New_York",
         "*/20 1 * * *",
         "2026-11-01 05:00",
         {"2026-11-01 05:20", "2026-11-01 05:40", "2026-11-02 06:00", "2026-11-02 06:20"}},
        {"every hour: by real time in the gap",
         "America/New_York",
         "0 * * * *",
         "2026-03-08 05:00",
         {"2026-03-08 06:00", "2026-03-08 07:00", "2026-03-08 08:00", "2026-03-08 09:00"}},
        {"every hour: by real time in the overlap",
         "America/New_York",
         "30 * * * *",
         "2026-11-01 04:30",
         {"2026-11-01 05:30", "2026-11-01 06:30", "2026-11-01 07:30", "2026-11-01 08:30"}},
        {"every half hour where clocks move by half an hour",
         "Australia/Lord_Howe",
         "*/30 * * * *",
         "2026-04-04 14:00",
         {"2026-04-04 14:30", "2026-04-04 15:00", "2026-04-04 15:30", "2026-04-04 16:00"}},
        {"midnight that is not there",
         "America/Havana",
         "0 0 * * *",
         "2026-03-07 06:00",
         {"2026-03-08 05:00", "2026-03-09 04:00", "2026-03-10 04:00", "2026-03-11 04:00"}},
        {"a day that is not there",
         "Pacific/Apia",
         "0 12 30 12 *",
         "2011-12-29 00:00",
         {"2011-12-30 10:00", "2012-12-29 22:00", "2013-12-29 22:00", "2014-12-29 22:00"}},
        {"UTC",
         "UTC",
         "0 0 1 1 *",
         "2026-03-07 00:00",
         {"2027-01-01 00:00", "2028-01-01 00:00", "2029-01-01 00:00", "2030-01-01 00:00"}},
    };
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct err err = {0};
        struct cron cron;
        const struct zone *zone;
        cr_assert_eq(cron_parse(str_from(table[i].cron), &cron, &err), 0);
        cr_assert_eq(zone_load(arena, table[i].zone, &zone, &err), 0, "%s", err.text);
        int64_t at = utc(table[i].after);
        for (size_t n = 0; n < 4; n++) {
            at = cron_next_in(&cron, zone, at);
            time_t t = at;
            char text[32];
            strftime(text, sizeof text, "%Y-%m-%d %H:%M", gmtime(&t));
            cr_expect_str_eq(text, table[i].next[n], "%s, %zu: %s, not %s", table[i].what, n, text, table[i].next[n]);
        }
    }
    arena_free(arena);
}

/* The next one is the next: nothing that matches lies between, whatever the clocks do. */
Test(cron, nothing_is_left_out_or_twice_over_a_year_of_changes)
{
    static const char *const zones[] = {"America/New_York", "Europe/Dublin", "Africa/Casablanca",
                                        "Australia/Lord_Howe"};
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof zones / sizeof *zones; i++) {
        struct err err = {0};
        struct cron cron;
        const struct zone *zone;
        cr_assert_eq(zone_load(arena, zones[i], &zone, &err), 0, "%s", err.text);
        cr_assert_eq(cron_parse(STR("15 2 * * *"), &cron, &err), 0);
        int64_t at = utc("2026-01-01 00:00"), end = utc("2027-01-01 00:00");
        int days = 0;
        for (; at >= 0 && at < end; at = cron_next_in(&cron, zone, at))
            days++;
        cr_expect_eq(days, 366, "%s: %d", zones[i], days); /* 365 and the one that it began with */
        cr_assert_eq(cron_parse(STR("*/15 * * * *"), &cron, &err), 0);
        int64_t last = utc("2026-01-01 00:00");
        for (at = cron_next_in(&cron, zone, last); at < end; last = at, at = cron_next_in(&cron, zone, at))
            cr_assert_eq(at - last, 900, "%s: %lld", zones[i], (long long)at);
    }
    arena_free(arena);
}
