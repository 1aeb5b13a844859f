#ifndef YELLOW_BASE_TIME_H
#define YELLOW_BASE_TIME_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* Milliseconds of a clock that never goes back; for deadlines and durations only. */
int64_t time_monotonic_ms(void);
/* The time of that clock in ms from now, as pthread_cond_timedwait takes it. */
struct timespec time_monotonic_after(int64_t ms);
/* Microseconds since 1970-01-01T00:00:00Z. */
int64_t time_now_us(void);
/* The same as of the last tick, a few milliseconds ago, at a fifth of the price: for what every request asks. */
int64_t time_coarse_us(void);
enum { TIME_TEXT_SIZE = 32 };
/* RFC 3339 in UTC with milliseconds: 2026-01-31T23:59:59.999Z. */
void time_format(int64_t us, char out[TIME_TEXT_SIZE]);
/* Reads any time of RFC 3339 ("2026-01-31T23:59:59.5+02:00"), to the microsecond; false otherwise. */
bool time_read(const char *text, int64_t *us);
/* Reads what time_format writes, and nothing else; false otherwise. */
bool time_parse(const char *text, int64_t *us);

#endif
