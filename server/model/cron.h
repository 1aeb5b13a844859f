#ifndef YELLOW_MODEL_CRON_H
#define YELLOW_MODEL_CRON_H

#include "base/err.h"
#include "base/str.h"
#include "base/zone.h"

/* A schedule of five fields: minute, hour, day of month, month, day of week. Each field is a list of numbers, names
 * (JAN, MON), ranges and steps; day of week is 0 to 7, both ends Sunday. As in cron, a day matches when either day
 * field does, if both are restricted. */
struct cron {
    uint64_t minutes;
    uint32_t hours, days, months; /* bit n: the value n */
    uint8_t weekdays;
    bool any_day, any_weekday; /* the field is "*", or a step of it */
};

/* ERR_INVALID names the field and what is wrong with it; a date that never comes (February 30) is wrong too. out may
 * be NULL. */
int cron_parse(struct str text, struct cron *out, struct err *err);
/* The first minute after `after` that matches, both in seconds of one and the same clock face since 1970-01-01 00:00
 * (for UTC: Unix time); -1 when there is none within 10 years. */
int64_t cron_next(const struct cron *cron, int64_t after);
/* The first instant after `after` whose minute on the zone's clock matches, both as Unix time; -1 as above. Where the
 * clock is put forward, a schedule that names its hours runs once at the end of the gap for what fell into it; where it
 * is put back, it runs in the first of the two hours alone. A schedule of every hour follows real time: it runs in both
 * hours, and nothing is missing in a gap. */
int64_t cron_next_in(const struct cron *cron, const struct zone *zone, int64_t after);

#endif
