#ifndef YELLOW_BASE_ZONE_H
#define YELLOW_BASE_ZONE_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

#include <stdint.h>

/* A time zone of the tz database: what a clock on the wall shows at an instant. Times are seconds since
 * 1970-01-01T00:00:00Z. Independent of TZ and of the C library's state; immutable once read. */
struct zone;

/* A part of time in which the clock's distance to UTC does not change. */
struct zone_span {
    int64_t begin, end; /* [begin, end); INT64_MIN and INT64_MAX where there is no bound */
    int64_t offset;     /* local = UTC + offset */
};

/* Reads NAME ("America/New_York") below $TZDIR, or /usr/share/zoneinfo; "UTC" needs no file. ERR_NOT_FOUND when there
 * is none, ERR_INVALID when the file is not one of the tz database. On the arena. */
int zone_load(struct arena *arena, const char *name, const struct zone **out, struct err *err);
/* The same out of the bytes of a file (RFC 8536). */
int zone_read(struct arena *arena, const char *name, struct str data, const struct zone **out, struct err *err);
/* The span that holds the instant. */
struct zone_span zone_span_at(const struct zone *zone, int64_t at);

#endif
