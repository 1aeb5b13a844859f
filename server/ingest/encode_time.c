#include "ingest/encode_internal.h"

#include <ctype.h>
#include <strings.h>

#define DAY_US INT64_C(86400000000)
#define TIMESTAMP_MIN INT64_C(-211813488000000000) /* 4714-11-24 BC */
#define TIMESTAMP_END INT64_C(9223371331200000000) /* 294277-01-01 */
enum { DAY_MIN = -2451545, DAY_MAX = 2145031948 }; /* 4714-11-24 BC to 5874897-12-31 */

/* What is left of a text. */
struct cursor {
    const char *p, *end;
    bool finer; /* seconds had more digits than microseconds have */
};

static bool take(struct cursor *c, char expected)
{
    if (c->p == c->end || *c->p != expected)
        return false;
    c->p++;
    return true;
}

static bool take_spaces(struct cursor *c)
{
    const char *start = c->p;
    while (c->p < c->end && isspace((unsigned char)*c->p))
        c->p++;
    return c->p > start;
}

/* From min to max digits. */
static bool take_digits(struct cursor *c, int min, int max, int64_t *out)
{
    int n = 0;
    int64_t value = 0;
    while (c->p + n < c->end && encode_digit(c->p[n]) && n < max)
        value = value * 10 + (c->p[n++] - '0');
    if (n < min)
        return false;
    c->p += n;
    *out = value;
    return true;
}

static bool take_word(struct cursor *c, const char *word)
{
    size_t len = strlen(word);
    if ((size_t)(c->end - c->p) < len || strncasecmp(c->p, word, len) != 0)
        return false;
    c->p += len;
    return true;
}

/* Days from 2000-01-01 in the Gregorian calendar, also before there was one (Hinnant's days_from_civil). */
static int64_t days_from(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 730425;
}

static bool is_day(int64_t year, int64_t month, int64_t day)
{
    static const int8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1)
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= lengths[month - 1] + (month == 2 && leap);
}

/* A year before Christ stands with " BC" at the end of the whole text. */
static bool take_before_christ(struct cursor *c)
{
    if (c->end - c->p < 3 || strncasecmp(c->end - 2, "bc", 2) != 0 || !isspace((unsigned char)c->end[-3]))
        return false;
    for (c->end -= 3; c->end > c->p && isspace((unsigned char)c->end[-1]); c->end--)
        ;
    return true;
}

static bool take_date(struct cursor *c, bool before_christ, int64_t *days)
{
    int64_t year, month, day;
    const char *start = c->p;
    if (!take_digits(c, 4, 8, &year))
        return false;
    if (c->p - start == 8 && (c->p == c->end || (*c->p != '-' && *c->p != '/'))) {
        day = year % 100;
        month = year / 100 % 100;
        year /= 10000;
    } else {
        char separator = c->p < c->end && *c->p == '/' ? '/' : '-';
        if (!take(c, separator) || !take_digits(c, 1, 2, &month) || !take(c, separator) || !take_digits(c, 1, 2, &day))
            return false;
    }
    if (year == 0)
        return false;
    if (before_christ)
        year = 1 - year;
    if (!is_day(year, month, day))
        return false;
    *days = days_from(year, month, day);
    return true;
}

/* The digits behind a point as microseconds. */
static int64_t take_fraction(struct cursor *c)
{
    int64_t value = 0, unit = 100000;
    for (; c->p < c->end && encode_digit(*c->p); c->p++, unit /= 10) {
        value += unit * (*c->p - '0');
        c->finer |= unit == 0 && *c->p != '0';
    }
    return value;
}

