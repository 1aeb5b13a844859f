#include "base/err.h"

#include <stdio.h>
#include <string.h>

static const struct err_kind kinds[ERR_CODE_COUNT] = {
    [ERR_NONE] = {"none", 200, 0, false},
    [ERR_SYNTAX] = {"syntax", 400, 1, false},
    [ERR_UNAUTHORIZED] = {"unauthorized", 401, 1, false},
    [ERR_FORBIDDEN] = {"forbidden", 403, 1, false},
    [ERR_NOT_FOUND] = {"not-found", 404, 1, false},
    [ERR_METHOD] = {"method-not-allowed", 405, 1, false},
    [ERR_NOT_ACCEPTABLE] = {"not-acceptable", 406, 1, false},
    [ERR_CONFLICT] = {"conflict", 409, 1, false},
    [ERR_STALE] = {"stale", 412, 1, false},
    [ERR_TOO_LARGE] = {"too-large", 413, 1, false},
    [ERR_MEDIA] = {"unsupported-media-type", 415, 1, false},
    [ERR_INVALID] = {"invalid", 422, 1, false},
    [ERR_PRECONDITION] = {"precondition-required", 428, 1, false},
    [ERR_BUSY] = {"busy", 429, 3, true},
    [ERR_USAGE] = {"usage", 400, 2, false},
    [ERR_UNAVAILABLE] = {"unavailable", 503, 3, true},
    [ERR_TIMEOUT] = {"timeout", 503, 3, true},
    [ERR_CANCELLED] = {"cancelled", 503, 3, true},
    [ERR_IO] = {"io", 500, 3, false},
    [ERR_INTERNAL] = {"internal", 500, 3, false},
};

int(err_set)(struct err *err, enum err_code code, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    err->code = code;
    err->sqlstate[0] = '\0';
    err->hint[0] = '\0';
    (void)vsnprintf(err->text, sizeof err->text, fmt, args);
    va_end(args);
    return -(int)code;
}

int(err_hint)(struct err *err, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    (void)vsnprintf(err->hint, sizeof err->hint, fmt, args);
    va_end(args);
    return -(int)err->code;
}

int(err_prefix)(struct err *err, const char *fmt, ...)
{
    char text[sizeof err->text];
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    if (n >= 0 && (size_t)n + 3 < sizeof text)
        (void)snprintf(text + n, sizeof text - (size_t)n, ": %.*s", (int)(sizeof text - (size_t)n - 3), err->text);
    memcpy(err->text, text, sizeof text);
    return -(int)err->code;
}

const struct err_kind *err_kind(enum err_code code)
{
    if ((unsigned)code >= ERR_CODE_COUNT || !kinds[code].name)
        return &kinds[ERR_INTERNAL];
    return &kinds[code];
}
