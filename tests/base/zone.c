#include "base/zone.h"

#include "base/time.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static struct arena *arena;
static struct err err;

static void setup(void)
{
    arena = arena_new();
    err = (struct err){0};
}

static void teardown(void)
{
    arena_free(arena);
}

TestSuite(zone, .init = setup, .fini = teardown);

static const struct zone *load(const char *name)
{
    const struct zone *zone = NULL;
    cr_assert_eq(zone_load(arena, name, &zone, &err), 0, "%s: %s", name, err.text);
    return zone;
}

static int64_t instant(const char *text)
{
    int64_t us = 0;
    cr_assert(time_parse(arena_printf(arena, "%s.000Z", text), &us), "%s", text);
    return us / 1000000;
}

Test(zone, a_span_is_between_two_changes_of_the_clock)
{
    static const struct {
        const char *zone, *at, *begin, *end;
        int64_t offset;
    } table[] = {
        {"America/New_York", "2026-03-08T06:59:59", "2025-11-02T06:00:00", "2026-03-08T07:00:00", -5 * 3600},
        {"America/New_York", "2026-03-08T07:00:00", "2026-03-08T07:00:00", "2026-11-01T06:00:00", -4 * 3600},
        {"Europe/Dublin", "2026-07-01T00:00:00", "2026-03-29T01:00:00", "2026-10-25T01:00:00", 3600},
        {"Australia/Lord_Howe", "2026-01-01T00:00:00", "2025-10-04T15:30:00", "2026-04-04T15:00:00", 11 * 3600},
        /* beyond the table of a file: by its rule */
        {"America/New_York", "2100-07-01T00:00:00", "2100-03-14T07:00:00", "2100-11-07T06:00:00", -4 * 3600},
        {"Europe/Dublin", "2100-01-01T00:00:00", "2099-10-25T01:00:00", "2100-03-28T01:00:00", 0},
        {"Australia/Lord_Howe", "2100-01-01T00:00:00", "2099-10-03T15:30:00", "2100-04-03T15:00:00", 11 * 3600},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct zone_span span = zone_span_at(load(table[i].zone), instant(table[i].at));
        cr_expect_eq(span.offset, table[i].offset, "%s %s: %lld", table[i].zone, table[i].at, (long long)span.offset);
        cr_expect_eq(span.begin, instant(table[i].begin), "%s %s: %lld", table[i].zone, table[i].at,
                     (long long)span.begin);
        cr_expect_eq(span.end, instant(table[i].end), "%s %s: %lld", table[i].zone, table[i].at, (long long)span.end);
    }
    struct zone_span utc = zone_span_at(load("UTC"), 0);
    cr_expect(utc.offset == 0 && utc.begin == INT64_MIN && utc.end == INT64_MAX);
}

/* The C library reads the same files by itself. */
Test(zone, every_clock_agrees_with_the_c_library)
{
    static const char *const names[] = {"America/New_York", "Europe/Dublin",    "Africa/Casablanca", "Asia/Kathmandu",
                                        "Asia/Tehran",      "America/St_Johns", "Pacific/Apia",      "America/Nuuk",
                                        "Antarctica/Troll", "Asia/Gaza",        "Etc/GMT+5",         "Asia/Jerusalem"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct zone *zone = load(names[i]);
        setenv("TZ", names[i], 1);
        tzset();
        for (int64_t at = 0; at < INT64_C(5000000000); at += 1234567) {
            time_t t = at;
            struct tm tm;
            (void)localtime_r(&t, &tm);
            struct zone_span span = zone_span_at(zone, at);
            cr_assert_eq(span.offset, tm.tm_gmtoff, "%s at %lld: %lld, not %ld", names[i], (long long)at,
                         (long long)span.offset, tm.tm_gmtoff);
            cr_assert(span.begin <= at && at < span.end);
        }
    }
}

Test(zone, what_is_no_time_zone_is_named)
{
    const struct zone *zone;
    cr_expect_eq(zone_load(arena, "Europe/Atlantis", &zone, &err), -ERR_NOT_FOUND);
    cr_expect_str_eq(err.text, "there is no time zone Europe/Atlantis on this machine");
    cr_expect_eq(zone_load(arena, "../passwd", &zone, &err), -ERR_NOT_FOUND);
    cr_expect_str_eq(err.text, "there is no time zone \"../passwd\"");
    cr_expect_eq(zone_read(arena, "X", STR("TZif"), &zone, &err), -ERR_INVALID);
    cr_expect_str_eq(err.text, "time zone X: its file is not one of the tz database");
}

/* Cut and changed files are refused or read, and never read beyond. */
Test(zone, a_damaged_file_is_read_within_its_bounds)
{
    FILE *file = fopen("/usr/share/zoneinfo/America/New_York", "r");
    static char bytes[8192];
    cr_assert_not_null(file);
    size_t len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    const struct zone *zone;
    for (size_t n = 0; n < len; n++) {
        struct str cut = {arena_strndup(arena, bytes, n), n};
        if (zone_read(arena, "X", cut, &zone, &err) == 0)
            (void)zone_span_at(zone, 0);
    }
    for (size_t n = 0; n < len; n++) {
        char *changed = arena_strndup(arena, bytes, len);
        changed[n] ^= 0x55;
        if (zone_read(arena, "X", (struct str){changed, len}, &zone, &err) == 0)
            (void)zone_span_at(zone, INT64_C(5000000000));
        arena_reset(arena);
    }
}
