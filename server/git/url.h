#ifndef YELLOW_GIT_URL_H
#define YELLOW_GIT_URL_H

#include "base/err.h"
#include "base/str.h"

enum git_url_scheme { GIT_URL_HTTPS, GIT_URL_SSH, GIT_URL_FILE };

/* The parts of a registered URL; they borrow from it. user is absent when the URL names none. */
struct git_url {
    enum git_url_scheme scheme;
    struct str user, host, path;
};

/* The check behind git_check_url. loopback_http also lets http://127.0.0.1:PORT/ pass, as GIT_URL_HTTPS: only the
 * tests ask for it. */
int git_url_parse(const char *url, bool loopback_http, struct git_url *out, struct err *err);

#endif
