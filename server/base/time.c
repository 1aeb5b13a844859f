#include "base/time.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

int64_t time_monotonic_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct timespec time_monotonic_after(int64_t ms)
{
    int64_t at = time_monotonic_ms() + ms;
    return (struct timespec){.tv_sec = at / 1000, .tv_nsec = (at % 1000) * 1000000};
}

int64_t time_now_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t time_coarse_us(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_REALTIME_COARSE, &t);
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

bool time_parse(const char *text, int64_t *us)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ";
    int fields[7] = {0}; /* year to milliseconds */
    size_t field = 0;
    if (strlen(text) != sizeof form - 1)
        return false;
    for (size_t i = 0; form[i]; i++) {
        if (form[i] == 'd' && text[i] >= '0' && text[i] <= '9')
            fields[field] = fields[field] * 10 + (text[i] - '0');
        else if (form[i] == 'd' || text[i] != form[i])
            return false;
        else
            field++;
    }
    struct tm tm = {.tm_year = fields[0] - 1900,
                    .tm_mon = fields[1] - 1,
                    .tm_mday = fields[2],
                    .tm_hour = fields[3],
                    .tm_min = fields[4],
                    .tm_sec = fields[5]};
    int64_t out = (int64_t)timegm(&tm) * 1000000 + fields[6] * 1000;
    char back[TIME_TEXT_SIZE]; /* 31 February is another day */
    time_format(out, back);
    if (strcmp(back, text) != 0)
        return false;
    *us = out;
    return true;
}

bool time_read(const char *text, int64_t *us)
{
    char whole[TIME_TEXT_SIZE] = "";
    size_t len = strlen(text), at = 19; /* of the whole seconds */
    int64_t seconds, fraction = 0, scale = 100000, offset = 0;
    if (len < at + 1 || len > 40)
        return false;
    (void)snprintf(whole, sizeof whole, "%.19s.000Z", text);
    if (!time_parse(whole, &seconds))
        return false;
    if (text[at] == '.') {
        size_t digits = strspn(text + at + 1, "0123456789");
        for (size_t i = 0; i < digits; i++, scale /= 10)
            fraction += scale * (text[at + 1 + i] - '0');
        at += digits + 1;
        if (!digits)
            return false;
    }
    if (text[at] == '+' || text[at] == '-') {
        static const char digits[] = "0123456789";
        const char *zone = text + at + 1; /* hh:mm */
        if (strspn(zone, digits) != 2 || zone[2] != ':' || strspn(zone + 3, digits) != 2 || zone[5])
            return false;
        int hours = 10 * (zone[0] - '0') + zone[1] - '0', minutes = 10 * (zone[3] - '0') + zone[4] - '0';
        if (hours > 23 || minutes > 59)
            return false;
        offset = (hours * 60 + minutes) * (text[at] == '+' ? 60000000LL : -60000000LL);
    } else if (strcmp(text + at, "Z") != 0) {
        return false;
    }
    *us = seconds + fraction - offset;
    return true;
}
