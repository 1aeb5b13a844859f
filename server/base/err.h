#ifndef YELLOW_BASE_ERR_H
#define YELLOW_BASE_ERR_H

#include <stdarg.h>
#include <stdbool.h>

/* What went wrong, in kinds that a caller can act on. err_kind() is the only place that maps a kind to an HTTP
 * status, an exit code and to whether trying again can help. */
enum err_code {
    ERR_NONE = 0,
    ERR_SYNTAX,       /* the input could not be read */
    ERR_UNAUTHORIZED, /* no valid token or signature */
    ERR_FORBIDDEN,    /* a valid token without the scope */
    ERR_NOT_FOUND,
    ERR_METHOD, /* the path is known, the method is not */
    ERR_NOT_ACCEPTABLE,
    ERR_CONFLICT, /* the state does not allow it */
    ERR_STALE,    /* If-Match does not match any more */
    ERR_TOO_LARGE,
    ERR_MEDIA,
    ERR_INVALID,      /* well formed, but means nothing acceptable */
    ERR_PRECONDITION, /* If-Match is needed and absent */
    ERR_BUSY,         /* too many at once; try again */
    ERR_USAGE,        /* the command line is wrong */
    ERR_UNAVAILABLE,  /* a peer (database, repository) is away; try again */
    ERR_TIMEOUT,      /* a deadline passed; try again */
    ERR_CANCELLED,
    ERR_IO,       /* a file, socket or process of this machine failed */
    ERR_INTERNAL, /* a defect of Yellow */
    ERR_CODE_COUNT
};

struct err {
    enum err_code code;
    char sqlstate[6]; /* of the database error behind it, or "" */
    char text[1024];  /* lower case, no full stop, names the object */
    char hint[512];   /* what to do, or "" */
};

struct err_kind {
    const char *name; /* stable, for machines: "not-found" */
    int http_status;
    int exit_code;
    bool retryable;
};

/* For a caller that goes on whatever happened. A struct err * is never NULL, so that -err->code is always the answer.
 */
#define ERR_IGNORED (&(struct err){0})

/* Fills err and returns -code, so that a function can `return err_set(...)`. A longer text is cut. */
int err_set(struct err *err, enum err_code code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4), nonnull(1)));

/* Adds what to do about it. Returns -err->code. */
int err_hint(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3), nonnull(1)));

/* Puts "text: " before what err says already; keeps code and hint. Returns -err->code. */
int err_prefix(struct err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3), nonnull(1)));

#ifdef __clang_analyzer__ /* it cannot see that no caller passes ERR_NONE, and would follow errors as successes */
#define err_set(...) (err_set(__VA_ARGS__), -1)
#define err_hint(...) (err_hint(__VA_ARGS__), -1)
#define err_prefix(...) (err_prefix(__VA_ARGS__), -1)
#endif

/* Never NULL: an unknown code is ERR_INTERNAL. */
const struct err_kind *err_kind(enum err_code code);

#endif