/* HH:MM[:SS[.f]] of one day; 24:00 is its end. */
static bool take_time(struct cursor *c, int64_t *us)
{
    int64_t hour, minute, second = 0, fraction = 0;
    if (!take_digits(c, 1, 2, &hour) || !take(c, ':') || !take_digits(c, 2, 2, &minute))
        return false;
    if (take(c, ':')) {
        if (!take_digits(c, 2, 2, &second))
            return false;
        if (take(c, '.'))
            fraction = take_fraction(c);
    }
    if (minute > 59 || second > 60 || hour > 24 || (hour == 24 && (minute || second || fraction)))
        return false;
    *us =
        ((hour * 60 + minute) * 60 + second) * 1000000 + fraction; /* a leap second is the next one, as in PostgreSQL */
    return true;
}

/* What stands behind the time: nothing, or an offset from UTC. */
static bool take_zone(struct cursor *c, int64_t *offset_us)
{
    int64_t hours, minutes = 0, seconds = 0;
    *offset_us = 0;
    (void)take_spaces(c);
    if (c->p == c->end)
        return true;
    if (take_word(c, "utc") || take_word(c, "gmt") || take_word(c, "z"))
        return c->p == c->end;
    bool negative = *c->p == '-';
    if (!take(c, negative ? '-' : '+'))
        return false;
    if (!take_digits(c, 1, 2, &hours))
        return false;
    if (c->p < c->end && *c->p != ':') {
        if (!take_digits(c, 2, 2, &minutes))
            return false;
    } else if (take(c, ':')) {
        if (!take_digits(c, 2, 2, &minutes) || (take(c, ':') && !take_digits(c, 2, 2, &seconds)))
            return false;
    }
    if (hours > 15 || minutes > 59 || seconds > 59)
        return false;
    *offset_us = ((hours * 60 + minutes) * 60 + seconds) * (negative ? -1000000 : 1000000);
    return c->p == c->end;
}

/* 1, -1: an end of time; 0: neither. */
static int infinity(struct cursor c)
{
    int sign = take(&c, '-') ? -1 : 1;
    if (sign == 1)
        (void)take(&c, '+');
    return take_word(&c, "infinity") && c.p == c.end ? sign : 0;
}

static struct cursor begin(struct str text)
{
    struct str s = encode_trim(text);
    return (struct cursor){s.data, s.data + s.len, false};
}

static bool refuse_finer(struct encoder *e, struct str text)
{
    return encode_because(e, "\"%.*s\" is finer than a microsecond", (int)(text.len < 60 ? text.len : 60), text.data);
}

/* YYYY-MM-DD and nothing else: most dates of files. */
static bool plain_date(struct cursor c, int64_t *days)
{
    if (c.end - c.p != 10 || c.p[4] != '-' || c.p[7] != '-')
        return false;
    int v[8];
    static const int8_t at[8] = {0, 1, 2, 3, 5, 6, 8, 9};
    for (int i = 0; i < 8; i++) {
        v[i] = c.p[at[i]] - '0';
        if ((unsigned)v[i] > 9)
            return false;
    }
    int year = v[0] * 1000 + v[1] * 100 + v[2] * 10 + v[3], month = v[4] * 10 + v[5], day = v[6] * 10 + v[7];
    if (year == 0 || !is_day(year, month, day))
        return false;
    *days = days_from(year, month, day);
    return true;
}

/* T, or white space. */
static bool take_separator(struct cursor *c)
{
    return take(c, 'T') || take(c, 't') || take_spaces(c);
}

bool encode_date(struct encoder *e, const struct datatype *type, struct str text, struct buf *out)
{
    struct cursor c = begin(text);
    int64_t days, us = 0;
    if (!plain_date(c, &days)) {
        int end = infinity(c);
        if (end) {
            wire_int32(out, end > 0 ? INT32_MAX : INT32_MIN);
            return true;
        }
        bool before_christ = take_before_christ(&c);
        if (!take_date(&c, before_christ, &days) || (take_separator(&c) && !take_time(&c, &us)) || c.p != c.end)
            return encode_refuse(e, type, text);
        if (us || c.finer)
            return encode_because(e, "\"%.*s\" is no date alone: it has a time", (int)(text.len < 60 ? text.len : 60),
                                  text.data);
    }
    if (days < DAY_MIN || days > DAY_MAX)
        return encode_misfit(e, type, text);
    wire_int32(out, (int32_t)days);
    return true;
}

