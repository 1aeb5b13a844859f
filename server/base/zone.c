#include "base/zone.h"

#include "base/file.h"

#include <stdlib.h>

/* The rule of a POSIX TZ string for one of the two changes of a year. */
struct change {
    char form; /* 'M' month.week.day, 'J' day 1 to 365 without 29 February, '0' day 0 to 365 */
    int month, week, day;
    int64_t time; /* of the day, by the clock that holds before it */
};

struct zone {
    size_t count;
    const int64_t *at;     /* count instants, ascending */
    const int64_t *offset; /* count + 1: offset[i] holds before at[i], the last one after all */
    bool ruled;            /* after the last instant the rule holds */
    int64_t standard, summer;
    bool has_summer;
    struct change begins, ends; /* of summer */
};

enum { FILE_MAX = 1 << 20, DAY = 86400 };

/* A cursor over the file's bytes. */
struct reader {
    const unsigned char *at, *end;
};

static int64_t take_number(struct reader *r, size_t bytes)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value = value << 8 | *r->at++;
    return bytes == 4 ? (int64_t)(int32_t)value : (int64_t)value;
}

static bool has(const struct reader *r, size_t bytes)
{
    return (size_t)(r->end - r->at) >= bytes;
}

/* --- the footer: a POSIX TZ string --- */

static bool skip_name(struct str *s)
{
    size_t n = 0;
    if (s->len && s->data[0] == '<') {
        while (n < s->len && s->data[n] != '>')
            n++;
        n++;
    } else {
        while (n < s->len && ((s->data[n] | 0x20) >= 'a' && (s->data[n] | 0x20) <= 'z'))
            n++;
    }
    if (n < 3 || n > s->len)
        return false;
    s->data += n;
    s->len -= n;
    return true;
}

static bool take_int(struct str *s, int max, int *out)
{
    int value = 0;
    size_t n = 0;
    while (n < s->len && s->data[n] >= '0' && s->data[n] <= '9' && value <= max)
        value = value * 10 + (s->data[n++] - '0');
    if (!n || value > max)
        return false;
    s->data += n;
    s->len -= n;
    *out = value;
    return true;
}

static bool take_char(struct str *s, char c)
{
    if (!s->len || s->data[0] != c)
        return false;
    s->data++;
    s->len--;
    return true;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool take_time(struct str *s, int64_t *out)
{
    int parts[3] = {0};
    bool negative = take_char(s, '-');
    if (!negative)
        (void)take_char(s, '+');
    if (!take_int(s, 167, &parts[0]) || (take_char(s, ':') && !take_int(s, 59, &parts[1])))
        return false;
    if (take_char(s, ':') && !take_int(s, 59, &parts[2]))
        return false;
    int64_t value = parts[0] * 3600 + parts[1] * 60 + parts[2];
    *out = negative ? -value : value;
    return true;
}

static bool take_change(struct str *s, struct change *out)
{
    *out = (struct change){.form = '0', .time = 7200};
    if (!take_char(s, ','))
        return false;
    if (take_char(s, 'M')) {
        out->form = 'M';
        if (!take_int(s, 12, &out->month) || !take_char(s, '.') || !take_int(s, 5, &out->week) || !take_char(s, '.') ||
            !take_int(s, 6, &out->day) || out->month < 1 || out->week < 1)
            return false;
    } else {
        if (take_char(s, 'J'))
            out->form = 'J';
        if (!take_int(s, out->form == 'J' ? 365 : 366, &out->day))
            return false;
    }
    return !take_char(s, '/') || take_time(s, &out->time);
}

static bool read_rule(struct str text, struct zone *zone)
{
    struct str s = text;
    if (!skip_name(&s) || !take_time(&s, &zone->standard))
        return false;
    zone->standard = -zone->standard; /* POSIX counts westwards */
    if (s.len) {
        if (!skip_name(&s))
            return false;
        zone->summer = zone->standard + 3600;
        if (s.len && s.data[0] != ',') {
            if (!take_time(&s, &zone->summer))
                return false;
            zone->summer = -zone->summer;
        }
        zone->has_summer = true;
        if (!take_change(&s, &zone->begins) || !take_change(&s, &zone->ends))
            return false;
    }
    zone->ruled = s.len == 0;
    return zone->ruled;
}

/* --- years and days --- */

/* Days since 1970-01-01 of 1 January (Howard Hinnant's civil calendar). */
static int64_t new_year(int64_t year)
{
    int64_t y = year - 1, era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
    int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + 306;
    return era * 146097 + doe - 719468;
}

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t year_of(int64_t at)
{
    int64_t year = 1970 + at / (365 * DAY + DAY / 4);
    while (new_year(year) * DAY > at)
        year--;
    while (new_year(year + 1) * DAY <= at)
        year++;
    return year;
}

/* The day of the change, counted from 1 January. */
static int64_t change_day(const struct change *change, int64_t year)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = is_leap(year);
    if (change->form == '0')
        return change->day;
    if (change->form == 'J')
        return change->day - 1 + (leap && change->day >= 60);
    int64_t first = 0;
    for (int m = 1; m < change->month; m++)
        first += lengths[m - 1] + (m == 2 && leap);
    int64_t length = lengths[change->month - 1] + (change->month == 2 && leap);
    int64_t weekday = (new_year(year) + first + 4) % 7; /* 1970-01-01 was a Thursday */
    int64_t day = (change->day - (weekday + 7) % 7 + 7) % 7 + (change->week - 1) * 7;
    while (day >= length)
        day -= 7;
    return first + day;
}

