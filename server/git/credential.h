#ifndef YELLOW_GIT_CREDENTIAL_H
#define YELLOW_GIT_CREDENTIAL_H

#include "base/arena.h"
#include "git/url.h"

#include <git2.h>

/* What a fetch proves who it is with, taken from files (see git/fetch.h) and given to the registered host alone. */
struct git_credential_source {
    struct arena *arena;
    const struct git_url *url; /* the registered one */
    int asked;                 /* how often the other side did: a second time means that it refused */
};

/* A git_credential_acquire_cb whose payload is a struct git_credential_source. */
int git_credential_get(git_credential **out, const char *url, const char *user, unsigned allowed, void *payload);

#endif
