#include "base/time.h"

#include <stdio.h>
#include <time.h>

int64_t time_monotonic_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t time_now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void time_format(int64_t us, char out[TIME_TEXT_SIZE])
{
    int64_t seconds = us / 1000000, rest = us % 1000000;
    if (rest < 0) { /* before 1970: the fraction still counts upwards */
        seconds--;
        rest += 1000000;
    }
    time_t t = (time_t)seconds;
    struct tm tm = {0};
    (void)gmtime_r(&t, &tm);
    size_t len = strftime(out, TIME_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
    (void)snprintf(out + len, TIME_TEXT_SIZE - len, ".%03uZ", (unsigned)(rest / 1000) % 1000u);
}
