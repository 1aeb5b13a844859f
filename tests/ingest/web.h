#ifndef YELLOW_TESTS_INGEST_WEB_H
#define YELLOW_TESTS_INGEST_WEB_H

#include "base/arena.h"
#include "base/str.h"

#include <sys/types.h>

/* A server of a test, as a script in Python that prints its port. */
struct web {
    pid_t pid;
    int port;
};

/* script: in tests/ingest; arguments end with NULL. A failure fails the test. */
struct web web_start(const char *script, const char *const *arguments);
void web_stop(struct web *web);
/* A request without any signature; the answer's body. A status other than 200 fails the test. */
const char *web_put(const struct web *web, struct arena *arena, const char *path, struct str body, const char *header);
const char *web_get(const struct web *web, struct arena *arena, const char *path);

#endif
