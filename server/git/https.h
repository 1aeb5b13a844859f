#ifndef YELLOW_GIT_HTTPS_H
#define YELLOW_GIT_HTTPS_H

#include "base/arena.h"

#include <stdbool.h>

/* git's smart protocol over HTTPS, on libcurl, in place of libgit2's own transport: that one follows a redirect to
 * another port or path of the same host whatever it is told. This one follows none, uses no proxy of the environment,
 * and sends the token of YELLOW_GIT_TOKEN_FILE to the host it is bound to. */
struct git_https_options {
    struct arena *arena;
    size_t bytes_max;   /* of one answer */
    bool loopback_http; /* serves http:// as well; for tests */
};

/* For this process, after git_mirror_setup; options must outlive all fetches. Returns libgit2's code. */
int git_https_register(struct git_https_options *options);

#endif
