#ifndef YELLOW_CLI_CONTROL_H
#define YELLOW_CLI_CONTROL_H

#include "cli/options.h"
#include "ingest/server.h"

/* Commands that ask a server: the options they share, in their table of options. */
#define CONTROL_OPTIONS(scope)                                                                                         \
    {"server", "URL", "the control plane; else YELLOW_URL", 0},                                                        \
    {                                                                                                                  \
        "token-file", "FILE", "holds a token with the scope " scope "; else YELLOW_TOKEN_FILE", 0                      \
    }

/* The server and the token that the options or the environment name, on the arguments' arena. ERR_USAGE says what is
 * missing, or what a token file's error is. */
int control_open(const struct cli_args *args, struct server *out, struct err *err);
/* A name that becomes a part of a path; stream: "store.dataset" too. ERR_USAGE names the option. */
int control_check_name(const char *option, const char *value, bool stream, struct err *err);

#endif