bool encode_time(struct encoder *e, const struct datatype *type, struct str text, struct buf *out)
{
    struct cursor c = begin(text);
    int64_t us;
    if (!take_time(&c, &us) || c.p != c.end || us > DAY_US)
        return encode_refuse(e, type, text);
    if (c.finer)
        return refuse_finer(e, text);
    wire_int64(out, us);
    return true;
}

bool encode_timestamp(struct encoder *e, const struct datatype *type, struct str text, struct buf *out)
{
    struct cursor c = begin(text), first = {c.p, c.end - c.p > 10 ? c.p + 10 : c.end, false};
    int64_t days, us = 0, offset = 0;
    if (plain_date(first, &days) && (first.end == c.end || !encode_digit(*first.end)) &&
        (c.end[-1] | 0x20) != 'c') { /* no BC */
        c.p = first.end;
    } else {
        int end = infinity(c);
        if (end) {
            wire_int64(out, end > 0 ? INT64_MAX : INT64_MIN);
            return true;
        }
        bool before_christ = take_before_christ(&c);
        if (!take_date(&c, before_christ, &days))
            return encode_refuse(e, type, text);
    }
    struct cursor behind_date = c;
    if (!take_separator(&c) || !take_time(&c, &us))
        c = behind_date;
    bool ambiguous = c.p == behind_date.p && c.p < c.end && *c.p == '-'; /* 2000-01-01-05 is hardly an offset */
    if (ambiguous || !take_zone(&c, &offset))
        return encode_refuse(e, type, text);
    if (c.finer)
        return refuse_finer(e, text);
    if (offset && type->base == TYPE_TIMESTAMP)
        return encode_because(e, "\"%.*s\" has a zone, which a timestamp cannot keep",
                              (int)(text.len < 60 ? text.len : 60), text.data);
    if (__builtin_mul_overflow(days, DAY_US, &days) || __builtin_add_overflow(days, us - offset, &days) ||
        days < TIMESTAMP_MIN || days >= TIMESTAMP_END)
        return encode_misfit(e, type, text);
    wire_int64(out, days);
    return true;
}

struct interval {
    int64_t us, days, months;
};

/* amount, and a fraction of it in millionths, which seconds alone may have, of a unit. */
static bool add_amount(struct interval *interval, char unit, int64_t amount, int64_t millionths)
{
    static const struct {
        char unit;
        size_t part;
        int64_t factor;
    } units[] = {
        {'Y', offsetof(struct interval, months), 12},
        {'m', offsetof(struct interval, months), 1},
        {'W', offsetof(struct interval, days), 7},
        {'D', offsetof(struct interval, days), 1},
        {'H', offsetof(struct interval, us), 3600 * 1000000L},
        {'M', offsetof(struct interval, us), 60 * 1000000L},
        {'S', offsetof(struct interval, us), 1000000},
    };
    if (millionths && unit != 'S')
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (units[i].unit != unit)
            continue;
        int64_t *part = (int64_t *)(void *)((char *)interval + units[i].part);
        return !__builtin_mul_overflow(amount, units[i].factor, &amount) &&
               !__builtin_add_overflow(*part, amount, part) && !__builtin_add_overflow(*part, millionths, part);
    }
    return false;
}

/* [+-]digits[.digits]; fraction in millionths. */
static bool take_amount(struct cursor *c, int64_t *amount, int64_t *millionths, bool *negative)
{
    *negative = take(c, '-');
    if (!*negative)
        (void)take(c, '+');
    *millionths = 0;
    if (!take_digits(c, 1, 18, amount))
        return false;
    if (take(c, '.'))
        *millionths = take_fraction(c);
    if (*negative) {
        *amount = -*amount;
        *millionths = -*millionths;
    }
    return true;
}

