#ifndef YELLOW_BASE_LOG_H
#define YELLOW_BASE_LOG_H

#include "base/str.h"

#include <stdint.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

/* One JSON object a line on standard error: {"time":..., "level":..., "event":..., fields...}. Lines from several
 * threads never mix. Fields are key/value pairs ended by LOG_END:
 *     log_event(LOG_INFO, "delivery merged", LOG_S("ecosystem", eco), LOG_I("version", n), LOG_END);
 * Never a secret, never a payload. */
struct log_field {
    const char *key;
    enum { LOG_FIELD_END, LOG_FIELD_TEXT, LOG_FIELD_INT, LOG_FIELD_BOOL } type;
    const char *text;
    int64_t number;
};
#define LOG_S(k, v) ((struct log_field){(k), LOG_FIELD_TEXT, (v), 0})
#define LOG_I(k, v) ((struct log_field){(k), LOG_FIELD_INT, 0, (int64_t)(v)})
#define LOG_B(k, v) ((struct log_field){(k), LOG_FIELD_BOOL, 0, (v)})
#define LOG_END ((struct log_field){0})

void log_fields(enum log_level level, const char *event, const struct log_field *fields);
#define log_event(level, event, ...) log_fields((level), (event), (const struct log_field[]){__VA_ARGS__})

/* Lines below it are dropped; default LOG_INFO. */
void log_set_level(enum log_level level);
/* For tests and for the buffering writer: takes over finished lines (with their newline), one at a time; it must not
 * log itself. NULL restores stderr. */
void log_set_sink(void (*sink)(void *ctx, struct str line), void *ctx);

#endif