/* The instant of the change: its time is by the clock before it. */
static int64_t change_at(const struct change *change, int64_t year, int64_t before)
{
    return (new_year(year) + change_day(change, year)) * DAY + change->time - before;
}

static struct zone_span rule_span(const struct zone *zone, int64_t at)
{
    struct zone_span span = {INT64_MIN, INT64_MAX, zone->standard};
    int64_t year = year_of(at + zone->standard);
    for (int64_t y = year - 1; zone->has_summer && y <= year + 1; y++) {
        const struct {
            int64_t at, offset;
        } changes[] = {{change_at(&zone->begins, y, zone->standard), zone->summer},
                       {change_at(&zone->ends, y, zone->summer), zone->standard}};
        for (size_t i = 0; i < 2; i++) {
            if (changes[i].at <= at && changes[i].at >= span.begin) {
                span.begin = changes[i].at;
                span.offset = changes[i].offset;
            } else if (changes[i].at > at && changes[i].at < span.end) {
                span.end = changes[i].at;
            }
        }
    }
    return span;
}

struct zone_span zone_span_at(const struct zone *zone, int64_t at)
{
    size_t low = 0, high = zone->count; /* how many instants are not after `at` */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (zone->at[middle] <= at)
            low = middle + 1;
        else
            high = middle;
    }
    struct zone_span span = {low ? zone->at[low - 1] : INT64_MIN, low < zone->count ? zone->at[low] : INT64_MAX,
                             zone->offset[low]};
    if (low == zone->count && zone->ruled) {
        struct zone_span ruled = rule_span(zone, at);
        span.offset = ruled.offset;
        span.end = ruled.end;
        span.begin = ruled.begin > span.begin ? ruled.begin : span.begin;
    }
    return span;
}

/* --- the file --- */

struct counts {
    int64_t isut, isstd, leap, time, type, chars;
};

static bool take_header(struct reader *r, int *version, struct counts *counts)
{
    if (!has(r, 44) || memcmp(r->at, "TZif", 4) != 0)
        return false;
    *version = r->at[4] ? r->at[4] - '0' : 1;
    r->at += 20;
    int64_t *const all[] = {&counts->isut, &counts->isstd, &counts->leap, &counts->time, &counts->type, &counts->chars};
    for (size_t i = 0; i < 6; i++) {
        *all[i] = take_number(r, 4);
        if (*all[i] < 0 || *all[i] > FILE_MAX)
            return false;
    }
    return counts->type > 0;
}

