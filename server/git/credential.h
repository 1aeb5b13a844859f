#ifndef YELLOW_GIT_CREDENTIAL_H
#define YELLOW_GIT_CREDENTIAL_H

#include "base/arena.h"
#include "git/url.h"

#include <git2.h>

/* What a fetch over ssh proves who it is with, a key from a file (see git/fetch.h), for the registered host alone. */
struct git_credential_source {
    struct arena *arena;
    const struct git_url *url; /* the registered one */
    int asked;                 /* how often the other side did: a second time means that it refused */
};

/* The token that YELLOW_GIT_TOKEN_FILE binds to host, of its entries without a name; GIT_PASSTHROUGH when there is
 * none, GIT_EAUTH when the file cannot be read. */
int git_credential_token(struct arena *arena, struct str host, const char **user, const char **token);
/* The token of the entry that has the name, if it is bound to host: whoever asks for a name chooses among the entries
 * of that host and can send none elsewhere. ERR_UNAUTHORIZED without such an entry, ERR_UNAVAILABLE when the file
 * cannot be read; neither tells a token. */
int git_credential_named(struct arena *arena, const char *name, struct str host, const char **token, struct err *err);

/* The body of a git_credential_acquire_cb. */
int git_credential_get(struct git_credential_source *source, const char *url, const char *user, unsigned allowed,
                       git_credential **out);

#endif