/* P1Y2M3DT4H5M6.7S; months are M before the T, here m. */
static bool take_iso(struct cursor *c, struct interval *interval)
{
    const char *order = "YmWD"; /* the units that may still come */
    bool date = true, any = false;
    while (c->p < c->end) {
        int64_t amount, millionths;
        bool negative;
        if (date && take(c, 'T')) {
            order = "HMS";
            date = any = false;
            continue;
        }
        if (!take_amount(c, &amount, &millionths, &negative) || c->p == c->end)
            return false;
        char unit = *c->p++;
        if (date && unit == 'M')
            unit = 'm';
        else if (unit == 'm' || unit == '\0')
            return false;
        const char *at = strchr(order, unit);
        if (!at || !add_amount(interval, unit, amount, millionths))
            return false;
        order = at + 1;
        any = true;
    }
    return any;
}

/* HH:MM[:SS[.f]], hours without a bound. The hours are read. */
static bool take_clock(struct cursor *c, int64_t hours, bool negative, struct interval *interval)
{
    int64_t minutes, seconds = 0, fraction = 0;
    if (!take_digits(c, 2, 2, &minutes) || minutes > 59)
        return false;
    if (take(c, ':')) {
        if (!take_digits(c, 2, 2, &seconds) || seconds > 59)
            return false;
        if (take(c, '.'))
            fraction = take_fraction(c);
    }
    int64_t rest = minutes * 60000000 + seconds * 1000000 + fraction;
    return add_amount(interval, 'H', hours, 0) &&
           !__builtin_add_overflow(interval->us, negative ? -rest : rest, &interval->us);
}

/* 1 year 2 mons -3 days 04:05:06.7 */
static bool take_words(struct cursor *c, struct interval *interval)
{
    static const struct {
        const char *word;
        char unit;
    } words[] = {{"years", 'Y'}, {"year", 'Y'},    {"months", 'm'},  {"month", 'm'},  {"mons", 'm'},
                 {"mon", 'm'},   {"weeks", 'W'},   {"week", 'W'},    {"days", 'D'},   {"day", 'D'},
                 {"hours", 'H'}, {"hour", 'H'},    {"minutes", 'M'}, {"minute", 'M'}, {"mins", 'M'},
                 {"min", 'M'},   {"seconds", 'S'}, {"second", 'S'},  {"secs", 'S'},   {"sec", 'S'}};
    do {
        int64_t amount, millionths;
        bool negative, known = false;
        if (!take_amount(c, &amount, &millionths, &negative))
            return false;
        if (!millionths && take(c, ':')) {
            if (!take_clock(c, amount, negative, interval))
                return false;
            continue;
        }
        (void)take_spaces(c);
        for (size_t i = 0; i < sizeof words / sizeof *words && !known; i++)
            if ((known = take_word(c, words[i].word)) && !add_amount(interval, words[i].unit, amount, millionths))
                return false;
        if (!known)
            return false;
    } while (take_spaces(c));
    return true;
}

bool encode_interval(struct encoder *e, const struct datatype *type, struct str text, struct buf *out)
{
    struct cursor c = begin(text);
    struct interval interval = {0};
    bool ok = take(&c, 'P') ? take_iso(&c, &interval) : take_words(&c, &interval);
    if (!ok || c.p != c.end)
        return encode_refuse(e, type, text);
    if (c.finer)
        return refuse_finer(e, text);
    if (interval.days != (int32_t)interval.days || interval.months != (int32_t)interval.months)
        return encode_misfit(e, type, text);
    char *at = buf_reserve(out, 20);
    wire_put32(at, 16);
    wire_put64(at + 4, (uint64_t)interval.us);
    wire_put32(at + 12, (uint32_t)interval.days);
    wire_put32(at + 16, (uint32_t)interval.months);
    out->len += 20;
    return true;
}