static size_t body_size(const struct counts *c, size_t width)
{
    return (size_t)(c->time * (int64_t)(width + 1) + c->type * 6 + c->chars + c->leap * (int64_t)(width + 4) +
                    c->isstd + c->isut);
}

static bool take_body(struct arena *arena, struct reader *r, const struct counts *c, size_t width, struct zone *zone)
{
    size_t n = (size_t)c->time;
    if (!has(r, body_size(c, width)))
        return false;
    struct reader end = {r->at + body_size(c, width), r->end};
    int64_t *at = arena_calloc(arena, n, sizeof *at), *offset = arena_calloc(arena, n + 1, sizeof *offset);
    for (size_t i = 0; i < n; i++) {
        at[i] = take_number(r, width);
        if (i && at[i] <= at[i - 1])
            return false;
    }
    const unsigned char *kinds = r->at, *types = kinds + n;
    for (size_t i = 0; i <= n; i++) {
        struct reader type = {types + (i ? (size_t)kinds[i - 1] * 6 : 0), r->end}; /* type 0 before the first */
        if (i && kinds[i - 1] >= c->type)
            return false;
        offset[i] = take_number(&type, 4);
        if (offset[i] < -DAY * 2 || offset[i] > DAY * 2)
            return false;
    }
    zone->count = n;
    zone->at = at;
    zone->offset = offset;
    *r = end;
    return true;
}

static bool read_file(struct arena *arena, struct str data, struct zone *zone)
{
    struct reader r = {(const unsigned char *)data.data, (const unsigned char *)data.data + data.len};
    struct counts counts;
    int version;
    if (!take_header(&r, &version, &counts))
        return false;
    if (version < 2)
        return take_body(arena, &r, &counts, 4, zone);
    if (!has(&r, body_size(&counts, 4)))
        return false;
    r.at += body_size(&counts, 4);
    if (!take_header(&r, &version, &counts) || !take_body(arena, &r, &counts, 8, zone))
        return false;
    struct str rest = {(const char *)r.at, (size_t)(r.end - r.at)};
    if (!take_char(&rest, '\n'))
        return false;
    struct str rule = str_cut(&rest, '\n');
    return rule.len == 0 || read_rule(rule, zone);
}

int zone_read(struct arena *arena, const char *name, struct str data, const struct zone **out, struct err *err)
{
    struct zone *zone = arena_alloc(arena, sizeof *zone);
    if (!read_file(arena, data, zone))
        return err_set(err, ERR_INVALID, "time zone %s: its file is not one of the tz database", name);
    *out = zone;
    return 0;
}

static bool is_safe(const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < len; i++)
        if (!((name[i] | 0x20) >= 'a' && (name[i] | 0x20) <= 'z') && !(name[i] >= '0' && name[i] <= '9') &&
            !strchr("_+-/", name[i]))
            return false;
    return len > 0 && name[0] != '/';
}

int zone_load(struct arena *arena, const char *name, const struct zone **out, struct err *err)
{
    const char *folder = getenv("TZDIR");
    struct str data;
    if (strcmp(name, "UTC") == 0) {
        struct zone *utc = arena_alloc(arena, sizeof *utc);
        utc->offset = arena_alloc(arena, sizeof *utc->offset);
        *out = utc;
        return 0;
    }
    if (!is_safe(name))
        return err_set(err, ERR_NOT_FOUND, "there is no time zone \"%s\"", name);
    const char *path = arena_printf(arena, "%s/%s", folder && *folder ? folder : "/usr/share/zoneinfo", name);
    int rc = file_read(arena, path, FILE_MAX, &data, err);
    if (rc) {
        (void)err_set(err, ERR_NOT_FOUND, "there is no time zone %s on this machine", name);
        return err_hint(err, "install the tz database (package tzdata)");
    }
    return zone_read(arena, name, data, out, err);
}
