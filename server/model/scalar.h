#ifndef YELLOW_MODEL_SCALAR_H
#define YELLOW_MODEL_SCALAR_H

#include "base/arena.h"
#include "base/str.h"
#include "base/yaml.h"

/* The syntaxes of texts in a model. */
enum scalar {
    SCALAR_TEXT, /* one line */
    SCALAR_RAW,  /* any characters but NUL */
    SCALAR_NAME,
    SCALAR_IDENTIFIER, /* of a column: what SQL can quote */
    SCALAR_QUANTITY,
    SCALAR_DURATION,
    SCALAR_SCHEDULE,
    SCALAR_TRIGGER,
    SCALAR_DATATYPE,
    SCALAR_TEAM,
    SCALAR_LOCATION,
    SCALAR_LOCATION_PATH,
    SCALAR_LABEL,
    SCALAR_SUBDOMAIN,
    SCALAR_HOST,
    SCALAR_URL,
    SCALAR_POINTER,
    SCALAR_PATH,
    SCALAR_STREAM,
    SCALAR_IMAGE,
    SCALAR_TIMEZONE,
    SCALAR_COUNT
};

enum { SCALAR_MAX = 4096 }; /* bytes of any text */

struct scalar_type {
    const char *name; /* "quantity" */
    const char *doc;  /* what it looks like, for people */
    const char *code; /* of the finding when a text is none */
    bool number;      /* a plain number of YAML is taken as its text */
    /* For the published schemas: what every such text matches (ECMA 262), at most how many characters it has (0:
     * SCALAR_MAX), and whether all that matches is one. */
    const char *pattern;
    int max;
    bool exact;
    /* False when text is none. *why (may be NULL to be left alone) is one line. *canonical is the form to keep. */
    bool (*check)(struct arena *arena, const char *text, const char **canonical, const char **why);
};

extern const struct scalar_type scalar_types[SCALAR_COUNT];

/* Whether a tool that reads YAML 1.1 may take the plain scalar for something else than a text: yes, on, null, 0777,
 * 1e3, 2026-01-31, 12:30:00, ... */
bool scalar_ambiguous(struct str text);
/* RFC 1123 label and subdomain. */
bool scalar_is_label(struct str text);
bool scalar_is_subdomain(struct str text);
/* "5m", "90s", "2h", "1d": seconds, at least 1. */
bool scalar_duration(struct str text, int64_t *seconds);

#endif
