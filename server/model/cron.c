#include "model/cron.h"

static const char *const month_names[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                          "jul", "aug", "sep", "oct", "nov", "dec"};
static const char *const day_names[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

enum { MINUTE, HOUR, DAY, MONTH, WEEKDAY, FIELD_COUNT };
static const struct part {
    const char *name;
    int min, max;
    const char *const *names;
    int names_len;
} parts[FIELD_COUNT] = {
    [MINUTE] = {"minute", 0, 59, NULL, 0},           [HOUR] = {"hour", 0, 23, NULL, 0},
    [DAY] = {"day of month", 1, 31, NULL, 0},        [MONTH] = {"month", 1, 12, month_names, 12},
    [WEEKDAY] = {"day of week", 0, 7, day_names, 7},
};

static bool same_word(struct str text, const char *lower)
{
    if (text.len != strlen(lower))
        return false;
    for (size_t i = 0; i < text.len; i++)
        if ((text.data[i] | 0x20) != lower[i])
            return false;
    return true;
}

static bool read_value(const struct part *part, struct str text, int *out)
{
    for (int i = 0; i < part->names_len; i++)
        if (same_word(text, part->names[i])) {
            *out = part->min + i;
            return true;
        }
    int64_t number;
    if (text.len == 0 || text.len > 2 || text.data[0] == '-' || text.data[0] == '+' ||
        !str_int64(text, part->min, part->max, &number))
        return false;
    *out = (int)number;
    return true;
}

/* One of the comma-separated pieces: "*", "5", "MON-FRI", each with an optional "/step". */
static int read_piece(const struct part *part, struct str piece, uint64_t *bits, struct err *err)
{
    struct str rest = piece, range = str_cut(&rest, '/');
    int64_t step = 1;
    if (rest.data && !str_int64(rest, 1, part->max, &step))
        return err_set(err, ERR_INVALID, "the step of \"" STR_FMT "\" in %s is not a number from 1 to %d",
                       STR_ARG(piece), part->name, part->max);
    int from = part->min, to = part->max;
    if (!str_eqz(range, "*")) {
        struct str end = range, start = str_cut(&end, '-');
        if (!read_value(part, start, &from) || (end.data && !read_value(part, end, &to)))
            return err_set(err, ERR_INVALID, "\"" STR_FMT "\" is no %s (%d to %d)", STR_ARG(piece), part->name,
                           part->min, part->max);
        if (!end.data && !rest.data)
            to = from;
        if (from > to)
            return err_set(err, ERR_INVALID, "the range \"" STR_FMT "\" in %s runs backwards", STR_ARG(range),
                           part->name);
    } else if (part == &parts[WEEKDAY]) {
        to = 6;
    }
    for (int64_t value = from; value <= to; value += step)
        *bits |= UINT64_C(1) << value;
    return 0;
}

static int read_field(const struct part *part, struct str text, uint64_t *bits, struct err *err)
{
    *bits = 0;
    struct str rest = text;
    while (rest.data) {
        int rc = read_piece(part, str_cut(&rest, ','), bits, err);
        if (rc)
            return rc;
    }
    return 0;
}

static bool has_date(const struct cron *cron)
{
    static const int lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (int month = 1; month <= 12; month++)
        if (cron->months >> month & 1)
            for (int day = 1; day <= lengths[month - 1]; day++)
                if (cron->days >> day & 1)
                    return true;
    return false;
}

int cron_parse(struct str text, struct cron *out, struct err *err)
{
    struct str fields[FIELD_COUNT] = {0}, rest = str_trim(text);
    size_t n = 0;
    while (rest.data) {
        struct str word = str_cut(&rest, ' ');
        if (word.len == 0)
            continue;
        if (n < FIELD_COUNT)
            fields[n] = word;
        n++;
    }
    if (n != FIELD_COUNT)
        return err_set(err, ERR_INVALID, "a cron schedule has five fields, not %zu", n);
    uint64_t bits[FIELD_COUNT];
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        int rc = read_field(&parts[i], fields[i], &bits[i], err);
        if (rc)
            return rc;
    }
    struct cron cron = {.minutes = bits[MINUTE],
                        .hours = (uint32_t)bits[HOUR],
                        .days = (uint32_t)bits[DAY],
                        .months = (uint32_t)bits[MONTH],
                        .weekdays = (uint8_t)((bits[WEEKDAY] | bits[WEEKDAY] >> 7) & 0x7f),
                        .any_day = fields[DAY].data[0] == '*',
                        .any_weekday = fields[WEEKDAY].data[0] == '*'};
    if (cron.any_weekday && !has_date(&cron))
        return err_set(err, ERR_INVALID, "day " STR_FMT " of month " STR_FMT " never comes", STR_ARG(fields[DAY]),
                       STR_ARG(fields[MONTH]));
    if (out)
        *out = cron;
    return 0;
}

/* Howard Hinnant's civil calendar, for years after 1970. */
static void date_of(int64_t days, int *month, int *day)
{
    int64_t z = days + 719468, era = z / 146097, doe = z - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
}

static bool day_matches(const struct cron *cron, int64_t days)
{
    int month, day;
    date_of(days, &month, &day);
    if (!(cron->months >> month & 1))
        return false;
    bool by_date = cron->days >> day & 1;
    bool by_week = cron->weekdays >> ((days + 4) % 7) & 1; /* 1970-01-01 was a Thursday */
    if (cron->any_day || cron->any_weekday)
        return by_date && by_week;
    return by_date || by_week;
}

int64_t cron_next(const struct cron *cron, int64_t after)
{
    enum { DAY_MINUTES = 24 * 60, HORIZON_DAYS = 3660 };
    if (after < 0)
        return -1;
    int64_t minute = after / 60 + 1, first = minute / DAY_MINUTES;
    for (int64_t day = first; day < first + HORIZON_DAYS; day++) {
        if (!day_matches(cron, day))
            continue;
        for (int64_t at = day == first ? minute % DAY_MINUTES : 0; at < DAY_MINUTES; at++)
            if (cron->hours >> (at / 60) & 1 && cron->minutes >> (at % 60) & 1)
                return (day * DAY_MINUTES + at) * 60;
    }
    return -1;
}

int64_t cron_next_in(const struct cron *cron, const struct zone *zone, int64_t after)
{
    enum { SPANS = 64 }; /* more changes of the clock than 10 years have */
    bool every_hour = cron->hours == (1u << 24) - 1;
    struct zone_span span = zone_span_at(zone, after);
    for (int i = 0; i < SPANS; i++) {
        int64_t next = cron_next(cron, after + span.offset);
        if (next < 0)
            return -1;
        if (next - span.offset >= span.end) {
            struct zone_span following = zone_span_at(zone, span.end);
            if (!every_hour && next < span.end + following.offset)
                return span.end; /* it fell into the gap */
            after = span.end - 1;
            span = following;
            continue;
        }
        int64_t shown = span.begin == INT64_MIN ? INT64_MIN : span.begin + zone_span_at(zone, span.begin - 1).offset;
        if (every_hour || next >= shown)
            return next - span.offset;
        after = shown - span.offset - 1; /* the clock showed all that before it was put back */
    }
    return -1;
}
